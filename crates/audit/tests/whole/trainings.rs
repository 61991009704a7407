//! Proofs of joint trainings: under which job each party took part, and what every alteration comes to.

use std::collections::BTreeSet;

use audit::{
    Checkpoint, Counts, Error, Event, KeyName, Keys, MAX_TRAINING_RECORDS, Outcome, PartyKeys,
    ProofError, ShownRecord, TrainingChange, TrainingProof, TrainingReport, TrainingStep,
    verify_training,
};
use consent::{Computing, Contribution, Job, Label, Missing, Outputs, Rows, Training, Weights};
use domain::{Purpose, RunId, SubjectKind};
use envelope::Envelope;
use time::macros::date;
use time::{Duration, OffsetDateTime};

use crate::story::{Ledger, NOW, digest, key, keys, party, seed};

use TrainingChange::{Begun, NotCompleted, Trained, Uploaded};
use TrainingStep as Step;

const POWER: u8 = 40;

/// The cast with one more holder.
fn cast() -> Keys {
    let mut keys = keys();
    let public = key(POWER).public();
    let power = PartyKeys { signing: vec![public], notes: vec![public] };
    keys.holders.insert(party("power"), power);
    keys
}

fn job() -> Job {
    let of = |name: &str| Contribution {
        party: party(name),
        register: "columns".into(),
        columns: vec!["x0".into(), "x1".into()],
        missing: Missing::Refuse,
        absence: false,
    };
    Job {
        id: "small-firms@1".parse().unwrap(),
        proposer: party("bank-a"),
        computing: Computing {
            department: party("tax"),
            platform: party("platform-js"),
            lender: party("bank-a"),
        },
        purpose: Purpose::ProductDevelopment,
        rows: Rows { kind: SubjectKind::Opaque, count: 1_200, list: digest(7), cover: None },
        label: Label {
            register: "loans".into(),
            column: "bad".into(),
            weight: None,
            meaning: "not repaid".into(),
        },
        contributions: vec![of("tax"), of("power")],
        training: Training { ridge_millionths: 1_000, newton_steps: 3, held_out_percent: 0 },
        scorecard: None,
        outputs: Outputs { weights: Weights::Lender, standard_errors: true, evaluation: true },
        valid_until: date!(2026 - 03 - 10),
    }
}

/// A party's part in a training that is yet to be proved; each test alters one thing.
#[derive(Clone)]
struct Part {
    name: &'static str,
    job: Job,
    /// Who signs the job, in this order.
    signers: Vec<u8>,
    /// Who signs the checkpoint.
    notes: u8,
    changes: Vec<TrainingChange>,
    time: OffsetDateTime,
    /// What the records say in place of what the job says.
    edit: fn(&mut Event),
}

impl Part {
    fn of(name: &'static str) -> Self {
        let (own, notes, changes) = match name {
            "tax" => (Some(seed::TAX), seed::TAX_NOTES, vec![Uploaded, Begun, Trained]),
            "power" => (Some(POWER), POWER, vec![Uploaded]),
            "platform-js" => (Some(seed::PLATFORM), seed::PLATFORM, vec![Begun, Trained]),
            _ => (None, seed::BANK, vec![Uploaded, Begun, Trained]),
        };
        let signers = std::iter::once(seed::BANK).chain(own).collect();
        Self { name, job: job(), signers, notes, changes, time: NOW, edit: |_| {} }
    }

    fn signed(&self) -> Envelope {
        let (first, others) = self.signers.split_first().unwrap();
        let signed = self.job.sign(&key(*first)).unwrap();
        others.iter().fold(signed, |signed, other| signed.also_signed_by(&key(*other)))
    }

    fn event(&self, change: TrainingChange) -> Event {
        let rows_in = if matches!(change, Uploaded | Trained) { 1_200 } else { 0 };
        let mut event = Event::Training {
            run: RunId::from_bytes([3; 16]),
            job: self.job.digest().unwrap(),
            receiver: self.job.computing.lender.clone(),
            purpose: self.job.purpose,
            change,
            counts: Counts { rows_in, ..Counts::default() },
        };
        (self.edit)(&mut event);
        event
    }

