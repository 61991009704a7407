//! Signs of numbers that are known to be small, and bits whose rows are cut anew.

use crate::bits::{Bits, words_of};
use crate::circuit;
use crate::words::Words;
use crate::{Engine, Error, Vector};

/// Shares whether each number is below zero, exactly, where all are from -2^(`width` - 1) to
/// 2^(`width` - 1) - 1 as ring elements: cheaper than [`negative`](Engine::negative).
///
/// # Errors
///
/// Whatever the engine refuses.
///
/// # Panics
///
/// When `width` is not 2 to 64.
pub async fn negative_within<E: Engine, const F: u32>(
    engine: &mut E,
    vector: &Vector<F>,
    width: usize,
) -> Result<Bits, Error> {
    assert!((2..=64).contains(&width), "a sign and a bit at least");
    circuit::negative(engine, &vector.words, width).await
}

impl Bits {
    /// One plane cut into planes of `rows` rows each, one after another. No round.
    ///
    /// # Panics
    ///
    /// When there is not one plane, or `rows` is no multiple of 64 that divides its rows.
    pub fn cut(&self, rows: usize) -> Self {
        assert_eq!(self.width, 1, "one plane is cut");
        assert!(rows > 0 && rows.is_multiple_of(64), "planes are cut at whole words");
        assert!(self.rows.is_multiple_of(rows), "a whole number of planes");
        let (each, words) = (rows / 64, words_of(rows));
        let half = |h: usize| {
            // The halves are shared in mirror image of one another.
            let seen = |from: usize| {
                let words = self.halves[from].slice(0..self.halves[from].len);
                if from == h { words } else { words.mirrored() }
            };
            let all = Words::concat(&[seen(0), seen(1)]);
            let starts = (0..all.len).step_by(each).map(|start| start + h * words[0]);
            Words::concat(
                &starts.map(|start| all.slice(start..start + words[h])).collect::<Vec<_>>(),
            )
        };
        Self { rows, width: self.rows / rows, halves: [half(0), half(1)] }
    }
}
