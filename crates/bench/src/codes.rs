//! Registers of test codes that overlap by a known number.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use domain::Uscc;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use terminal::Failure;
use terminal::units::count;

use crate::phrases;

/// The column that registers of a bench have.
pub(super) const COLUMN: &str = "uscc";

/// Which test codes each side has: two ranges of [`Uscc::nth_pdy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Codes {
    pub(super) left: Range<u32>,
    pub(super) right: Range<u32>,
}

impl Codes {
    /// `overlap`, from 0 to 1, is the share of the smaller side that the larger side has too.
    ///
    /// # Errors
    ///
    /// When there are not as many test codes.
    pub(super) fn new(left: u32, right: u32, overlap: f64) -> Result<Self, Failure> {
        let shared = shared(left, right, overlap);
        let start = left - shared;
        let all = u64::from(start) + u64::from(right);
        if all.max(left.into()) > Uscc::PDY_CODES.into() {
            let (asked, most) = (count(all), count(Uscc::PDY_CODES.into()));
            return Err(Failure::usage(phrases::bench_too_many(asked, most))
                .advise(phrases::bench_too_many_advice()));
        }
        Ok(Self { left: 0..left, right: start..start + right })
    }

    /// What both sides have.
    pub(super) fn both(&self) -> Range<u32> {
        self.right.start..self.left.end.min(self.right.end)
    }
}

fn shared(left: u32, right: u32, overlap: f64) -> u32 {
    let smaller = left.min(right);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a u32, rounded; the cast saturates"
    )]
    let shared = (f64::from(smaller) * overlap).round() as u32;
    shared.min(smaller)
}

/// Writes a register in an order that says nothing, the same for the same seed.
///
/// # Errors
///
/// When the file cannot be written.
pub(super) fn write(path: &Path, codes: Range<u32>, seed: u64) -> Result<(), Failure> {
    let mut order: Vec<u32> = codes.collect();
    order.shuffle(&mut StdRng::seed_from_u64(seed));
    let write = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "{COLUMN}")?;
        for code in order.iter().filter_map(|index| Uscc::nth_pdy(*index)) {
            writeln!(file, "{}", code.reveal())?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    };
    write().map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{Codes, write};

    #[test]
    fn the_overlap_is_a_share_of_the_smaller_side_and_exact() {
        for (left, right, overlap, both) in [
            (10, 10, 0.5, 5),
            (1_000, 10, 1.0, 10),
            (10, 1_000, 1.0, 10),
            (10, 1_000, 0.25, 3),
            (7, 9, 0.0, 0),
            (1, 1, 1.0, 1),
        ] {
            let codes = Codes::new(left, right, overlap).unwrap();
            assert_eq!(codes.left.len(), left as usize);
            assert_eq!(codes.right.len(), right as usize);
            assert_eq!(codes.both().len(), both, "{left} {right} {overlap}");
        }
    }

    #[test]
    fn more_codes_than_there_are_is_refused() {
        assert!(Codes::new(3_000_000, 3_000_000, 0.0).is_err());
        assert!(Codes::new(3_000_000, 3_000_000, 1.0).is_ok());
        assert!(Codes::new(u32::MAX, u32::MAX, 1.0).is_err());
        assert!(Codes::new(u32::MAX, 1, 1.0).is_err());
    }

    #[test]
    fn the_files_hold_distinct_codes_that_overlap_as_planned() {
        let dir = tempfile::tempdir().unwrap();
        let codes = Codes::new(3_000, 2_000, 0.3).unwrap();
        let read = |name: &str, range, seed| {
            let path = dir.path().join(name);
            write(&path, range, seed).unwrap();
            let text = fs::read_to_string(path).unwrap();
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some("uscc"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let left = read("left.csv", codes.left.clone(), 1);
        let right = read("right.csv", codes.right.clone(), 2);
        assert_eq!(left, read("again.csv", codes.left.clone(), 1), "the same seed, the same file");
        assert!(!left.is_sorted());
        let [left, right] = [left, right].map(|side| side.into_iter().collect::<BTreeSet<_>>());
        assert_eq!((left.len(), right.len()), (3_000, 2_000));
        assert_eq!(left.intersection(&right).count(), 600);
    }
}
