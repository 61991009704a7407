//! An upload of bins' values as a session: of a holder, and of each role that receives (SPEC §P.3).
//! Messages go, are answered and kept as in [`transfer`](crate::transfer).

use std::io::Read;

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;

use super::{Terms, Values};
use crate::error::equal;
use crate::received::Intake;
use crate::transfer::{Receiving, Sending, receiving, sending};
use crate::upload::{Shape, Upload, context};
use crate::{DOMAIN_POINTS_KEPT, DOMAIN_POINTS_UPLOAD, Error, NotKept, Received, Whose};

/// Uploads the values of the holder in this place of the terms to the roles `to`, its own messages
/// kept if it is the role `own`.
///
/// # Errors
///
/// [`Error::Terms`], and [`Error::Shape`] when features or bins are not those of the terms.
///
/// # Panics
///
/// When `to` and `own` are not different [`ROLES`](crate::ROLES).
pub fn send_values(
    terms: &Terms,
    holder: usize,
    values: Vec<Values>,
    to: &[Role],
    own: Option<Role>,
    rng: &mut impl CryptoRng,
) -> Result<Sending, Error> {
    let shape = shape(terms, holder)?;
    equal("features", shape.lengths.len(), values.len())?;
    for (values, &bins) in values.iter().zip(&shape.lengths) {
        equal("bins", bins, values.bins())?;
    }
    let columns = values.into_iter().map(Values::widened);
    Ok(sending(Upload::new(shape, columns, rng), to, own))
}

/// Receives the upload of one holder at a role. `keep` takes what must be stored for [`from_kept`],
/// piece after piece, and returns when it is; the holder is told that it may leave when the last is.
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
    holder: usize,
    role: Role,
    keep: impl FnMut(&[u8]) -> Result<(), NotKept> + Send + 'static,
) -> Result<Receiving, Error> {
    Ok(receiving(intake(terms, holder, role, keep)?, usize::from(Terms::MOST_BINS) * 8))
}

/// Reads an upload back from what was kept of it. What follows it is not read.
///
/// # Errors
///
/// [`Error::KeptUpload`] when it is not whole, was altered, or is of other terms, another holder or
/// role.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`](crate::ROLES).
pub fn from_kept(
    terms: &Terms,
    holder: usize,
    role: Role,
    kept: impl Read,
) -> Result<Received, Error> {
    Received::read(intake(terms, holder, role, |_: &[u8]| Ok(()))?, kept)
}

/// Takes the messages that a holder has for itself, being the role `role`. `keep` takes them as
/// [`receive`] does.
///
/// # Errors
///
/// [`Error::Shape`] or [`Error::Sharing`] when they are not those of the terms, and
/// [`Error::NotKept`].
///
/// # Panics
///
/// When `role` is not one of [`ROLES`](crate::ROLES).
pub fn of_own(
    terms: &Terms,
    holder: usize,
    role: Role,
    messages: Vec<Bytes>,
    keep: impl FnMut(&[u8]) -> Result<(), NotKept>,
) -> Result<Received, Error> {
    Received::taken(intake(terms, holder, role, keep)?, messages)
}

fn intake<K: FnMut(&[u8]) -> Result<(), NotKept>>(
    terms: &Terms,
    holder: usize,
    role: Role,
    keep: K,
) -> Result<Intake<K>, Error> {
    let shape = shape(terms, holder)?;
    Ok(Intake::of(shape, terms.binding(), role, DOMAIN_POINTS_KEPT, keep))
}

/// > §P.3 A message of seeds, then one a feature: the value of each bin.
fn shape(terms: &Terms, holder: usize) -> Result<Shape, Error> {
    terms.check()?;
    let lengths = terms.of_holder(holder)?.iter().map(|&bins| bins.into()).collect();
    let whose = Whose::Holder(holder);
    let context = context(DOMAIN_POINTS_UPLOAD, &terms.binding(), whose);
    Ok(Shape { whose, lengths, context })
}
