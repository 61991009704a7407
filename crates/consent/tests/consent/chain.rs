//! The chain from a record to a trusted issuer: what is forged is refused, and who is to blame.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use consent::{
    Authorisation, Blame, ChangeKind, Document, Draft, Error, MAX_PAYLOAD, Statement,
    SubjectCertificate, SubjectSigner, Term, Trust,
};
use domain::SubjectKind;
use envelope::{Envelope, SigningKey};
use proptest::prelude::{any, prop, proptest};
use time::Duration;

use crate::support::{
    Case, ENTERPRISE, EXAMPLE, ISSUER, NOW, REGISTRY, SIGNED, STRANGER, agent, certificate_of,
    change, draft, enterprise, key, log, party, person_draft, register, signed, subject, trust,
};

/// An envelope with this payload and the signature of another: what a forger can make.
fn with_payload(sealed: &Envelope, payload: &[u8]) -> Envelope {
    let mut json: serde_json::Value = serde_json::from_slice(&sealed.to_json()).unwrap();
    json["payload"] = STANDARD.encode(payload).into();
    Envelope::from_json(&serde_json::to_vec(&json).unwrap()).unwrap()
}

fn with_signature(sealed: &Envelope, alter: impl Fn(&mut Vec<u8>)) -> Envelope {
    let mut json: serde_json::Value = serde_json::from_slice(&sealed.to_json()).unwrap();
    let mut bytes = STANDARD.decode(json["signatures"][0]["sig"].as_str().unwrap()).unwrap();
    alter(&mut bytes);
    json["signatures"][0]["sig"] = STANDARD.encode(bytes).into();
    Envelope::from_json(&serde_json::to_vec(&json).unwrap()).unwrap()
}

/// Every payload that differs from this one in one bit, one bit a byte, and every signature.
fn flipped(sealed: &Envelope, payload_type: &'static str) -> Vec<Envelope> {
    let payload = sealed.unverified(payload_type).unwrap();
    let flips = (0..payload.len()).map(|place| {
        let mut forged = payload.to_vec();
        forged[place] ^= 1 << (place % 8);
        with_payload(sealed, &forged)
    });
    let signatures = (0..64).map(|place| with_signature(sealed, |bytes| bytes[place] ^= 1));
    flips.chain(signatures).collect()
}

/// A record around this certificate, signed by whoever has the key of this seed.
fn around(draft: &Draft, seed: u8, certificate: &Envelope) -> Envelope {
    let good = signed(draft, seed);
    let payload = good.unverified(Authorisation::TYPE).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(payload).unwrap();
    let text = String::from_utf8(certificate.to_json()).unwrap();
    json["signature"]["certificate"] = text.into();
    Envelope::sign(Authorisation::TYPE, serde_json::to_vec(&json).unwrap(), &key(seed))
}

fn blame(record: &Envelope) -> Blame {
    trust().verify(record, NOW).unwrap_err().blame()
}

#[test]
fn the_example_of_the_policy_verifies_and_says_what_was_written() {
    let envelope = signed(&draft(), ENTERPRISE);
    let read = Envelope::from_json(&envelope.to_json()).unwrap();
    let verified = trust().verify(&read, NOW).unwrap();
    let record = verified.record();
    assert_eq!((record.id().as_str(), record.version()), ("AU-2026-000123", 1));
    assert_eq!(record.subject(), &enterprise());
    assert_eq!(record.subject_name().unwrap().reveal(), "示例企业二");
    assert_eq!(record.signer().level(), 3);
    assert_eq!(record.registry(), &party("node-js"));
    assert_eq!(record.scope().items().len(), 3);
    assert_eq!(record.limits().max_uses(), 3);
    assert_eq!(record.signed_at(), SIGNED);
    assert_eq!(record.suite().code(), "ed25519");
    assert_eq!(verified.certificate(), &certificate_of(&draft(), ENTERPRISE));
    // The hash of the record is that of the payload's bytes.
    let payload = read.unverified(Authorisation::TYPE).unwrap();
    assert_eq!(record.record_hash(), Authorisation::read(payload).unwrap().record_hash());
    let other = Authorisation::read(&[payload, b" "].concat()).unwrap();
    assert_ne!(record.record_hash(), other.record_hash());
}

#[test]
fn a_record_without_a_node_is_registered_at_its_platform() {
    let mut draft = draft();
    draft.grantee.node = None;
    let verified = trust().verify(&signed(&draft, ENTERPRISE), NOW).unwrap();
    assert_eq!(verified.record().registry(), &party("platform-js"));
}

#[test]
fn every_flipped_byte_of_a_record_is_refused() {
    for forged in flipped(&signed(&draft(), ENTERPRISE), Authorisation::TYPE) {
        assert!(trust().verify(&forged, NOW).is_err());
    }
}

