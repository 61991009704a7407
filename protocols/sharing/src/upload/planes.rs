//! Uploads of bits: a plane takes the place of a column (SPEC §3.2).

use bytes::Bytes;
use session::Role;

use super::{Layout, Receipt, Upload};
use crate::bits::words_of;
use crate::words::Words;
use crate::{Bits, Error};

impl Upload {
    /// The next plane's message to each role, its bits 64 rows a word; empty to a role that has all
    /// from seeds.
    pub fn plane(&mut self, words: &[u64]) -> [Bytes; 3] {
        self.masked(words.to_vec(), |word, random| *word ^= random)
    }
}

impl Receipt {
    /// How many bytes the message of plane `index` to a role has.
    pub fn plane_bytes(layout: Layout, role: Role, index: u32, rows: usize) -> usize {
        Self::column_bytes(layout, role, index, rows.div_ceil(64))
    }

    /// Takes the next plane's message. What it says of rows beyond the last is never looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it does not have [`plane_bytes`](Self::plane_bytes) bytes.
    pub fn plane(&mut self, message: &[u8], rows: usize) -> Result<Bits, Error> {
        let column = self.column::<0>(message, rows.div_ceil(64))?;
        let [first, second] = words_of(rows);
        // In the second half, which is shared in mirror image, components change places.
        let words = column.words.slice(first..first + second).mirrored();
        Ok(Bits { rows, width: 1, halves: [column.words.slice(0..first), words] })
    }
}

impl Words {
    /// The same words where halves are in mirror image of one another.
    pub(crate) fn mirrored(mut self) -> Self {
        // Engines that hold one component, or none, have no mirror.
        if !self.b.is_empty() {
            let Self { a, b, .. } = &mut self;
            std::mem::swap(a, b);
        }
        self
    }
}
