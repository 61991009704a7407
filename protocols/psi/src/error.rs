//! Why a run fails, and whose fault it is.

use session::{Blame, Culprit, Misplaced, Role};

use crate::oprf;

/// The code of a run whose canaries were not all found.
pub const SELF_CHECK: &str = "SELF_CHECK";

/// Why a run fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A set holds an item twice.
    #[error("items {first} and {second} are the same: remove one of them")]
    SameItem {
        /// The earlier one's place, from 0.
        first: u32,
        /// The later one's place, from 0.
        second: u32,
    },
    /// A set, or a list of rows, is larger than its indices reach.
    #[error(
        "a set or list has at most 2^32 items of together at most 4 GiB: split it over several runs"
    )]
    SetTooLarge,
    /// This side has more items than its terms allow it.
    #[error("the terms allow this side {agreed} items and it has {found}: agree on more")]
    MoreThanAgreed {
        /// How many the terms allow.
        agreed: u64,
        /// How many it has.
        found: u64,
    },
    /// The list of rows is not as long as the terms say.
    #[error("the terms name {agreed} rows and this side lists {found}: both sides list the same")]
    RowsNotAgreed {
        /// How many the terms name.
        agreed: u64,
        /// How many there are.
        found: u64,
    },
    /// The terms name more queries than the period has.
    #[error("the terms name {found} queries and the whole period has {agreed}: ask for fewer")]
    MoreThanPeriod {
        /// How many the period has.
        agreed: u64,
        /// How many the terms name.
        found: u64,
    },
    /// The terms deliver a list to an asker that has one, or none to one that has none; or the list
    /// is that of another period.
    #[error(
        "the terms deliver the list exactly to an asker that keeps none of this period: agree on \
         that, or take the list of this period"
    )]
    ListNotAgreed,
    /// A list that was kept is not as long as its period says, or not sorted.
    #[error("the kept list is not one of this period, or damaged: have it delivered again")]
    List,
    /// The terms name a size that no run can have.
    #[error("the terms name {largest} items: a run has fewer than 2^32 a side")]
    TermsTooLarge {
        /// The largest size that they name.
        largest: u64,
    },
    /// There is not the memory that the terms ask for.
    #[error("no memory for {points} points: agree on fewer, or split the run")]
    NoMemory {
        /// How many points' tags were to be kept.
        points: u64,
    },
    /// The OPRF takes no such input.
    #[error(transparent)]
    Oprf(#[from] oprf::Error),
    /// The VOLE road gives no such output.
    #[error(
        "cardinality needs the ECDH road: over VOLE the receiver can tell which of its items match"
    )]
    NoCardinality,
    /// The receiver's set has no encoding, which happens with probability 2^-40.
    #[error("the items cannot be encoded, which happens once in 2^40 runs: start a new run")]
    Unencodable,
    /// The correlations that mask the encoding failed.
    #[error(transparent)]
    Vole(::vole::Error),
    /// The session was driven on after its output or an error.
    #[error("this session has ended: start a new run")]
    Ended,
    /// A chunk came that cannot belong where it came.
    #[error("{misplaced}")]
    Misplaced {
        /// Who sent it.
        from: Role,
        /// What is wrong with its place.
        misplaced: Misplaced,
    },
    /// A chunk is longer or shorter than the terms make it.
    #[error(
        "the next chunk of round {round} has {expected} bytes by the terms, one of {found} came: \
         compare the two sides' terms"
    )]
    Length {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// How many bytes it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A round ended early, or goes on when it should be over.
    #[error("round {round}: the last chunk is expected {}", if *expected { "now" } else { "later" })]
    Last {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Whether this chunk had to be the last.
        expected: bool,
    },
    /// A masked item, or an element of an OPRF, is no canonical encoding of a group element.
    #[error("round {round}: element {index} is not the canonical encoding of a point")]
    NotAPoint {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Its place in the round, from 0.
        index: u64,
    },
    /// A masked item, or an element of an OPRF, is the identity, which nothing masks to.
    #[error("round {round}: element {index} is the identity")]
    Identity {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Its place in the round, from 0.
        index: u64,
    },
    /// The same point came twice in a round, or the same tag was returned for two points.
    #[error("round {round}: the items must be distinct, and two are the same")]
    Repeated {
        /// Who sent them.
        from: Role,
        /// Their round.
        round: u32,
    },
    /// A salt was opened that had not been committed to.
    #[error(
        "the opening is not what the commitment promised: the peer changed its salt, or the two \
         sides hold different terms"
    )]
    Opening {
        /// Who opened it.
        from: Role,
    },
    /// The two sides do not hold the same salts.
    #[error("the two sides hold different salts: a chunk was altered on its way")]
    Confirmation {
        /// Who confirmed something else.
        from: Role,
    },
    /// The two sides do not hold the same terms, or not the same list, of rows or of a period.
    #[error("the two sides hold different terms or rows: compare the terms and the lists")]
    Agreement {
        /// Who holds others.
        from: Role,
    },
    /// An answer says neither that there is a value nor that there is none.
    #[error(
        "round {round}: answer {index} says neither that there is a value nor that there is none"
    )]
    NoAnswer {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Its place in the round, from 0.
        index: u64,
    },
    /// Tags that had to come sorted did not.
    #[error("round {round}: tag {index} is smaller than the one before it")]
    Unsorted {
        /// Who sent them.
        from: Role,
        /// Their round.
        round: u32,
        /// The offending tag's place in the round, from 0.
        index: u64,
    },
    /// A coin was opened that had not been committed to.
    #[error("the coin is not what the commitment promised: the peer changed it")]
    Coin {
        /// Who opened it.
        from: Role,
    },
    /// A match was told of a value that was never sent.
    #[error("a match is told past the last value: the peer counts other values")]
    NoValue {
        /// Who told it.
        from: Role,
    },
    /// Items that both sides put in to be found were not (SPEC §2.1).
    #[error(
        "the self-check failed: items that both sides put in were not found, so others may be missing \
         too, and the result is thrown away"
    )]
    SelfCheck {
        /// In whose answers they were not.
        from: Role,
    },
    /// What one side sent is not what the other received.
    #[error("what was sent and what came differ: a chunk was lost, moved or altered on its way")]
    Transcript {
        /// Whose account differs from ours.
        from: Role,
    },
}

