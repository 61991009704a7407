//! Checkpoints (C2SP tlog-checkpoint): a log's size and root, signed by whoever keeps the log.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Digest, PartyId};
use envelope::SigningKey;

use crate::{EMPTY_ROOT, Error, Head, KeyName, Note, NoteKey};

/// What a party says about its log: three lines of a signed note.
///
/// ```text
/// tacit/tax-nanjing
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is: `tacit/` and this name are the origin line, and the name of its key.
    pub origin: PartyId,
    /// The size and root.
    pub head: Head,
}

impl Checkpoint {
    /// Signs it as the party whose log it is.
    ///
    /// A party never signs two checkpoints of which one is no continuation of the other: what is
    /// signed must be stored first, and read back after a restart.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Note {
        let name = KeyName::of(&self.origin);
        let root = STANDARD.encode(self.head.root.as_bytes());
        let text = format!("{name}\n{}\n{root}\n", self.head.size);
        Note::sign(text, name, key)
    }

    /// The checkpoint of a note that `log`, the key of the party whose log it is, has signed.
    ///
    /// # Errors
    ///
    /// [`Error::NoteSignature`], [`Error::Note`] when the text is no checkpoint of `log`'s name.
    pub fn open(note: &Note, log: &NoteKey) -> Result<Self, Error> {
        let (text, _) = note.verify(std::slice::from_ref(log))?;
        let checkpoint = Self::read(text)?;
        if KeyName::of(&checkpoint.origin) == *log.name() {
            Ok(checkpoint)
        } else {
            Err(malformed("its origin is not the name of the key"))
        }
    }

    /// The checkpoint as somebody claims it: to find out whose key should have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Note`] when the text is no checkpoint.
    pub fn unverified(note: &Note) -> Result<Self, Error> {
        Self::read(note.unverified())
    }

    fn read(text: &str) -> Result<Self, Error> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        // Extension lines cannot be audited, so none are read.
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed("three lines were expected"));
        };
        let origin = origin.strip_prefix("tacit/").and_then(|name| name.parse().ok());
        let origin = origin.ok_or_else(|| malformed("its origin is not `tacit/` and a party"))?;
        // One spelling a number: no sign, no leading zeroes.
        let size = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        let size = size.ok_or_else(|| malformed("its size is not a decimal number"))?;
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or_else(|| malformed("its root is not the base64 of 32 bytes"))?;
        let head = Head { size, root: Digest::from_bytes(root) };
        if size == 0 && head.root != EMPTY_ROOT {
            return Err(malformed("an empty log has another root"));
        }
        Ok(Self { origin, head })
    }
}

fn malformed(problem: &'static str) -> Error {
    Error::Note { what: "a checkpoint", problem }
}
