//! Where in a text something stands.

use std::ops::Range;

/// Where in the text something stands, in bytes; always on the bounds of characters.
///
/// Any two are equal: where something stands does not change what it says, so that a formula equals
/// itself laid out in another way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    start: u16,
    end: u16,
}

impl Span {
    /// The bounds of a formula keep every place within 16 bits.
    pub(crate) fn new(range: Range<usize>) -> Self {
        let within = |at| u16::try_from(at).expect("a formula is shorter than 64 KiB");
        Self { start: within(range.start), end: within(range.end) }
    }

    /// The bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start.into()..self.end.into()
    }

    /// From where this begins to where the last ends.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

/// A part of a formula and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The part.
    pub part: T,
    /// Where it stands.
    pub span: Span,
}
