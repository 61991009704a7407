//! Why a log, a note, a record or a receipt is refused.

use crate::release::MAX_FIELDS;

/// Whose fault an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// This side's: its store did not bring what was asked for.
    Us,
    /// Whoever wrote the thing that is refused, or asked for what is not there.
    Writer,
}

/// Why a log, a note, a record or a receipt is refused.
///
/// But for what `envelope` says about an envelope's outside, no variant repeats what was refused:
/// it may hold an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such leaf.
    #[error("leaf {index} is not in a log of {size} leaves")]
    Outside {
        /// The leaf asked for, from 0.
        index: u64,
        /// How many leaves the log has.
        size: u64,
    },
    /// A log can only grow.
    #[error("a log of {old} leaves cannot become one of {new}")]
    Shrunk {
        /// How many leaves there were.
        old: u64,
        /// How many there are said to be.
        new: u64,
    },
    /// A call of the staff is not named by service and method.
    #[error("a call is named by its service and its method, like `Node/Status`")]
    CallName,
    /// More leaves than a log is reopened with.
    #[error("a log has at most {limit} leaves, this one is said to have {found}")]
    Leaves {
        /// The most that is read.
        limit: u64,
        /// What came.
        found: u64,
    },
    /// Not the nodes that were asked for.
    #[error("{expected} nodes of the tree are needed, {found} came")]
    Nodes {
        /// How many were asked for.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// An inclusion proof does not lead to the root.
    #[error("the proof does not show this leaf under this root")]
    Inclusion,
    /// A consistency proof does not lead to both roots.
    #[error("the proof does not show that the new log begins with the old one")]
    Consistency,
    /// More bytes than the thing may have.
    #[error("{what} has at most {limit} bytes, this one has {found}")]
    Oversized {
        /// What was to be read.
        what: &'static str,
        /// The most that is read.
        limit: usize,
        /// What came.
        found: usize,
    },
    /// Not a signed note, or not a checkpoint.
    #[error("this is not {what}: {problem}")]
    Note {
        /// What was to be read.
        what: &'static str,
        /// The rule that it breaks.
        problem: &'static str,
    },
    /// A verifier key is not `name+hash+key`, or its hash is not that of its name and key.
    #[error("a verifier key is written `name+hash+key`, like `tacit/tax+0f9c2a31+AQ…`")]
    NoteKey,
    /// No signature of a known key, or one that does not hold.
    #[error("{0}")]
    NoteSignature(&'static str),
    /// Not JSON of the expected members. What stood there is not repeated: it may be an identifier.
    #[error("{what} cannot be read at line {line}, column {column}")]
    Malformed {
        /// What was to be read.
        what: &'static str,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A time outside 2000 to 2199, or not written in UTC to the millisecond.
    #[error("a time is written in UTC to the millisecond, like 2026-03-02T01:13:40.567Z")]
    Time,
    /// A pseudonym is not `hmac-sha256:` and 64 lower-case hexadecimal digits.
    #[error("a pseudonym is written `hmac-sha256:` and 64 lower-case hexadecimal digits")]
    Pseudonym,
    /// Too many fields, or not in order.
    #[error("at most {MAX_FIELDS} different fields in order are expected")]
    Fields,
    /// Not three numbers with points between them.
    #[error("a version is written like `0.1.0`")]
    Version,
    /// A salt is not the base64 of 32 bytes.
    #[error("a salt is the base64 of 32 bytes")]
    Salt,
    /// A proof file breaks a rule.
    #[error("the proof {0}")]
    Proof(&'static str),
    /// An envelope is refused.
    #[error("{what}: {source}")]
    Envelope {
        /// What was to be opened.
        what: &'static str,
        /// Why it was not.
        source: envelope::Error,
    },
}

impl Error {
    /// Whose fault this is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Nodes { .. } => Blame::Us,
            Self::Outside { .. }
            | Self::Shrunk { .. }
            | Self::Leaves { .. }
            | Self::Inclusion
            | Self::Consistency
            | Self::Oversized { .. }
            | Self::Note { .. }
            | Self::NoteKey
            | Self::NoteSignature(_)
            | Self::Malformed { .. }
            | Self::Time
            | Self::Pseudonym
            | Self::Fields
            | Self::Version
            | Self::CallName
            | Self::Salt
            | Self::Proof(_)
            | Self::Envelope { .. } => Blame::Writer,
        }
    }

    /// Refuses what is too long before it is read.
    pub(crate) fn bounded(what: &'static str, limit: usize, bytes: &[u8]) -> Result<(), Self> {
        let found = bytes.len();
        if found > limit { Err(Self::Oversized { what, limit, found }) } else { Ok(()) }
    }

    pub(crate) fn malformed(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Malformed { what, line: error.line(), column: error.column() }
    }
}
