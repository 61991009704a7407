//! A whole list scored in blocks, with real processes: it equals the single scores and the clear
//! ones, it goes on after the death of anybody, and a block has one answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use domain::SubjectKind;
use lab::relay::{Fate, Passing, Relay, Side};
use lab::stand_in::{Sockets, call};
use lab::{Party, Said, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tonic::Request;
use wire::peer::{self, frame, reply};
use wire::{BatchStep, BatchTerms, Proposal};

use crate::support::{make, questions, rules};

/// Two blocks, the second of them short.
const FEW: u32 = 5_000;

/// Three blocks.
const MORE: u32 = 9_000;

const MODEL: &str = "small@1";

#[test]
fn a_batch_equals_the_single_scores_and_the_clear_ones() {
    let mut town = Town::built(FEW);
    town.start();
    // A table with a column, in another order, with a firm twice and with some that nobody has.
    let codes = (0..FEW + 7).rev().chain([3]).map(code);
    let file = town.file("list.csv");
    fs::write(
        &file,
        format!("firm,x\n{}\n", codes.map(|code| format!("{code},1\n")).collect::<String>()),
    )
    .unwrap();
    let result = town.file("scores.csv");
    let said = town.batch(&["--column", "firm", "--result", result.to_str().unwrap()], &file);
    let run = said.done().json();
    assert_eq!((run["state"].as_str(), run["result"].as_str()), (Some("done"), result.to_str()));
    assert_eq!(run["report"]["subjects"], FEW + 7);
    let scores = scores(&result);
    assert_eq!(u32::try_from(scores.len()), Ok(FEW + 7));
    for at in 0..FEW + 7 {
        assert_eq!(scores[&code(at)].0, clear_points(at, FEW), "{}", code(at));
    }
    for at in [0, 1, 4_095, 4_096, FEW - 1, FEW + 1] {
        let one = ["score", &code(at), "--model", MODEL, "--kind", "opaque", "--json"];
        let one = town.bank.tacit(&one).done().json();
        let (points, score) = &scores[&code(at)];
        assert_eq!(one["points"], *points);
        assert_eq!(one["score"].to_string(), *score);
    }
    for party in town.parties() {
        assert!(!town.list_of(party).exists(), "{} has forgotten the list", party.name);
        let run = ended_run_of(party, run["id"].as_str().unwrap());
        assert_eq!(run["state"], "done", "{}", party.name);
    }
    assert_eq!(town.bank.results(), [] as [String; 0], "the result lies where it was asked for");
}

#[test]
fn rows_that_some_party_has_no_bin_for_are_marked_and_the_list_is_finished() {
    let mut town = Town::built(FEW);
    let card = CARD.replace("missing = 5\n", "");
    assert_ne!(card, CARD);
    fs::write(town.platform.dir.join("small.toml"), card).unwrap();
    // Nobody has a value for the last of the first block, nor for the first of the second.
    let odd = |at: u32| [4_095, 4_096].contains(&at) || at >= FEW;
    let value = |at| if odd(at) { String::new() } else { vat(at).to_string() };
    town.register("tax", "vat", (0..FEW).map(|at| format!("{},{}", code(at), value(at))));
    town.start();
    let file = town.file("list.txt");
    fs::write(&file, (0..FEW + 7).map(|at| code(at) + "\n").collect::<String>()).unwrap();
    let result = town.file("scores.csv");
    let run = town.batch(&["--result", result.to_str().unwrap()], &file).done().json();
    assert_eq!((run["state"].as_str(), &run["report"]["without_bin"]), (Some("done"), &9.into()));
    let text = fs::read_to_string(&result).unwrap();
    for (at, line) in (0..FEW + 7).zip(text.lines().skip(1)) {
        if odd(at) {
            assert_eq!(line, format!("{},,,,,no bin", code(at)));
        } else {
            assert!(
                line.starts_with(&format!("{},{},", code(at), clear_points(at, FEW))),
                "{line}"
            );
        }
    }
    // One by one it is said of each.
    let one = ["score", &code(4_095), "--model", MODEL, "--kind", "opaque"];
    assert!(town.bank.tacit(&one).err.contains("NO_ANSWER"));
    let beside = fs::read_dir(town.root.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(beside.into_iter().all(|name| !name.to_string_lossy().ends_with(".part")));
}

#[test]
fn a_batch_that_fails_leaves_nothing_unfinished_where_its_result_was_to_be() {
    let mut town = Town::built(FEW);
    town.start();
    town.social.process = None;
    let folder = town.file("scores");
    fs::create_dir(&folder).unwrap();
    let result = folder.join("scores.csv");
    let said = town.batch(&["--result", result.to_str().unwrap()], &town.list());
    assert!(!said.status.success(), "a holder is away");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let nowhere = folder.join("none").join("scores.csv");
    let said = town.batch(&["--result", nowhere.to_str().unwrap()], &town.list());
    assert!(said.err.contains("scores.csv"), "{}", said.err);
    town.social.start_alone();
    let mut failed = town.bank.runs().into_iter().filter(|run| run["protocol"] == "batch");
    let failed = failed.next_back().expect("the first of them")["id"].as_str().unwrap().to_owned();
    town.bank.tacit(&["runs", "again", &failed]).done();
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["scores.csv"]);
}

#[test]
fn a_list_of_firms_is_refused_for_there_is_no_authorisation() {
    let mut town = Town::built(10);
    town.start();
    let file = town.file("list.txt");
    fs::write(&file, "91320100PDY00001XR\n").unwrap();
    let file = file.to_str().unwrap();
    let said = town.bank.tacit(&["score", "--batch", file, "--model", MODEL]);
    assert!(!said.status.success());
    assert!(said.err.contains("BATCH_RESEARCH_ONLY"), "{}", said.err);
}

#[test]
fn a_list_longer_than_a_holder_takes_is_refused() {
    let mut town = Town::built(FEW);
    town.tax.configure("[limits]\nmax_items = 4000\n");
    town.start();
    let said = town.batch(&[], &town.list());
    assert!(!said.status.success());
    assert!(said.err.contains("limits.max_items = 4000"), "{}", said.err);
    town.nothing_is_finished();
}

#[test]
fn a_holder_that_dies_at_a_block_answers_it_again_with_the_same_bytes() {
    goes_on_after_the_death_of(|town| &mut town.tax);
}

#[test]
fn a_platform_that_dies_at_a_block_is_gone_on_with() {
    goes_on_after_the_death_of(|town| &mut town.platform);
}

#[test]
fn a_lender_that_dies_at_a_block_goes_on_behind_what_it_has() {
    goes_on_after_the_death_of(|town| &mut town.bank);
}

#[test]
fn a_register_that_has_changed_since_is_refused_and_a_new_run_is_not() {
    let mut town = Town::built(MORE);
    let killed = town.killing(|town| &mut town.tax);
    let run = killed.id.clone();
    let rows =
        (0..MORE).map(|at| format!("{},{}", code(at), if at == 7 { 20_000 } else { vat(at) }));
    town.register("tax", "vat", rows);
    town.tax.start_alone();
    let again = town.bank.tacit(&["runs", "again", &run]);
    assert!(!again.status.success());
    assert!(again.err.contains("the register has changed since this batch began"), "{}", again.err);
    town.nothing_is_finished();
    let anew = town.batch(&[], &town.list()).done().json();
    let scores = scores(&PathBuf::from(anew["result"].as_str().unwrap()));
    assert_ne!(scores[&code(7)].0, clear_points(7, MORE));
    assert_eq!(scores[&code(8)].0, clear_points(8, MORE));
}

#[test]
fn another_list_under_the_same_run_is_refused_and_so_is_a_step_that_the_lender_has_not_signed() {
    let mut town = Town::built(MORE);
    let killed = town.killing(|town| &mut town.bank);
    town.bank.start_alone();
    let digest = town.bank.tacit(&["model", "list", "--json"]).json();
    let mut hash = [0; 32];
    hex::decode_to_slice(digest["digest"].as_str().unwrap(), &mut hash).unwrap();
    // The platform has the run from its lender, and the holders from the platform.
    for (from, to) in [(&town.bank, &town.platform), (&town.platform, &town.tax)] {
        for (list, subjects) in [([9; 32], MORE), ([9; 32], MORE - 1)] {
            for step in [BatchStep::List, BatchStep::Span { from: 0, to: 1 }, BatchStep::Over] {
                let (lender, kind) = ("bank".parse().unwrap(), SubjectKind::Opaque);
                let question = Vec::new();
                let mut asked =
                    BatchTerms { digest: hash, lender, kind, list, subjects, step, question };
                let run = killed.id.parse().expect("a run");
                let question = questions::of_list(&asked, run, MODEL, &["tax", "social"]);
                asked.question = questions::signed(&town.bank, question, 0);
                let refused = town.propose(from, to, &killed.id, asked).expect_err("refused");
                assert_eq!(refused.code, "BATCH_OTHER_TERMS", "{} to {}", from.name, to.name);
            }
        }
    }
    // A platform alone gets no block, and does not end what the lender has begun.
    for step in [BatchStep::List, BatchStep::Span { from: 0, to: 1 }, BatchStep::Over] {
        let (lender, kind) = ("bank".parse().unwrap(), SubjectKind::Opaque);
        let (list, subjects, question) = ([9; 32], MORE, Vec::new());
        let mut asked = BatchTerms { digest: hash, lender, kind, list, subjects, step, question };
        let run = killed.id.parse().expect("a run");
        let refused = |asked: &BatchTerms| {
            let asked = town.propose(&town.platform, &town.tax, &killed.id, asked.clone());
            asked.expect_err("refused").code
        };
        assert_eq!(refused(&asked), "QUESTION_SIGNATURE");
        let question = questions::of_list(&asked, run, MODEL, &["tax", "social"]);
        asked.question = questions::signed(&town.platform, question.clone(), 0);
        assert_eq!(refused(&asked), "QUESTION_SIGNATURE");
        asked.question = questions::signed(&town.bank, question, -120);
        assert_eq!(refused(&asked), "QUESTION_STALE");
        asked.list = [8; 32];
        assert_eq!(refused(&asked), "QUESTION_ALTERED");
    }
    // What was agreed is not harmed.
    town.bank.tacit(&["runs", "again", &killed.id]).done();
    killed.each_block_has_one_answer();
}

#[test]
fn a_lender_that_a_holder_suspends_loses_its_list_over_the_platform_and_gets_nothing_new() {
    let mut town = Town::built(MORE);
    let (tax, replies) = (town.tax.dir.clone(), Arc::new(AtomicU32::new(0)));
    let left = Arc::clone(&replies);
    Relay::between(&town.runtime, &town.platform, &town.tax, move |passing| {
        let earlier = |left: u32| left.checked_sub(1);
        if let Passing::Reply = passing
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, earlier) == Ok(1)
        {
            tokio::task::block_in_place(|| {
                let words = ["member", "suspend", "bank", "--reason", "a test"];
                crate::support::spawn(&tax, &words).end().done();
            });
        }
        Fate::Pass
    });
    town.start();
    // The bureau has taken the list, and has agreed to answer the first blocks of it.
    replies.store(2, Ordering::SeqCst);
    let said = town.batch(&[], &town.list());
    assert!(!said.status.success(), "{}", said.out);
    let run = town.tax.ended_run();
    assert_eq!(
        (&run["protocol"], &run["trouble"]["code"]),
        (&"batch".into(), &"MEMBER_STATE".into())
    );
    town.nothing_is_finished();

    // Nor a single answer from research data, nor a new list: the platform's standing is not its.
    let one = ["score", &code(1), "--model", MODEL, "--kind", "opaque"];
    let refused = town.bank.tacit(&one);
    assert!(refused.err.contains("MEMBER_STATE"), "{}", refused.err);
    let anew = town.batch(&[], &town.list());
    assert!(anew.err.contains("MEMBER_STATE"), "{}", anew.err);
    town.tax.tacit(&["member", "resume", "bank"]).done();
    town.bank.tacit(&one).done();
}