impl Blame for Error {
    fn code(&self) -> Option<&'static str> {
        matches!(self, Self::SelfCheck { .. }).then_some(SELF_CHECK)
    }

    fn blame(&self) -> Culprit {
        match self {
            Self::SameItem { .. }
            | Self::SetTooLarge
            | Self::MoreThanAgreed { .. }
            | Self::RowsNotAgreed { .. }
            | Self::MoreThanPeriod { .. }
            | Self::ListNotAgreed
            | Self::List
            | Self::TermsTooLarge { .. }
            | Self::NoMemory { .. }
            | Self::NoCardinality
            | Self::Unencodable
            | Self::Oprf(_)
            | Self::Ended => Culprit::Us,
            Self::Vole(error) => error.blame(),
            Self::Misplaced { from, .. }
            | Self::Length { from, .. }
            | Self::Last { from, .. }
            | Self::NotAPoint { from, .. }
            | Self::Identity { from, .. }
            | Self::Repeated { from, .. }
            | Self::Opening { from }
            | Self::Confirmation { from }
            | Self::Agreement { from }
            | Self::NoAnswer { from, .. }
            | Self::Unsorted { from, .. }
            | Self::Coin { from }
            | Self::NoValue { from }
            | Self::SelfCheck { from }
            | Self::Transcript { from } => Culprit::Peer(*from),
        }
    }
}

/// The error of a chunk that came when none of its sender's was due.
pub(crate) fn out_of_turn(from: Role) -> Error {
    Error::Misplaced { from, misplaced: Misplaced::OutOfTurn { from } }
}
