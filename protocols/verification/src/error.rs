//! Why a verification or an upload fails, and whose fault it is.

use session::{Blame, Culprit, Role, Unexpected};

use crate::{Fingerprint, MAX_ATOMS, MAX_CLAIM, MAX_FAN_IN, MAX_HOLDERS, MAX_SEALED, PLATFORM};

/// Why a step of this protocol fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A chunk cannot belong where it came, or ends its round where it should not.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    /// A message has another length than its terms fix.
    #[error("the {what} has {expected} bytes, {found} came: it was cut, or made for other terms")]
    Length {
        /// Which message or stored thing.
        what: &'static str,
        /// Its only right length.
        expected: usize,
        /// The length that came.
        found: usize,
        /// Who sent or gave it.
        culprit: Culprit,
    },
    /// A digest does not fit: the content is damaged, or belongs to something else.
    #[error(
        "the {what} is damaged or made for other terms: compare lender key, question, run, query, \
         the ordered holders, atoms, thresholds and formula on both sides"
    )]
    Unbound {
        /// Which message or stored thing.
        what: &'static str,
        /// Who sent or gave it.
        culprit: Culprit,
    },
    /// A key whose parts do not belong together.
    #[error("the {what} is damaged: its parts do not belong together. Fetch it again")]
    Damaged {
        /// Which key.
        what: &'static str,
        /// Who sent or gave it.
        culprit: Culprit,
    },
    /// A lender key other than the agreed one.
    #[error("expected the lender key {expected}, found {found}: fetch the key that the terms name")]
    OtherKey {
        /// The fingerprint in the terms.
        expected: Fingerprint,
        /// The fingerprint of the key that came.
        found: Fingerprint,
        /// Who sent or gave it.
        culprit: Culprit,
    },
    /// The stored secret key does not open its own public key.
    #[error("the stored lender key does not open its own public key: restore it from a copy")]
    BrokenKey,
    /// A number of holders outside the limits.
    #[error("a question goes to 1 to {MAX_HOLDERS} holders, the terms name {found}")]
    Holders {
        /// How many the terms name.
        found: usize,
    },
    /// One holder stands twice in the terms.
    #[error("{second} is named twice: put all of a holder's atoms at one place")]
    SameHolder {
        /// The second of the two.
        second: Role,
    },
    /// A holder without an atom.
    #[error("{of} is asked nothing: leave it out of the terms")]
    NothingAsked {
        /// The holder.
        of: Role,
    },
    /// An atom at a holder that the terms do not name.
    #[error("atom {atom} lies with a holder that the terms do not name")]
    NoPlace {
        /// The atom.
        atom: usize,
    },
    /// A number of atoms outside the limits.
    #[error("a formula has 1 to {MAX_ATOMS} atoms, not {found}")]
    Atoms {
        /// How many there are.
        found: usize,
    },
    /// Too many sealed atoms.
    #[error("a formula has at most {MAX_SEALED} sealed atoms, not {found}")]
    Sealed {
        /// How many there are.
        found: usize,
    },
    /// A formula that names an atom which is not there.
    #[error("the formula names atom {atom}, which the terms do not have")]
    NoAtom {
        /// The atom.
        atom: usize,
    },
    /// An atom that the formula does not need.
    #[error("the formula does not use atom {atom}: do not ask for it")]
    UnusedAtom {
        /// The atom.
        atom: usize,
    },
    /// "At least so many" of too few.
    #[error("at least {least} of {of} parts is no formula: ask for 1 to {of}")]
    NoThreshold {
        /// How many are wanted.
        least: usize,
        /// How many there are.
        of: usize,
    },
    /// "At least k of n" over too many parts.
    #[error(
        "at least k of n takes {MAX_FAN_IN} parts, not {found}: only `all` and `any` may have more"
    )]
    TooWide {
        /// How many there are.
        found: usize,
    },
    /// A formula that is nested too deep or too long.
    #[error("the formula is nested too deep or too long: split it into several questions")]
    TooDeep,
    /// What a holder knows does not fit its atoms.
    #[error("one answer is needed for each plain atom, one value for each sealed one, in order")]
    OtherAtoms,
    /// Thresholds other than those that the terms name.
    #[error("the thresholds are not those that the terms name, in their order")]
    OtherThresholds,
    /// A holder without sealed atoms that would await thresholds.
    #[error("none of this holder's atoms is sealed: answer without awaiting thresholds")]
    NothingSealed,
    /// A sealed atom, and no evaluation key to compare with.
    #[error("a sealed atom needs the lender's evaluation key: fetch it, then compare")]
    NeedsEvaluator,
    /// A role that the terms do not name as a holder.
    #[error("{found} is no holder of these terms")]
    NoHolder {
        /// The role.
        found: Role,
    },
    /// A holder answered twice.
    #[error("{from} answered twice")]
    Twice {
        /// The holder.
        from: Role,
    },
    /// A holder's atoms are missing.
    #[error("the atoms of {of} are missing")]
    Missing {
        /// The first holder that is missing.
        of: Role,
    },
    /// A claim that no box takes.
    #[error("a claim has at most {MAX_CLAIM} bytes, not {found}")]
    Claim {
        /// Its length.
        found: usize,
    },
    /// A holder's key under which nothing is hidden.
    #[error("the holder's key for claims is a point of small order: ask the holder for its own")]
    WeakClaimKey,
    /// A box that does not open.
    #[error(
        "the box of the claim does not open: it is another holder's, or made for another question"
    )]
    ClosedBox,
    /// A session was used after its end.
    #[error("this session is over: start a new one")]
    Over,
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::Unexpected(unexpected) => unexpected.blame(),
            Self::Twice { from } => Culprit::Peer(*from),
            Self::Length { culprit, .. }
            | Self::Unbound { culprit, .. }
            | Self::Damaged { culprit, .. }
            | Self::OtherKey { culprit, .. } => *culprit,
            Self::Missing { of } => Culprit::Peer(*of),
            Self::ClosedBox => Culprit::Peer(PLATFORM),
            Self::BrokenKey
            | Self::Holders { .. }
            | Self::SameHolder { .. }
            | Self::NothingAsked { .. }
            | Self::NoPlace { .. }
            | Self::Atoms { .. }
            | Self::Sealed { .. }
            | Self::NoAtom { .. }
            | Self::UnusedAtom { .. }
            | Self::NoThreshold { .. }
            | Self::TooWide { .. }
            | Self::TooDeep
            | Self::OtherAtoms
            | Self::OtherThresholds
            | Self::NeedsEvaluator
            | Self::NothingSealed
            | Self::NoHolder { .. }
            | Self::Claim { .. }
            | Self::WeakClaimKey
            | Self::Over => Culprit::Us,
        }
    }
}

/// Refuses a message whose length is not the one that the terms fix.
pub(crate) fn expect_length(
    what: &'static str,
    expected: usize,
    found: usize,
    culprit: Culprit,
) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found, culprit }) }
}
