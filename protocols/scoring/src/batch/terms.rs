//! What the parties of a batch run agree on.

use lattice::hexadecimal;

use crate::batch::{BLOCK, MAX_SPAN};
use crate::digest::Use;
use crate::terms::{check_points, holders_to_bytes};
use crate::{Error, Fingerprint, MaskPublicKey, ModelDigest, RunId};

/// The terms of one batch run, the same at every role.
///
/// A run scores one ordered list of subjects, which all parties hold and whose digest is in the
/// terms. Block k is the subjects from place 4096·k on; the last one may be shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    lender_key: Fingerprint,
    model: ModelDigest,
    run: RunId,
    list: ListDigest,
    subjects: u32,
    max_points: u16,
    holders: Vec<MaskPublicKey>,
    digest: [u8; 32],
}

/// The digest of the ordered list of subjects. Opaque to this protocol: the host makes and compares it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListDigest(pub [u8; 32]);

hexadecimal!(ListDigest);

impl Terms {
    /// Terms of the run `run` over the `subjects` of `list`, over exactly these holders in this
    /// order.
    ///
    /// `max_points` is the most that the model can give: the lender refuses more. A run id is used
    /// once: each holder's host stores one [`RunSeed`](crate::batch::RunSeed) a run and makes no other.
    ///
    /// # Errors
    ///
    /// [`Error::Holders`], [`Error::SameMaskKey`], [`Error::TooManyPoints`], or
    /// [`Error::EmptyList`] for no subject.
    pub fn new(
        lender_key: Fingerprint,
        model: ModelDigest,
        run: RunId,
        (list, subjects): (ListDigest, u32),
        max_points: u16,
        holders: Vec<MaskPublicKey>,
    ) -> Result<Self, Error> {
        check_points(max_points)?;
        if subjects == 0 {
            return Err(Error::EmptyList);
        }
        let digest = Use::BatchTerms
            .hasher()
            .with(&lender_key.0)
            .with(&model.0)
            .with(&run.0)
            .with(&list.0)
            .with(&subjects.to_le_bytes())
            .with(&max_points.to_le_bytes())
            .with(&holders_to_bytes(&holders)?)
            .finish();
        Ok(Self { lender_key, model, run, list, subjects, max_points, holders, digest })
    }

    /// The lender key under which the blocks are opened.
    pub fn lender_key(&self) -> Fingerprint {
        self.lender_key
    }

    /// The model that scores.
    pub fn model(&self) -> ModelDigest {
        self.model
    }

    /// This run.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The list that is scored.
    pub fn list(&self) -> ListDigest {
        self.list
    }

    /// How many subjects the list has.
    pub fn subjects(&self) -> u32 {
        self.subjects
    }

    /// The most points that the model can give.
    pub fn max_points(&self) -> u16 {
        self.max_points
    }

    /// The holders' mask keys, in the order of their roles.
    pub fn holders(&self) -> &[MaskPublicKey] {
        &self.holders
    }

    /// SHA-256 over all of the terms (SPEC §4).
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// How many blocks the list makes.
    pub fn blocks(&self) -> u32 {
        self.subjects.div_ceil(BLOCK_U32)
    }

    /// How many subjects stand in `block`: 4096, fewer in the last, none beyond.
    pub fn subjects_in(&self, block: u32) -> usize {
        let before = u64::from(block) * BLOCK as u64;
        let left = u64::from(self.subjects).saturating_sub(before);
        usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK))
    }

    /// The sessions that score `block` and all after it: to begin with 0, or to go on with the
    /// first block that the lender's host has not stored.
    pub fn spans_from(&self, block: u32) -> impl Iterator<Item = Span> + use<> {
        let blocks = self.blocks();
        let starts = (block..blocks).step_by(MAX_SPAN as usize);
        starts.map(move |from| Span { from, to: blocks.min(from.saturating_add(MAX_SPAN)) })
    }

    /// Refuses a span that reaches beyond the list.
    pub(crate) fn expect(&self, span: Span) -> Result<(), Error> {
        match span.to <= self.blocks() {
            true => Ok(()),
            false => Err(Error::Span { from: span.from, to: span.to }),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "4096 fits")]
const BLOCK_U32: u32 = BLOCK as u32;

/// The blocks of one session: from the first, up to but without the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: u32,
    to: u32,
}

impl Span {
    /// The blocks `from..to`: at least one, at most [`MAX_SPAN`].
    ///
    /// # Errors
    ///
    /// [`Error::Span`].
    pub fn new(from: u32, to: u32) -> Result<Self, Error> {
        match to.checked_sub(from) {
            Some(1..=MAX_SPAN) => Ok(Self { from, to }),
            Some(_) | None => Err(Error::Span { from, to }),
        }
    }

    /// Its first block.
    pub fn from(self) -> u32 {
        self.from
    }

    /// The block after its last.
    pub fn to(self) -> u32 {
        self.to
    }
}
