//! What a holder or the lender uploads: one message of seeds, then one a plane (SPEC §W.3).

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;
use sharing::Layout;
use zeroize::Zeroizing;

use super::binned::packed;
use super::terms::width;
use super::{Binned, Membership, Terms};
use crate::error::equal;
use crate::transfer::Outgoing;
use crate::upload::context;
use crate::{DOMAIN_WOE_UPLOAD, Error, Labels, Whose};

/// What an upload consists of, as the terms say.
pub(crate) struct Shape {
    pub(crate) whose: Whose,
    pub(crate) rows: usize,
    /// How many planes each feature has; of labels there is one feature.
    pub(crate) widths: Vec<usize>,
    /// What its masks are bound to.
    pub(crate) context: [u8; 32],
}

impl Shape {
    pub(crate) fn of(terms: &Terms, whose: Whose) -> Result<Self, Error> {
        terms.check()?;
        let widths = match whose {
            Whose::Holder(holder) => {
                terms.of_holder(holder)?.iter().map(|&bins| width(bins)).collect()
            }
            Whose::Labels => vec![terms.membership.planes()],
        };
        // > §W.3 SHA-256(…/woe/upload || binding (32) || whose (9)).
        let context = context(DOMAIN_WOE_UPLOAD, &terms.binding(), whose);
        Ok(Self { whose, rows: terms.rows as usize, widths, context })
    }

    /// How many planes there are.
    pub(crate) fn planes(&self) -> usize {
        self.widths.iter().sum()
    }

    /// How many messages there are, the seeds among them.
    pub(crate) fn messages(&self) -> usize {
        1 + self.planes()
    }
}

/// An upload on its way out: its planes, masked one at a time.
pub(crate) struct Upload {
    inner: sharing::Upload,
    planes: std::vec::IntoIter<Zeroizing<Vec<u64>>>,
}

impl Upload {
    /// Refuses features that are not those of the terms.
    pub(crate) fn of_features(
        terms: &Terms,
        holder: usize,
        features: Vec<Binned>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let shape = Shape::of(terms, Whose::Holder(holder))?;
        let bins = &terms.features[holder];
        equal("features", bins.len(), features.len())?;
        for (feature, &bins) in features.iter().zip(bins) {
            equal("bins", bins.into(), feature.bins.into())?;
            equal("rows", shape.rows, feature.rows)?;
        }
        let planes = features.into_iter().flat_map(|feature| feature.planes).collect();
        Ok(Self::new(&shape, planes, rng))
    }

    /// Refuses labels that are not those of the terms.
    pub(crate) fn of_labels(
        terms: &Terms,
        labels: &Labels,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let shape = Shape::of(terms, Whose::Labels)?;
        equal("rows", shape.rows, labels.len())?;
        let bits = |values: &[i64]| packed(values.iter().map(|&value| value == 1));
        let bad = bits(&labels.bad);
        let planes = match (terms.membership, &labels.weighted) {
            (Membership::Everyone, None) => vec![bad],
            (Membership::Hidden, Some(weighted)) => vec![bad, bits(&weighted.good)],
            (Membership::Everyone, Some(_)) | (Membership::Hidden, None) => {
                let (expected, found) = (shape.planes(), 3 - shape.planes());
                return Err(Error::Shape { what: "planes of labels", expected, found });
            }
        };
        Ok(Self::new(&shape, planes, rng))
    }

    fn new(shape: &Shape, planes: Vec<Zeroizing<Vec<u64>>>, rng: &mut impl CryptoRng) -> Self {
        let inner = sharing::Upload::new(Layout::Replicated, &shape.context, rng);
        Self { inner, planes: planes.into_iter() }
    }
}

impl Outgoing for Upload {
    fn seeds(&self, role: Role) -> Bytes {
        self.inner.seeds(role)
    }

    fn next(&mut self) -> Result<Option<[Bytes; 3]>, Error> {
        Ok(self.planes.next().map(|plane| self.inner.plane(&plane)))
    }
}
