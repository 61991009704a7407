//! Public tables that are looked up at a secret place.

use crate::Error;

/// How a secret number becomes the index of a table: which of its bits are taken, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// A step of the table is 2^-`step` wide.
    pub step: u32,
    /// The table has 2^`index` steps: it covers |z| < 2^(index - step), and beyond it its last
    /// entry stands.
    pub index: u32,
}

impl Grid {
    /// 128 steps of 1/16: |z| < 8.
    pub const NARROW: Self = Self { step: 4, index: 7 };
    /// 512 steps of 1/32: |z| < 16.
    pub const WIDE: Self = Self { step: 5, index: 9 };

    /// How many entries a table on this grid has.
    pub fn entries(&self) -> usize {
        1 << self.index
    }

    /// The middle of step `entry`.
    pub fn middle(&self, entry: usize) -> f64 {
        (entry as f64 + 0.5) / crate::fixed::scale(self.step)
    }
}

/// What a table says for a negative number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symmetry {
    /// f(-z) = f(z).
    Even,
    /// f(-z) = 1 - f(z), as a sigmoid has it.
    Complement,
}

/// A public function on |z|, as a table of values in 0..1 with `OUT - 1` bits each.
///
/// Entry `v` stands for `(2 v + 1) / 2^OUT`, the middle of what rounds to it, so that the
/// complement of all bits is exactly `1 - f`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<const OUT: u32> {
    pub(crate) grid: Grid,
    pub(crate) symmetry: Symmetry,
    pub(crate) entries: Vec<u64>,
}

impl<const OUT: u32> Table<OUT> {
    /// The table of `function`, taken in the middle of each step.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when the function leaves 0..1, or the grid is too fine or too wide for the
    /// window that a look-up takes (SPEC §2).
    pub fn new(
        grid: Grid,
        symmetry: Symmetry,
        function: impl Fn(f64) -> f64,
    ) -> Result<Self, Error> {
        const { assert!(OUT >= 2 && OUT <= 32, "an entry has 1 to 31 bits") };
        let widest = crate::engine::WINDOW.integer_bits() + grid.step;
        if grid.step > crate::engine::WINDOW.fraction || grid.index == 0 || grid.index > widest {
            return Err(Error::Table);
        }
        let most = crate::fixed::scale(OUT - 1);
        let entry = |place| {
            let value = function(grid.middle(place));
            match (0.0..=1.0).contains(&value) {
                #[expect(clippy::cast_possible_truncation, reason = "at most 2^31 - 1")]
                #[expect(clippy::cast_sign_loss, reason = "not negative")]
                true => Ok((value * most).floor().min(most - 1.0) as u64),
                false => Err(Error::Table),
            }
        };
        let entries = (0..grid.entries()).map(entry).collect::<Result<_, _>>()?;
        Ok(Self { grid, symmetry, entries })
    }

    /// The grid that it stands on.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// What it says at `z`, as the ring element that a look-up yields.
    pub fn at(&self, z: f64) -> i64 {
        let place = (z.abs() * crate::fixed::scale(self.grid.step)).floor();
        #[expect(clippy::cast_possible_truncation, reason = "cut to the last entry")]
        #[expect(clippy::cast_sign_loss, reason = "not negative")]
        let place = place.min((self.grid.entries() - 1) as f64) as usize;
        let value = 2 * self.entries[place].cast_signed() + 1;
        match (self.symmetry, z < 0.0) {
            (Symmetry::Even, _) | (Symmetry::Complement, false) => value,
            (Symmetry::Complement, true) => (1 << OUT) - value,
        }
    }
}
