//! An enterprise, a person, an identity issuer, a registry, and a request that is covered.

use consent::{
    Authorisation, Capacity, ChangeKind, Covered, Draft, Entry, Evidence, Limits, LogPlace, Need,
    PersonEvidence, Presented, Request, Rules, Signer, SubjectCertificate, SubjectSigner, Term,
    Trust, Usage, decide,
};
use domain::{CheckMode, Digest, Output, PartyId, Purpose, Refusal, Subject, SubjectKind};
use envelope::{Envelope, SigningKey};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub(crate) const SIGNED: OffsetDateTime = datetime!(2026-03-02 09:13:40 +8);
pub(crate) const REGISTERED: OffsetDateTime = datetime!(2026-03-02 09:14:00 +8);
pub(crate) const NOW: OffsetDateTime = datetime!(2026-03-05 10:00 +8);
pub(crate) const MAX_AGE: Duration = Duration::seconds(60);
pub(crate) const SKEW: Duration = Duration::seconds(5);

/// A whole record: one of its classes is about a person, and its term begins the day after.
pub(crate) const EXAMPLE: &str = r#"{
 "authorisation_id":"AU-2026-000123","version":1,
 "subject":{"kind":"uscc","id":"91320500PDY0001750","name":"示例企业二"},
 "signer":{"kind":"legal_rep","identity_method":"electronic_business_licence","identity_level":3,
   "identity_checked_at":"2026-03-02T09:12:00+08:00"},
 "consent":{"notice_version":"N-7","notice_shown_at":"2026-03-02T09:13:10+08:00","act":"signed",
   "self_initiated":true},
 "grantee":{"institution_id":"bank-a","platform_id":"platform-js","node_id":"node-js"},
 "scope":[{"class":1,"fields":["*"],"outputs":["score"]},
   {"class":2,"fields":["in_arrears_now"],"outputs":["verify"]},
   {"class":29,"fields":["area_m2"],"outputs":["score"]}],
 "model_ids":["basic@1"],"purpose":"pre_loan","application_no":"L-778",
 "term":{"not_before":"2026-03-03T00:00:00+08:00","not_after":"2026-04-02T00:00:00+08:00"},
 "limits":{"max_uses":3,"min_interval_s":3600,"onward_sharing":false},
 "separate_consents":[{"authorisation_id":"AU-2026-000124","classes":[29]}],
 "letter":{"template_id":"js-enterprise-zh-3",
   "hash":"sha256:abababababababababababababababababababababababababababababababab",
   "language":"zh"}}"#;

/// The own consent of the person whose flat class 29 is about.
pub(crate) const PERSON_EXAMPLE: &str = r#"{
 "authorisation_id":"AU-2026-000124","version":1,
 "subject":{"kind":"cn-id","id":"320100188501010010"},
 "signer":{"kind":"person","identity_method":"real_name","identity_level":3,
   "identity_checked_at":"2026-03-02T09:12:00+08:00"},
 "consent":{"notice_version":"N-7","notice_shown_at":"2026-03-02T09:13:10+08:00","act":"signed",
   "self_initiated":true},
 "grantee":{"institution_id":"bank-a","platform_id":"platform-js","node_id":"node-js"},
 "scope":[{"class":29,"fields":["area_m2"],"outputs":["score"]}],
 "model_ids":["basic@1"],"purpose":"pre_loan",
 "term":{"not_before":"2026-03-03T00:00:00+08:00","not_after":"2026-04-02T00:00:00+08:00"},
 "limits":{"max_uses":3,"min_interval_s":3600,"onward_sharing":false},
 "letter":{"template_id":"js-person-zh-1",
   "hash":"sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
   "language":"zh"}}"#;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub(crate) const ISSUER: u8 = 1;
pub(crate) const REGISTRY: u8 = 2;
pub(crate) const ENTERPRISE: u8 = 3;
pub(crate) const PERSON: u8 = 4;
pub(crate) const STRANGER: u8 = 9;

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn subject(kind: SubjectKind, text: &str) -> Subject {
    Subject::parse(kind, text, CheckMode::Report).unwrap().value
}

