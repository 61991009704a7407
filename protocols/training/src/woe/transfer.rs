//! An upload of a counting as a session: of whoever uploads, and of each role that receives
//! (SPEC §W.3). Messages go, and are answered, as in [`transfer`](crate::transfer).

use rand_core::CryptoRng;
use session::{Coroutine, Role};

use super::received::Intake;
use super::upload::Upload;
use super::{Binned, Received, Terms};
use crate::transfer::{Sending, receiving, sending};
use crate::{Error, Labels, NotKept, Whose};

/// A computing role's side.
pub type Receiving = Coroutine<Received, Error>;

/// Uploads the features of the holder in this place of the terms to the roles `to`, its own
/// messages kept if it is the role `own`.
///
/// # Errors
///
/// [`Error::Terms`], and [`Error::Shape`] when the features are not those of the terms.
///
/// # Panics
///
/// When `to` and `own` are not different [`ROLES`](crate::ROLES).
pub fn send_features(
    terms: &Terms,
    holder: usize,
    features: Vec<Binned>,
    to: &[Role],
    own: Option<Role>,
    rng: &mut impl CryptoRng,
) -> Result<Sending, Error> {
    Ok(sending(Upload::of_features(terms, holder, features, rng)?, to, own))
}

/// Uploads the lender's labels to the roles `to`, its own messages kept if it is the role `own`. Of
/// rows that count differently each customer's counts once.
///
/// # Errors
///
/// [`Error::Terms`], and [`Error::Shape`] when the labels are not those of the terms.
///
/// # Panics
///
/// When `to` and `own` are not different [`ROLES`](crate::ROLES).
pub fn send_labels(
    terms: &Terms,
    labels: &Labels,
    to: &[Role],
    own: Option<Role>,
    rng: &mut impl CryptoRng,
) -> Result<Sending, Error> {
    Ok(sending(Upload::of_labels(terms, labels, rng)?, to, own))
}

/// Receives one upload at a role. `keep` takes what must be stored for
/// [`Received::from_kept`], piece after piece, and returns when it is; the uploader is told that it
/// may leave when the last is.
///
/// What comes of another length, twice or out of turn is refused, and the
/// [`UPLOADER`](crate::UPLOADER) blamed.
///
/// # Errors
///
/// [`Error::Terms`], or [`Error::Shape`] if the terms have no such holder.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`](crate::ROLES).
pub fn receive(
    terms: &Terms,
    whose: Whose,
    role: Role,
    keep: impl FnMut(&[u8]) -> Result<(), NotKept> + Send + 'static,
) -> Result<Receiving, Error> {
    Ok(receiving(Intake::new(terms, whose, role, keep)?, terms.words() * 8))
}
