//! Why a text is not the noun it should be.

use crate::SubjectKind;

/// Why a text is not the noun it should be, and what to do about it.
///
/// Errors about identifiers say which rule failed and at which position (counted from 1, in the
/// text as it was given), never what stood there. This crate does not know who wrote the text, so
/// whether a peer or we are to blame is for the caller to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name of a party, model or slot is outside its alphabet.
    #[error(
        "{what} is 1 to 40 lower-case letters, digits and hyphens, and starts with a letter or a \
         digit, like `{example}`"
    )]
    Name {
        /// What was to be named.
        what: &'static str,
        /// A name that would do.
        example: &'static str,
    },
    /// A model's reference is not `name@version`.
    #[error("a model is named with its version, like `uci-default@1`; versions start at 1")]
    ModelVersion,
    /// A run's number is not 32 hexadecimal digits.
    #[error("a run is named by 32 hexadecimal digits")]
    RunId,
    /// A hash is not `sha256:` and 64 lower-case hexadecimal digits.
    #[error("a hash is written `sha256:` and 64 lower-case hexadecimal digits")]
    Digest,
    /// A class of a catalogue is not a number from 1 to 999.
    #[error("a catalogue's class is a number from 1 to 999")]
    Class,
    /// A field of a catalogue is not `class.name`.
    #[error("a catalogue's field is named by class and name, like `2.in_arrears_now`")]
    Field,
    /// A member's state does not allow a change.
    #[error("a member that is {state} cannot {change} now (or its assessment does not hold)")]
    Member {
        /// The state that it is in.
        state: &'static str,
        /// What was to be done.
        change: &'static str,
    },
    /// A word is not one of a closed list.
    #[error("{what} is one of {expected}")]
    Word {
        /// What the word should name.
        what: &'static str,
        /// The words that are known.
        expected: &'static str,
    },
    /// There is no identifier at all.
    #[error("the identifier is empty ({0} expected)")]
    Empty(SubjectKind),
    /// An identifier has too few or too many characters.
    #[error("{kind}: {expected} characters expected, {found} found")]
    Length {
        /// What was expected.
        kind: SubjectKind,
        /// The length that it has, or the most it may have.
        expected: usize,
        /// How many characters came, spaces and hyphens left out.
        found: usize,
    },
    /// A 15-digit identity number of before 1999.
    #[error(
        "cn-id: 15-digit numbers were withdrawn and are not accepted; ask for the 18-digit number"
    )]
    FifteenDigits,
    /// A spreadsheet has turned the identifier into a rounded number.
    #[error(
        "{0}: a spreadsheet has turned this identifier into a rounded number; digits are lost; \
         export the column again as text"
    )]
    Rounded(SubjectKind),
    /// One of the letters that social credit codes leave out because they look like others.
    #[error(
        "uscc: position {position} has the letter {letter}, which codes never contain; look it up, \
         it is not replaced by guessing"
    )]
    Excluded {
        /// I, O, S, V or Z.
        letter: char,
        /// Counted from 1.
        position: usize,
    },
    /// A character that the identifier cannot contain at its place.
    #[error("{kind}: position {position} should be {expected}")]
    Character {
        /// What was expected.
        kind: SubjectKind,
        /// Counted from 1.
        position: usize,
        /// The kind of character expected.
        expected: &'static str,
    },
    /// The last character does not fit the others.
    #[error("{0}: the check character (the last) does not fit: something is mistyped")]
    CheckCharacter(SubjectKind),
    /// The organisation code inside a social credit code fails its own check (GB 11714).
    #[error("uscc: the organisation code (positions 9 to 17) fails its own check (GB 11714)")]
    OrganisationCode,
    /// The birth date inside an identity number does not exist.
    #[error("cn-id: the birth date (positions 7 to 14) does not exist")]
    BirthDate,
}

impl Error {
    /// A stable word for the kind of error, to count by and to translate from.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::ModelVersion => "model-version",
            Self::RunId => "run-id",
            Self::Digest => "digest",
            Self::Class => "class",
            Self::Field => "field",
            Self::Member { .. } => "member",
            Self::Word { .. } => "word",
            Self::Empty(_) => "empty",
            Self::Length { .. } => "length",
            Self::FifteenDigits => "fifteen-digits",
            Self::Rounded(_) => "rounded",
            Self::Excluded { .. } => "excluded-letter",
            Self::Character { .. } => "character",
            Self::CheckCharacter(_) => "check-character",
            Self::OrganisationCode => "organisation-code",
            Self::BirthDate => "birth-date",
        }
    }
}
