//! Identifiers of research data.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str;

use crate::characters::masked;
use crate::{Error, Flags, Parsed, SubjectKind};

/// An identifier that means nothing outside the data set it comes from.
///
/// Trimmed, 1 to 64 bytes of UTF-8, no control characters; otherwise taken as it is: no case or
/// width is folded.
#[derive(Clone)]
pub struct OpaqueId(Repr);

/// Up to 22 bytes live inside, so that a million short identifiers need no million allocations and
/// a [`crate::Subject`] stays at 24 bytes.
#[derive(Clone)]
enum Repr {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Box<str>),
}

const SHORT: usize = 22;

impl OpaqueId {
    /// The longest identifier, in bytes.
    pub const LONGEST: usize = 64;

    /// Reads an identifier after trimming it.
    ///
    /// # Errors
    ///
    /// When nothing is left, more than 64 bytes are left, or one is a control character.
    pub fn parse(text: &str) -> Result<Parsed<Self>, Error> {
        let kind = SubjectKind::Opaque;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Error::Empty(kind));
        }
        if trimmed.len() > Self::LONGEST {
            return Err(Error::Length { kind, expected: Self::LONGEST, found: trimmed.len() });
        }
        if let Some(index) = text.trim_end().chars().position(char::is_control) {
            let expected = "a visible character";
            return Err(Error::Character { kind, position: index + 1, expected });
        }
        let mut bytes = [0; SHORT];
        let repr = match (bytes.get_mut(..trimmed.len()), u8::try_from(trimmed.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(trimmed.as_bytes());
                Repr::Short { length, bytes }
            }
            (None, _) | (_, Err(_)) => Repr::Long(trimmed.into()),
        };
        let normalised = trimmed.len() != text.len();
        Ok(Parsed { value: Self(repr), normalised, flags: Flags::default() })
    }

    /// The identifier's text. Only for the owner's own files and screens.
    #[must_use]
    pub fn reveal(&self) -> &str {
        match &self.0 {
            Repr::Short { length, bytes } => str::from_utf8(&bytes[..usize::from(*length)])
                .expect("the bytes were copied from a str"),
            Repr::Long(text) => text,
        }
    }
}

impl PartialEq for OpaqueId {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for OpaqueId {}

impl PartialOrd for OpaqueId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OpaqueId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.reveal().cmp(other.reveal())
    }
}

impl Hash for OpaqueId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.reveal().hash(state);
    }
}

impl fmt::Debug for OpaqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpaqueId({})", masked(self.reveal()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::OpaqueId;
    use crate::{Error, SubjectKind};

    fn parse(text: &str) -> Result<OpaqueId, Error> {
        OpaqueId::parse(text).map(|parsed| parsed.value)
    }

    #[test]
    fn the_bounds_are_one_byte_and_sixty_four() {
        let kind = SubjectKind::Opaque;
        assert_eq!(parse(" 1 ").unwrap().reveal(), "1");
        assert!(parse(&"a".repeat(64)).is_ok());
        let found = 66;
        assert_eq!(parse(&"企".repeat(22)), Err(Error::Length { kind, expected: 64, found }));
        assert_eq!(parse(" \t"), Err(Error::Empty(kind)));
    }

    #[test]
    fn control_characters_are_refused_with_their_position() {
        let expected = "a visible character";
        let kind = SubjectKind::Opaque;
        assert_eq!(parse("a\0b"), Err(Error::Character { kind, position: 2, expected }));
        assert_eq!(parse("a\nb"), Err(Error::Character { kind, position: 2, expected }));
    }

    #[test]
    fn case_is_kept_and_a_short_one_is_not_shown() {
        assert_ne!(parse("abc").unwrap(), parse("ABC").unwrap());
        assert_eq!(format!("{:?}", parse("10042").unwrap()), "OpaqueId(…)");
        assert_eq!(format!("{:?}", parse("某某某某某某").unwrap()), "OpaqueId(…)");
        assert_eq!(format!("{:?}", parse("customer-10042").unwrap()), "OpaqueId(cu…42)");
    }

    proptest! {
        #[test]
        fn what_is_revealed_parses_to_the_same_identifier(text in "[a-zA-Z0-9企业_-]{1,20}") {
            let id = parse(&text).unwrap();
            prop_assert_eq!(id.reveal(), text.as_str());
            prop_assert_eq!(parse(id.reveal()).unwrap(), id);
        }
    }
}
