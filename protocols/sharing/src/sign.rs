//! Signs of numbers that are known to be small, and bits whose rows are cut anew.

use crate::bits::{Bits, words_of};
use crate::circuit;
use crate::engine::summands_of;
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
    let words = &vector.words;
    let (x, y) = engine.raw_addends(&summands_of(words), words.len, 0, width).await?;
    circuit::add(engine, &x, &y, width - 1).await
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
        let (first, width) = (words_of(self.rows)[0], self.rows / rows);
        let (each, words) = (rows / 64, words_of(rows));
        let half = |h: usize| {
            let places = (0..width).flat_map(|plane| {
                let start = plane * each + if h == 0 { 0 } else { words[0] };
                start..start + words[h]
            });
            let mut all = Words::default();
            for place in places {
                let (from, at) = match place < first {
                    true => (0, place),
                    false => (1, place - first),
                };
                let word = self.halves[from].slice(at..at + 1);
                // The halves are shared in mirror image of one another.
                let word = if from == h { word } else { word.mirrored() };
                all.len += 1;
                all.a.extend_from_slice(&word.a);
                all.b.extend_from_slice(&word.b);
            }
            all
        };
        Self { rows, width, halves: [half(0), half(1)] }
    }
}