    fn proof(&self) -> TrainingProof {
        let mut ledger = Ledger::of(self.name);
        let other = Event::Configuration { catalogue: digest(0x21), profile: digest(0x22) };
        ledger.write(self.time, other.clone());
        let written: Vec<_> = self
            .changes
            .iter()
            .map(|change| {
                let written = ledger.write(self.time, self.event(*change));
                ledger.write(self.time, other.clone());
                written
            })
            .collect();
        let head = ledger.tree.head();
        let shown = |logged: &audit::Logged| ShownRecord {
            record: String::from_utf8(logged.bytes().to_vec()).unwrap(),
            inclusion: ledger.tree.inclusion(logged.record().sequence, head.size),
        };
        TrainingProof {
            job: self.signed(),
            records: written.iter().map(shown).collect(),
            checkpoint: Checkpoint { origin: party(self.name), head }.sign(&key(self.notes)),
        }
    }

    fn fails(&self) -> Step {
        checked(&self.proof()).unwrap_err().step
    }
}

fn checked(proof: &TrainingProof) -> Result<TrainingReport, ProofError<Step>> {
    verify_training(&proof.to_json(), &cast())
}

#[test]
fn what_each_party_of_a_training_gives_is_verified_offline_step_by_step() {
    for name in ["tax", "power", "platform-js", "bank-a"] {
        let part = Part::of(name);
        let proof = part.proof();
        assert_eq!(TrainingProof::from_json(&proof.to_json()).unwrap(), proof);
        assert!(TrainingProof::is_claimed(&proof.to_json()));
        let report = checked(&proof).unwrap();
        assert_eq!((&report.party, &report.job), (&party(name), &part.job));
        assert_eq!(report.run, RunId::from_bytes([3; 16]));
        assert_eq!(report.digest, part.job.digest().unwrap());
        let changes: Vec<_> = report.changes.iter().map(|(change, _)| *change).collect();
        assert_eq!(changes, part.changes);
        let size = 1 + 2 * part.changes.len() as u64;
        assert_eq!(report.log.size, size);
        // The lender has nobody's word to countersign.
        let expected = Step::ALL.map(|step| {
            let spared = name == "bank-a" && step == Step::Countersignature;
            (step, if spared { Outcome::NotApplicable } else { Outcome::Passed })
        });
        assert_eq!(report.steps, expected);
    }
}

#[test]
fn every_flipped_byte_of_a_training_proof_is_refused_by_a_named_step() {
    let bytes = Part::of("tax").proof().to_json();
    let keys = cast();
    let mut failed = BTreeSet::new();
    for place in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[place] ^= 1 << (place % 7);
        failed.insert(verify_training(&forged, &keys).unwrap_err().step);
    }
    // What the job gives the party fails before it is read: no flipped byte gives a signed job.
    let steps = [
        Step::Form,
        Step::Job,
        Step::Countersignature,
        Step::Records,
        Step::Checkpoint,
        Step::Inclusion,
    ];
    assert!(steps.iter().all(|step| failed.contains(step)), "{failed:?}");
}

#[test]
fn a_job_that_its_lender_has_not_signed_is_named() {
    let with = |signers: &[u8]| Part { signers: signers.to_vec(), ..Part::of("tax") };
    // By the party alone, by a stranger, in the other order.
    for signers in [&[seed::TAX][..], &[77, seed::TAX], &[seed::TAX, seed::BANK]] {
        assert_eq!(with(signers).fails(), Step::Job, "{signers:?}");
    }
    // By a lender, of whom the job is not.
    let mut keys = cast();
    let bank = keys.lenders.remove(&party("bank-a")).unwrap();
    keys.lenders.insert(party("bank-b"), bank);
    let failure = verify_training(&Part::of("tax").proof().to_json(), &keys).unwrap_err();
    assert_eq!(failure.step, Step::Job);
    assert!(failure.to_string().contains("another lender"), "{failure}");
}

