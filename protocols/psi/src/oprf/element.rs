//! What crosses the wire in the clear.

use std::fmt;

use crate::POINT;
use crate::oprf::Error;
use crate::points::decode;

/// A group element other than the identity, as its encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Element([u8; POINT]);

/// The public half of a server's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(Element);

impl Element {
    /// Decodes an element: `DeserializeElement` of the RFC.
    ///
    /// # Errors
    ///
    /// [`Error::Deserialize`] when the encoding is not canonical, or the identity's.
    pub fn decode(bytes: [u8; POINT]) -> Result<Self, Error> {
        decode(&bytes).map_err(|_| Error::Deserialize)?;
        Ok(Self(bytes))
    }

    /// The encoding: `SerializeElement` of the RFC.
    pub fn as_bytes(&self) -> &[u8; POINT] {
        &self.0
    }

    /// What a point other than the identity was encoded as.
    pub(crate) fn encoded(bytes: [u8; POINT]) -> Self {
        Self(bytes)
    }
}

impl PublicKey {
    /// Decodes a public key.
    ///
    /// # Errors
    ///
    /// [`Error::Deserialize`] when the encoding is not canonical, or the identity's.
    pub fn decode(bytes: [u8; POINT]) -> Result<Self, Error> {
        Element::decode(bytes).map(Self)
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8; POINT] {
        self.0.as_bytes()
    }

    pub(crate) fn new(element: Element) -> Self {
        Self(element)
    }
}

/// The encodings of all elements of all batches, one behind the other.
pub(crate) fn encoded(batches: &[Vec<Element>]) -> Vec<u8> {
    batches.iter().flatten().flat_map(Element::as_bytes).copied().collect()
}

// A point in memory has many forms, so it is shown as the bytes that it is sent as.
impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element ")?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