/// Kills a party when the second block's sum is on its way to the lender, and goes on.
fn goes_on_after_the_death_of(victim: fn(&mut Town) -> &mut Party) {
    let mut town = Town::built(MORE);
    let killed = town.killing(victim);
    victim(&mut town).start_alone();
    let again = town.bank.tacit(&["runs", "again", &killed.id, "--json"]).done().json();
    assert_eq!((again["id"].as_str(), again["state"].as_str()), (Some(&*killed.id), Some("done")));
    let scores =
        scores(&PathBuf::from(again["result"].as_str().expect("it is as the test made it")));
    assert_eq!(u32::try_from(scores.len()), Ok(MORE));
    for at in 0..MORE {
        assert_eq!(scores[&code(at)].0, clear_points(at, MORE), "{}", code(at));
    }
    killed.each_block_has_one_answer();
    let results = town.bank.results();
    assert_eq!(results, [format!("{}.csv", killed.id)], "nothing unfinished is left");
    for party in town.parties() {
        assert!(!town.list_of(party).exists(), "{} has forgotten the list", party.name);
        assert_eq!(ended_run_of(party, &killed.id)["state"], "done", "{}", party.name);
    }
    // It is over: there is nothing to go on with.
    let more = town.bank.tacit(&["runs", "again", &killed.id]);
    assert!(more.err.contains("NOT_AGAIN"), "{}", more.err);
}

