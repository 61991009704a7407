//! Why a score or an issue fails, and whose fault it is.

use session::{Blame, Culprit, Role, Unexpected};

use crate::batch::MAX_SPAN;
use crate::{Fingerprint, MAX_BINS, MAX_FEATURES, MAX_HOLDERS, MAX_POINTS, PLATFORM};

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
        "the {what} is damaged or made for other terms: compare lender key, model, shape, run, \
         query or list and block, maximum and the ordered holders on both sides"
    )]
    Unbound {
        /// Which message or stored thing.
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
    /// The loaded table belongs to another model than the terms.
    #[error("the table belongs to another model than the terms: load the table of that model")]
    OtherModel,
    /// The stored secret key does not open its own public key.
    #[error("the stored lender key does not open its own public key: restore it from a copy")]
    BrokenKey,
    /// A shape outside the limits.
    #[error("a holder has 1 to {MAX_FEATURES} features of 1 to {MAX_BINS} bins each")]
    Shape,
    /// The scorecard, the table or the picks have another shape than agreed.
    #[error("the {what} and the agreed shape differ: take features and bins in the agreed order")]
    OtherShape {
        /// What has the wrong shape.
        what: &'static str,
    },
    /// Parts that make no table.
    #[error("a table is the sum of its 2 or 3 parts, each once, all of one key, model and shape")]
    Parts,
    /// A number that is no share of points.
    #[error("a share of points is a number below {}, for each bin of the shape", MAX_POINTS + 1)]
    NoShare,
    /// Points beyond the message space.
    #[error("the largest total of points is {MAX_POINTS}, this scorecard reaches {found}")]
    TooManyPoints {
        /// The largest total that the scorecard can give.
        found: u64,
    },
    /// A number of holders outside the limits.
    #[error("a score comes from 1 to {MAX_HOLDERS} holders, the terms name {found}")]
    Holders {
        /// How many the terms name.
        found: usize,
    },
    /// Two holders with one mask key.
    #[error("{first} and {second} have the same mask key: each holder needs its own")]
    SameMaskKey {
        /// The first of them.
        first: Role,
        /// The second of them.
        second: Role,
    },
    /// This holder's mask key is not the one in the terms.
    #[error("{holder} holds another mask key than the terms name: publish the current one")]
    OtherMaskKey {
        /// The holder.
        holder: Role,
    },
    /// A role that the terms do not name as a holder.
    #[error("{found} is no holder of these terms")]
    NoHolder {
        /// The role.
        found: Role,
    },
    /// A mask key of small order, which would make the pair's mask known to all.
    #[error("the mask key of {of} is of small order: it gives no secret")]
    WeakMaskKey {
        /// Whose it is.
        of: Role,
    },
    /// A holder answered twice.
    #[error("{from} answered twice")]
    Twice {
        /// The holder.
        from: Role,
    },
    /// A holder's answer is missing from the sum.
    #[error("the answer of {of} is missing: without it the masks remain")]
    Missing {
        /// The first holder that is missing.
        of: Role,
    },
    /// The masks did not cancel.
    #[error(
        "the masks did not cancel: an answer is missing, altered or made for other terms. Ask \
         every holder again under a new query id"
    )]
    MasksRemain {
        /// The platform, to the lender; ourselves, to the platform, which cannot name the holder.
        culprit: Culprit,
    },
    /// What the lender opened lies too far from a whole number of points.
    #[error("what came is no score: its noise is larger than any honest sum's")]
    NotAScore,
    /// What the lender opened exceeds the model's maximum.
    #[error("what came is no score: it exceeds the model's maximum of {max} points")]
    AboveMaximum {
        /// The maximum in the terms.
        max: u16,
    },
    /// A number at or above its modulus.
    #[error("the {what} holds a number that is not reduced modulo its prime")]
    NotReduced {
        /// Which message or stored thing.
        what: &'static str,
        /// Who sent or gave it.
        culprit: Culprit,
    },
    /// A list without subjects.
    #[error("a batch run scores at least one subject: the list is empty")]
    EmptyList,
    /// A session of no block, of too many, or beyond the list.
    #[error(
        "a session scores 1 to {MAX_SPAN} blocks of the list, not {from}..{to}: take the spans \
         that the terms give"
    )]
    Span {
        /// The first block.
        from: u32,
        /// The block after the last.
        to: u32,
    },
    /// A stored run seed of another run or role.
    #[error("the stored run seed belongs to another run or role: load the run seed of this run")]
    OtherPledge,
    /// A block's bins are not those that were committed.
    #[error(
        "the bins of block {block} are not those committed before the run: answer from the same \
         snapshot of the register, or agree on a new run"
    )]
    OtherPicks {
        /// The block.
        block: u32,
    },
    /// The lender could not read what only a well-formed key opens.
    #[error(
        "{from} did not read the challenge under its key: the key is malformed, take none of it"
    )]
    MalformedKey {
        /// The lender.
        from: Role,
    },
    /// A challenge whose randomness does not come from what it asks.
    #[error("the challenge of {from} was not made as agreed: it is not answered")]
    MadeUpChallenge {
        /// The holder.
        from: Role,
    },
    /// Points where the list has no subject any more.
    #[error("what came is no block: it has points behind the list's last subject")]
    NobodyThere,
    /// A session was used after its end.
    #[error("this session is over: start a new one")]
    Over,
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::Unexpected(unexpected) => unexpected.blame(),
            Self::Twice { from } | Self::MalformedKey { from } | Self::MadeUpChallenge { from } => {
                Culprit::Peer(*from)
            }
            Self::Length { culprit, .. }
            | Self::Unbound { culprit, .. }
            | Self::OtherKey { culprit, .. }
            | Self::NotReduced { culprit, .. }
            | Self::MasksRemain { culprit } => *culprit,
            Self::Missing { of } | Self::WeakMaskKey { of } => Culprit::Peer(*of),
            Self::NotAScore | Self::AboveMaximum { .. } | Self::NobodyThere => {
                Culprit::Peer(PLATFORM)
            }
            Self::OtherModel
            | Self::BrokenKey
            | Self::Shape
            | Self::Parts
            | Self::NoShare
            | Self::OtherShape { .. }
            | Self::TooManyPoints { .. }
            | Self::Holders { .. }
            | Self::SameMaskKey { .. }
            | Self::OtherMaskKey { .. }
            | Self::NoHolder { .. }
            | Self::EmptyList
            | Self::Span { .. }
            | Self::OtherPledge
            | Self::OtherPicks { .. }
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