#[test]
fn every_flipped_byte_of_a_certificate_is_refused_though_its_owner_signs_the_record() {
    let draft = draft();
    let certificate = certificate_of(&draft, ENTERPRISE).sign(&key(ISSUER)).unwrap();
    assert!(trust().verify(&around(&draft, ENTERPRISE, &certificate), NOW).is_ok());
    for forged in flipped(&certificate, SubjectCertificate::TYPE) {
        let error = trust().verify(&around(&draft, ENTERPRISE, &forged), NOW).unwrap_err();
        assert_eq!(error.blame(), Blame::Writer(Document::Certificate), "{error}");
    }
}

#[test]
fn every_flipped_byte_of_a_statement_is_refused() {
    let statement = Case::covered().subject.statement(NOW).unwrap();
    assert!(Statement::open(&statement, &trust()).is_ok());
    for forged in flipped(&statement, Statement::TYPE) {
        let error = Statement::open(&forged, &trust()).unwrap_err();
        assert_eq!(error.blame(), Blame::Writer(Document::Statement), "{error}");
    }
}

#[test]
fn every_flipped_byte_of_a_change_is_refused() {
    let entry = register(&signed(&draft(), ENTERPRISE));
    let change = change(entry.record(), ChangeKind::Revoke, &draft(), ENTERPRISE, NOW);
    assert!(trust().verify_change(&change, NOW).is_ok());
    for forged in flipped(&change, consent::Change::TYPE) {
        assert!(trust().verify_change(&forged, NOW).is_err());
    }
}

/// What a platform can make without the subject's key and the issuer's.
#[test]
fn a_platform_can_forge_nothing() {
    let draft = draft();
    let own =
        |draft: &Draft, issuer: &SigningKey| certificate_of(draft, STRANGER).sign(issuer).unwrap();
    // A certificate that it signs itself in the issuer's name.
    let certificate = own(&draft, &key(STRANGER));
    let forged = around(&draft, STRANGER, &certificate);
    assert_eq!(blame(&forged), Blame::Writer(Document::Certificate));
    // In its own name, which nobody trusts as an issuer.
    let mut named = certificate_of(&draft, STRANGER);
    named.issuer = party("platform-js");
    let forged = around(&draft, STRANGER, &named.sign(&key(STRANGER)).unwrap());
    let untrusted = Error::Untrusted { document: Document::Certificate };
    assert_eq!(trust().verify(&forged, NOW), Err(untrusted));
    // A good certificate of another enterprise that it is or holds.
    let mut other = draft.clone();
    other.subject = subject(SubjectKind::Uscc, "91320100PDY00001XR");
    let certificate = own(&other, &key(ISSUER));
    let forged = around(&draft, STRANGER, &certificate);
    let document = Document::Authorisation;
    let another = Error::AnotherHolder { document, of: "subject" };
    assert_eq!(trust().verify(&forged, NOW), Err(another));
    // The enterprise's own certificate, with the platform's signature.
    let certificate = certificate_of(&draft, ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let forged = around(&draft, STRANGER, &certificate);
    let source = envelope::Error::Signature;
    assert_eq!(trust().verify(&forged, NOW), Err(Error::Envelope { document, source }));
    // A certificate where a record belongs, and the other way round.
    assert_eq!(blame(&certificate), Blame::Writer(Document::Authorisation));
    let swapped = around(&draft, ENTERPRISE, &signed(&draft, ENTERPRISE));
    assert_eq!(blame(&swapped), Blame::Writer(Document::Certificate));
}

#[test]
fn a_signer_is_whom_the_certificate_says_and_only_while_it_says_so() {
    // A handling agent cannot pass for the legal representative, nor raise its own level.
    let mut agents = certificate_of(&draft(), ENTERPRISE);
    agents.signer = agent();
    let record = around(&draft(), ENTERPRISE, &agents.sign(&key(ISSUER)).unwrap());
    let document = Document::Authorisation;
    let another = Error::AnotherHolder { document, of: "signer" };
    assert_eq!(trust().verify(&record, NOW), Err(another));
    for (from, until) in [(Duration::SECOND, Duration::DAY), (-Duration::DAY, Duration::ZERO)] {
        let mut certificate = certificate_of(&draft(), ENTERPRISE);
        certificate.validity = Term::new(SIGNED + from, SIGNED + until).unwrap();
        let record = around(&draft(), ENTERPRISE, &certificate.sign(&key(ISSUER)).unwrap());
        assert_eq!(trust().verify(&record, NOW), Err(Error::CertificateTime { document }));
    }
    let early = trust().verify(&signed(&draft(), ENTERPRISE), SIGNED - Duration::SECOND);
    assert_eq!(early, Err(Error::Future { document }));
}

#[test]
fn an_issuer_may_have_two_keys_while_one_replaces_the_other() {
    let record = signed(&draft(), ENTERPRISE);
    let new = Trust::default().with_issuer(party("ebl"), key(STRANGER).public());
    assert!(new.verify(&record, NOW).is_err());
    assert!(new.with_issuer(party("ebl"), key(ISSUER).public()).verify(&record, NOW).is_ok());
}

#[test]
fn a_pen_writes_only_for_the_subject_of_its_certificate() {
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let good = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at: SIGNED };
    assert!(draft().sign(&good).is_ok());
    let stolen = SubjectSigner { key: &key(STRANGER), ..good };
    let late = SubjectSigner { at: SIGNED + Duration::days(400), ..good };
    for (draft, signer) in [(person_draft(), good), (draft(), stolen), (draft(), late)] {
        assert!(draft.sign(&signer).is_err());
    }
    let mut agents = draft();
    agents.signer = agent();
    assert!(agents.sign(&good).is_err());
}

