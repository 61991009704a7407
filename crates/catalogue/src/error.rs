//! Why a catalogue, an overlay or a profile does not load.

use domain::{ClassId, Digest, Field, Output};

use crate::{Case, FieldType, SharingMode};

/// Why a catalogue, an overlay or a profile does not load, or a column cannot be bound.
///
/// Whoever wrote the document is to blame. Nothing that a document says is repeated at length:
/// what is quoted is cut to 60 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than a document may have.
    #[error("a document has at most {limit} bytes, this one has {found}")]
    Oversized {
        /// The most that is read.
        limit: usize,
        /// What came.
        found: usize,
    },
    /// Not TOML, or not of the expected shape.
    #[error("the document cannot be read{}: {message}", at_line(*.line))]
    Syntax {
        /// Counted from 1, where known.
        line: Option<usize>,
        /// What the TOML reader says.
        message: String,
    },
    /// A word is not one of a closed list.
    #[error("{what} is one of {}; `{found}` is not", .expected.join(", "))]
    Word {
        /// What the word should name.
        what: &'static str,
        /// The word that came.
        found: String,
        /// The words that are known.
        expected: &'static [&'static str],
    },
    /// The document as a whole breaks a rule.
    #[error("{0}")]
    Document(String),
    /// A count that the document states is not what it holds.
    #[error("`counts` states {stated} for `{what}`; the document holds {found}")]
    Count {
        /// The key under `counts`.
        what: String,
        /// What the document states.
        stated: u64,
        /// What was counted.
        found: u64,
    },
    /// An overlay was written for another catalogue.
    #[error("the overlay was written for `{wanted}`; this is `{found}` ({hash})")]
    Base {
        /// The name or hash that the overlay names.
        wanted: String,
        /// The catalogue at hand.
        found: String,
        /// Its hash.
        hash: Digest,
    },
    /// A class breaks a rule.
    #[error("class {class}: {fault}")]
    Class {
        /// The class.
        class: ClassId,
        /// The rule.
        fault: Fault,
    },
    /// A field breaks a rule.
    #[error("class {}, field `{}`: {fault}", .field.class(), .field.name())]
    Field {
        /// The field.
        field: Field,
        /// The rule.
        fault: Fault,
    },
    /// A case of a profile breaks a rule.
    #[error("case {} ({case}): {problem}", .case.number())]
    Case {
        /// The case.
        case: Case,
        /// The rule and what to do.
        problem: String,
    },
}

/// The rule that a class or a field breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// An output that does not exist, like `raw` or `value`.
    #[error(
        "`{0}` is no output; a value itself never leaves its holder, so the words are score, \
         verify, monitor, display, train, self"
    )]
    UnknownOutput(String),
    /// An output that this type of field may not have.
    #[error("a field of type {field_type} has no output `{output}`")]
    OutputBeyondType {
        /// The output.
        output: Output,
        /// The field's type.
        field_type: FieldType,
    },
    /// An output that only a feature has.
    #[error("output `{0}` needs `allow_as_feature = true`, which is off for this field")]
    OutputNeedsFeature(Output),
    /// `allow_as_feature` on a field that identifies or is free text.
    #[error("a field of type {0} cannot be a feature; leave `allow_as_feature` out")]
    NotAFeature(FieldType),
    /// A class is split by field, and this field does not say how it is shared.
    #[error("the class is split by field, so the field must state its own `sharing_mode`")]
    SplitWithoutMode,
    /// A field's own mode is looser than that of its class.
    #[error("the class is shared as {class}; a field of it cannot be shared as {field}")]
    LooserThanClass {
        /// The mode of the class.
        class: SharingMode,
        /// The mode that the field states.
        field: SharingMode,
    },
    /// Social insurance contributions lose their split (class 10 of Jiangsu's annex).
    #[error(
        "social insurance contributions are split by field: wages, employer base, payable and \
         paid total are verified with authorisation, the others are shared otherwise; {0}"
    )]
    FlattenedSplit(&'static str),
    /// A declaration of openness that cannot be made.
    #[error("the field cannot be declared public: {0}")]
    NotDeclarable(&'static str),
    /// An overlay would loosen what the base has.
    #[error(
        "an overlay may only tighten {what}: the base has {base}, the overlay asks for {asked}"
    )]
    Loosened {
        /// What the overlay changes.
        what: &'static str,
        /// What the base has.
        base: String,
        /// What the overlay asks for.
        asked: String,
    },
    /// A word is not one of a closed list.
    #[error("{what} is one of {}; `{found}` is not", .expected.join(", "))]
    Word {
        /// What the word should name.
        what: &'static str,
        /// The word that came.
        found: String,
        /// The words that are known.
        expected: &'static [&'static str],
    },
    /// A register's column cannot stand for the field.
    #[error("a field of type {field_type} cannot be read from a column of {kind}")]
    Binding {
        /// The field's type.
        field_type: FieldType,
        /// The kind of the column.
        kind: &'static str,
    },
    /// Any other rule.
    #[error("{0}")]
    Other(String),
}

impl Error {
    pub(crate) fn class(class: ClassId, fault: impl Into<Fault>) -> Self {
        Self::Class { class, fault: fault.into() }
    }

    pub(crate) fn field(field: &Field, fault: impl Into<Fault>) -> Self {
        Self::Field { field: field.clone(), fault: fault.into() }
    }

    /// Reads TOML of a known form.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(
        text: &str,
        limit: usize,
    ) -> Result<T, Self> {
        if text.len() > limit {
            return Err(Self::Oversized { limit, found: text.len() });
        }
        toml::from_str(text).map_err(|error| Self::Syntax {
            line: error.span().and_then(|span| text.get(..span.start)).map(line_after),
            message: plain(error.message(), 200),
        })
    }
}

/// An error about a word becomes the fault of the class or field that holds it.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Word { what, found, expected } => Self::Word { what, found, expected },
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<domain::Error> for Fault {
    fn from(error: domain::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// What a document says, short enough and plain enough to stand in an error.
pub(crate) fn shown(text: &str) -> String {
    plain(text, 60)
}

fn plain(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn line_after(before: &str) -> usize {
    before.matches('\n').count() + 1
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" at line {line}"))
}