/// A bank, a platform and two holders, with research data.
struct Town {
    // Dropped first: a party must not outlive its folder.
    bank: Party,
    platform: Party,
    tax: Party,
    social: Party,
    firms: u32,
    runtime: Runtime,
    root: TempDir,
}

/// Every answer that has passed from a holder to the platform.
type Answers = Arc<Mutex<BTreeMap<&'static str, Vec<Vec<u8>>>>>;

/// A batch that was broken off.
struct Killed {
    id: String,
    answers: Answers,
}

impl Killed {
    /// Some block was asked for again, and no holder gave as many answers as that would make.
    fn each_block_has_one_answer(&self) {
        let answers = self.answers.lock().expect("it is as the test made it");
        assert_eq!(answers.len(), 2, "both holders have answered");
        for (holder, bodies) in &*answers {
            let distinct: BTreeSet<_> = bodies.iter().collect();
            assert_eq!(distinct.len(), MORE.div_ceil(4_096) as usize, "{holder}");
            assert!(bodies.len() > distinct.len(), "{holder} was asked for a block again");
        }
    }
}

impl Town {
    fn built(firms: u32) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let make = |name, duty| make(root.path(), name, duty);
        let [tax, social] = [make("tax", "holder"), make("social", "holder")];
        let [platform, bank] = [make("platform", "platform"), make("bank", "lender")];
        let all = [&tax, &social, &platform, &bank];
        for one in all {
            for other in all.iter().filter(|other| other.name != one.name) {
                one.pin(other);
            }
        }
        fs::write(platform.dir.join("small.toml"), CARD).expect("the folder is there");
        platform.configure(
            "[[model]]\nfile = 'small.toml'\nlenders = ['bank']\nresearch = true\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\n",
        );
        bank.configure("[[offer]]\nprotocol = 'key'\nto = ['platform']\n");
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("it is as the test made it");
        let town = Self { bank, platform, tax, social, firms, runtime, root };
        let rows = (0..firms).map(|at| format!("{},{}", code(at), vat(at)));
        town.register("tax", "vat", rows);
        let rows = (0..firms).map(|at| format!("{},{}", code(at), insured(at)));
        town.register("social", "insured", rows);
        for (party, name) in [(&town.tax, "tax"), (&town.social, "social")] {
            party.configure(&format!(
                "[[register]]\nname = '{name}'\nfile = '{name}.csv'\ncolumn = 'firm'\nkind = 'opaque'\n\
                 [[offer]]\nprotocol = 'score'\nregister = '{name}'\nplatform = 'platform'\nto = ['bank']\n"
            ));
        }
        town
    }

    fn register(&self, name: &str, column: &str, rows: impl Iterator<Item = String>) {
        let rows: Vec<String> = rows.collect();
        let party = if name == "tax" { &self.tax } else { &self.social };
        let text = format!("firm,{column}\n{}\n", rows.join("\n"));
        fs::write(party.dir.join(format!("{name}.csv")), text).expect("it can be written");
    }

    /// Starts everybody and publishes the model.
    fn start(&mut self) {
        let Self { tax, social, platform, bank, .. } = self;
        for party in [tax, social, platform, bank] {
            party.start();
        }
        self.platform.tacit(&["model", "register", MODEL]).done();
        for holder in [&self.tax, &self.social] {
            holder.tacit(&["model", "countersign", MODEL]).done();
        }
        self.platform.tacit(&["model", "publish", MODEL, "--to", "bank"]).done();
    }

    /// Starts everybody with relays on every line, and a batch, and kills a party when the second
    /// sum passes to the lender.
    fn killing(&mut self, victim: fn(&mut Self) -> &mut Party) -> Killed {
        let answers = Answers::default();
        let process = Arc::new(AtomicI32::new(0));
        for (holder, party) in [("tax", &self.tax), ("social", &self.social)] {
            let answers = Arc::clone(&answers);
            Relay::between(&self.runtime, &self.platform, party, noting(holder, answers));
        }
        let (target, sums) = (Arc::clone(&process), AtomicU32::new(0));
        let judge = move |passing: &mut Passing<'_>| {
            let Passing::Frame(Side::Answerer, frame) = passing else { return Fate::Pass };
            let sum = matches!(&frame.kind, Some(frame::Kind::Chunk(chunk)) if chunk.round == 2);
            if !sum || sums.fetch_add(1, Ordering::SeqCst) != 1 {
                return Fate::Pass;
            }
            let process = target.load(Ordering::SeqCst);
            kill(Pid::from_raw(process), Signal::SIGKILL).expect("it runs");
            Fate::Cut
        };
        Relay::between(&self.runtime, &self.bank, &self.platform, judge);
        self.start();
        let victim_process = victim(self).process.as_ref().expect("it runs");
        let id = i32::try_from(victim_process.child.id()).expect("a process number");
        process.store(id, Ordering::SeqCst);
        let said = self.batch(&[], &self.list());
        assert!(!said.status.success(), "{}", said.out);
        let dead = victim(self);
        dead.process = None;
        // The others need not know yet. Who asked is known from the platform or from a holder.
        let witness = if self.platform.process.is_some() { &self.platform } else { &self.social };
        let run = until("the run is recorded", || {
            witness.runs().into_iter().find(|run| run["protocol"] == "batch")
        });
        Killed { id: run["id"].as_str().expect("a number").to_owned(), answers }
    }

    /// Proposes a step of a batch in the name of `from`.
    fn propose(
        &self,
        from: &Party,
        to: &Party,
        run: &str,
        asked: BatchTerms,
    ) -> Result<peer::Agreement, peer::Refusal> {
        let proposal = Proposal {
            from: from.name.parse().expect("it is as the test made it"),
            to: to.name.parse().expect("it is as the test made it"),
            run: run.parse().expect("it is as the test made it"),
            rules: rules(),
            terms: asked,
        };
        let mut client = call(&self.runtime, from, to, &Sockets::default());
        let reply = client.propose(Request::new(peer::Proposal::from(proposal)));
        match self.runtime.block_on(reply).expect("an answer").into_inner().outcome {
            Some(reply::Outcome::Agreement(agreement)) => Ok(agreement),
            Some(reply::Outcome::Refusal(refusal)) => Err(refusal),
            None => panic!("no outcome"),
        }
    }

    fn batch(&self, more: &[&str], file: &Path) -> Said {
        let file = file.to_str().expect("a plain path");
        let ask = ["score", "--batch", file, "--model", MODEL, "--kind", "opaque", "--json"];
        self.bank.tacit(&[&ask[..], more].concat())
    }

    /// A file of every firm, one a line.
    fn list(&self) -> PathBuf {
        let file = self.file("list.txt");
        let codes: Vec<String> = (0..self.firms).map(code).collect();
        fs::write(&file, codes.join("\r\n")).expect("it can be written");
        file
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn parties(&self) -> [&Party; 4] {
        [&self.tax, &self.social, &self.platform, &self.bank]
    }

    /// The bank has no result, only what it goes on with.
    fn nothing_is_finished(&self) {
        assert_eq!(self.bank.results(), [] as [String; 0]);
    }

    /// Where a party has the list of its one batch; nowhere, once it has forgotten it.
    fn list_of(&self, party: &Party) -> PathBuf {
        let folder = party.dir.join("batches");
        let found = fs::read_dir(&folder).ok().and_then(|mut entries| entries.next());
        found.map_or(folder.join("none.list"), |entry| entry.expect("it can be read").path())
    }
}

