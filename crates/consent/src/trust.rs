//! Whom a party trusts, and the walk from a signature to that trust.

use std::collections::BTreeMap;

use domain::PartyId;
use envelope::{Envelope, PublicKey};
use time::OffsetDateTime;

use crate::document::hash;
use crate::signature::Signature;
use crate::{
    Authorisation, Change, ChangeKind, Document, Error, KeyRevocations, Statement,
    SubjectCertificate, VerifiedRevocations, VerifiedStatement,
};

/// Whom a party trusts by its own configuration: identity issuers and registries, each with its
/// keys (several while one replaces another).
///
/// Nothing that a peer sends adds to it; a list that one of its issuers has signed takes from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    issuers: BTreeMap<PartyId, Vec<PublicKey>>,
    registries: BTreeMap<PartyId, Vec<PublicKey>>,
    /// The newest list of each issuer.
    revocations: BTreeMap<PartyId, KeyRevocations>,
}

/// An authorisation whose whole chain holds; only [`Trust::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAuthorisation {
    record: Authorisation,
    holder: Holder,
}

/// A change whose whole chain holds; only [`Trust::verify_change`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChange {
    pub(crate) change: Change,
    pub(crate) certificate: SubjectCertificate,
    pub(crate) signed_at: OffsetDateTime,
    pub(crate) hash: domain::Digest,
}

/// The certificate of a subject's key, and the issuer's key that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    certificate: SubjectCertificate,
    issuer_key: PublicKey,
}

impl Trust {
    /// The same trust with one more key of an identity issuer.
    #[must_use]
    pub fn with_issuer(mut self, issuer: PartyId, key: PublicKey) -> Self {
        self.issuers.entry(issuer).or_default().push(key);
        self
    }

    /// The same trust with one more key of a registry.
    #[must_use]
    pub fn with_registry(mut self, registry: PartyId, key: PublicKey) -> Self {
        self.registries.entry(registry).or_default().push(key);
        self
    }

    /// The same trust without the keys on an issuer's list. A list with a lower number than the one
    /// that is known changes nothing.
    #[must_use]
    pub fn with_revocations(mut self, verified: VerifiedRevocations) -> Self {
        let list = verified.into_list();
        let known = self.revocations(list.issuer()).map_or(0, KeyRevocations::number);
        if list.number() > known {
            self.revocations.insert(list.issuer().clone(), list);
        }
        self
    }

    /// The newest list of an issuer that is known.
    #[must_use]
    pub fn revocations(&self, issuer: &PartyId) -> Option<&KeyRevocations> {
        self.revocations.get(issuer)
    }

    /// Walks from a record to a trusted issuer: the certificate is signed by one, names the same
    /// subject and signer, was valid when the record was signed and is not revoked, the record is
    /// signed by the certified key, and not later than `at` (the caller's clock and the skew that it allows).
    ///
    /// # Errors
    ///
    /// The first step that fails, with the document whose writer is to blame.
    pub fn verify(
        &self,
        envelope: &Envelope,
        at: OffsetDateTime,
    ) -> Result<VerifiedAuthorisation, Error> {
        let document = Document::Authorisation;
        let record = Authorisation::unverified(envelope)?;
        let holder = self.holder(record.signature(), document)?;
        if holder.certificate.subject != *record.subject() {
            return Err(Error::AnotherHolder { document, of: "subject" });
        }
        if holder.certificate.signer != *record.signer() {
            return Err(Error::AnotherHolder { document, of: "signer" });
        }
        open(envelope, Authorisation::TYPE, &holder.certificate.key, document)?;
        let verified = VerifiedAuthorisation { record, holder };
        verified.signed_by(at)?;
        Ok(verified)
    }

    /// Walks from a change to a trusted issuer, as [`Trust::verify`] does. Whether the change is
    /// its subject's is for [`crate::Entry::apply`] to say, which knows the subject.
    ///
    /// A suspension or a resumption must also be delivered while its key may still sign, and not
    /// before it was signed; a revocation is good whenever it comes, whatever the device's clock.
    ///
    /// # Errors
    ///
    /// The first step that fails, with the document whose writer is to blame.
    pub fn verify_change(
        &self,
        envelope: &Envelope,
        at: OffsetDateTime,
    ) -> Result<VerifiedChange, Error> {
        let document = Document::Change;
        let payload = envelope.unverified(Change::TYPE);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        let (change, signature) = Change::read(payload)?;
        let Holder { certificate, .. } = self.holder(&signature, document)?;
        open(envelope, Change::TYPE, &certificate.key, document)?;
        let signed_at = signature.signed_at.at();
        match change.kind {
            ChangeKind::Revoke => {}
            ChangeKind::Suspend | ChangeKind::Resume if signed_at > at => {
                return Err(Error::Future { document });
            }
            ChangeKind::Suspend | ChangeKind::Resume => {
                if !certificate.validity.contains(at) {
                    return Err(Error::CertificateTime { document });
                }
            }
        }
        Ok(VerifiedChange { change, certificate, signed_at, hash: hash(payload) })
    }

