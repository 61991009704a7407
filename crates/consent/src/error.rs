//! Why a document or a step is refused, and whose fault it is.

use std::fmt;
use std::io;

use crate::State;

/// Which of this crate's documents is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// The record of an authorisation, signed by its subject.
    Authorisation,
    /// The certificate of a subject's key, signed by an identity issuer.
    Certificate,
    /// A revocation, suspension or resumption, signed by the subject.
    Change,
    /// A registry's statement of a state.
    Statement,
    /// The chain of events of one authorisation.
    History,
    /// A registry's count of those who have authorised a lender.
    Tally,
    /// Many statements for use without a network.
    Bundle,
    /// A model laid before a holder, signed by its platform.
    Registration,
    /// The list of keys that an identity issuer has revoked.
    Revocations,
    /// What a lender asks, signed by it.
    Question,
    /// A training job, signed by its proposer.
    Job,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorisation => "the authorisation",
            Self::Certificate => "the certificate of the subject's key",
            Self::Change => "the change of an authorisation",
            Self::Statement => "the statement of an authorisation's state",
            Self::History => "the history of an authorisation",
            Self::Tally => "the count of those who have authorised a lender",
            Self::Bundle => "the bundle of statements",
            Self::Registration => "the registration of a model",
            Self::Revocations => "the list of revoked keys",
            Self::Question => "the question",
            Self::Job => "the training job",
        })
    }
}

/// Whose fault an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// This side's: a wrong argument or a failing disk.
    Us,
    /// Whoever wrote or handed over this document.
    Writer(Document),
}

/// Why a document or a step of the life cycle is refused.
///
/// No variant repeats an identifier, a name or any other text of a peer's document: rules, positions
/// and expected forms only. [`Error::JobFile`] may quote a word of the operator's own file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word, name or number is outside its alphabet or range.
    #[error("{what} is {expected}")]
    Text {
        /// What should have been written.
        what: &'static str,
        /// How it is written.
        expected: &'static str,
    },
    /// More bytes than a document may have.
    #[error("{document} has at most {limit} bytes; {found} came")]
    Oversized {
        /// What was to be read.
        document: Document,
        /// The most that is read.
        limit: usize,
        /// What came.
        found: usize,
    },
    /// Not JSON of the expected members.
    #[error("{document} cannot be read: {message}")]
    Malformed {
        /// What was to be read.
        document: Document,
        /// What was expected and where.
        message: String,
    },
    /// Its parts do not go together.
    #[error("{document} contradicts itself: {rule}")]
    Rule {
        /// What was read.
        document: Document,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The envelope is of another type, or the key that should have signed it has not.
    #[error("{document}: {source}")]
    Envelope {
        /// What was to be opened.
        document: Document,
        /// What the envelope says.
        source: envelope::Error,
    },
    /// Its signer is none of those that this party's configuration names.
    #[error("{document} is signed by nobody whom this party trusts for it")]
    Untrusted {
        /// What was to be opened.
        document: Document,
    },
    /// The certificate is another subject's or another signer's.
    #[error("{document} rests on a certificate of another {of}")]
    AnotherHolder {
        /// What the certificate was shown for.
        document: Document,
        /// What differs.
        of: &'static str,
    },
    /// The certificate was not valid at the time that counts.
    #[error("{document} rests on a certificate that was not valid at the time")]
    CertificateTime {
        /// What the certificate was shown for.
        document: Document,
    },
    /// The issuer has taken its word back for the key.
    #[error("{document} is signed with a key that its issuer has revoked; sign again with another")]
    KeyRevoked {
        /// What the certificate was shown for.
        document: Document,
    },
    /// It says that it was signed later than now.
    #[error("{document} was signed later than now; compare the clocks")]
    Future {
        /// What was read.
        document: Document,
    },
    /// A terminal state never reopens.
    #[error(
        "{document} comes too late: the authorisation is {state} and stays so; grant a new one"
    )]
    Closed {
        /// What asked for the step.
        document: Document,
        /// The state that it is in.
        state: State,
    },
    /// The step does not follow from the present state.
    #[error("{document} does not follow: {rule}")]
    OutOfOrder {
        /// What asked for the step.
        document: Document,
        /// What was expected.
        rule: &'static str,
    },
    /// The new version is larger than the old one.
    #[error("a narrowing may not widen, and this one changes {0}; grant a new authorisation")]
    Widens(&'static str),
    /// A file that describes a training job cannot be used.
    #[error("the file of the training job cannot be used{}: {problem}", at_line(*.line))]
    JobFile {
        /// Counted from 1, where it is one line.
        line: Option<usize>,
        /// What is wrong there and what to write.
        problem: String,
    },
    /// The bundle's source cannot be read or written.
    #[error("the bundle's file fails: {0}")]
    Io(io::ErrorKind),
    /// One line of a bundle is refused.
    #[error("line {line}: {source}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// Why.
        source: Box<Error>,
    },
}

impl Error {
    /// Whose fault this is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Text { .. } | Self::JobFile { .. } | Self::Io(_) => Blame::Us,
            Self::Oversized { document, .. }
            | Self::Malformed { document, .. }
            | Self::Rule { document, .. }
            | Self::Envelope { document, .. }
            | Self::Untrusted { document }
            | Self::AnotherHolder { document, .. }
            | Self::CertificateTime { document }
            | Self::KeyRevoked { document }
            | Self::Future { document }
            | Self::Closed { document, .. }
            | Self::OutOfOrder { document, .. } => Blame::Writer(*document),
            Self::Widens(_) => Blame::Writer(Document::Authorisation),
            Self::Line { source, .. } => source.blame(),
        }
    }
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" at line {line}"))
}
