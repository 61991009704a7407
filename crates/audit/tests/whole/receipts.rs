//! Receipts and proofs: what proves a release afterwards, and what every alteration comes to.

use audit::{
    Answer, Error, Event, Freshness, Keys, LegalBasis, LegalBasisKind, MAX_PROOF, Outcome, Proof,
    ProofError, Receipt, Report, Shown, Step, verify,
};
use consent::{Asks, Question, SeparateConsent, SignedQuestion, State, SubjectSalt};
use domain::{Output, Purpose, RunId};
use envelope::Envelope;
use proptest::prelude::*;
use time::Duration;
use time::macros::datetime;

use crate::story::{
    Ledger, NOW, Story, digest, draft, fields, firm, key, keys, named, party, person, seed, signed,
    stated,
};

fn checked(proof: &Proof, keys: &Keys) -> Result<Report, ProofError> {
    verify(&proof.to_json(), keys, Freshness::default())
}

fn proof_of(story: &Story) -> Proof {
    story.proof(&mut Ledger::of("tax"))
}

/// The step that fails.
fn step(story: &Story) -> Option<Step> {
    checked(&proof_of(story), &keys()).err().map(|failure| failure.step)
}

#[test]
fn a_proof_is_verified_offline_step_by_step() {
    let story = Story::verification();
    let proof = proof_of(&story);
    assert_eq!(Proof::from_json(&proof.to_json()).unwrap(), proof);
    let report = checked(&proof, &keys()).unwrap();
    assert_eq!(report.steps, Step::ALL.map(|step| (step, Outcome::Passed)));
    let asked = &report.receipt.release.asked;
    let asked = audit::Asked { request: asked.request, ..story.release.asked.clone() };
    let question = proof.question.as_ref().unwrap();
    assert_eq!(asked.request, SignedQuestion::id(&question.signed).unwrap());
    assert_eq!(report.receipt.release, audit::Release { asked, ..story.release });
    assert_eq!(report.id, Receipt::id(&proof.receipt).unwrap());
    assert_eq!((report.sequence, report.log.size), (3, 5));
}

#[test]
fn a_proof_holds_without_the_answer_and_for_no_other_one() {
    let mut proof = proof_of(&Story::verification());
    proof.answer = Answer::Hash(proof.answer.hash());
    assert!(checked(&proof, &keys()).is_ok());
    for other in [Answer::Bytes(b"another".into()), Answer::Hash(digest(1))] {
        proof.answer = other;
        assert_eq!(checked(&proof, &keys()).unwrap_err().step, Step::Answer);
    }
}

#[test]
fn what_needed_no_authorisation_says_so_and_its_steps_are_not_passed() {
    let grounds = [
        LegalBasis::Public,
        LegalBasis::Court,
        LegalBasis::Research,
        LegalBasis::JointModelling(None),
    ];
    let kinds = [
        LegalBasisKind::Public,
        LegalBasisKind::Court,
        LegalBasisKind::Research,
        LegalBasisKind::JointModelling,
    ];
    for (ground, kind) in grounds.into_iter().zip(kinds) {
        let mut story = Story::on(ground);
        let report = checked(&proof_of(&story), &keys()).unwrap();
        assert_eq!(report.receipt.release.ground.kind(), kind);
        for (step, outcome) in report.steps {
            let needs = [Step::Registration, Step::State, Step::Scope].contains(&step);
            let expected = if needs { Outcome::NotApplicable } else { Outcome::Passed };
            assert_eq!(outcome, expected, "{kind:?} {step}");
        }
        // An authorisation that the receipt does not name is no part of its proof.
        story.shown = Story::verification().shown;
        assert_eq!(step(&story), Some(Step::Signatures));
    }
    let mut story = Story::verification();
    story.shown.clear();
    assert_eq!(step(&story), Some(Step::Signatures));
}

#[test]
fn every_flipped_byte_of_a_proof_is_refused_by_a_named_step() {
    let proof = proof_of(&Story::verification());
    let bytes = proof.to_json();
    let keys = keys();
    let mut failed = std::collections::BTreeSet::new();
    for place in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[place] ^= 1 << (place % 7);
        let failure = verify(&forged, &keys, Freshness::default()).unwrap_err();
        failed.insert(failure.step);
    }
    // What anybody has signed fails before the steps that read it.
    let steps = [Step::Form, Step::Signatures, Step::Answer, Step::Audit, Step::Question];
    assert_eq!(failed, steps.into());
}

