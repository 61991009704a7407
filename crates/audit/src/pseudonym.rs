//! Whom a record is about, without saying who: a keyed hash.

use std::fmt;
use std::str::FromStr;

use domain::{Digest, Subject};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Error;

const SUBJECT: &[u8] = b"tacit/audit/v1/subject";
const BATCH: &[u8] = b"tacit/audit/v1/batch";
const OPERATOR: &[u8] = b"tacit/audit/v1/operator";

/// What stands before the digits.
const PREFIX: &str = "hmac-sha256:";

/// Stands for a subject or an operator in a log; the same one in every record under one key.
///
/// Written `hmac-sha256:` and 64 lower-case hexadecimal digits. Identifiers are few and public, so
/// only the key keeps a pseudonym from being undone by trying them all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pseudonym([u8; 32]);

/// The key that makes pseudonyms: a party's own. Wiped on drop, not printed, not cloned.
///
/// Whoever has it and the log can tell what was done with whose data; a copy may lie with the
/// regulator for that ([`PseudonymKey::reveal_bytes`]).
///
/// ```compile_fail
/// fn encoded<T: serde::Serialize>(_: T) {}
/// encoded(audit::PseudonymKey::from_bytes([0; 32])); // a secret does not implement `Serialize`
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PseudonymKey([u8; 32]);

impl Pseudonym {
    /// Its 32 bytes, to be stored.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl PseudonymKey {
    /// The key of these 32 bytes, drawn by the host's generator or read from the owner's file.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the owner's own key file and for escrow.
    #[must_use]
    pub fn reveal_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// What stands for a subject, whose kind counts as much as its text.
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> Pseudonym {
        let item = Zeroizing::new(subject.psi_item());
        self.keyed(SUBJECT, &item)
    }

    /// What stands for the person who worked a party's tools, by the account's name.
    #[must_use]
    pub fn operator(&self, account: &str) -> Pseudonym {
        self.keyed(OPERATOR, account.as_bytes())
    }

    /// Commits to the content of a register, by the hash of it: it can be shown without telling
    /// which register of another party has the same content.
    #[must_use]
    pub fn batch(&self, content: &Digest) -> Digest {
        Digest::from_bytes(self.keyed(BATCH, content.as_bytes()).0)
    }

    /// The domain has a fixed text a use, and no domain begins another.
    fn keyed(&self, domain: &[u8], item: &[u8]) -> Pseudonym {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        Pseudonym(mac.chain_update(domain).chain_update(item).finalize().into_bytes().into())
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(redacted)")
    }
}

impl FromStr for Pseudonym {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        let digits = text.strip_prefix(PREFIX).ok_or(Error::Pseudonym)?;
        let lower = digits.bytes().all(|byte| !byte.is_ascii_uppercase());
        hex::decode_to_slice(digits, &mut bytes).ok().filter(|()| lower).ok_or(Error::Pseudonym)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Pseudonym {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Pseudonym> for String {
    fn from(pseudonym: Pseudonym) -> Self {
        pseudonym.to_string()
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonym({self})")
    }
}

#[cfg(test)]
mod tests {
    use domain::{CheckMode, Subject, SubjectKind};

    use super::{Pseudonym, PseudonymKey};

    fn subject(kind: SubjectKind, text: &str) -> Subject {
        Subject::parse(kind, text, CheckMode::Strict).unwrap().value
    }

    #[test]
    fn a_pseudonym_is_the_keyed_hash_of_a_typed_identifier() {
        // Python: hmac.new(bytes([7])*32, b"tacit/audit/v1/subjectuscc:91320100PDY00001XR", "sha256")
        let key = PseudonymKey::from_bytes([7; 32]);
        let firm = key.subject(&subject(SubjectKind::Uscc, "91320100PDY00001XR"));
        assert_eq!(
            firm.to_string(),
            "hmac-sha256:045f764867bc0d04aefe20256afaed2d106cfe8d7dd0767a09c4dd4a63c9ed07"
        );
        assert_eq!(firm.to_string().parse::<Pseudonym>().unwrap(), firm);
        assert_eq!(firm, key.subject(&subject(SubjectKind::Uscc, " 91320100pdy00001xr")));
    }

    #[test]
    fn another_key_kind_or_use_is_another_pseudonym() {
        let key = PseudonymKey::from_bytes([7; 32]);
        let text = "91320100PDY00001XR";
        let firm = key.subject(&subject(SubjectKind::Uscc, text));
        let other = PseudonymKey::from_bytes([8; 32]);
        assert_ne!(firm, other.subject(&subject(SubjectKind::Uscc, text)));
        assert_ne!(firm, key.subject(&subject(SubjectKind::Opaque, text)));
        assert_ne!(firm, key.operator(&format!("uscc:{text}")));
        assert_eq!(other.reveal_bytes().as_slice(), [8; 32]);
    }

    #[test]
    fn a_pseudonym_has_one_spelling_and_a_key_is_not_printed() {
        let good = format!("hmac-sha256:{}", "ab".repeat(32));
        assert!(good.parse::<Pseudonym>().is_ok());
        for bad in
            [good.to_uppercase(), "ab".repeat(32), good.replace("ab", "AB"), good[..75].into()]
        {
            assert!(bad.parse::<Pseudonym>().is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", PseudonymKey::from_bytes([9; 32])), "PseudonymKey(redacted)");
    }
}