    /// The payload of an envelope that a key of this registry has signed.
    pub(crate) fn opened_by_registry<'a>(
        &self,
        envelope: &'a Envelope,
        payload_type: &'static str,
        registry: &PartyId,
        document: Document,
    ) -> Result<&'a [u8], Error> {
        opened_by(envelope, payload_type, self.registries.get(registry), document)?;
        envelope.unverified(payload_type).map_err(|source| Error::Envelope { document, source })
    }

    /// Opens a statement with a key of the registry that it names.
    pub(crate) fn open_statement(&self, envelope: &Envelope) -> Result<VerifiedStatement, Error> {
        let document = Document::Statement;
        let payload = envelope.unverified(Statement::TYPE);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        let statement = Statement::read(payload)?;
        let keys = self.registries.get(&statement.registry);
        opened_by(envelope, Statement::TYPE, keys, document)?;
        Ok(VerifiedStatement { statement, hash: hash(payload) })
    }

    /// Opens an issuer's list with a key of the issuer that it names.
    pub(crate) fn open_revocations(&self, envelope: &Envelope) -> Result<KeyRevocations, Error> {
        let list = KeyRevocations::unverified(envelope)?;
        let keys = self.issuers.get(list.issuer());
        opened_by(envelope, KeyRevocations::TYPE, keys, Document::Revocations)?;
        Ok(list)
    }

    fn is_revoked(&self, certificate: &SubjectCertificate) -> bool {
        let list = self.revocations.get(&certificate.issuer);
        list.is_some_and(|list| list.revokes(&certificate.key))
    }

    /// Opens the certificate inside a document and looks at the time it was used.
    fn holder(&self, signature: &Signature, shown_for: Document) -> Result<Holder, Error> {
        let document = Document::Certificate;
        let certificate = SubjectCertificate::unverified(&signature.certificate)?;
        let keys = self.issuers.get(&certificate.issuer);
        let issuer_key =
            opened_by(&signature.certificate, SubjectCertificate::TYPE, keys, document)?;
        if !certificate.validity.contains(signature.signed_at.at()) {
            return Err(Error::CertificateTime { document: shown_for });
        }
        if self.is_revoked(&certificate) {
            return Err(Error::KeyRevoked { document: shown_for });
        }
        if certificate.key.suite() != signature.suite {
            return Err(Error::AnotherHolder { document: shown_for, of: "suite" });
        }
        Ok(Holder { certificate, issuer_key })
    }
}

impl VerifiedChange {
    /// What is to change. Whether the signer may ask for it is for [`crate::Entry::apply`] to say.
    #[must_use]
    pub const fn change(&self) -> &Change {
        &self.change
    }
}

impl VerifiedAuthorisation {
    /// The record.
    #[must_use]
    pub const fn record(&self) -> &Authorisation {
        &self.record
    }

    /// The certificate of the key that signed it.
    #[must_use]
    pub const fn certificate(&self) -> &SubjectCertificate {
        &self.holder.certificate
    }

    /// Whether it holds under this trust too, without checking the signatures again: an issuer
    /// may have been struck from the configuration since, or have revoked the key.
    ///
    /// # Errors
    ///
    /// [`Error::Untrusted`] for an issuer that is not trusted any more, [`Error::KeyRevoked`],
    /// [`Error::Future`].
    pub fn still_trusted(&self, trust: &Trust, at: OffsetDateTime) -> Result<(), Error> {
        let keys = trust.issuers.get(&self.holder.certificate.issuer);
        if !keys.is_some_and(|keys| keys.contains(&self.holder.issuer_key)) {
            return Err(Error::Untrusted { document: Document::Certificate });
        }
        if trust.is_revoked(&self.holder.certificate) {
            return Err(Error::KeyRevoked { document: Document::Authorisation });
        }
        self.signed_by(at)
    }

    fn signed_by(&self, at: OffsetDateTime) -> Result<(), Error> {
        if self.record.signed_at() > at {
            return Err(Error::Future { document: Document::Authorisation });
        }
        Ok(())
    }
}

fn open(
    envelope: &Envelope,
    payload_type: &'static str,
    key: &PublicKey,
    document: Document,
) -> Result<(), Error> {
    let opened = envelope.open(payload_type, key);
    opened.map(|_| ()).map_err(|source| Error::Envelope { document, source })
}

/// The first of a signer's trusted keys that has signed the envelope.
fn opened_by(
    envelope: &Envelope,
    payload_type: &'static str,
    keys: Option<&Vec<PublicKey>>,
    document: Document,
) -> Result<PublicKey, Error> {
    let mut last = Error::Untrusted { document };
    for key in keys.into_iter().flatten() {
        match open(envelope, payload_type, key, document) {
            Ok(()) => return Ok(*key),
            Err(error) => last = error,
        }
    }
    Err(last)
}
