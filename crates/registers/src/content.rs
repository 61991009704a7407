//! A table's content as bytes to hash, whatever the file's encoding.

use std::path::Path;

use crate::Error;
use crate::rows::{Row, Rows};

/// Hands a table's content to `take`, piece by piece and in one order, and counts its rows.
///
/// The bytes are the same for the same table in UTF-8 (with or without a byte order mark) and
/// GB18030, with other line ends, delimiters or quotation marks, and for Parquet with the same
/// texts: first `tacit/registers/v1/content`, then the column names, then each row, a row being the
/// number of its cells and each cell its length in bytes (both u32, big-endian) and its UTF-8. A
/// caller that keeps nothing but a hash learns nothing else from them; they are raw detail, and no
/// more may leave the house than a keyed or salted hash.
///
/// # Errors
///
/// When the file cannot be read as a table. Rows with too few or too many fields are content too.
pub fn content(path: &Path, mut take: impl FnMut(&[u8])) -> Result<u64, Error> {
    let mut rows = Rows::open(path)?;
    rows.select_all(None)?;
    let mut content = Content::begin(rows.header(), &mut take);
    let mut count = 0;
    while let Some(row) = rows.next_row()? {
        content.row(&row);
        count += 1;
    }
    Ok(count)
}

/// A table's content on its way to whoever hashes it.
pub(crate) struct Content<F> {
    take: F,
    bytes: Vec<u8>,
}

impl<F: FnMut(&[u8])> Content<F> {
    pub(crate) fn begin(header: &[String], mut take: F) -> Self {
        take(DOMAIN);
        let mut bytes = Vec::new();
        write(&mut bytes, header.iter().map(String::as_str));
        take(&bytes);
        Self { take, bytes }
    }

    /// Hands on a row, of which every column must be selected.
    pub(crate) fn row(&mut self, row: &Row<'_>) {
        self.bytes.clear();
        write(&mut self.bytes, row.every_cell());
        (self.take)(&self.bytes);
    }
}

const DOMAIN: &[u8] = b"tacit/registers/v1/content";

fn write<'a>(bytes: &mut Vec<u8>, cells: impl ExactSizeIterator<Item = &'a str>) {
    let length = |length: usize| {
        u32::try_from(length).expect("fields and rows are bounded far below 4 GiB").to_be_bytes()
    };
    bytes.extend_from_slice(&length(cells.len()));
    for cell in cells {
        bytes.extend_from_slice(&length(cell.len()));
        bytes.extend_from_slice(cell.as_bytes());
    }
}
