//! Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelope::SigningKey;

use crate::{Error, KeyName, NoteKey};

/// The most bytes that are read as a note.
pub const MAX_NOTE: usize = 16 << 10;

/// The most signatures that a note may carry. The format asks readers for at least 16.
pub const MAX_NOTE_SIGNATURES: usize = 16;

/// What begins a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// A text with its signatures. Nothing in it is true before [`Note::verify`] says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Ends with a newline.
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, PartialEq, Eq)]
struct Signature {
    name: KeyName,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Note {
    /// Signs a text of whole lines, which crates outside write only through a checkpoint.
    pub(crate) fn sign(text: String, name: KeyName, key: &SigningKey) -> Self {
        Self { text, signatures: Vec::new() }.signed(name, key)
    }

    /// The same note with one more signature, under the name of the one who signs.
    ///
    /// # Errors
    ///
    /// [`Error::Note`] when it carries [`MAX_NOTE_SIGNATURES`] already.
    pub fn cosign(self, name: KeyName, key: &SigningKey) -> Result<Self, Error> {
        if self.signatures.len() >= MAX_NOTE_SIGNATURES {
            return Err(malformed("it has too many signatures"));
        }
        Ok(self.signed(name, key))
    }

    fn signed(mut self, name: KeyName, key: &SigningKey) -> Self {
        let id = name.key_id(&key.public());
        // A note's text starts with its origin and an envelope's with `DSSEv1`: no signature over
        // one is a signature over the other.
        let bytes = key.sign(self.text.as_bytes()).to_vec();
        self.signatures.push(Signature { name, id, bytes });
        self
    }

    /// The text, if it is signed by one of these keys at least; and whose signatures hold.
    ///
    /// Signatures of other keys are passed over, as the format asks for.
    ///
    /// # Errors
    ///
    /// [`Error::NoteSignature`] when no signature is by a known key, or one of them does not hold.
    pub fn verify<'k>(&self, known: &'k [NoteKey]) -> Result<(&str, Vec<&'k NoteKey>), Error> {
        let mut held = Vec::new();
        for signature in &self.signatures {
            let by = |key: &&NoteKey| *key.name() == signature.name && key.id() == signature.id;
            let Some(key) = known.iter().find(by) else { continue };
            let held_by = key.key().verify(self.text.as_bytes(), &signature.bytes);
            held_by.map_err(|_| Error::NoteSignature("a note's signature does not hold"))?;
            held.push(key);
        }
        if held.is_empty() {
            return Err(Error::NoteSignature("no known key has signed the note"));
        }
        Ok((&self.text, held))
    }

    /// How many signatures there are, known or not.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The text as somebody claims it: to find out whose key should have signed it.
    #[must_use]
    pub fn unverified(&self) -> &str {
        &self.text
    }

    /// Reads a note; checks no signature.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] before anything is read, [`Error::Note`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Error::bounded("a signed note", MAX_NOTE, bytes)?;
        let all = str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        if all.contains(|c: char| c < ' ' && c != '\n') {
            return Err(malformed("it has control characters"));
        }
        // "The text is separated from the signatures by the last empty line in the note."
        let blank = all.rfind("\n\n").ok_or_else(|| malformed("it has no blank line"))?;
        let (text, lines) = (&all[..=blank], &all[blank + 2..]);
        let lines = lines.strip_suffix('\n').ok_or_else(|| malformed("its last line is open"))?;
        if lines.split('\n').count() > MAX_NOTE_SIGNATURES {
            return Err(malformed("it has too many signatures"));
        }
        let signatures = lines.split('\n').map(Signature::from_line);
        Ok(Self { text: text.into(), signatures: signatures.collect::<Result<_, _>>()? })
    }

    /// The note as text.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl Signature {
    fn from_line(line: &str) -> Result<Self, Error> {
        let parts = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' '));
        let (name, encoded) = parts.ok_or_else(|| malformed("a line is no signature"))?;
        let name = name.parse().map_err(|_| malformed("a key's name has a space or a plus"))?;
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed("a signature is no base64"))?;
        let Some((&id, bytes)) = bytes.split_first_chunk().filter(|(_, rest)| !rest.is_empty())
        else {
            return Err(malformed("a signature is too short"));
        };
        Ok(Self { name, id, bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let encoded = STANDARD.encode([id.as_slice(), bytes].concat());
            writeln!(f, "{DASH}{name} {encoded}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({:?}, {} signatures)", self.text, self.signatures.len())
    }
}

fn malformed(problem: &'static str) -> Error {
    Error::Note { what: "a signed note", problem }
}