#[test]
fn a_job_that_the_party_has_not_countersigned_itself_is_named() {
    for (name, signers) in [
        ("tax", &[seed::BANK][..]),
        // Another party's word is not its own, and has no place beside it either.
        ("tax", &[seed::BANK, POWER]),
        ("tax", &[seed::BANK, seed::TAX, POWER]),
        ("tax", &[seed::BANK, seed::TAX, seed::TAX]),
        ("power", &[seed::BANK, seed::TAX]),
        // As a platform it would have to have a platform's key.
        ("platform-js", &[seed::BANK, seed::TAX]),
        ("bank-a", &[seed::BANK, seed::TAX]),
        ("bank-a", &[seed::BANK, seed::BANK]),
    ] {
        let part = Part { signers: signers.to_vec(), ..Part::of(name) };
        assert_eq!(part.fails(), Step::Countersignature, "{name} {signers:?}");
    }
}

#[test]
fn a_party_may_change_its_keys_and_what_it_has_countersigned_holds() {
    let mut keys = cast();
    let lenders_and_platforms = keys.lenders.values_mut().chain(keys.platforms.values_mut());
    for keys in lenders_and_platforms.chain(keys.holders.values_mut()) {
        keys.signing.insert(0, key(90).public());
        keys.notes.insert(0, key(91).public());
    }
    // Accepted anew under the new key, beside the old one.
    let part = Part { signers: vec![seed::BANK, seed::TAX, 90], ..Part::of("tax") };
    for part in [part, Part::of("power"), Part::of("bank-a")] {
        assert!(verify_training(&part.proof().to_json(), &keys).is_ok(), "{}", part.name);
    }
}

#[test]
fn a_party_that_tells_of_a_part_which_the_job_does_not_give_it_is_named() {
    for (name, changes) in [
        ("power", &[Uploaded, Begun][..]),
        ("power", &[Uploaded, Trained]),
        ("power", &[Uploaded, NotCompleted]),
        ("platform-js", &[Uploaded, Begun]),
    ] {
        let part = Part { changes: changes.to_vec(), ..Part::of(name) };
        assert_eq!(part.fails(), Step::Part, "{name} {changes:?}");
    }
    // Nor has a party that is in no part of it.
    let mut part = Part::of("power");
    part.job.contributions.pop();
    assert_eq!(part.fails(), Step::Part);
}

#[test]
fn records_of_another_job_training_lender_purpose_or_size_are_named() {
    let edits: [fn(&mut Event); 6] = [
        |event| set(event, |job, _, _, _, _| *job = digest(9)),
        |event| set(event, |_, receiver, _, _, _| *receiver = party("bank-b")),
        |event| set(event, |_, _, purpose, _, _| *purpose = Purpose::PreLoan),
        |event| set(event, |_, _, _, counts, _| counts.rows_in -= counts.rows_in.min(1)),
        // One of the three is of another training.
        |event| {
            set(event, |_, _, _, counts, run| {
                if counts.rows_in == 0 {
                    *run = RunId::from_bytes([4; 16]);
                }
            });
        },
        |event| *event = Event::Configuration { catalogue: digest(1), profile: digest(2) },
    ];
    for (at, edit) in edits.into_iter().enumerate() {
        assert_eq!(Part { edit, ..Part::of("tax") }.fails(), Step::Records, "edit {at}");
    }
}

fn set(
    event: &mut Event,
    edit: impl FnOnce(&mut domain::Digest, &mut domain::PartyId, &mut Purpose, &mut Counts, &mut RunId),
) {
    let Event::Training { run, job, receiver, purpose, counts, .. } = event else { return };
    edit(job, receiver, purpose, counts, run);
}