pub(crate) fn enterprise() -> Subject {
    subject(SubjectKind::Uscc, "91320500PDY0001750")
}

pub(crate) fn person() -> Subject {
    subject(SubjectKind::CnId, "320100188501010010")
}

pub(crate) fn other_person() -> Subject {
    subject(SubjectKind::CnId, "32010018850101007X")
}

pub(crate) fn draft() -> Draft {
    Draft::from_json(EXAMPLE.as_bytes()).unwrap()
}

pub(crate) fn person_draft() -> Draft {
    Draft::from_json(PERSON_EXAMPLE.as_bytes()).unwrap()
}

pub(crate) fn certificate_of(draft: &Draft, seed: u8) -> SubjectCertificate {
    SubjectCertificate {
        issuer: party("ebl"),
        subject: draft.subject.clone(),
        signer: draft.signer.clone(),
        key: key(seed).public(),
        validity: Term::new(SIGNED - Duration::hours(1), SIGNED + Duration::days(365)).unwrap(),
    }
}

/// The draft, signed at `at` with the key of this seed under a good certificate.
pub(crate) fn signed_at(draft: &Draft, seed: u8, at: OffsetDateTime) -> Envelope {
    let certificate = certificate_of(draft, seed).sign(&key(ISSUER)).unwrap();
    draft.sign(&SubjectSigner { key: &key(seed), certificate: &certificate, at }).unwrap()
}

pub(crate) fn signed(draft: &Draft, seed: u8) -> Envelope {
    signed_at(draft, seed, SIGNED)
}

pub(crate) fn trust() -> Trust {
    Trust::default()
        .with_issuer(party("ebl"), key(ISSUER).public())
        .with_registry(party("node-js"), key(REGISTRY).public())
}

pub(crate) fn register(record: &Envelope) -> Entry {
    let verified = trust().verify(record, REGISTERED).unwrap();
    Entry::register(verified, &party("node-js"), REGISTERED).unwrap()
}

pub(crate) fn log() -> LogPlace {
    let root = Digest::from_bytes([7; 32]);
    LogPlace { index: 88_120, size: 88_121, root, proof: vec![root; 17] }
}

/// The same thing said with another key, certificate or time: a change of one authorisation.
pub(crate) fn change(
    record: &Authorisation,
    kind: ChangeKind,
    draft: &Draft,
    seed: u8,
    at: OffsetDateTime,
) -> Envelope {
    let certificate = certificate_of(draft, seed).sign(&key(ISSUER)).unwrap();
    record.change(kind, &SubjectSigner { key: &key(seed), certificate: &certificate, at }).unwrap()
}

/// One authorisation as it is shown: the record, the registry's line, the age of its word.
pub(crate) struct Shown {
    pub(crate) record: Option<Envelope>,
    pub(crate) entry: Option<Entry>,
    pub(crate) registry: u8,
    pub(crate) age: Duration,
    pub(crate) usage: Usage,
}

impl Shown {
    pub(crate) fn of(record: Envelope) -> Self {
        let entry = Some(register(&record));
        let (registry, age) = (REGISTRY, Duration::seconds(10));
        Self { record: Some(record), entry, registry, age, usage: Usage::default() }
    }

    pub(crate) fn entry(&mut self) -> &mut Entry {
        self.entry.as_mut().unwrap()
    }

    pub(crate) fn statement(&self, now: OffsetDateTime) -> Option<Envelope> {
        let entry = self.entry.as_ref()?;
        let statement = entry.statement(log(), now - self.age);
        Some(statement.sign(&key(self.registry)).unwrap())
    }
}

/// A decision with everything that it looks at, for tests to alter one thing.
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) subject: Shown,
    pub(crate) persons: Vec<Shown>,
    pub(crate) trust: Trust,
    pub(crate) now: OffsetDateTime,
}

