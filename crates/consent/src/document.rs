//! From bytes to forms and back, bounded, and without repeating what the bytes say.

use domain::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::{Document, Error};

/// The most bytes of a signed payload: an envelope of 64 KiB holds 48 KiB, and a record with every
/// list full stays far below this.
pub const MAX_PAYLOAD: usize = 32 << 10;

/// Reads a document's JSON into its form.
pub(crate) fn decode<T: DeserializeOwned>(
    document: Document,
    limit: usize,
    bytes: &[u8],
) -> Result<T, Error> {
    if bytes.len() > limit {
        return Err(Error::Oversized { document, limit, found: bytes.len() });
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Error::Malformed { document, message: without_content(&error) })
}

/// Writes a document's JSON.
pub(crate) fn encode<T: Serialize>(document: Document, form: &T) -> Result<Vec<u8>, Error> {
    encode_within(document, MAX_PAYLOAD, form)
}

/// [`encode`] for a document that may have another length.
pub(crate) fn encode_within<T: Serialize>(
    document: Document,
    limit: usize,
    form: &T,
) -> Result<Vec<u8>, Error> {
    let bytes = serde_json::to_vec(form)
        .map_err(|error| Error::Malformed { document, message: without_content(&error) })?;
    let found = bytes.len();
    if found > limit { Err(Error::Oversized { document, limit, found }) } else { Ok(bytes) }
}

/// The SHA-256 of bytes as they stand.
pub(crate) fn hash(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

/// What serde says, without what it quotes from the input: an identifier written where a number
/// belongs must not appear in a log. After the last `, expected ` stand our own words; messages
/// about missing and repeated members, and those of our own types, quote nothing.
fn without_content(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let quotes = message.starts_with("invalid ") || message.starts_with("unknown ");
    let shown = match message.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => format!("{expected} expected"),
        None if quotes => "not of the expected form".into(),
        Some(_) | None => message.into(),
    };
    shown + &place
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{MAX_PAYLOAD, decode};
    use crate::{Document, Error};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are of interest")]
    struct Form {
        id: String,
        kind: domain::SubjectKind,
        n: u32,
    }

    #[test]
    fn an_error_says_what_was_expected_and_repeats_nothing() {
        for (text, said) in [
            (r#"{"id":913201,"kind":"uscc","n":1}"#, "a string expected at line 1 column 12"),
            (r#"{"id":"","kind":"913201, expected x","n":1}"#, "`cn-id`"),
            (r#"{"id":"","kind":"uscc","n":"913201"}"#, "u32 expected"),
            (r#"{"id":"","kind":"uscc","n":913201913201}"#, "u32 expected"),
            (r#"{"id":"","kind":"uscc","913201":1}"#, "`kind`"),
            (r#"{"id":"","kind":"uscc"}"#, "missing field `n`"),
            (r#"{"id":"","id":""}"#, "duplicate field `id`"),
            (r#"{"id":""#, "EOF"),
        ] {
            let error = decode::<Form>(Document::Change, 100, text.as_bytes()).unwrap_err();
            let shown = error.to_string();
            assert!(shown.contains(said) && !shown.contains("913201"), "{shown}");
        }
    }

    #[test]
    fn a_long_document_is_refused_before_it_is_read() {
        let long = vec![b'['; 65 << 10];
        let error = decode::<Form>(Document::Change, MAX_PAYLOAD, &long).unwrap_err();
        let (limit, found) = (MAX_PAYLOAD, 65 << 10);
        assert_eq!(error, Error::Oversized { document: Document::Change, limit, found });
    }
}