#[test]
fn the_same_proof_in_another_spelling_is_refused() {
    let bytes = proof_of(&Story::verification()).to_json();
    let spaced = [bytes.as_slice(), b"\n"].concat();
    let other = String::from_utf8(bytes).unwrap().replacen("tacit/", "tacit\\u002f", 1);
    for bytes in [spaced, other.into_bytes()] {
        assert_eq!(Proof::from_json(&bytes), Err(Error::Proof("has another spelling")));
        let failure = verify(&bytes, &keys(), Freshness::default()).unwrap_err();
        assert_eq!(failure.step, Step::Form);
    }
}

#[test]
fn a_signature_missing_strange_or_in_anothers_role_is_named() {
    let proof = proof_of(&Story::verification());
    let fails = |proof: &Proof, keys: &Keys| {
        assert_eq!(checked(proof, keys).unwrap_err().step, Step::Signatures);
    };
    // Who signs with a key that is not its own.
    for (holder, platform) in [(seed::PLATFORM, seed::PLATFORM), (seed::TAX, seed::TAX)] {
        let story = Story { holder, platform, ..Story::verification() };
        assert_eq!(step(&story), Some(Step::Signatures));
    }
    // Only one has signed; a third has signed too.
    let payload = proof.receipt.unverified(Receipt::TYPE).unwrap().to_vec();
    let alone = Envelope::sign(Receipt::TYPE, payload, &key(seed::TAX));
    fails(&Proof { receipt: alone, ..proof.clone() }, &keys());
    let third = proof.receipt.clone().also_signed_by(&key(99));
    fails(&Proof { receipt: third, ..proof.clone() }, &keys());
    let mut more = proof.clone();
    more.authorisations[0].record = more.authorisations[0].record.clone().also_signed_by(&key(99));
    fails(&more, &keys());
    let mut more = proof.clone();
    let twice = more.authorisations[0].statement.clone().also_signed_by(&key(99));
    more.authorisations[0].statement = twice;
    fails(&more, &keys());
    // The reader does not trust somebody, or knows a key in another role.
    for forget in [
        (|keys| keys.issuers.clear()) as fn(&mut Keys),
        |keys| keys.registries.clear(),
        |keys| keys.holders.clear(),
        |keys| keys.platforms.clear(),
        |keys| keys.witnesses.clear(),
        |keys| std::mem::swap(&mut keys.issuers, &mut keys.registries),
        |keys| std::mem::swap(&mut keys.holders, &mut keys.platforms),
        |keys| keys.holders.values_mut().for_each(|keys| keys.notes.clone_from(&keys.signing)),
    ] {
        let mut few = keys();
        forget(&mut few);
        fails(&proof, &few);
    }
}

#[test]
fn a_party_may_change_its_keys_and_old_proofs_hold() {
    let proof = proof_of(&Story::verification());
    let mut keys = keys();
    let parties = keys.holders.values_mut().chain(keys.platforms.values_mut());
    for keys in parties.chain(keys.lenders.values_mut()) {
        keys.signing.insert(0, key(90).public());
        keys.notes.insert(0, key(91).public());
    }
    for keys in keys.registries.values_mut().chain(keys.issuers.values_mut()) {
        keys.insert(0, key(92).public());
    }
    assert!(checked(&proof, &keys).is_ok());
}

/// A story whose statement was altered before the registry signed it.
fn with_statement(edit: impl FnOnce(&mut consent::Statement)) -> Story {
    let record = signed(&draft("AU-2026-000123", &firm()), seed::FIRM);
    let statement = stated(&record, edit);
    Story::shown(vec![Shown { record, statement }])
}

#[test]
fn an_authorisation_that_is_not_in_the_registrys_log_is_named() {
    for edit in [
        (|s| s.log.index = 4) as fn(&mut consent::Statement),
        |s| s.log.size = 6,
        |s| s.log.root = digest(1),
        |s| s.log.proof[0] = digest(1),
        |s| s.log.proof.truncate(1),
        |s| s.log.proof.push(digest(1)),
        |s| s.log.proof.swap(0, 1),
        |s| s.since += Duration::SECOND,
        |s| s.record_hash = digest(1),
        |s| s.version = 2,
        |s| s.authorisation = "AU-2".parse().unwrap(),
    ] {
        assert_eq!(step(&with_statement(edit)), Some(Step::Registration));
    }
    // Another registry's word, even a trusted one's.
    let mut trusting = keys();
    trusting.registries.insert(party("node-zj"), vec![key(seed::NODE).public()]);
    let foreign = with_statement(|statement| statement.registry = party("node-zj"));
    let failure = checked(&proof_of(&foreign), &trusting).unwrap_err();
    assert_eq!(failure.step, Step::Registration);
}

