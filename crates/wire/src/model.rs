//! What platform and holder say to one another about a registered model, typed.

use crate::field::{array, json, sealed};
use crate::peer::{self, model_request};
use crate::{Error, MAX_REASON};

/// One message about a registered model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelMessage {
    /// Platform to holder: shall this model be served?
    Asked {
        /// The registration: a DSSE envelope, as JSON, signed by the platform.
        registration: Vec<u8>,
        /// The holder's part, as JSON.
        part: String,
    },
    /// Holder to platform: the registration with the holder's signature too.
    Countersigned(Vec<u8>),
    /// Holder to platform: it is not served, or not any more.
    Refused {
        /// The registration's digest.
        registration: [u8; 32],
        /// Why, in the operator's words.
        reason: String,
    },
    /// Platform to holder and lender: what hangs on this registration is out of use.
    Retired([u8; 32]),
}

impl TryFrom<peer::ModelRequest> for ModelMessage {
    type Error = Error;

    fn try_from(message: peer::ModelRequest) -> Result<Self, Error> {
        use model_request::About;
        Ok(match message.about.ok_or(Error::Missing("about"))? {
            About::Asked(sheet) => Self::Asked {
                registration: sealed(&sheet.registration, "registration")?,
                part: json(sheet.part, "part")?,
            },
            About::Countersigned(envelope) => {
                Self::Countersigned(sealed(&envelope, "countersigned")?)
            }
            About::Refused(peer::ModelRefused { registration, reason }) => {
                if reason.len() > MAX_REASON {
                    return Err(Error::Field { field: "reason", expected: "at most 1000 bytes" });
                }
                let registration = array(&registration, "registration", "32 bytes")?;
                Self::Refused { registration, reason }
            }
            About::Retired(registration) => {
                Self::Retired(array(&registration, "retired", "32 bytes")?)
            }
        })
    }
}

impl From<ModelMessage> for peer::ModelRequest {
    fn from(message: ModelMessage) -> Self {
        use model_request::About;
        let about = match message {
            ModelMessage::Asked { registration, part } => {
                About::Asked(peer::ModelSheet { registration: registration.into(), part })
            }
            ModelMessage::Countersigned(envelope) => About::Countersigned(envelope.into()),
            ModelMessage::Refused { registration, reason } => About::Refused(peer::ModelRefused {
                registration: registration.to_vec().into(),
                reason,
            }),
            ModelMessage::Retired(registration) => About::Retired(registration.to_vec().into()),
        };
        Self { about: Some(about) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_survives_the_wire() {
        for message in [
            ModelMessage::Asked { registration: b"{}".to_vec(), part: "{}".into() },
            ModelMessage::Countersigned(b"{}".to_vec()),
            ModelMessage::Refused { registration: [3; 32], reason: "too narrow".into() },
            ModelMessage::Retired([4; 32]),
        ] {
            let sent = peer::ModelRequest::from(message.clone());
            assert_eq!(ModelMessage::try_from(sent), Ok(message));
        }
    }

    #[test]
    fn nothing_longer_than_its_kind_is_kept() {
        let long = |about| ModelMessage::try_from(peer::ModelRequest { about: Some(about) });
        use model_request::About;
        assert!(long(About::Countersigned(vec![0; (64 << 10) + 1].into())).is_err());
        let reason = "x".repeat(MAX_REASON + 1);
        let registration = vec![0; 32].into();
        assert!(long(About::Refused(peer::ModelRefused { registration, reason })).is_err());
        assert!(long(About::Retired(vec![0; 31].into())).is_err());
        assert!(ModelMessage::try_from(peer::ModelRequest { about: None }).is_err());
    }
}
