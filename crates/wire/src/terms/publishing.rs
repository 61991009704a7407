//! The terms under which a model is published: a lender's key, and a holder's table.

use domain::{ModelId, PartyId};

use crate::field::{MAX_HOLDERS, array, json, party, short};
use crate::{Error, peer};

/// A model as published to one lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The model.
    pub model: ModelId,
    /// The registration that it publishes: a salted hash of the scorecard.
    pub registration: [u8; 32],
    /// For whom its points are encrypted.
    pub lender: PartyId,
    /// Every holder whose answer the sum takes, in the order in which they count.
    pub holders: Vec<PartyId>,
}

/// Platform to lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTerms {
    /// The model.
    pub publication: Publication,
    /// What a lender may know of the scorecard, as JSON.
    pub card: String,
    /// Whether the key of the batch form is asked for.
    pub batch: bool,
}

/// Platform to holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableTerms {
    /// The model.
    pub publication: Publication,
    /// The slot of the model that this holder fills.
    pub slot: String,
    /// The holder's features with their bins and without points, as JSON.
    pub part: String,
    /// Fingerprint of the lender's key.
    pub lender_key: [u8; 32],
    /// The largest sum of points over all holders.
    pub max_points: u16,
    /// Whether it is the table of the batch form.
    pub batch: bool,
}

impl TryFrom<peer::KeyTerms> for KeyTerms {
    type Error = Error;

    fn try_from(terms: peer::KeyTerms) -> Result<Self, Error> {
        let publication = terms.publication.ok_or(Error::Missing("publication"))?.try_into()?;
        Ok(Self { publication, card: json(terms.card, "card")?, batch: terms.batch })
    }
}

impl From<KeyTerms> for peer::KeyTerms {
    fn from(terms: KeyTerms) -> Self {
        let KeyTerms { publication, card, batch } = terms;
        Self { publication: Some(publication.into()), card, batch }
    }
}

impl TryFrom<peer::TableTerms> for TableTerms {
    type Error = Error;

    fn try_from(terms: peer::TableTerms) -> Result<Self, Error> {
        Ok(Self {
            publication: terms.publication.ok_or(Error::Missing("publication"))?.try_into()?,
            slot: short(terms.slot, "slot")?,
            part: json(terms.part, "part")?,
            lender_key: array(&terms.lender_key, "lender_key", "32 bytes")?,
            max_points: u16::try_from(terms.max_points)
                .map_err(|_| Error::Field { field: "max_points", expected: "at most 65535" })?,
            batch: terms.batch,
        })
    }
}

impl From<TableTerms> for peer::TableTerms {
    fn from(terms: TableTerms) -> Self {
        Self {
            publication: Some(terms.publication.into()),
            slot: terms.slot,
            part: terms.part,
            lender_key: terms.lender_key.to_vec().into(),
            max_points: terms.max_points.into(),
            batch: terms.batch,
        }
    }
}

impl TryFrom<peer::Publication> for Publication {
    type Error = Error;

    fn try_from(message: peer::Publication) -> Result<Self, Error> {
        if message.holders.is_empty() || message.holders.len() > MAX_HOLDERS {
            return Err(Error::Field { field: "holders", expected: "1 to 16 parties" });
        }
        let holders = message.holders.into_iter().map(|holder| party(holder, "holders"));
        Ok(Self {
            model: message
                .model
                .parse()
                .map_err(|_| Error::Field { field: "model", expected: "id@version" })?,
            registration: array(&message.registration, "registration", "32 bytes")?,
            lender: party(message.lender, "lender")?,
            holders: holders.collect::<Result<_, _>>()?,
        })
    }
}

impl From<Publication> for peer::Publication {
    fn from(publication: Publication) -> Self {
        Self {
            model: publication.model.to_string(),
            registration: publication.registration.to_vec().into(),
            lender: publication.lender.into(),
            holders: publication.holders.into_iter().map(Into::into).collect(),
        }
    }
}
