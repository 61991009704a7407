//! What tests of whole systems share, on the parties of `lab`.
//!
//! Every wait is bounded by [`lab::PATIENCE`], every process is killed when its [`Party`] or the test
//! goes, and every party listens on a port that the system chose.

pub(crate) mod bearer;
pub(crate) mod canary;
pub(crate) mod circle;
pub(crate) mod clear;
pub(crate) mod ground;
pub(crate) mod keeping;
pub(crate) mod lines;
pub(crate) mod questions;
pub(crate) mod scoring_circle;
pub(crate) mod subjects;
pub(crate) mod town;
pub(crate) mod turns;
pub(crate) mod walk;

use std::path::Path;

use lab::{Party, Process, Program, Said, until};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// The program that was built with this test.
pub(crate) fn program() -> Program {
    Program::at(env!("CARGO_BIN_EXE_tacit"))
}

/// Makes a party in `root/name` with `tacit init`.
pub(crate) fn make(root: &Path, name: &str, duty: &str) -> Party {
    turns::beside();
    Party::make(&program(), root, name, duty)
}

/// The place of a party in `root/name`, for `tacit init` to make it.
pub(crate) fn unmade(root: &Path, name: &str) -> Party {
    turns::beside();
    Party::reserve(&program(), root, name).expect("a free port")
}

/// Starts a command of the party in `dir`.
pub(crate) fn spawn(dir: &Path, arguments: &[&str]) -> Process {
    program().spawn(dir, arguments)
}

/// A bank that may ask, a tax bureau that answers with the register `taxpayers`, pinned with one
/// another and not yet running.
pub(crate) fn bank_and_tax(root: &Path, kind: &str, taxpayers: &[String]) -> (Party, Party) {
    let bank = make(root, "bank", "lender");
    let tax = make(root, "tax", "holder");
    bank.pin(&tax);
    tax.pin(&bank);
    tax.offer("taxpayers", kind, taxpayers, "bank");
    (bank, tax)
}

/// What relays and hostile peers run on.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Stops a party as its operator does.
pub(crate) fn stop(party: &mut Party) {
    let asking = spawn(&party.dir, &["party", "stop"]);
    // Whoever has started a process must take note of its end, or it does not vanish.
    let mut process = party.process.take().expect("it runs");
    let status = until("the party stops", || process.child.try_wait().expect("it is our child"));
    assert!(status.success(), "it ended with {status}");
    asking.end().done();
}

/// Ends the newest run of the party in `dir` as its operator does.
pub(crate) fn cancel_newest(dir: &Path) {
    let runs = spawn(dir, &["runs", "--json"]).end().done().lines();
    let id = runs.first().and_then(|run| run["id"].as_str()).expect("there is a run");
    spawn(dir, &["runs", "cancel", id]).end().done();
}

/// The process of a party that runs.
pub(crate) fn pid(party: &Party) -> Pid {
    let process = party.process.as_ref().expect("it runs");
    Pid::from_raw(process.child.id().try_into().expect("a small number"))
}

/// The code with which a question was refused.
pub(crate) fn refusal(said: &Said) -> String {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    said.json()["trouble"]["code"].as_str().unwrap_or("-").to_owned()
}

/// The events of a party's log, in order.
pub(crate) fn events(party: &Party) -> Vec<Value> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let event = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"].clone()
    };
    (0..size.as_u64().expect("a number of records")).map(event).collect()
}

/// Those of them that are of this kind.
pub(crate) fn records(party: &Party, kind: &str) -> Vec<Value> {
    events(party).into_iter().filter(|event| event.get(kind).is_some()).collect()
}

/// Does something to a store behind its party's back.
pub(crate) fn sql(runtime: &Runtime, path: &Path, statement: &str) {
    use sqlx::Connection;
    runtime.block_on(async {
        let url = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("a store");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .expect("SQL");
        connection.close().await.expect("it closes");
    });
}

/// The rules that a party decides by where its configuration says nothing else.
pub(crate) fn rules() -> wire::Rules {
    wire::Rules {
        catalogue: catalogue::Catalogue::jiangsu().hash(),
        profile: catalogue::Profile::strictest().hash(),
        purpose: domain::Purpose::PreLoan,
    }
}