#[test]
fn a_receipt_that_names_another_authorisation_is_named() {
    let honest = Story::verification();
    let named = named(&honest.shown[0]);
    for edit in [
        (|n| n.id = "AU-2".parse().unwrap()) as fn(&mut audit::Named),
        |n| n.version = 2,
        |n| n.record = digest(1),
        |n| n.statement = digest(1),
    ] {
        let mut other = named.clone();
        edit(&mut other);
        let by = audit::Authorised { subject: other, persons: Vec::new() };
        let story =
            Story { shown: honest.shown.clone(), ..Story::on(LegalBasis::Verification(by)) };
        assert_eq!(step(&story), Some(Step::Registration));
    }
}

#[test]
fn an_authorisation_that_was_not_in_force_or_not_known_to_be_is_named() {
    for state in State::ALL.into_iter().filter(|state| *state != State::Active) {
        // Even where the registry's log has that state.
        let record = signed(&draft("AU-2026-000123", &firm()), seed::FIRM);
        let statement = stated(&record, |statement| {
            statement.state = state;
            let leaf = audit::RegistryLeaf::from(&*statement).to_bytes();
            let log = crate::support::Log::of([leaf]);
            statement.log.root = log.head().root;
            (statement.log.index, statement.log.size) = (0, 1);
            statement.log.proof.clear();
        });
        let story = Story::shown(vec![Shown { record, statement }]);
        assert_eq!(step(&story), Some(Step::State), "{state}");
    }
    let at = |age: Duration| step(&with_statement(|s| s.issued_at = NOW - age));
    assert_eq!(at(Duration::seconds(60)), None);
    assert_eq!(at(Duration::seconds(61)), Some(Step::State));
    assert_eq!(at(Duration::seconds(-5)), None);
    assert_eq!(at(Duration::seconds(-6)), Some(Step::State));
    let patient = Freshness { max_age: Duration::days(1), ..Freshness::default() };
    let old = proof_of(&with_statement(|s| s.issued_at = NOW - Duration::hours(23)));
    assert!(verify(&old.to_json(), &keys(), patient).is_ok());
}

#[test]
fn a_release_outside_the_authorisations_scope_is_named() {
    for edit in [
        (|r| r.asked.receiver = party("bank-b")) as fn(&mut audit::Release),
        |r| r.asked.fields = fields(&["3.capital"]),
        |r| r.asked.fields = fields(&["1.vat_paid_12m_cny", "2.other"]),
        |r| r.asked.fields = fields(&[]),
        |r| r.asked.output = Output::Monitor,
        |r| r.asked.purpose = Purpose::PostLoan,
        |r| {
            let id = "basic@2".parse().unwrap();
            r.asked.question = audit::Question::Model { id, hash: digest(1) };
        },
    ] {
        let mut story = Story::verification();
        edit(&mut story.release);
        assert_eq!(step(&story), Some(Step::Scope));
    }
    // Another platform, whose key the reader knows too.
    let mut story = Story::verification();
    story.release.asked.platform = party("platform-zj");
    let mut trusting = keys();
    let same = trusting.platforms[&party("platform-js")].clone();
    trusting.platforms.insert(party("platform-zj"), same);
    let failure = checked(&proof_of(&story), &trusting).unwrap_err();
    assert_eq!(failure.step, Step::Scope);
    // Nobody between: an answer to a claim may come straight from the holder, a model's may not.
    let mut story = Story::verification();
    let receiver = story.release.asked.receiver.clone();
    trusting.platforms.insert(receiver.clone(), trusting.platforms[&party("platform-js")].clone());
    story.release.asked.platform = receiver;
    story.question = None;
    assert!(checked(&proof_of(&story), &trusting).is_ok());
    let id = "basic@1".parse().unwrap();
    story.release.asked.question = audit::Question::Model { id, hash: digest(1) };
    assert_eq!(checked(&proof_of(&story), &trusting).unwrap_err().step, Step::Scope);
    // The day after the term, under a fresh statement.
    let late = datetime!(2026-04-01 00:00 +8);
    let story = Story { time: late, ..with_statement(|s| s.issued_at = late) };
    assert_eq!(step(&story), Some(Step::Scope));
    // A model within the scope passes.
    let mut story = Story::verification();
    let id = "basic@1".parse().unwrap();
    story.release.asked.question = audit::Question::Model { id, hash: digest(1) };
    assert_eq!(step(&story), None);
}