impl Case {
    /// Covered: a score of the enterprise with a field about a person, who has consented too.
    pub(crate) fn covered() -> Self {
        Self {
            request: Request {
                subject: enterprise(),
                persons: vec![person()],
                lender: party("bank-a"),
                platform: party("platform-js"),
                purpose: Some(Purpose::PreLoan),
                output: Output::Score,
                fields: [
                    ("1.vat_paid_12m", Need::Subject),
                    ("29.area_m2", Need::SubjectAndPerson),
                    ("5.is_srdi", Need::Nothing),
                ]
                .map(|(name, need)| (name.parse().unwrap(), need))
                .into(),
                model: Some("basic@1".parse().unwrap()),
            },
            subject: Shown::of(signed(&draft(), ENTERPRISE)),
            persons: vec![Shown::of(signed(&person_draft(), PERSON))],
            trust: trust(),
            now: NOW,
        }
    }

    /// The same without the field about a person.
    pub(crate) fn without_person() -> Self {
        let mut case = Self::covered();
        case.ask(&[("1.vat_paid_12m", Need::Subject)]);
        (case.request.persons, case.persons) = (Vec::new(), Vec::new());
        case
    }

    pub(crate) fn ask(&mut self, fields: &[(&str, Need)]) {
        let parsed = fields.iter().map(|(name, need)| (name.parse().unwrap(), *need));
        self.request.fields = parsed.collect();
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { trust: &self.trust, statement_max_age: MAX_AGE, clock_skew: SKEW }
    }

    pub(crate) fn decide(&self) -> Result<Covered, Refusal> {
        let statement = self.subject.statement(self.now);
        let statements: Vec<_> =
            self.persons.iter().map(|shown| shown.statement(self.now).unwrap()).collect();
        let persons: Vec<_> = self
            .persons
            .iter()
            .zip(&statements)
            .map(|(shown, statement)| PersonEvidence {
                authorisation: Presented::Sealed(shown.record.as_ref().unwrap()),
                statement,
                usage: shown.usage,
            })
            .collect();
        let evidence = Evidence {
            authorisation: self.subject.record.as_ref().map(Presented::Sealed),
            statement: statement.as_ref(),
            persons: &persons,
        };
        decide(&self.request, &evidence, &self.subject.usage, &self.rules(), self.now)
    }

    /// What the registries say `now` about everything that was shown.
    pub(crate) fn words(&self, now: OffsetDateTime) -> Vec<Envelope> {
        let shown = self.persons.iter().chain([&self.subject]);
        shown.filter_map(|shown| shown.statement(now)).collect()
    }
}

pub(crate) fn agent() -> Signer {
    let mandate = Digest::from_bytes([5; 32]);
    let method = "electronic_business_licence".parse().unwrap();
    Signer::new(Capacity::Agent { mandate }, method, 2, SIGNED - Duration::minutes(2)).unwrap()
}

/// The enterprise signs a change; the registry takes it four minutes before the decision.
pub(crate) fn change_subject(case: &mut Case, kind: ChangeKind) {
    let change = change(case.subject.entry().record(), kind, &draft(), ENTERPRISE, NOW);
    let change = trust().verify_change(&change, NOW).unwrap();
    case.subject.entry().apply(&change, case.now - Duration::minutes(4)).unwrap();
}

/// The enterprise narrows; the registry knows version 2, and version 1 is still shown.
pub(crate) fn narrow_subject(case: &mut Case) -> Envelope {
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let at = SIGNED + Duration::DAY;
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at };
    let record = case.subject.entry().record();
    let next = record.narrow(&signer, |draft| draft.limits = limits(2)).unwrap();
    let verified = trust().verify(&next, at).unwrap();
    let registered = case.now - Duration::minutes(2);
    case.subject.entry().narrow(verified, registered).unwrap();
    next
}

pub(crate) fn limits(max_uses: u32) -> Limits {
    Limits::new(max_uses, 3600).unwrap()
}
