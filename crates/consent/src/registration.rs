//! A model as its platform lays it before one holder, and the holder's countersignature.

use domain::{Digest, ModelId, PartyId, Slot};
use envelope::{Envelope, PublicKey, SigningKey};
use scorecard::Part;
use scorecard::admission::Finding;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::document::{MAX_PAYLOAD, decode, encode, hash};
use crate::{Document, Error};

/// What a platform says of a model to one of its holders, and what the holder agrees to serve.
///
/// The platform signs it, and the holder signs the same bytes: neither can say later that it was
/// another model. The holder sees its own part in full beside it (the part is named here by its
/// hash), and of the rest who takes part and how the model fares with the rules of admission. No
/// points are in it: `digest` names the scorecard by a salted hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The model.
    pub model: ModelId,
    /// Names the registered scorecard, the same in every holder's registration.
    pub digest: Digest,
    /// Who registers it.
    pub platform: PartyId,
    /// Before whom it is laid.
    pub holder: PartyId,
    /// The slot of the model that this holder fills.
    pub slot: Slot,
    /// Every party whose answer goes into the sum, in the order of the sum.
    pub holders: Vec<PartyId>,
    /// The slot that the lender fills itself, in clear and at home: no part of the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lender: Option<Slot>,
    /// SHA-256 of this holder's [`Part::canonical`].
    pub part: Digest,
    /// The largest sum of points over all holders.
    pub max_points: u16,
    /// The last day of use.
    #[serde(default, with = "day")]
    pub valid_until: Option<Date>,
    /// Whether it may be used on research data alone, where the rules of admission are told and
    /// not enforced.
    pub research: bool,
    /// How the model fares with the rules of admission.
    pub figures: Vec<Finding>,
}

impl Registration {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.model-registration.v1+json";

    /// Signs with the platform's key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] when the holder is not among the holders, the platform is, or one of them is
    /// there twice; [`Error::Oversized`].
    pub fn sign(&self, platform: &SigningKey) -> Result<Envelope, Error> {
        self.check()?;
        Ok(Envelope::sign(Self::TYPE, encode(Document::Registration, self)?, platform))
    }

    /// What an envelope says, if this key (the platform's, or the holder's) has signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`], [`Error::Malformed`], [`Error::Oversized`], [`Error::Rule`].
    pub fn open(envelope: &Envelope, key: &PublicKey) -> Result<Self, Error> {
        let document = Document::Registration;
        let payload = envelope.open(Self::TYPE, key);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        let registration: Self = decode(document, MAX_PAYLOAD, payload)?;
        registration.check()?;
        Ok(registration)
    }

    /// The hash of a part, as [`Registration::part`] has it.
    #[must_use]
    pub fn hash_of(part: &Part) -> Digest {
        hash(&part.canonical())
    }

    fn check(&self) -> Result<(), Error> {
        let document = Document::Registration;
        if !self.holders.contains(&self.holder) {
            return Err(Error::Rule { document, rule: "its holder is one of its holders" });
        }
        if self.holders.contains(&self.platform) {
            return Err(Error::Rule { document, rule: "a platform holds no part of a model" });
        }
        let mut holders: Vec<&PartyId> = self.holders.iter().collect();
        holders.sort_unstable();
        holders.dedup();
        if holders.len() < self.holders.len() {
            return Err(Error::Rule { document, rule: "its holders are different parties" });
        }
        Ok(())
    }
}

/// A day or none, written `2027-12-31`.
mod day {
    time::serde::format_description!(form, Date, "[year]-[month]-[day]");

    pub(super) use form::option::{deserialize, serialize};
}

#[cfg(test)]
mod tests {
    use domain::Digest;
    use envelope::{Envelope, SigningKey};
    use scorecard::{Binning, Feature, Part};
    use time::macros::date;

    use super::Registration;
    use crate::{Document, Error};

    fn part() -> Part {
        let binning: Binning = serde_json::from_str(r#"{"below":[5.0],"missing":true}"#).unwrap();
        let feature = Feature::new("vat", binning).unwrap();
        Part::new("m@1".parse().unwrap(), "tax".parse().unwrap(), vec![feature]).unwrap()
    }

    fn registration() -> Registration {
        Registration {
            model: "m@1".parse().unwrap(),
            digest: Digest::from_bytes([4; 32]),
            platform: "platform".parse().unwrap(),
            holder: "tax-js".parse().unwrap(),
            slot: "tax".parse().unwrap(),
            holders: vec!["tax-js".parse().unwrap(), "social-js".parse().unwrap()],
            lender: None,
            part: Registration::hash_of(&part()),
            max_points: 600,
            valid_until: Some(date!(2027 - 12 - 31)),
            research: false,
            figures: Vec::new(),
        }
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    #[test]
    fn the_holder_signs_the_bytes_that_the_platform_signed() {
        let sealed = registration().sign(&key(1)).unwrap();
        assert_eq!(Registration::open(&sealed, &key(1).public()).unwrap(), registration());
        let refused = Registration::open(&sealed, &key(2).public()).unwrap_err();
        let document = Document::Registration;
        assert!(matches!(refused, Error::Envelope { document: of, .. } if of == document));
        let both = Envelope::from_json(&sealed.also_signed_by(&key(2)).to_json()).unwrap();
        for signer in [1, 2] {
            let read = Registration::open(&both, &key(signer).public()).unwrap();
            assert_eq!(read, registration());
        }
    }

    #[test]
    fn a_registration_that_contradicts_itself_is_neither_signed_nor_read() {
        let outsider = Registration { holder: "power".parse().unwrap(), ..registration() };
        assert!(matches!(outsider.sign(&key(1)), Err(Error::Rule { .. })));
        for own in ["tax-js", "social-js"] {
            let own = Registration { platform: own.parse().unwrap(), ..registration() };
            assert!(matches!(own.sign(&key(1)), Err(Error::Rule { .. })));
        }
        let twice = ["tax-js", "social-js", "social-js"].map(|name| name.parse().unwrap());
        let twice = Registration { holders: twice.into(), ..registration() };
        assert!(matches!(twice.sign(&key(1)), Err(Error::Rule { .. })));
        let json = serde_json::to_vec(&outsider).unwrap();
        let forged = Envelope::sign(Registration::TYPE, json, &key(1));
        let refused = Registration::open(&forged, &key(1).public());
        assert!(matches!(refused, Err(Error::Rule { .. })));
        let other = Envelope::sign(Registration::TYPE, b"{\"model\":\"m@1\"}".to_vec(), &key(1));
        let refused = Registration::open(&other, &key(1).public());
        assert!(matches!(refused, Err(Error::Malformed { .. })));
    }

    #[test]
    fn a_part_with_another_bin_has_another_hash() {
        let other: Binning = serde_json::from_str(r#"{"below":[6.0],"missing":true}"#).unwrap();
        let other = Feature::new("vat", other).unwrap();
        let other = Part::new("m@1".parse().unwrap(), "tax".parse().unwrap(), vec![other]).unwrap();
        assert_ne!(Registration::hash_of(&part()), Registration::hash_of(&other));
    }
}
