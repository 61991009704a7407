//! Peers that break the order, the roles or the bytes of a training: what is noticed, and by which code;
//! and what is not, for the protocol is semi-honest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use domain::{Digest, Purpose, RunId};
use lab::relay::{Fate, Passing, Relay, Side, round_of};
use lab::stand_in::{Sockets, call};
use lab::{Party, until};
use tokio::runtime::Runtime;
use tonic::Request;
use wire::peer::frame::Kind;
use wire::peer::{self, job_reply, proposal, reply};
use wire::{JobMessage, TrainStep, TrainTerms};

use super::killed::{ROWS, computed_by, folders, kept};
use super::{farthest, made_up, refused};
use crate::support::circle::{Circle, Job, Trained};
use crate::support::{make, rules, runtime, spawn};

const NOT_IN_FORCE: &str = "JOB_NOT_IN_FORCE";
const UNKNOWN: &str = "NO_SUCH_TRAINING";

/// Whoever proposes steps of a training as it likes, with real certificates.
struct Steps {
    runtime: Runtime,
    job: Digest,
    next: AtomicU32,
}

impl Steps {
    fn of(circle: &Circle) -> Self {
        let shown = circle.tax.tacit(&["train", "show", "--json"]).done().json();
        let digest = shown["digest"].as_str().expect("a digest").to_owned();
        let byte = |at: usize| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("digits");
        let job = Digest::from_bytes(std::array::from_fn(byte));
        Self { runtime: runtime(), job, next: AtomicU32::new(1) }
    }

    /// What is answered: a code, or "agreed".
    fn answer(&self, from: &Party, to: &Party, training: u8, step: TrainStep) -> String {
        self.answer_to(from, to, (self.job, Purpose::ProductDevelopment), training, step)
    }

