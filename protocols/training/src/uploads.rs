//! All uploads of a training, as they come to one role.

use session::Role;
use sha2::{Digest, Sha256};
use sharing::Vector;

use crate::received::Shares;
use crate::{DOMAIN_UPLOADS, Error, FEATURE, Inputs, Received, SharedLabels, Terms, Whose};

/// What one role has received of all uploads.
pub struct Uploads {
    binding: [u8; 32],
    role: Role,
    holders: Vec<Option<Vec<Vector<FEATURE>>>>,
    labels: Option<SharedLabels>,
    /// The hashes of all messages, in the order of the terms, the labels' last.
    origins: Vec<[u8; 32]>,
}

impl Uploads {
    /// Nothing yet, at a role.
    ///
    /// # Errors
    ///
    /// [`Error::Terms`].
    pub fn new(terms: &Terms, role: Role) -> Result<Self, Error> {
        terms.check()?;
        let holders = terms.columns.len();
        Ok(Self {
            binding: terms.binding(),
            role,
            holders: (0..holders).map(|_| None).collect(),
            labels: None,
            origins: vec![[0; 32]; holders + 1],
        })
    }

    /// Takes a whole upload, in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it came before, [`Error::OtherUpload`] when it is of other terms or at
    /// another role.
    pub fn take(&mut self, received: Received) -> Result<(), Error> {
        let Received { whose, role, binding, shares, origin } = received;
        if binding != self.binding || role != self.role {
            return Err(Error::OtherUpload { whose });
        }
        let twice = Error::Upload { whose, twice: true };
        let place = match (whose, shares) {
            (Whose::Holder(holder), Shares::Columns(columns)) => {
                match self.holders.get_mut(holder) {
                    Some(empty @ None) => *empty = Some(columns),
                    Some(Some(_)) | None => return Err(twice),
                }
                holder
            }
            (Whose::Labels, Shares::Labels(labels)) if self.labels.is_none() => {
                self.labels = Some(*labels);
                self.holders.len()
            }
            (Whose::Labels, Shares::Labels(_)) => return Err(twice),
            (Whose::Labels, Shares::Columns(_)) | (Whose::Holder(_), Shares::Labels(_)) => {
                return Err(Error::OtherUpload { whose });
            }
        };
        self.origins[place] = origin;
        Ok(())
    }

    /// What a training takes, once all uploads have come.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] that says which has not.
    pub fn complete(self) -> Result<Inputs, Error> {
        let mut columns = Vec::new();
        for (place, holder) in self.holders.into_iter().enumerate() {
            let missing = Error::Upload { whose: Whose::Holder(place), twice: false };
            columns.extend(holder.ok_or(missing)?);
        }
        let labels = self.labels.ok_or(Error::Upload { whose: Whose::Labels, twice: false })?;
        let mut inputs = Inputs::new(columns, labels);
        let hash = Sha256::new_with_prefix(DOMAIN_UPLOADS).chain_update(self.origins.concat());
        inputs.origin = hash.finalize().into();
        Ok(inputs)
    }
}