/// The members of the example with one text replaced.
fn replaced(from: &str, to: &str) -> Result<Envelope, Error> {
    assert!(EXAMPLE.contains(from), "{from}");
    let draft = Draft::from_json(EXAMPLE.replace(from, to).as_bytes())?;
    let certificate = certificate_of(&draft, ENTERPRISE).sign(&key(ISSUER))?;
    draft.sign(&SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at: SIGNED })
}

#[test]
fn combinations_that_mean_nothing_do_not_parse() {
    let hash = format!("sha256:{}", "cd".repeat(32));
    assert!(replaced(r#""version":1"#, r#""version":1"#).is_ok());
    for (from, to) in [
        (r#""version":1"#, r#""version":0"#),
        (r#""version":1"#, r#""version":2"#),
        (r#""version":1"#, &format!(r#""version":1,"previous_version_hash":"{hash}""#)),
        (r#""self_initiated":true"#, r#""self_initiated":false"#),
        (r#""onward_sharing":false"#, r#""onward_sharing":true"#),
        // The notice comes before the signature, and so does the check of the identity.
        ("09:13:10", "09:13:40"),
        ("09:12:00", "09:13:41"),
        // A person signs for itself only.
        (r#""kind":"legal_rep""#, r#""kind":"person""#),
        (r#""kind":"legal_rep""#, r#""kind":"agent""#),
        // A score needs a model.
        (r#"["basic@1"]"#, "[]"),
        // It has ended before it was signed; it lasts too long.
        (
            r#""not_before":"2026-03-03T00:00:00+08:00","not_after":"2026-04-02"#,
            r#""not_before":"2026-02-01T00:00:00+08:00","not_after":"2026-03-02"#,
        ),
        ("2026-04-02", "2031-03-05"),
        (r#""purpose":"pre_loan""#, r#""purpose":"marketing""#),
        (r#""institution_id":"bank-a""#, r#""institution_id":"*""#),
        (r#""version":1"#, r#""version":1,"remark":"x""#),
        (r#""version":1"#, r#""version":1,"version":1"#),
        (r#""language":"zh""#, r#""language":"zh","hash2":"x""#),
        (r#""id":"91320500PDY0001750""#, r#""id":"91320500pdy0001750""#),
    ] {
        assert!(replaced(from, to).is_err(), "{to}");
    }
}

#[test]
fn nobody_is_certified_for_and_no_record_names_a_signer_that_cannot_sign() {
    for (draft, signer) in [(draft(), person_draft().signer), (person_draft(), draft().signer)] {
        let mut certificate = certificate_of(&draft, ENTERPRISE);
        certificate.signer = signer.clone();
        let refused = certificate.sign(&key(ISSUER)).unwrap_err();
        assert!(matches!(refused, Error::Rule { document: Document::Certificate, .. }));
        let record = signed(&draft, ENTERPRISE);
        let payload = record.unverified(Authorisation::TYPE).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(payload).unwrap();
        json["signer"] = serde_json::to_value(&signer).unwrap();
        let refused = Authorisation::read(&serde_json::to_vec(&json).unwrap()).unwrap_err();
        assert!(matches!(refused, Error::Rule { document: Document::Authorisation, .. }));
    }
}

#[test]
fn a_suite_for_later_is_refused_by_its_name() {
    let good = signed(&draft(), ENTERPRISE);
    let text = String::from_utf8(good.unverified(Authorisation::TYPE).unwrap().to_vec()).unwrap();
    let later = text.replace(r#""suite":"ed25519""#, r#""suite":"sm2-sm3""#);
    let error = Authorisation::read(later.as_bytes()).unwrap_err();
    let source = envelope::Error::Suite("sm2-sm3".into());
    assert_eq!(error, Error::Envelope { document: Document::Authorisation, source });
}

#[test]
fn a_draft_has_no_signature_and_a_record_has_one() {
    let payload = signed(&draft(), ENTERPRISE);
    let payload = payload.unverified(Authorisation::TYPE).unwrap();
    assert!(Draft::from_json(payload).is_err());
    let json = draft().to_json().unwrap();
    assert!(Authorisation::read(&json).is_err());
    assert_eq!(Draft::from_json(&json).unwrap(), draft());
}

#[test]
fn what_is_too_long_is_neither_read_nor_signed() {
    let long = vec![b' '; 65 << 10];
    let (limit, found) = (MAX_PAYLOAD, 65 << 10);
    let oversized = |document| Error::Oversized { document, limit, found };
    let refused = oversized(Document::Authorisation);
    assert_eq!(Authorisation::read(&long).unwrap_err(), refused);
    let record = Envelope::sign(Authorisation::TYPE, long.clone(), &key(ENTERPRISE));
    assert_eq!(trust().verify(&record, NOW).unwrap_err(), refused);
    let statement = Envelope::sign(Statement::TYPE, long.clone(), &key(REGISTRY));
    let opened = Statement::open(&statement, &trust());
    assert_eq!(opened.unwrap_err(), oversized(Document::Statement));
    let certificate = Envelope::sign(SubjectCertificate::TYPE, vec![b' '; 8 << 10], &key(ISSUER));
    let error = trust().verify(&around(&draft(), ENTERPRISE, &certificate), NOW).unwrap_err();
    let shown = matches!(error, Error::Oversized { document: Document::Certificate, .. });
    assert!(shown, "{error}");
    // One reference too many, one hash too many.
    let mut many = draft();
    many.separate_consents = vec![many.separate_consents[0].clone(); 16];
    assert!(trust().verify(&signed(&many, ENTERPRISE), NOW).is_ok());
    many.separate_consents.push(many.separate_consents[0].clone());
    let certificate = certificate_of(&many, ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at: SIGNED };
    assert!(matches!(many.sign(&signer), Err(Error::Rule { .. })));
    let mut case = Case::covered();
    let mut statement = case.subject.entry().statement(log(), NOW);
    statement.log.proof = vec![statement.log.root; 64];
    assert!(statement.sign(&key(REGISTRY)).is_ok());
    statement.log.proof.push(statement.log.root);
    assert!(matches!(statement.sign(&key(REGISTRY)), Err(Error::Rule { .. })));
}

#[test]
fn a_statement_that_contradicts_itself_is_not_signed() {
    let good = Case::covered().subject.entry().statement(log(), NOW);
    assert!(good.sign(&key(REGISTRY)).is_ok());
    for alter in [
        (|s| s.since = s.issued_at + Duration::SECOND) as fn(&mut Statement),
        |s| s.log.index = s.log.size,
        |s| s.log.size = 1 << 54,
        |s| s.version = 0,
    ] {
        let mut bad = good.clone();
        alter(&mut bad);
        assert!(bad.sign(&key(REGISTRY)).is_err());
    }
}

proptest! {
    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Authorisation::read(&noise);
        let _ = Draft::from_json(&noise);
        let _ = consent::History::from_json(&noise);
        for payload_type in
            [Authorisation::TYPE, Statement::TYPE, SubjectCertificate::TYPE, consent::Change::TYPE]
        {
            let sealed = Envelope::sign(payload_type, noise.clone(), &key(ISSUER));
            let _ = trust().verify(&sealed, NOW);
            let _ = trust().verify_change(&sealed, NOW);
            let _ = Statement::open(&sealed, &trust());
            let _ = SubjectCertificate::unverified(&sealed);
        }
    }

    /// Noise inside good JSON reaches further than noise alone.
    #[test]
    fn a_spliced_record_never_panics_and_never_verifies(
        place in 0usize..2500,
        length in 1usize..40,
        noise in "[\"{}\\[\\],:0-9a-zA-Z+*-]{0,40}",
    ) {
        let record = signed(&draft(), ENTERPRISE);
        let mut payload = record.unverified(Authorisation::TYPE).unwrap().to_vec();
        let start = place.min(payload.len());
        let end = (start + length).min(payload.len());
        let changed = payload[start..end] != *noise.as_bytes();
        payload.splice(start..end, noise.bytes());
        let _ = Authorisation::read(&payload);
        let verified = trust().verify(&with_payload(&record, &payload), NOW);
        assert!(verified.is_err() || !changed);
    }
}