    fn answer_to(
        &self,
        from: &Party,
        to: &Party,
        (job, purpose): (Digest, Purpose),
        training: u8,
        step: TrainStep,
    ) -> String {
        let mut run = [0xA5; 16];
        run[..4].copy_from_slice(&self.next.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        let terms = TrainTerms { job, training: RunId::from_bytes([training; 16]), step };
        let proposal = peer::Proposal {
            version: wire::VERSION,
            from: from.name.clone(),
            to: to.name.clone(),
            run: run.to_vec().into(),
            rules: Some(wire::Rules { purpose, ..rules() }.into()),
            terms: Some(proposal::Terms::Train(terms.into())),
        };
        let mut client = call(&self.runtime, from, to, &Sockets::default());
        let reply = self.runtime.block_on(client.propose(Request::new(proposal)));
        match reply.expect("it answers").into_inner().outcome {
            Some(reply::Outcome::Refusal(refusal)) => refusal.code,
            Some(reply::Outcome::Agreement(_)) => "agreed".into(),
            None => "nothing".into(),
        }
    }

    /// What is answered to a word about a job.
    fn says(&self, from: &Party, to: &Party, message: JobMessage) -> String {
        let mut client = call(&self.runtime, from, to, &Sockets::default());
        let reply = self.runtime.block_on(client.job(Request::new(message.into())));
        match reply.expect("it answers").into_inner().outcome {
            Some(job_reply::Outcome::Refusal(refusal)) => refusal.code,
            Some(job_reply::Outcome::Taken(_)) => "taken".into(),
            None => "nothing".into(),
        }
    }
}

#[test]
fn steps_out_of_order_of_strangers_in_places_not_their_own_or_twice_are_refused_and_leave_nothing()
{
    let mut circle = Circle::built(&made_up(1_200));
    // A lender that everybody knows and that has no part in the job.
    let mut rival = make(circle.root.path(), "rival", "lender");
    for party in [&circle.tax, &circle.platform, &circle.power, &circle.bank] {
        party.pin(&rival);
        rival.pin(party);
    }
    let Circle { bank, platform, tax, power, .. } = &mut circle;
    [platform, tax, power, bank, &mut rival].into_iter().for_each(Party::start);
    let job = Job::new("steps@1");
    circle.accepted(&job);
    let steps = Steps::of(&circle);
    let Circle { bank, platform, tax, power, .. } = &circle;
    let gather = || TrainStep::Gather { again: false };
    let again = || TrainStep::Gather { again: true };
    let upload = |place| TrainStep::Upload { place, bins: false };
    let join = |counting| TrainStep::Join { counting };
    let compute = |from| TrainStep::Compute { from };

    // Of a training that is not under way.
    for (from, to, step, code) in [
        (&rival, tax, gather(), NOT_IN_FORCE),
        (&rival, power, TrainStep::Contribute, NOT_IN_FORCE),
        (platform, tax, gather(), NOT_IN_FORCE),
        (power, tax, gather(), NOT_IN_FORCE),
        (bank, power, gather(), UNKNOWN),
        (platform, power, TrainStep::Contribute, NOT_IN_FORCE),
        (bank, platform, TrainStep::Contribute, UNKNOWN),
        (bank, tax, again(), UNKNOWN),
        (bank, tax, upload(None), UNKNOWN),
        (bank, tax, compute(None), UNKNOWN),
        (platform, tax, join(false), UNKNOWN),
        (platform, tax, join(true), UNKNOWN),
        (bank, tax, TrainStep::Count, UNKNOWN),
        (power, tax, TrainStep::Collect { place: 1 }, UNKNOWN),
        (bank, power, TrainStep::Weigh, UNKNOWN),
        (platform, power, TrainStep::Weigh, NOT_IN_FORCE),
        (bank, tax, TrainStep::End, "agreed"),
    ] {
        let said = steps.answer(from, to, 1, step.clone());
        assert_eq!(said, code, "{} to {}: {step:?}", from.name, to.name);
    }
    let purpose = Purpose::ProductDevelopment;
    for (job, purpose) in [(Digest::from_bytes([7; 32]), purpose), (steps.job, Purpose::PreLoan)] {
        let said = steps.answer_to(bank, tax, (job, purpose), 1, gather());
        assert_eq!(said, NOT_IN_FORCE, "another job, or another purpose");
    }
    circle.nothing_is_kept();

    // Of one that waits for uploads.
    for (from, step, code) in [
        (bank, gather(), "agreed"),
        (bank, gather(), "REPLAY"),
        (&rival, upload(Some(1)), NOT_IN_FORCE),
        (power, upload(Some(0)), NOT_IN_FORCE),
        (power, upload(None), NOT_IN_FORCE),
        (power, upload(Some(9)), UNKNOWN),
        (power, TrainStep::Upload { place: Some(1), bins: true }, UNKNOWN),
        (bank, TrainStep::Count, UNKNOWN),
        (platform, join(true), UNKNOWN),
        (power, TrainStep::Collect { place: 0 }, NOT_IN_FORCE),
        (power, TrainStep::Collect { place: 9 }, UNKNOWN),
        (power, upload(Some(1)), "agreed"),
        (power, upload(Some(1)), "UPLOADED"),
        (bank, upload(Some(1)), NOT_IN_FORCE),
        (bank, upload(None), "agreed"),
        (power, compute(None), NOT_IN_FORCE),
        (platform, compute(None), NOT_IN_FORCE),
        (bank, compute(Some(3)), UNKNOWN),
        (bank, join(false), NOT_IN_FORCE),
        (power, TrainStep::End, NOT_IN_FORCE),
        (&rival, again(), NOT_IN_FORCE),
        (bank, TrainStep::End, "agreed"),
        (bank, upload(Some(2)), UNKNOWN),
    ] {
        let said = steps.answer(from, tax, 2, step.clone());
        assert_eq!(said, code, "{}: {step:?}", from.name);
    }
    circle.nothing_is_kept();

    // One at a time under a job, for it opens one model.
    let answers = [3, 4].map(|training| steps.answer(bank, tax, training, gather()));
    assert_eq!(answers, ["agreed", "BUSY"]);
    assert_eq!(steps.answer(bank, tax, 3, TrainStep::End), "agreed");
    circle.nothing_is_kept();

    // Words about the job of those whose word it is not.
    let digest = *steps.job.as_bytes();
    let no = || JobMessage::Refused { job: digest, reason: "no".into() };
    assert_eq!(steps.says(power, tax, JobMessage::Withdrawn(digest)), "taken");
    assert_eq!(steps.says(&rival, tax, JobMessage::Withdrawn(digest)), "taken");
    assert_eq!(steps.says(&rival, bank, no()), "MEMBER_STATE");
    assert_eq!(steps.says(power, tax, no()), "MEMBER_STATE");
    assert_eq!(steps.says(bank, tax, JobMessage::Asked(b"{}".to_vec())), "JOB");
    circle.train(&job, &[]).done();
}

#[test]
fn an_altered_upload_is_refused_where_its_shape_is_wrong_and_makes_another_model_where_it_is_not() {
    let runtime = runtime();
    let mut circle = Circle::built(&made_up(1_200));
    let what = Arc::new(AtomicU32::new(0));
    // The company's columns on their way to the platform, which is sent whole ones.
    for to in [&circle.tax, &circle.platform, &circle.bank] {
        let which = Arc::clone(&what);
        Relay::between(&runtime, &circle.power, to, move |passing| {
            let Passing::Frame(Side::Asker, frame) = passing else { return Fate::Pass };
            if round_of(frame).is_none_or(|(round, _)| round < 2) {
                return Fate::Pass;
            }
            let Some(Kind::Chunk(chunk)) = &mut frame.kind else { return Fate::Pass };
            match which.load(Ordering::SeqCst) {
                1 => chunk.body = chunk.body.slice(8..),
                2 => chunk.round -= 1,
                3 => return Fate::Cut,
                4 => {
                    // Half of the rows, by as much as three deviations.
                    let mut body = chunk.body.to_vec();
                    for word in body.chunks_exact_mut(16) {
                        word[1] ^= 0x30;
                    }
                    chunk.body = body.into();
                }
                _ => {}
            }
            Fate::Pass
        });
    }
    let Circle { bank, platform, tax, power, .. } = &mut circle;
    for party in [platform, tax, power, bank] {
        party.configure("[limits]\nidle_s = 3\n");
        party.start();
    }
    let job = Job::new("uploads@1");
    let honest = circle.trained(&job).weights();
    for result in circle.bank.results() {
        std::fs::remove_file(circle.bank.dir.join("results").join(result)).expect("it is there");
    }
    let job = Job::new("uploads@2");
    circle.accepted(&job);
    for (case, code) in [(1, "PEER_GAVE_UP"), (2, "PEER_GAVE_UP"), (3, "LOST")] {
        what.store(case, Ordering::SeqCst);
        // The lender hears that the upload of the company has not come.
        refused(&format!("case {case}"), &circle.train(&job, &[]), &["power"]);
        let run = circle.power.ended_run();
        assert_eq!(run["trouble"]["code"], code, "case {case}: {run}");
        // Whoever had every upload was ready to go on; nobody else is.
        let run = circle.bank.ended_run();
        let run = run["id"].as_str().expect("a number");
        refused(
            &format!("case {case}"),
            &circle.bank.tacit(&["runs", "again", run]),
            &["NOT_AGAIN"],
        );
        circle.nothing_is_kept();
    }
    what.store(4, Ordering::SeqCst);
    let wrong = Trained(circle.train(&job, &[]).done().json()).weights();
    let off = farthest(&honest, &wrong);
    println!("unnoticed: weights are off by {off:.3}");
    // Two honest trainings of the same columns differ by a third of that (SPEC §6).
    assert!(off > 1e-3, "SPEC §6: the model is another, by {off}");
}

#[test]
fn a_peer_that_breaks_the_protocol_in_a_pass_is_blamed_and_that_training_is_never_resumed() {
    let runtime = runtime();
    let mut circle = Circle::built(&made_up(ROWS));
    let what = Arc::new(AtomicU32::new(0));
    let which = Arc::clone(&what);
    Relay::between(&runtime, &circle.bank, &circle.tax, move |passing| {
        let Passing::Frame(Side::Asker, frame) = passing else { return Fate::Pass };
        let Some(Kind::Chunk(chunk)) = &mut frame.kind else { return Fate::Pass };
        match which.load(Ordering::SeqCst) {
            1 if chunk.body.len() > 8 => chunk.body = chunk.body.slice(8..),
            2 => chunk.round += 1,
            3 => return Fate::Cut,
            4 => sleep(Duration::from_millis(2)),
            _ => return Fate::Pass,
        }
        if which.load(Ordering::SeqCst) != 4 {
            which.store(0, Ordering::SeqCst);
        }
        Fate::Pass
    });
    let Circle { bank, platform, tax, power, .. } = &mut circle;
    [platform, tax, power, bank].into_iter().for_each(Party::start);
    let begin = |job: &Job, case| {
        let file = circle.file(job);
        let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
        until("the bank keeps a pass", || (kept(&circle.bank) > 0).then_some(()));
        what.store(case, Ordering::SeqCst);
        training
    };
    for (case, words) in [(1, "a chunk that is too short"), (2, "a chunk of the next round")] {
        let job = Job::new(&format!("broken@{case}"));
        circle.accepted(&job);
        let said = begin(&job, case).end();
        refused(words, &said, &["PEER_GAVE_UP"]);
        let theirs = computed_by(&circle.tax);
        assert_eq!(theirs["trouble"]["code"], "PEER_MISBEHAVED", "{words}: {theirs}");
        assert_eq!(theirs["trouble"]["side"], "bank", "{words}: {theirs}");
        assert!(folders(&circle.tax).is_empty(), "{words}: whoever blames keeps nothing");
        let run = circle.bank.ended_run();
        let run = run["id"].as_str().expect("a number");
        refused(words, &circle.bank.tacit(&["runs", "again", run]), &["NOT_AGAIN"]);
        circle.nothing_is_kept();
    }
    let job = Job::new("passes@1");
    circle.accepted(&job);
    // A line that breaks is nobody's doing: the training goes on.
    refused("cut", &begin(&job, 3).end(), &[]);
    what.store(0, Ordering::SeqCst);
    let run = circle.bank.ended_run();
    let run = run["id"].as_str().expect("a number");
    let resumed = circle.bank.tacit(&["runs", "again", run, "--json"]).done().json();
    // A slow line changes nothing.
    let job = Job::new("passes@2");
    circle.accepted(&job);
    let delayed = begin(&job, 4).end().done().json();
    assert!(farthest(&Trained(resumed).weights(), &Trained(delayed).weights()) <= 1e-3);
    circle.no_training_is_left();
}
