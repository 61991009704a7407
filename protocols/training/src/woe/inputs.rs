//! All uploads of a counting, as they come to one role.

use session::Role;
use sharing::Bits;

use super::terms::width;
use super::{Received, Terms};
use crate::error::equal;
use crate::{Error, Whose};

/// Everything that was uploaded for a counting, in shares.
pub struct Inputs {
    /// The planes of the index of each row's bin, of every feature, holder after holder.
    pub features: Vec<Bits>,
    /// One plane, set where the loan was not repaid; where membership is hidden a second, set where
    /// it was.
    pub labels: Bits,
}

impl Inputs {
    /// Refuses inputs that are not those of the terms.
    pub(crate) fn check(&self, terms: &Terms) -> Result<(), Error> {
        let (rows, bins) = (terms.rows as usize, terms.bins());
        equal("features", bins.len(), self.features.len())?;
        for (feature, &bins) in self.features.iter().zip(&bins) {
            equal("planes of a feature", width(bins), feature.width())?;
            equal("rows", rows, feature.rows())?;
        }
        equal("planes of labels", terms.membership.planes(), self.labels.width())?;
        equal("rows", rows, self.labels.rows())
    }
}

/// What one role has received of all uploads.
pub struct Uploads {
    binding: [u8; 32],
    role: Role,
    holders: Vec<Option<Vec<Bits>>>,
    labels: Option<Bits>,
}

impl Uploads {
    /// Nothing yet, at a role.
    ///
    /// # Errors
    ///
    /// [`Error::Terms`].
    pub fn new(terms: &Terms, role: Role) -> Result<Self, Error> {
        terms.check()?;
        let holders = terms.features.iter().map(|_| None).collect();
        Ok(Self { binding: terms.binding(), role, holders, labels: None })
    }

    /// Takes a whole upload, in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it came before, [`Error::OtherUpload`] when it is of other terms or
    /// at another role.
    pub fn take(&mut self, received: Received) -> Result<(), Error> {
        let Received { whose, role, binding, mut features, .. } = received;
        if binding != self.binding || role != self.role {
            return Err(Error::OtherUpload { whose });
        }
        let twice = Error::Upload { whose, twice: true };
        match whose {
            Whose::Holder(holder) => match self.holders.get_mut(holder) {
                Some(empty @ None) => *empty = Some(features),
                Some(Some(_)) | None => return Err(twice),
            },
            Whose::Labels => match self.labels {
                None => self.labels = features.pop(),
                Some(_) => return Err(twice),
            },
        }
        Ok(())
    }

    /// What a counting takes, once all uploads have come.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] that says which has not.
    pub fn complete(self) -> Result<Inputs, Error> {
        let mut features = Vec::new();
        for (place, holder) in self.holders.into_iter().enumerate() {
            let missing = Error::Upload { whose: Whose::Holder(place), twice: false };
            features.extend(holder.ok_or(missing)?);
        }
        let missing = Error::Upload { whose: Whose::Labels, twice: false };
        Ok(Inputs { features, labels: self.labels.ok_or(missing)? })
    }
}
