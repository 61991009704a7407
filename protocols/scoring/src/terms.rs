//! What the parties agree on before a chunk is sent, in either form: identifiers, shapes, holders.

use lattice::hexadecimal;
use session::Role;

use crate::digest::Use;
use crate::{
    Error, Fingerprint, MAX_BINS, MAX_FEATURES, MAX_HOLDERS, MAX_POINTS, MaskPublicKey, holder,
};

/// The place of `role` among so many holders.
pub(crate) fn index_of(role: Role, holders: usize) -> Result<usize, Error> {
    (0..holders).find(|&j| holder(j) == role).ok_or(Error::NoHolder { found: role })
}

/// Refuses more points than the message space holds.
pub(crate) fn check_points(max_points: u16) -> Result<(), Error> {
    match max_points > MAX_POINTS {
        true => Err(Error::TooManyPoints { found: max_points.into() }),
        false => Ok(()),
    }
}

/// The number of holders (1), then the mask key of each, if they can be the holders of any terms.
pub(crate) fn holders_to_bytes(holders: &[MaskPublicKey]) -> Result<Vec<u8>, Error> {
    let refused = Error::Holders { found: holders.len() };
    if holders.is_empty() || holders.len() > MAX_HOLDERS {
        return Err(refused);
    }
    for (j, key) in holders.iter().enumerate() {
        if let Some(k) = holders[..j].iter().position(|other| other == key) {
            return Err(Error::SameMaskKey { first: holder(k), second: holder(j) });
        }
    }
    let count = u8::try_from(holders.len()).map_err(|_| refused)?;
    Ok([count].into_iter().chain(holders.iter().flat_map(|key| key.0)).collect())
}

/// The terms of issuing one table to one holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableTerms {
    lender_key: Fingerprint,
    model: ModelDigest,
    shape: Shape,
    digest: [u8; 32],
}

impl TableTerms {
    /// Terms of a table of `shape` for `model`, under the lender key with this fingerprint.
    pub fn new(lender_key: Fingerprint, model: ModelDigest, shape: Shape) -> Self {
        let digest = Use::TableTerms
            .hasher()
            .with(&lender_key.0)
            .with(&model.0)
            .with(&shape.to_bytes())
            .finish();
        Self { lender_key, model, shape, digest }
    }

    /// The same terms under the digest of a whole table.
    pub(crate) fn whole(&self) -> Self {
        Self::new(self.lender_key, self.model, self.shape.clone())
    }

    /// The same terms under another digest: of a part of the table.
    pub(crate) fn with_digest(&self, digest: [u8; 32]) -> Self {
        Self { digest, ..self.clone() }
    }

    /// The lender key under which the table is made.
    pub fn lender_key(&self) -> Fingerprint {
        self.lender_key
    }

    /// The model that the table belongs to.
    pub fn model(&self) -> ModelDigest {
        self.model
    }

    /// The holder's features and their bins.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// SHA-256 over all of the terms (SPEC §4).
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// How many bins each of a holder's features has, in the agreed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(Vec<u16>);

impl Shape {
    /// A shape of 1 to [`MAX_FEATURES`] features with 1 to [`MAX_BINS`] bins each.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`].
    pub fn new(bins: Vec<u16>) -> Result<Self, Error> {
        let fits = |&bins: &u16| (1..=MAX_BINS).contains(&bins);
        if bins.is_empty() || bins.len() > MAX_FEATURES || !bins.iter().all(fits) {
            return Err(Error::Shape);
        }
        Ok(Self(bins))
    }

    /// The number of bins of each feature.
    pub fn bins(&self) -> &[u16] {
        &self.0
    }

    /// How many entries a table of this shape has.
    pub fn entries(&self) -> usize {
        self.0.iter().map(|&bins| usize::from(bins)).sum()
    }

    /// The number of features, then the bins of each, as 16-bit little-endian numbers.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let features = u16::try_from(self.0.len()).expect("a shape has at most 64 features");
        [features].iter().chain(&self.0).flat_map(|number| number.to_le_bytes()).collect()
    }
}

/// The digest under which a model is registered: its certificate's hash. Opaque to this protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModelDigest(pub [u8; 32]);

hexadecimal!(ModelDigest);
