//! Receipts: what a holder signs when it releases something.

use domain::{Digest, PartyId};
use envelope::{Envelope, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};

use crate::hash::sha256;
use crate::release::Release;
use crate::{Error, Moment};

/// The most bytes of a receipt's payload. With every list full it has about 32 KiB, which an
/// envelope can carry.
pub const MAX_RECEIPT: usize = 40 << 10;

/// A receipt: what was released to whom, on what ground, and where the holder's log has it.
///
/// It names its receiver, so that one that turns up elsewhere tells who let it go. Signed by the
/// holder and counter-signed by the platform; where none stands between, by the receiver itself,
/// which it then names as the platform too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What was released.
    pub release: Release,
    /// Who released it.
    pub holder: PartyId,
    /// When.
    pub time: Moment,
    /// The commitment to the answer ([`crate::Salt::commit`]).
    pub commitment: Digest,
    /// The previous audit record of this release, by its leaf hash: the one that begins it. The
    /// record that closes it names it too, and this receipt.
    pub previous: Digest,
}

impl Receipt {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.receipt.v1+json";

    /// Signs as the holder.
    #[must_use]
    pub fn sign(&self, holder: &SigningKey) -> Envelope {
        let payload = serde_json::to_vec(self).expect("receipts are strings, numbers and lists");
        Envelope::sign(Self::TYPE, payload, holder)
    }

    /// Counter-signs as the platform what this holder's key has signed. Whether it is what the
    /// platform passed on is for the caller to compare first.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] when it is not signed by this holder, and those of reading.
    pub fn countersign(
        receipt: Envelope,
        holder: &PublicKey,
        platform: &SigningKey,
    ) -> Result<Envelope, Error> {
        Self::read(receipt.open(Self::TYPE, holder).map_err(refused)?)?;
        Ok(receipt.also_signed_by(platform))
    }

    /// The receipt that holder and platform have signed.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] when one of them has not, and those of reading.
    pub fn open(
        receipt: &Envelope,
        holder: &PublicKey,
        platform: &PublicKey,
    ) -> Result<Self, Error> {
        receipt.open(Self::TYPE, platform).map_err(refused)?;
        Self::read(receipt.open(Self::TYPE, holder).map_err(refused)?)
    }

    /// The receipt as somebody claims it: to find out whose keys should have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type, and those of reading.
    pub fn unverified(receipt: &Envelope) -> Result<Self, Error> {
        Self::read(receipt.unverified(Self::TYPE).map_err(refused)?)
    }

    /// A receipt's id: SHA-256 of the payload as signed, the same before and after the
    /// counter-signature.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type.
    pub fn id(receipt: &Envelope) -> Result<Digest, Error> {
        Ok(sha256(&[receipt.unverified(Self::TYPE).map_err(refused)?]))
    }

    fn read(payload: &[u8]) -> Result<Self, Error> {
        Error::bounded("a receipt", MAX_RECEIPT, payload)?;
        serde_json::from_slice(payload).map_err(|error| Error::malformed("a receipt", &error))
    }
}

fn refused(source: envelope::Error) -> Error {
    Error::Envelope { what: "a receipt", source }
}
