//! The keys that sign notes, by name.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::PartyId;
use envelope::PublicKey;

use crate::Error;
use crate::hash::sha256;

/// The longest name of a key, in bytes.
const MAX_NAME: usize = 200;

/// C2SP signed-note: "0x01 — Ed25519 signatures as specified by this document".
const ED25519: u8 = 1;

/// The name of a key in a note: not empty, no spaces, no plus, no control characters.
///
/// A log of ours signs under its origin, `tacit/` and the party's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(Box<str>);

impl KeyName {
    /// The name under which a party signs its log's checkpoints, and those of others.
    #[must_use]
    pub fn of(party: &PartyId) -> Self {
        Self(format!("tacit/{party}").into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first four bytes of the hash over name and key, as the note format asks for it.
    pub(crate) fn key_id(&self, key: &PublicKey) -> [u8; 4] {
        let hash = sha256(&[self.0.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
        let [a, b, c, d, ..] = *hash.as_bytes();
        [a, b, c, d]
    }
}

impl FromStr for KeyName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let banned = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > MAX_NAME || text.contains(banned) {
            return Err(Error::NoteKey);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyName({self})")
    }
}

/// A key that verifies notes, written `name+hash+key` (C2SP signed-note's verifier keys, as Go's
/// `sumdb/note` writes them).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: KeyName,
    key: PublicKey,
}

impl NoteKey {
    /// The key under this name.
    #[must_use]
    pub fn new(name: KeyName, key: PublicKey) -> Self {
        Self { name, key }
    }

    /// The name that signature lines carry.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(crate) fn id(&self) -> [u8; 4] {
        self.name.key_id(&self.key)
    }
}

impl FromStr for NoteKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::NoteKey);
        };
        let bytes = STANDARD.decode(key).map_err(|_| Error::NoteKey)?;
        let Some((&ED25519, bytes)) = bytes.split_first() else { return Err(Error::NoteKey) };
        let bytes = bytes.try_into().map_err(|_| Error::NoteKey)?;
        let key = PublicKey::from_bytes(bytes).map_err(|_| Error::NoteKey)?;
        let read = Self::new(name.parse()?, key);
        if hex::encode(read.id()) == id { Ok(read) } else { Err(Error::NoteKey) }
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519], self.key.as_bytes().as_slice()].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}