#[test]
fn records_out_of_order_twice_or_of_another_log_are_named() {
    let proof = Part::of("tax").proof();
    let with = |edit: fn(&mut Vec<ShownRecord>)| {
        let mut proof = proof.clone();
        edit(&mut proof.records);
        checked(&proof)
    };
    let step = |edit| with(edit).unwrap_err().step;
    assert_eq!(step(|records| records.swap(0, 1)), Step::Records);
    assert_eq!(step(|records| records[1] = records[0].clone()), Step::Records);
    assert_eq!(
        step(|records| records[1] = Part::of("bank-a").proof().records.remove(1)),
        Step::Records
    );
    assert_eq!(step(Vec::clear), Step::Form);
    // One of its own less is no lie: that there is no other record is not proved.
    assert_eq!(with(|records| drop(records.pop())).unwrap().changes.len(), 2);
    let many = |records: &mut Vec<ShownRecord>| records.resize(65, records[0].clone());
    assert_eq!((step(many), MAX_TRAINING_RECORDS), (Step::Form, 64));
}

#[test]
fn a_training_after_the_jobs_last_day_is_named_and_its_end_in_that_night_is_not() {
    let after = |time, changes: &[TrainingChange]| {
        let part = Part { time, changes: changes.to_vec(), ..Part::of("tax") };
        checked(&part.proof()).err().map(|failure| failure.step)
    };
    let night = NOW + Duration::DAY;
    assert_eq!(after(night, &[Uploaded, Begun, Trained]), None);
    for change in [Uploaded, Begun, Trained] {
        assert_eq!(after(night + Duration::DAY, &[change]), Some(Step::Records), "{change:?}");
    }
    // What was broken off may be found so much later.
    assert_eq!(after(night + Duration::DAY, &[NotCompleted]), None);
}

#[test]
fn a_checkpoint_that_is_not_the_partys_or_does_not_cover_its_records_is_named() {
    // A key for envelopes is none for notes; a platform's is no department's.
    for notes in [seed::TAX, seed::PLATFORM, 77] {
        assert_eq!(Part { notes, ..Part::of("tax") }.fails(), Step::Checkpoint);
    }
    let proof = Part::of("tax").proof();
    let with = |checkpoint| checked(&TrainingProof { checkpoint, ..proof.clone() });
    // Cosigned by the supervisor whom the reader knows, and by a stranger.
    let node = KeyName::of(&party("node-js"));
    let cosigned = |by| proof.checkpoint.clone().cosign(node.clone(), &key(by)).unwrap();
    assert!(with(cosigned(seed::WITNESS)).is_ok());
    assert_eq!(with(cosigned(77)).unwrap_err().step, Step::Checkpoint);
    // Of a log that is too short, or another one.
    let short = Part { changes: vec![Uploaded], ..Part::of("tax") }.proof().checkpoint;
    assert_eq!(with(short).unwrap_err().step, Step::Inclusion);
    let other = Part { time: NOW + Duration::HOUR, ..Part::of("tax") }.proof().checkpoint;
    assert_eq!(with(other).unwrap_err().step, Step::Inclusion);
    let theirs = Part::of("bank-a").proof().checkpoint;
    assert_eq!(with(theirs).unwrap_err().step, Step::Checkpoint);
}

#[test]
fn the_same_training_proof_in_another_spelling_or_format_is_refused() {
    let bytes = Part::of("power").proof().to_json();
    let spaced = [bytes.as_slice(), b"\n"].concat();
    assert_eq!(TrainingProof::from_json(&spaced), Err(Error::Proof("has another spelling")));
    let text = String::from_utf8(bytes).unwrap();
    let more = text.replacen('{', r#"{"score":"612","#, 1);
    assert!(matches!(TrainingProof::from_json(more.as_bytes()), Err(Error::Malformed { .. })));
    let other = text.replacen("training-proof/v1", "training-proof/v2", 1);
    assert!(!TrainingProof::is_claimed(other.as_bytes()));
    assert_eq!(
        TrainingProof::from_json(other.as_bytes()),
        Err(Error::Proof("is of another format"))
    );
    for bytes in [&b"{}"[..], b"", b"\xff"] {
        assert!(!TrainingProof::is_claimed(bytes) && TrainingProof::from_json(bytes).is_err());
    }
}
