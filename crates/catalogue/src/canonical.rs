//! One byte string a catalogue or profile, and the facts that two of them differ in.

use domain::Digest;
use sha2::{Digest as _, Sha256};

/// One fact of a catalogue: what it is called and what it says.
///
/// The hash and the difference both go over these, so that two catalogues have the same hash
/// exactly when no difference is found.
pub(crate) type Fact = (&'static str, String);

/// Hashes texts and lists, each with its length in front (u32, big-endian), so that no two
/// different lists of facts have the same bytes.
pub(crate) struct Canonical(Sha256);

impl Canonical {
    /// Starts with the domain that binds the bytes to their use and version.
    pub(crate) fn new(domain: &str) -> Self {
        let mut canonical = Self(Sha256::new());
        canonical.text(domain);
        canonical
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text.as_bytes());
    }

    pub(crate) fn length(&mut self, length: usize) {
        let length = u32::try_from(length).expect("a document is shorter than 4 GiB");
        self.0.update(length.to_be_bytes());
    }

    pub(crate) fn facts(&mut self, facts: &[Fact]) {
        self.length(facts.len());
        for (what, value) in facts {
            self.text(what);
            self.text(value);
        }
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}

/// A list as one text; the separator is a control character, which no text of a document has.
pub(crate) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().fold(String::new(), |list, text| list + text.as_ref() + "\u{1f}")
}

/// Something optional as one text: nothing is not the same as an empty text.
pub(crate) fn optional(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("={text}"))
}
