//! Firms and persons of tests: keys, certificates, signed authorisations.

use std::hash::{DefaultHasher, Hash, Hasher};

use consent::{Authorisation, Draft, SubjectCertificate, SubjectSigner, Term};
use domain::{CheckMode, Subject, SubjectKind};
use envelope::{Envelope, SigningKey};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// An identity issuer whom every party of a test trusts.
pub(crate) struct Issuer(SigningKey);

/// A subject that signs.
pub(crate) struct Signatory {
    pub(crate) code: String,
    kind: SubjectKind,
    key: SigningKey,
    certificate: Envelope,
    draft: Draft,
}

impl Issuer {
    pub(crate) const NAME: &str = "licences";

    pub(crate) fn new() -> Self {
        Self(SigningKey::from_seed(&[41; 32]))
    }

    pub(crate) fn public(&self) -> envelope::PublicKey {
        self.0.public()
    }

    /// What `party.toml` says of it.
    pub(crate) fn trusted(&self) -> String {
        let (name, key) = (Self::NAME, self.0.public());
        format!("[[governance.issuer]]\nname = '{name}'\nkey = '{key}'\n")
    }

    /// A firm with a certified key. `terms` is merged over [`terms`].
    pub(crate) fn firm(&self, code: &str, terms: &Value) -> Signatory {
        self.subject(SubjectKind::Uscc, code, terms)
    }

    fn subject(&self, kind: SubjectKind, code: &str, changes: &Value) -> Signatory {
        let mut form = terms(kind, code);
        merge(&mut form, changes);
        let draft = Draft::from_json(form.to_string().as_bytes()).expect("the terms of a test");
        let subject = Subject::parse(kind, code, CheckMode::Strict).expect("a good code").value;
        let seed: Vec<u8> = code.bytes().cycle().take(32).collect();
        let key = SigningKey::from_seed(&seed.try_into().expect("32 bytes"));
        let now = OffsetDateTime::now_utc();
        let validity = Term::new(now - Duration::days(40), now + Duration::days(300));
        let certificate = SubjectCertificate {
            issuer: Self::NAME.parse().expect("a name"),
            subject,
            signer: draft.signer.clone(),
            key: key.public(),
            validity: validity.expect("from the past to the future"),
        };
        let certificate = certificate.sign(&self.0).expect("a certificate");
        Signatory { code: code.into(), kind, key, certificate, draft }
    }
}

impl Signatory {
    /// Its authorisation, signed now.
    pub(crate) fn grants(&self) -> Envelope {
        self.draft.sign(&self.signer(OffsetDateTime::now_utc())).expect("a test's terms")
    }

    /// Ends an authorisation of its own.
    pub(crate) fn revokes(&self, authorisation: &Envelope) -> Envelope {
        let record = Authorisation::unverified(authorisation).expect("it was signed here");
        record.revoke(&self.signer(OffsetDateTime::now_utc())).expect("its own")
    }

    /// Makes its authorisation smaller.
    pub(crate) fn narrows(
        &self,
        authorisation: &Envelope,
        edit: impl FnOnce(&mut Draft),
    ) -> Envelope {
        let record = Authorisation::unverified(authorisation).expect("it was signed here");
        record.narrow(&self.signer(OffsetDateTime::now_utc()), edit).expect("smaller")
    }

    /// Somebody else signs in its name, with a certificate that nobody trusted has made.
    pub(crate) fn forged(&self) -> Envelope {
        let other = Issuer(SigningKey::from_seed(&[42; 32]));
        let form = String::from_utf8(self.draft.to_json().expect("a draft")).expect("JSON");
        let form: Value = serde_json::from_str(&form).expect("JSON");
        other.subject(self.kind, &self.code, &form).grants()
    }

    fn signer(&self, at: OffsetDateTime) -> SubjectSigner<'_> {
        SubjectSigner { key: &self.key, certificate: &self.certificate, at }
    }
}

/// What a firm of a test grants where it says nothing else: scores from classes 1, 2, 4 and 10, to
/// the bank over the platform, for an application, for 30 days.
fn terms(kind: SubjectKind, code: &str) -> Value {
    let at = |offset: Duration| {
        let time = OffsetDateTime::now_utc() + offset;
        time.replace_nanosecond(0).expect("0 is one").format(&Rfc3339).expect("a time")
    };
    let signer = if kind == SubjectKind::CnId { "person" } else { "legal_rep" };
    json!({
        "authorisation_id": id_of(code), "version": 1,
        "subject": { "kind": kind.code(), "id": code },
        "signer": { "kind": signer, "identity_method": "electronic_business_licence",
            "identity_level": 3, "identity_checked_at": at(-Duration::days(20)) },
        "consent": { "notice_version": "N-7", "notice_shown_at": at(-Duration::days(19)),
            "act": "signed", "self_initiated": true },
        "grantee": { "institution_id": "bank", "platform_id": "platform" },
        "scope": scope("score"),
        "model_ids": ["*"], "purpose": "pre_loan",
        "term": { "not_before": at(-Duration::days(10)), "not_after": at(Duration::days(20)) },
        "limits": { "max_uses": 100, "min_interval_s": 0, "onward_sharing": false },
        "letter": { "template_id": "js-enterprise-zh-3",
            "hash": format!("sha256:{}", "ab".repeat(32)), "language": "zh" },
    })
}

/// The number of a subject's authorisation: logs carry it, so that it may not spell the code.
pub(crate) fn id_of(code: &str) -> String {
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    format!("AU-{:016x}", hasher.finish())
}

/// Every field of the classes that the registers of tests have, for this output.
pub(crate) fn scope(output: &str) -> Value {
    let line = |class: u16| json!({ "class": class, "fields": ["*"], "outputs": [output] });
    [1, 2, 4, 10, 14].map(line).to_vec().into()
}

pub(crate) fn merge(into: &mut Value, from: &Value) {
    match (into.as_object_mut(), from.as_object()) {
        (Some(into), Some(from)) => {
            for (key, value) in from {
                match into.get_mut(key) {
                    Some(place) if value.is_object() => merge(place, value),
                    _ => drop(into.insert(key.clone(), value.clone())),
                }
            }
        }
        _ => *into = from.clone(),
    }
}