#[test]
fn a_natural_persons_own_authorisation_is_checked_like_the_subjects() {
    let leaning = |own: &str| {
        let mut firms = draft("AU-2026-000123", &firm());
        let classes = [8.try_into().unwrap()].into();
        firms.separate_consents.push(SeparateConsent::new(own.parse().unwrap(), classes).unwrap());
        let (firms, persons) =
            (signed(&firms, seed::FIRM), signed(&draft("AU-P-1", &person()), seed::PERSON));
        let shown = [firms, persons].map(|record| {
            let statement = stated(&record, |_| {});
            Shown { record, statement }
        });
        let mut story = Story::shown(shown.into());
        story.release.asked.fields = fields(&["1.vat_paid_12m_cny", "8.months_paid"]);
        story
    };
    let story = leaning("AU-P-1");
    assert_eq!(step(&story), None);
    // The firm's record leans on somebody else's.
    assert_eq!(step(&leaning("AU-P-2")), Some(Step::Scope));
    // Not shown, or shown for a release that reads nothing about a person.
    let mut hidden = leaning("AU-P-1");
    hidden.shown.pop();
    assert_eq!(step(&hidden), Some(Step::Signatures));
    let mut idle = leaning("AU-P-1");
    idle.release.asked.fields = fields(&["1.vat_paid_12m_cny"]);
    assert_eq!(step(&idle), Some(Step::Scope));
    // Withdrawn by the person.
    let mut withdrawn = leaning("AU-P-1");
    let record = withdrawn.shown[1].record.clone();
    let statement = stated(&record, |s| s.issued_at -= Duration::HOUR);
    withdrawn = Story::shown(vec![withdrawn.shown[0].clone(), Shown { record, statement }]);
    withdrawn.release.asked.fields = story.release.asked.fields;
    assert_eq!(step(&withdrawn), Some(Step::State));
}

#[test]
fn an_audit_record_that_is_not_this_releases_or_not_in_the_log_is_named() {
    let story = Story::verification();
    let mut ledger = Ledger::of("tax");
    let honest = story.proof(&mut ledger);
    let fails = |proof: &Proof| {
        assert_eq!(checked(proof, &keys()).unwrap_err().step, Step::Audit);
    };
    // Another record of the same log, with its own proof.
    for index in [0, 1, 2, 4_u64] {
        let place = usize::try_from(index).unwrap();
        let record = String::from_utf8(ledger.records[place].bytes().to_vec()).unwrap();
        let inclusion = ledger.tree.inclusion(index, 5);
        fails(&Proof { record, inclusion, ..honest.clone() });
    }
    // The same release told otherwise.
    for edit in [
        (|r| r.receipt = digest(1)) as fn(&mut audit::Released),
        |r| r.begun = digest(1),
        |r| r.commitment = digest(1),
        |r| r.used.release.batch = digest(1),
        |r| r.counts.bytes += 1,
    ] {
        let mut record = ledger.records[3].record().clone();
        let Event::Released(released) = &mut record.event else { unreachable!() };
        edit(released);
        fails(&Proof { record: String::from_utf8(record.to_json()).unwrap(), ..honest.clone() });
    }
    for inclusion in [Vec::new(), [&honest.inclusion[..], &[digest(1)]].concat()] {
        fails(&Proof { inclusion, ..honest.clone() });
    }
    // Another holder's log that has the record too.
    let mut other = Ledger::of("social");
    let proof = story.proof(&mut other);
    fails(&proof);
}

