//! What a subject says later: revoke, suspend, resume.

use consent::{Authorisation, ChangeKind};
use time::OffsetDateTime;

use crate::Error;
use crate::SubjectKey;
use crate::refused::refused;

/// Signs a change of this version of an authorisation, as the JSON of its envelope.
///
/// # Errors
///
/// `ANOTHER_HOLDER` when the certificate is another subject's, `CERTIFICATE_TIME`.
pub fn change(
    record: &Authorisation,
    kind: ChangeKind,
    subject_key: &SubjectKey,
    at: OffsetDateTime,
) -> Result<Vec<u8>, Error> {
    Ok(record.change(kind, &subject_key.signer(at)).map_err(refused)?.to_json())
}
