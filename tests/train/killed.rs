//! Trainings whose parties are killed: in any pass, resumed, the model is byte for byte what it would
//! have been; before every upload is there, nothing is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use lab::relay::{Fate, Passing, Relay, Side};
use lab::{Party, Said, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use wire::peer::frame::Kind;

use super::{farthest, made_up, refused};
use crate::support::circle::{Circle, Job, Trained};
use crate::support::{pid, runtime, spawn};

/// So many that a pass takes longer than it takes to see that it has begun.
pub(super) const ROWS: usize = 50_000;

/// Of a job that takes three Newton steps.
const PASSES: u8 = 9;

/// The three that compute.
type Computing = [fn(&mut Circle) -> &mut Party; 3];
const COMPUTING: Computing =
    [|circle| &mut circle.tax, |circle| &mut circle.platform, |circle| &mut circle.bank];

#[test]
fn each_party_killed_in_each_pass_and_resumed_makes_the_model_of_an_undisturbed_training() {
    let mut circle = Circle::running(&made_up(ROWS));
    let (job, model) = (Job::new("killed@1"), circle.root.path().join("model.csv"));
    circle.accepted(&job);
    let result = model.to_str().expect("a plain path").to_owned();
    let training = spawn(&circle.bank.dir, &["train", &circle.file(&job), "--result", &result]);
    // An image of all three as they are after the first passes: as the end of a machine leaves them. Where
    // one of them has no pass yet, they would begin from the uploads, and make another model.
    until("all three keep a pass", || {
        let all = [&circle.tax, &circle.platform, &circle.bank];
        all.into_iter().all(|party| kept(party) > 0).then_some(())
    });
    let images =
        stopped(&mut circle, |circle| [&circle.tax, &circle.platform, &circle.bank].map(Image::of));
    training.end().done();
    let undisturbed = fs::read(&model).expect("the model");
    let run = run_of(&images[2]);

    for turn in 0..COMPUTING.len() {
        fs::remove_file(&model).expect("it was there");
        COMPUTING.iter().for_each(|party| party(&mut circle).process = None);
        for (party, image) in COMPUTING.iter().zip(&images) {
            image.put(party(&mut circle));
        }
        COMPUTING.iter().for_each(|party| party(&mut circle).start());
        let first = kept(&circle.bank);
        assert!(first < 4, "the image shows the first passes, not {first}");
        for passes in first + 1..PASSES {
            let victim = COMPUTING[(usize::from(passes) + turn) % COMPUTING.len()];
            let again = spawn(&circle.bank.dir, &["runs", "again", &run, "--json"]);
            let party = victim(&mut circle);
            until(&format!("{} keeps pass {passes}", party.name), || {
                (kept(party) >= passes).then_some(())
            });
            party.process = None;
            let said = again.end();
            assert!(!said.status.success(), "pass {passes}, {}: {}", party.name, said.out);
            party.start();
        }
        circle.bank.tacit(&["runs", "again", &run, "--json"]).done();
        let resumed = fs::read(&model).expect("the model");
        assert!(resumed == undisturbed, "turn {turn}: another model after the kills");
    }
    circle.no_training_is_left();
    println!("{} bytes of a model, the same after {} kills", undisturbed.len(), 3 * (PASSES - 2));
}

#[test]
fn a_training_that_is_over_is_not_resumed_and_a_killed_first_pass_begins_from_the_uploads() {
    let mut circle = Circle::running(&made_up(ROWS));
    let job = Job::new("first@1");
    let undisturbed = circle.trained(&job);
    let run = undisturbed.0["id"].as_str().expect("a number").to_owned();
    refused("done", &circle.bank.tacit(&["runs", "again", &run]), &["NOT_AGAIN"]);

    // Every upload is with all three, and no pass is over.
    let job = Job::new("first@2");
    circle.accepted(&job);
    let file = circle.file(&job);
    let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
    let whole = |party: &Party| {
        folders(party)
            .iter()
            .any(|folder| (0..4).all(|at| folder.join(format!("upload-{at}")).exists()))
    };
    until("every upload is there", || {
        [&circle.tax, &circle.platform, &circle.bank].into_iter().all(whole).then_some(())
    });
    circle.platform.process = None;
    assert!(!training.end().status.success());
    circle.platform.start();
    let run = failed_run(&circle.bank);
    let again = Trained(circle.bank.tacit(&["runs", "again", &run, "--json"]).done().json());
    // Masks are drawn anew: how shares of z happen to be rounded moves a weight by a few hundred units
    // of 2^-20 (SPEC §6 of the protocol).
    assert!(farthest(&again.weights(), &undisturbed.weights()) <= 1e-3);
    circle.no_training_is_left();
}

#[test]
fn a_department_that_waits_for_the_third_link_hears_at_once_that_its_lender_is_gone() {
    let runtime = runtime();
    let mut circle = Circle::built(&made_up(ROWS));
    // The platform's word to the bureau is held on its way.
    let held = Arc::new(AtomicI32::new(1));
    let gate = Arc::clone(&held);
    Relay::between(&runtime, &circle.platform, &circle.tax, move |passing| {
        // Not for ever: a test that fails must come to its end.
        let until = Instant::now() + Duration::from_secs(60);
        let held = || gate.load(Ordering::SeqCst) == 1 && Instant::now() < until;
        while matches!(passing, Passing::Proposal) && held() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Fate::Pass
    });
    all(&mut circle).into_iter().for_each(Party::start);
    let job = Job::new("third@1");
    circle.accepted(&job);
    let file = circle.file(&job);
    let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
    // The bank is under way with all uploads, and the bureau waits for the platform.
    until("the bank computes", || {
        let runs = circle.bank.runs();
        let run = runs.iter().find(|run| run["role"] == "lender")?;
        run["phase"]["en"].as_str()?.contains("computing on shares").then_some(())
    });
    circle.bank.process = None;
    assert!(!training.end().status.success());
    circle.bank.start();
    // Of the bank; after the idle limit it would be of the platform's silence.
    let theirs = computed_by(&circle.tax);
    assert_eq!(theirs["trouble"]["code"], "LOST", "{theirs}");
    held.store(0, Ordering::SeqCst);
    let run = failed_run(&circle.bank);
    circle.bank.tacit(&["runs", "again", &run]).done();
    circle.no_training_is_left();
}

#[test]
fn whoever_is_killed_before_every_upload_is_there_leaves_nothing_and_the_training_begins_anew() {
    let runtime = runtime();
    let mut circle = Circle::built(&made_up(1_200));
    // The company's upload to the bureau is held on its way.
    let held = Arc::new(AtomicI32::new(0));
    let gate = Arc::clone(&held);
    Relay::between(&runtime, &circle.power, &circle.tax, move |passing| {
        while matches!(passing, Passing::Proposal) && gate.load(Ordering::SeqCst) == 1 {
            std::thread::sleep(Duration::from_millis(5));
        }
        Fate::Pass
    });
    for party in all(&mut circle) {
        party.configure("[limits]\nidle_s = 4\n");
        party.start();
    }
    let job = Job::new("uploads@1");
    circle.accepted(&job);
    let file = circle.file(&job);
    for victim in 0..4 {
        held.store(1, Ordering::SeqCst);
        let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
        until("the bank has what is its own", || {
            let own = |folder: &PathBuf| folder.join("upload-3").exists();
            folders(&circle.bank).iter().any(own).then_some(())
        });
        until("the company has taken the rows", || {
            folders(&circle.power).iter().any(|path| path.is_file()).then_some(())
        });
        let party = all(&mut circle).into_iter().nth(victim).expect("one of four");
        party.process = None;
        let name = party.name.clone();
        // It starts again, whatever it was killed in the middle of.
        party.start();
        assert_eq!(folders(party), Vec::<PathBuf>::new(), "{name} has nothing of use");
        let said = training.end();
        assert!(!said.status.success(), "{name}: {}", said.out);
        held.store(0, Ordering::SeqCst);
        let run = failed_run(&circle.bank);
        refused(&name, &circle.bank.tacit(&["runs", "again", &run]), &["NOT_AGAIN", "anew"]);
        circle.nothing_is_kept();
    }
    circle.train(&job, &[]).done();
}

#[test]
fn an_output_that_is_kept_before_the_lender_is_killed_stays_and_the_others_hear_of_the_end() {
    let runtime = runtime();
    let mut circle = Circle::built(&made_up(ROWS));
    let victim = Arc::new(AtomicI32::new(0));
    let (aimed, computing) = (Arc::clone(&victim), AtomicBool::new(false));
    Relay::between(&runtime, &circle.bank, &circle.tax, move |passing| {
        let Passing::Frame(Side::Asker, frame) = passing else { return Fate::Pass };
        match &frame.kind {
            // No list and no upload of labels has so many rounds: the next closing frame is the computation's.
            Some(Kind::Chunk(chunk)) if chunk.round > 100 => {
                computing.store(true, Ordering::SeqCst)
            }
            Some(Kind::Close(_)) if computing.load(Ordering::SeqCst) => {
                let pid = aimed.swap(0, Ordering::SeqCst);
                if pid != 0 {
                    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is our child");
                    return Fate::Cut;
                }
            }
            _ => {}
        }
        Fate::Pass
    });
    all(&mut circle).into_iter().for_each(Party::start);
    let job = Job::new("close@1");
    circle.accepted(&job);
    let file = circle.file(&job);
    victim.store(pid(&circle.bank).as_raw(), Ordering::SeqCst);
    let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
    assert!(!training.end().status.success());
    assert_eq!(victim.load(Ordering::SeqCst), 0, "nobody was killed");
    circle.bank.process = None;
    circle.bank.start();
    let run = circle.bank.ended_run();
    assert!(["done", "unconfirmed"].iter().any(|state| run["state"] == **state), "{run}");
    let model = fs::read_to_string(run["result"].as_str().expect("a file")).expect("the model");
    assert_eq!(model.lines().count(), 6, "{model}");
    assert_eq!(folders(&circle.bank), Vec::<PathBuf>::new(), "the bank has what it wanted");
    let id = run["id"].as_str().expect("a number");
    refused("kept", &circle.bank.tacit(&["runs", "again", id]), &["NOT_AGAIN"]);
    circle.no_training_is_left();
}

#[test]
fn a_holder_that_leaves_after_its_upload_and_a_second_training_meanwhile_disturb_nothing() {
    let mut circle = Circle::running(&made_up(ROWS));
    let job = Job::new("meanwhile@1");
    circle.accepted(&job);
    let file = circle.file(&job);
    let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
    until("the bank keeps a pass", || (kept(&circle.bank) > 0).then_some(()));
    // The platform stands still, so that the first is under way for as long as we look.
    signal(&circle.platform, Signal::SIGSTOP);
    let first = circle.bank.runs()[0]["id"].as_str().expect("a number").to_owned();
    let said = circle.bank.tacit(&["runs", "again", &first]);
    refused("it runs", &said, &["NOT_AGAIN"]);
    refused("another one", &circle.train(&job, &[]), &["BUSY", "one model"]);
    circle.power.process = None;
    signal(&circle.platform, Signal::SIGCONT);
    let trained = Trained(training.end().done().json());
    assert_eq!(trained.report()["converged"], true, "{}", trained.0);
    circle.power.start();
    refused("once more", &circle.train(&job, &[]), &["JOB_TRAINED"]);
    circle.no_training_is_left();
}

#[test]
fn a_word_that_is_withdrawn_or_a_member_that_is_suspended_ends_what_computes() {
    let circle = Circle::running(&made_up(ROWS));
    let job = Job::new("cut@1");
    circle.accepted(&job);
    let member = |word: &str, name: &str| {
        circle.tax.tacit(&["member", word, name, "--reason", "a test"]).done();
    };
    // Between the acceptance and the step.
    member("suspend", "bank");
    refused("suspended", &circle.train(&job, &[]), &["MEMBER_STATE"]);
    circle.nothing_is_kept();
    member("resume", "bank");

    // While it computes: what is kept is kept, for the suspension may end.
    let cut = |job: &Job, what: &dyn Fn()| -> Said {
        let file = circle.file(job);
        let training = spawn(&circle.bank.dir, &["train", &file, "--json"]);
        until("the bank keeps a pass", || (kept(&circle.bank) > 0).then_some(()));
        signal(&circle.platform, Signal::SIGSTOP);
        what();
        signal(&circle.platform, Signal::SIGCONT);
        training.end()
    };
    let said = cut(&job, &|| member("suspend", "bank"));
    // Who of the other two is heard first is a race: both give up.
    refused("suspended while it computes", &said, &["in “pass"]);
    let run = failed_run(&circle.bank);
    refused("still", &circle.bank.tacit(&["runs", "again", &run]), &["MEMBER_STATE"]);
    member("resume", "bank");
    circle.bank.tacit(&["runs", "again", &run]).done();
    circle.no_training_is_left();
    for result in circle.bank.results() {
        fs::remove_file(circle.bank.dir.join("results").join(result)).expect("it is there");
    }

    // One that computes takes its word back: its part ends there and then, and is forgotten.
    let job = Job::new("cut@2");
    circle.accepted(&job);
    let said = cut(&job, &|| {
        circle.tax.tacit(&["train", "refuse", "cut@2", "--reason", "audited"]).done();
        until("the bureau has ended", || folders(&circle.tax).is_empty().then_some(()));
    });
    refused("refused while it computes", &said, &["in “pass"]);
    let run = failed_run(&circle.bank);
    refused("refused", &circle.bank.tacit(&["runs", "again", &run]), &["JOB"]);
    let theirs = computed_by(&circle.tax);
    assert_eq!(theirs["trouble"]["code"], "JOB_NOT_IN_FORCE", "{theirs}");

    // The lender withdraws it: nobody keeps anything.
    circle.bank.tacit(&["train", "withdraw", "cut@2", "--reason", "over"]).done();
    circle.nothing_is_kept();
}

/// The directory of a party as it lies there at a moment.
struct Image(TempDir);

impl Image {
    fn of(party: &Party) -> Self {
        let image = tempfile::tempdir().expect("a folder");
        copy(&party.dir, image.path());
        Self(image)
    }

    /// Puts it in the place of what a party that does not run has now.
    fn put(&self, party: &Party) {
        fs::remove_dir_all(&party.dir).expect("its own");
        copy(self.0.path(), &party.dir);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("its kind"));
        let to = to.join(entry.file_name());
        if kind.is_dir() {
            copy(&path, &to);
        } else if kind.is_file() {
            fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}

/// Does something while the three that compute stand still.
fn stopped<T>(circle: &mut Circle, what: impl FnOnce(&Circle) -> T) -> T {
    let parties = |circle: &Circle| [&circle.tax, &circle.platform, &circle.bank].map(pid);
    for pid in parties(circle) {
        kill(pid, Signal::SIGSTOP).expect("it is our child");
    }
    let done = what(circle);
    for pid in parties(circle) {
        kill(pid, Signal::SIGCONT).expect("it is our child");
    }
    done
}

pub(super) fn signal(party: &Party, signal: Signal) {
    kill(pid(party), signal).expect("it is our child");
}

/// What lies under `trainings/` at a party.
pub(super) fn folders(party: &Party) -> Vec<PathBuf> {
    let entries = fs::read_dir(party.dir.join("trainings")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// After how many passes a party has its last checkpoint.
pub(super) fn kept(party: &Party) -> u8 {
    let files = folders(party).into_iter().filter_map(|folder| fs::read_dir(folder).ok());
    let names = files.flatten().flatten().map(|entry| entry.file_name());
    let passes = names.filter_map(|name| name.to_str()?.strip_prefix("checkpoint-")?.parse().ok());
    passes.max().unwrap_or(0)
}

/// The number of the one training that an image shows.
fn run_of(image: &Image) -> String {
    let mut all = fs::read_dir(image.0.path().join("trainings")).expect("the folder");
    let folder = all.next().expect("one training").expect("its own");
    folder.file_name().into_string().expect("digits")
}

/// The newest training of a party, which has failed.
fn failed_run(party: &Party) -> String {
    let run = party.ended_run();
    assert_eq!(run["state"], "failed", "{run}");
    run["id"].as_str().expect("a number").to_owned()
}

/// The newest run of the department in which it computed, once it is over.
pub(super) fn computed_by(department: &Party) -> Value {
    until("the department has ended its part", || {
        let mut runs = department.runs().into_iter();
        let run = runs.find(|run| run["role"] == "department")?;
        (run["state"] == "failed").then_some(run)
    })
}

fn all(circle: &mut Circle) -> [&mut Party; 4] {
    let Circle { bank, platform, tax, power, .. } = circle;
    [platform, tax, power, bank]
}