#[test]
fn a_receipt_proves_that_its_receiver_asked_for_just_that() {
    let edits: [fn(&mut Question); 9] = [
        |q| q.lender = party("bank-b"),
        |q| q.platform = party("platform-zj"),
        |q| q.holders = vec![party("social")],
        |q| q.run = RunId::from_bytes([2; 16]),
        |q| q.purpose = Purpose::PostLoan,
        |q| q.asks = Asks::Verify { formula: digest(1) },
        |q| q.asks = Asks::List { model: "basic@1".parse().unwrap(), publication: digest(0x11) },
        |q| q.asks = Asks::Score { model: "basic@1".parse().unwrap(), publication: digest(0x11) },
        |q| q.subject = SubjectSalt::from_bytes([0x61; 32]).commit(&person()),
    ];
    for edit in edits {
        let story = Story { question: Some(edit), ..Story::verification() };
        assert_eq!(step(&story), Some(Step::Question));
    }
    let proof = proof_of(&Story::verification());
    let fails = |proof: &Proof, keys: &Keys| {
        assert_eq!(checked(proof, keys).unwrap_err().step, Step::Question);
    };
    let with = |edit: fn(&mut audit::ShownQuestion)| {
        let mut proof = proof.clone();
        edit(proof.question.as_mut().unwrap());
        proof
    };
    // Taken out, without what opens it, with what does not, signed by somebody too, by nobody known.
    fails(&Proof { question: None, ..proof.clone() }, &keys());
    fails(&with(|question| question.salt = None), &keys());
    fails(&with(|question| question.salt = Some(SubjectSalt::from_bytes([1; 32]))), &keys());
    fails(
        &with(|question| question.signed = question.signed.clone().also_signed_by(&key(5))),
        &keys(),
    );
    let mut strangers = keys();
    strangers.lenders.clear();
    fails(&proof, &strangers);
    // Another question of the same bank: the receipt names its own.
    let mut other = proof_of(&Story { time: NOW + Duration::SECOND, ..Story::verification() });
    other.question = proof.question.clone();
    fails(&other, &keys());
    // The proof of what needed no authorisation does not open the subject either.
    let mut open = proof_of(&Story::on(LegalBasis::Public));
    open.question.as_mut().unwrap().salt = Some(SubjectSalt::from_bytes([0x61; 32]));
    fails(&open, &keys());
}

#[test]
fn a_receipt_from_before_there_were_questions_holds_and_does_not_prove_that_anybody_asked() {
    let old = Story { question: None, version: 1, ..Story::verification() };
    let proof = proof_of(&old);
    assert!(!String::from_utf8(proof.to_json()).unwrap().contains("question\":{"));
    let report = checked(&proof, &keys()).unwrap();
    for (step, outcome) in report.steps {
        let is_question = step == Step::Question;
        let expected = if is_question { Outcome::NotApplicable } else { Outcome::Passed };
        assert_eq!(outcome, expected, "{step}");
    }
    // One that is not so old must show its question.
    assert_eq!(step(&Story { version: 2, ..old }), Some(Step::Question));
    // Where nobody stood between, the receiver has signed the receipt itself.
    let mut direct = Story { question: None, version: 1, ..Story::verification() };
    direct.release.asked.platform = party("bank-a");
    let mut trusting = keys();
    trusting.platforms.insert(party("bank-a"), trusting.platforms[&party("platform-js")].clone());
    let report = checked(&proof_of(&direct), &trusting).unwrap();
    assert!(report.steps.contains(&(Step::Question, Outcome::Passed)));
    direct.question = Some(|question| question.platform = party("platform-js"));
    assert_eq!(checked(&proof_of(&direct), &trusting).unwrap_err().step, Step::Question);
}

#[test]
fn what_is_too_long_or_of_another_format_is_not_read() {
    let long = vec![b' '; MAX_PROOF + 1];
    assert!(matches!(Proof::from_json(&long), Err(Error::Oversized { .. })));
    let mut proof = proof_of(&Story::verification());
    let text = String::from_utf8(proof.to_json()).unwrap().replace("proof/v1", "proof/v2");
    assert_eq!(Proof::from_json(text.as_bytes()), Err(Error::Proof("is of another format")));
    proof.inclusion = vec![digest(1); 65];
    assert!(matches!(Proof::from_json(&proof.to_json()), Err(Error::Proof(_))));
    proof.inclusion.clear();
    let long = vec![0; audit::MAX_ANSWER + 1];
    proof.answer = Answer::Bytes(long.clone());
    assert!(matches!(Proof::from_json(&proof.to_json()), Err(Error::Oversized { .. })));
    proof.answer = Answer::of(long.clone());
    assert!(matches!(proof.answer, Answer::Hash(hash) if hash == Answer::Bytes(long).hash()));
    assert!(Proof::from_json(&proof.to_json()).is_ok());
}

#[test]
fn nothing_secret_or_about_a_subject_is_printed() {
    let proof = proof_of(&Story::verification());
    let shown = format!("{proof:?} {:?} {:?} {:?}", proof.authorisations, proof.salt, proof.answer);
    assert_eq!(shown, "Proof(…) [Shown(…)] Salt(redacted) Answer(redacted)");
}

proptest! {
    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300), json in "[\\[\\]{}\":,a-z0-9]{0,80}") {
        for bytes in [noise.as_slice(), json.as_bytes()] {
            let failure = verify(bytes, &keys(), Freshness::default()).unwrap_err();
            prop_assert_eq!(failure.step, Step::Form);
            let sealed = Envelope::sign(Receipt::TYPE, bytes.to_vec(), &key(1));
            prop_assert!(Receipt::unverified(&sealed).is_err());
        }
    }
}
