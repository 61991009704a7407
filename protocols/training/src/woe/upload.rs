//! What a holder or the lender uploads: one message of seeds, then one a plane (SPEC §W.3).

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;
use sha2::{Digest, Sha256};
use sharing::Layout;
use zeroize::Zeroizing;

use super::binned::packed;
use super::terms::width;
use super::{Binned, Membership, Terms};
use crate::transfer::Outgoing;
use crate::upload::encoded;
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
            Whose::Holder(holder) => match terms.features.get(holder) {
                Some(features) => features.iter().map(|&bins| width(bins)).collect(),
                None => {
                    let (expected, found) = (terms.features.len(), holder + 1);
                    return Err(Error::Shape { what: "holders at least", expected, found });
                }
            },
            Whose::Labels => match terms.membership {
                Membership::Everyone => vec![1],
                Membership::Hidden => vec![2],
            },
        };
        // > §W.3 SHA-256(…/woe/upload || binding (32) || whose (9)).
        let context = Sha256::new_with_prefix(DOMAIN_WOE_UPLOAD)
            .chain_update(terms.binding())
            .chain_update(encoded(whose))
            .finalize()
            .into();
        Ok(Self { whose, rows: terms.rows as usize, widths, context })
    }

    /// How many planes there are.
    pub(crate) fn planes(&self) -> usize {
        self.widths.iter().sum()
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
        let equal = |what, expected: usize, found: usize| match expected == found {
            true => Ok(()),
            false => Err(Error::Shape { what, expected, found }),
        };
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
        if labels.len() != shape.rows {
            let (expected, found) = (shape.rows, labels.len());
            return Err(Error::Shape { what: "rows", expected, found });
        }
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
