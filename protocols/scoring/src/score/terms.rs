//! What the parties of one score agree on.

use session::Role;

use crate::digest::Use;
use crate::terms::{check_points, holders_to_bytes, index_of};
use crate::{Error, Fingerprint, MaskPublicKey, ModelDigest, QueryId, RunId};

/// The terms of one score, the same at every role.
///
/// Every answer, sum and mask is bound to them: who disagrees about one field is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    lender_key: Fingerprint,
    model: ModelDigest,
    run: RunId,
    query: QueryId,
    max_points: u16,
    holders: Vec<MaskPublicKey>,
    digest: [u8; 32],
}

impl Terms {
    /// Terms of the query `query` in the run `run`, over exactly these holders in this order.
    ///
    /// `max_points` is the most that the model can give: the lender refuses more. A query id is
    /// used once: the host stores the ids that it answered and refuses one that comes back.
    ///
    /// # Errors
    ///
    /// [`Error::Holders`], [`Error::SameMaskKey`] or [`Error::TooManyPoints`].
    pub fn new(
        lender_key: Fingerprint,
        model: ModelDigest,
        run: RunId,
        query: QueryId,
        max_points: u16,
        holders: Vec<MaskPublicKey>,
    ) -> Result<Self, Error> {
        check_points(max_points)?;
        let digest = Use::ScoreTerms
            .hasher()
            .with(&lender_key.0)
            .with(&model.0)
            .with(&run.0)
            .with(&query.0)
            .with(&max_points.to_le_bytes())
            .with(&holders_to_bytes(&holders)?)
            .finish();
        Ok(Self { lender_key, model, run, query, max_points, holders, digest })
    }

    /// The lender key under which this score is opened.
    pub fn lender_key(&self) -> Fingerprint {
        self.lender_key
    }

    /// The model that scores.
    pub fn model(&self) -> ModelDigest {
        self.model
    }

    /// The run that this query belongs to.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// This query.
    pub fn query(&self) -> QueryId {
        self.query
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

    /// The place of `role` among the holders.
    pub(crate) fn index_of(&self, role: Role) -> Result<usize, Error> {
        index_of(role, self.holders.len())
    }
}
