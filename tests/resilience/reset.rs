//! Callers that reset their streams in the middle of whatever they have asked for.

use std::future::Future;
use std::time::Duration;

use audit::{Checkpoint, Head};
use domain::Digest;
use envelope::SigningKey;
use lab::stand_in::{Sockets, call};
use serde_json::json;
use tokio::task::JoinSet;
use tonic::{Request, Response, Status};
use wire::peer::{self, model_request};

use super::runtime;
use crate::support::town::{MODEL, Town};

/// Calls of each kind.
const CALLS: u32 = 1_200;

/// How many are under way at once.
const AT_ONCE: usize = 8;

#[test]
fn thousands_of_resets_in_calls_that_change_a_state_leave_logs_that_go_on() {
    let (town, runtime, sockets) = (Town::running(), runtime(), Sockets::default());
    let (firm, letter) = town.authorised(0);
    let (_, other) = town.authorised(1);
    let scored = town.score(0, Some(&letter), &[]).done().json();
    let run = hex(scored["run"].as_str().expect("its number"));
    let registration = town.tax.tacit(&["model", "show", MODEL, "--json"]).done();
    let registration = registration.json()["models"][0]["registration"].clone();
    let registration = registration.as_str().map(hex).unwrap_or_else(|| vec![7; 32]);

    // To the node, as a member: letters that it has never seen, and checkpoints that nobody signed.
    let bank = call(&runtime, &town.bank, &town.node, &sockets);
    runtime.block_on(reset_all(|at| {
        let mut bank = bank.clone();
        let letter = town.firm(1_000 + at, &json!({})).grants();
        async move {
            let envelope = letter.to_json().into();
            bank.register(Request::new(peer::RegisterRequest { envelope })).await
        }
    }));
    let key = SigningKey::from_seed(&[9; 32]);
    runtime.block_on(reset_all(|at| {
        let mut bank = bank.clone();
        let root = Digest::from_bytes([u8::try_from(at % 251).expect("a byte"); 32]);
        let head = Head { size: u64::from(at) + 1, root };
        let note = Checkpoint { origin: "bank".parse().expect("a name"), head }.sign(&key);
        let request =
            peer::DepositRequest { checkpoint: note.to_string(), consistency: Vec::new() };
        async move { bank.deposit(Request::new(request)).await }
    }));
    // To a holder, as its platform: what proves a release, and the end of a model that is none.
    let platform = call(&runtime, &town.platform, &town.tax, &sockets);
    runtime.block_on(reset_all(|_| {
        let (mut platform, run) = (platform.clone(), run.clone().into());
        async move { platform.receipts(Request::new(peer::ReceiptsRequest { run })).await }
    }));
    runtime.block_on(reset_all(|at| {
        let mut platform = platform.clone();
        let mut digest = registration.clone();
        digest[0] ^= 1 + u8::try_from(at % 200).expect("a byte");
        let about = Some(model_request::About::Retired(digest.into()));
        async move { platform.model(Request::new(peer::ModelRequest { about })).await }
    }));

    // Every log goes on: the node takes a revocation, the holders see it, and release for others.
    town.node.submit(&[firm.revokes(&letter)]);
    let refused = town.score(0, Some(&letter), &[]);
    assert_eq!(refused.json()["trouble"]["code"], "AUTH_REVOKED", "{}", refused.err);
    town.score(1, Some(&other), &[]).done();
    for party in [&town.node, &town.tax] {
        let said = party.tacit(&["audit", "verify", "--json"]).done().json();
        assert!(said["records"].as_u64().is_some_and(|records| records > 5), "{said}");
    }
    let registered = ["authorisation", "list", "--json", "--limit", "10000"];
    let registered = town.node.tacit(&registered).done().out.matches("AU-").count();
    // How many are heard before they are reset is the machine's affair; some are.
    assert!(registered > 10, "only {registered} of {CALLS} letters were taken");
}

/// Makes calls and drops each after a time of its own.
async fn reset_all<T, F>(mut calls: impl FnMut(u32) -> F)
where
    F: Future<Output = Result<Response<T>, Status>> + Send + 'static,
{
    let (mut under_way, mut answered, mut dropped) = (JoinSet::new(), 0, 0);
    for at in 0..CALLS {
        let call = calls(at);
        // From at once to long after any is answered, in no order.
        let patience = Duration::from_micros(u64::from(at) * 7_919 % 12_000);
        under_way.spawn(async move { tokio::time::timeout(patience, call).await.is_ok() });
        while under_way.len() >= AT_ONCE {
            let ended = under_way.join_next().await.expect("one is under way");
            *if ended.expect("it does not panic") { &mut answered } else { &mut dropped } += 1;
        }
    }
    under_way.join_all().await;
    assert!(dropped > CALLS / 10, "only {dropped} were reset, {answered} answered");
}

fn hex(text: &str) -> Vec<u8> {
    let text = text.trim_start_matches("sha256:");
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal");
    (0..text.len() / 2).map(byte).collect()
}
