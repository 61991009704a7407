//! What goes wrong between two real parties, and what each is told: a stable code, what to do next,
//! an exit code that is not zero, in bounded time, and no half of a result anywhere.

mod cancelled;
mod death;
mod identity;
mod misbehaviour;
mod silence;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::{RunId, SubjectKind, Uscc};
use lab::{Party, Said, list};
use serde_json::Value;
use tempfile::TempDir;
use tonic::{Response, Status};
use wire::peer::{self, Reply, reply};
use wire::{Proposal, PsiOutput, PsiProtocol, PsiTerms};

use crate::support::{make, pid, rules, runtime, stop};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn folder_with(name: &str) -> (TempDir, Party) {
    let root = folder();
    let party = make(root.path(), name, "holder");
    (root, party)
}

/// Starts a party that has been killed.
fn restart(party: &mut Party) {
    party.process = None;
    party.start();
}

/// The bank's firms 0 to 200, of which the tax bureau of most tests has 100 to 200.
fn ask(bank: &Party, root: &TempDir, more: &[&str]) -> Said {
    ask_for(bank, root, "taxpayers", more)
}

fn ask_for(bank: &Party, root: &TempDir, register: &str, more: &[&str]) -> Said {
    let ours = root.path().join("customers.csv");
    list(&ours, "id", &codes(0, 200));
    bank.psi("tax", register, &ours, &[&["--kind", "opaque"], more].concat())
}

fn shared() -> BTreeSet<String> {
    codes(100, 200).into_iter().collect()
}

fn result(run: &Value) -> BTreeSet<String> {
    let path = PathBuf::from(run["result"].as_str().expect("the run has a result"));
    let text = fs::read_to_string(path).expect("the result is there");
    text.lines().skip(1).map(str::to_owned).collect()
}

fn codes(from: u32, to: u32) -> Vec<String> {
    let code = |index| Uscc::nth_pdy(index).expect("a small index").reveal().to_owned();
    (from..to).map(code).collect()
}

/// The command failed with this code, and its sentence has these words.
fn failed(said: &Said, code: &str, words: &[&str]) {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    assert!(said.err.lines().any(|line| line.starts_with(&format!("{code}: "))), "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "no “{word}” in {}", said.err);
    }
}

fn trouble(run: &Value) -> &str {
    run["trouble"]["code"].as_str().unwrap_or("none")
}

/// No result, no report, no half of either.
fn nothing_is_left(party: &Party) {
    assert_eq!(party.results(), Vec::<String>::new(), "{}", party.name);
}

/// Nothing but what so many runs that succeeded have left.
fn nothing_is_left_but(party: &Party, runs: usize) {
    let results = party.results();
    assert_eq!(results.len(), 2 * runs, "{results:?}");
    let whole = |name: &String| {
        Path::new(name).extension().is_some_and(|end| end == "csv" || end == "json")
    };
    assert!(results.iter().all(whole), "{results:?}");
}

fn terms() -> PsiTerms {
    PsiTerms {
        register: String::new(),
        subjects: SubjectKind::Opaque,
        output: PsiOutput::OneSided,
        items: 10,
        pad_to: None,
        protocol: PsiProtocol::Ecdh,
    }
}

/// The bank's proposal to the tax bureau.
fn proposal(register: &str, terms: &PsiTerms) -> peer::Proposal {
    let terms = PsiTerms { register: register.into(), ..terms.clone() };
    let party = |name: &str| name.parse().expect("a party's name");
    let (from, to, run) = (party("bank"), party("tax"), RunId::from_bytes([7; 16]));
    Proposal { from, to, run, rules: rules(), terms }.into()
}

fn refusal(reply: Result<Response<Reply>, Status>) -> peer::Refusal {
    match reply.expect("the call is answered").into_inner().outcome {
        Some(reply::Outcome::Refusal(refusal)) => refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn now_ms() -> i64 {
    let now = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    now.try_into().expect("not for another 200 million years")
}