/// One run of a number at a party, once it has come to an end.
fn ended_run_of(party: &Party, id: &str) -> Value {
    until(&format!("{} ends its run", party.name), || {
        let run = party.tacit(&["runs", id, "--json"]).done().json();
        let over = ["done", "unconfirmed", "failed"];
        over.iter().any(|state| run["state"] == *state).then_some(run)
    })
}

/// Passes everything, and notes every answer.
fn noting(
    holder: &'static str,
    answers: Answers,
) -> impl Fn(&mut Passing<'_>) -> Fate + Send + Sync {
    move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && let Some(frame::Kind::Chunk(chunk)) = &frame.kind
            && chunk.body.len() == ANSWER_BYTES
        {
            answers
                .lock()
                .expect("it is as the test made it")
                .entry(holder)
                .or_default()
                .push(chunk.body.to_vec());
        }
        Fate::Pass
    }
}

/// Bytes of a block's answer, which nothing else that a holder sends has.
const ANSWER_BYTES: usize = 20_528;

/// The points and the score of each subject.
fn scores(result: &Path) -> HashMap<String, (u32, String)> {
    let text = fs::read_to_string(result).expect("there is a result");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("subject,points,score,probability,grade,note"));
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        (
            fields[0].to_owned(),
            (fields[1].parse().expect("it is as the test made it"), fields[2].to_owned()),
        )
    };
    lines.map(row).collect()
}

fn code(at: u32) -> String {
    format!("firm-{at:05}")
}

fn vat(at: u32) -> u32 {
    at * 7 % 20_000
}

fn insured(at: u32) -> u32 {
    at * 3 % 50
}

/// The points that the model gives in clear to one of `firms` firms.
fn clear_points(at: u32, firms: u32) -> u32 {
    if at >= firms {
        return 5;
    }
    let vat = if vat(at) <= 10_000 { 10 } else { 100 };
    let insured = if insured(at) <= 20 { 20 } else { 70 };
    vat + insured
}

const CARD: &str = "model = 'small'\nversion = 1\ntitle = 'Small'\noffset = 400\n\
    [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
    [[feature]]\ncolumn = 'vat'\nholder = 'tax'\nmissing = 5\n\
    [[feature.bin]]\nbelow = 10001\npoints = 10\n[[feature.bin]]\npoints = 100\n\
    [[feature]]\ncolumn = 'insured'\nholder = 'social'\nmissing = 0\n\
    [[feature.bin]]\nbelow = 21\npoints = 20\n[[feature.bin]]\npoints = 70\n";
