//! Fields of messages, read or refused.

use domain::{MAX_PERSONS, PartyId, SubjectKind};

use crate::Error;

/// The longest JSON that terms may carry, in bytes: 64 features with 64 bins each fit.
const MAX_JSON: usize = 512 << 10;
/// The longest register name or identifier, in bytes.
const MAX_NAME: usize = 128;
/// The longest signed envelope, in bytes of JSON.
const MAX_ENVELOPE: usize = 64 << 10;
/// The most holders that a publication names.
pub(crate) const MAX_HOLDERS: usize = 16;

pub(crate) fn party(name: String, field: &'static str) -> Result<PartyId, Error> {
    name.parse().map_err(|_| Error::Field { field, expected: "a party's name" })
}

pub(crate) fn kind(text: &str, field: &'static str) -> Result<SubjectKind, Error> {
    text.parse().map_err(|_| Error::Field { field, expected: "uscc, cn-id or opaque" })
}

pub(crate) fn short(text: String, field: &'static str) -> Result<String, Error> {
    let fits = !text.is_empty() && text.len() <= MAX_NAME && !text.contains(char::is_control);
    if fits { Ok(text) } else { Err(Error::Field { field, expected: "1 to 128 bytes of text" }) }
}

pub(crate) fn sealed(bytes: &[u8], field: &'static str) -> Result<Vec<u8>, Error> {
    if bytes.len() > MAX_ENVELOPE {
        return Err(Error::Field { field, expected: "at most 64 KiB of a signed envelope" });
    }
    Ok(bytes.to_vec())
}

/// A subject's authorisation, if there is one.
pub(crate) fn authorisation(bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    if bytes.is_empty() { Ok(None) } else { sealed(bytes, "authorisation").map(Some) }
}

/// Those of natural persons.
pub(crate) fn persons(all: &[bytes::Bytes]) -> Result<Vec<Vec<u8>>, Error> {
    if all.len() > MAX_PERSONS {
        return Err(Error::Field { field: "persons", expected: "at most 16 envelopes" });
    }
    all.iter().map(|person| sealed(person, "persons")).collect()
}

pub(crate) fn json(text: String, field: &'static str) -> Result<String, Error> {
    if text.len() > MAX_JSON {
        return Err(Error::Field { field, expected: "at most 512 KiB of JSON" });
    }
    Ok(text)
}

pub(crate) fn array<const N: usize>(
    bytes: &[u8],
    field: &'static str,
    expected: &'static str,
) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Field { field, expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ScoreTerms, peer};

    #[test]
    fn an_envelope_too_long_to_be_one_is_not_kept() {
        let terms = peer::ScoreTerms {
            digest: vec![3; 32].into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: "x".into(),
            authorisation: vec![0; MAX_ENVELOPE + 1].into(),
            persons: Vec::new(),
            fresh: false,
            question: Vec::new().into(),
            salt: vec![4; 32].into(),
        };
        let many = peer::ScoreTerms {
            authorisation: Vec::new().into(),
            persons: vec![Vec::new().into(); MAX_PERSONS + 1],
            ..terms.clone()
        };
        assert!(ScoreTerms::try_from(terms).is_err() && ScoreTerms::try_from(many).is_err());
    }

    #[test]
    fn a_question_carries_as_many_persons_as_a_decision_looks_at() {
        let envelope = bytes::Bytes::from(vec![b'x'; MAX_ENVELOPE]);
        let most = vec![envelope.clone(); MAX_PERSONS];
        assert_eq!(persons(&most).unwrap().len(), 16);
        assert!(persons(&[most, vec![envelope]].concat()).is_err());
    }
}
