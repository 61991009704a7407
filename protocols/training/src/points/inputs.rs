//! All uploads of bins' values, as they come to one role.

use session::Role;
use sharing::Vector;

use super::Terms;
use crate::error::equal;
use crate::received::Shares;
use crate::{Error, FEATURE, Received, Whose};

/// The value of every bin, in shares.
pub struct Inputs {
    /// The values of each feature's bins, holder after holder.
    pub values: Vec<Vector<FEATURE>>,
}

impl Inputs {
    /// Refuses inputs that are not those of the terms.
    pub(crate) fn check(&self, terms: &Terms) -> Result<(), Error> {
        let bins = terms.bins();
        equal("features", bins.len(), self.values.len())?;
        let mut each = self.values.iter().zip(bins);
        each.try_for_each(|(values, bins)| equal("bins", bins, values.len()))
    }
}

/// What one role has received of all uploads.
pub struct Uploads {
    binding: [u8; 32],
    role: Role,
    holders: Vec<Option<Vec<Vector<FEATURE>>>>,
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
        Ok(Self { binding: terms.binding(), role, holders })
    }

    /// Takes a whole upload, in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it came before, [`Error::OtherUpload`] when it is of other terms or
    /// at another role.
    pub fn take(&mut self, received: Received) -> Result<(), Error> {
        let Received { whose, role, binding, shares, .. } = received;
        match (whose, shares) {
            (Whose::Holder(holder), Shares::Columns(values))
                if binding == self.binding && role == self.role =>
            {
                match self.holders.get_mut(holder) {
                    Some(empty @ None) => *empty = Some(values),
                    Some(Some(_)) | None => return Err(Error::Upload { whose, twice: true }),
                }
                Ok(())
            }
            (Whose::Holder(_) | Whose::Labels, Shares::Columns(_) | Shares::Labels(_)) => {
                Err(Error::OtherUpload { whose })
            }
        }
    }

    /// What points take, once all uploads have come.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] that says which has not.
    pub fn complete(self) -> Result<Inputs, Error> {
        let mut values = Vec::new();
        for (place, holder) in self.holders.into_iter().enumerate() {
            let missing = Error::Upload { whose: Whose::Holder(place), twice: false };
            values.extend(holder.ok_or(missing)?);
        }
        Ok(Inputs { values })
    }
}
