//! One byte string a value, to be hashed by others.

/// Writes length-prefixed fields, so that no two different models have the same bytes.
///
/// Integers are big-endian; a text is its length in bytes (u32) and its UTF-8; a list is its
/// length (u32) and its elements; something optional is 0, or 1 and the thing.
pub(crate) struct Canonical(Vec<u8>);

impl Canonical {
    /// Starts with the domain that binds the bytes to their use and version.
    pub(crate) fn new(domain: &str) -> Self {
        let mut canonical = Self(Vec::new());
        canonical.text(domain);
        canonical
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn length(&mut self, length: usize) {
        let length = u32::try_from(length).expect("texts and lists of a model are short");
        self.0.extend_from_slice(&length.to_be_bytes());
    }

    pub(crate) fn integer(&mut self, integer: i64) {
        self.0.extend_from_slice(&integer.to_be_bytes());
    }

    /// Finite numbers only; both zeroes are the same number.
    pub(crate) fn number(&mut self, number: f64) {
        let number = if number == 0.0 { 0.0 } else { number };
        self.0.extend_from_slice(&number.to_bits().to_be_bytes());
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
