//! The number of a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// One execution of a protocol, the same number at every party; 128 bits, written in hexadecimal.
///
/// Whoever starts a run draws the bytes; this crate owns no randomness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId([u8; 16]);

impl RunId {
    /// The run with this number.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The number's 16 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The number's 16 bytes, borrowed.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = Error;

    /// Reads 32 hexadecimal digits, of either case.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| Error::RunId)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for RunId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> Self {
        run.to_string()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::RunId;

    #[test]
    fn a_run_is_written_as_32_hexadecimal_digits_and_read_back() {
        let run = RunId::from_bytes(*b"\x00\x01abcdefghijkl\xfe\xff");
        let text = run.to_string();
        assert_eq!(text, "00016162636465666768696a6b6cfeff");
        assert_eq!(text.parse::<RunId>().unwrap(), run);
        assert_eq!(text.to_uppercase().parse::<RunId>().unwrap(), run);
        assert_eq!(
            serde_json::from_str::<RunId>(&serde_json::to_string(&run).unwrap()).unwrap(),
            run
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", "00", "g0016162636465666768696a6b6cfeff", "0016162636465666768696a6b6cfeff"]
        {
            assert!(bad.parse::<RunId>().is_err(), "{bad:?}");
        }
    }
}
