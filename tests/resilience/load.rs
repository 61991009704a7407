//! A pinned peer at full speed beside an honest lender: what the lender notices, and what is left.

use std::fs;
use std::future::Future;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::{RunId, SubjectKind};
use lab::stand_in::{Sockets, call};
use lab::{Party, envelopes};
use nix::unistd::gettid;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tonic::Request;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use wire::peer::peer_client::PeerClient;
use wire::peer::{self, attest_request, model_request};
use wire::{Proposal, PsiOutput, PsiProtocol, PsiTerms};

use crate::support::town::{MODEL, Town, code};
use crate::support::{make, rules, turns};

/// Scores before, and as many under load.
const SCORES: u32 = 250;

/// The hostile peer's tasks a kind of call and victim.
const TASKS: usize = 3;

/// What is promised of a lender's p99 while nobody else asks.
const PROMISED: Duration = Duration::from_millis(50);

#[test]
fn a_hostile_peer_at_full_speed_neither_slows_an_honest_lender_nor_fills_disk_or_memory() {
    turns::alone();
    let (mut town, runtime) = (Town::built(), yielding());
    let thrift = make(town.root.path(), "thrift", "lender");
    for other in [&town.platform, &town.tax, &town.social, &town.power, &town.node] {
        thrift.pin(other);
        other.pin(&thrift);
    }
    town.tax.configure(
        "[[offer]]\nprotocol = 'score'\nregister = 'taxpayers'\nplatform = 'platform'\n\
         to = ['bank']\n\
         [[offer]]\nprotocol = 'psi'\nregister = 'taxpayers'\nto = ['bank', 'thrift']\n\
         outputs = ['one-sided', 'cardinality']\n",
    );
    town.start();
    let letters: Vec<_> = (0..3 * SCORES).map(|at| town.firm(at, &json!({})).grants()).collect();
    town.node.submit(&letters);
    let file = town.file("letters.jsonl");
    envelopes(&file, &letters);
    // Connections, caches, registers.
    scores(&town, 0, &file);

    let before = left(&town);
    let quiet = scores(&town, SCORES, &file);
    let between = left(&town);
    let hostile = Hostile::begin(&runtime, &town, &thrift);
    std::thread::sleep(Duration::from_secs(2));
    let loaded = scores(&town, 2 * SCORES, &file);
    let calls = hostile.end();
    let after = left(&town);

    let [disk, memory] = [0, 1]
        .map(|at| (between[at].saturating_sub(before[at]), after[at].saturating_sub(between[at])));
    println!(
        "score of a governed firm, {SCORES} each: quiet p50 {:?} p99 {:?}; beside {calls} hostile \
         calls p50 {:?} p99 {:?}; disk grows by {} KiB quiet, {} KiB under load; memory by {} KiB \
         quiet, {} KiB under load",
        quiet.0, quiet.1, loaded.0, loaded.1, disk.0, disk.1, memory.0, memory.1,
    );
    // A figure and no verdict: the hostile peer and its victims share this machine's cores.
    println!(
        "p99 beside it is {:.1} times the quiet one, and {:.1} times what is promised of it",
        loaded.1.as_secs_f64() / quiet.1.as_secs_f64(),
        loaded.1.as_secs_f64() / PROMISED.as_secs_f64(),
    );
    assert!(disk.1 < disk.0 + 8 * 1024, "the disk fills");
    assert!(memory.1 < memory.0 + 96 * 1024, "the memory fills");
    assert!(calls > 1_000, "only {calls} hostile calls: this tests nothing");
    town.node.tacit(&["audit", "verify"]).done();
}

/// What the hostile peer runs on. Its victims have the processor before it, as if it had a machine of
/// its own, where there is a `renice`; what they spend on its calls is all theirs.
fn yielding() -> Runtime {
    let yields = || {
        let tid = gettid().to_string();
        let mut renice = Command::new("renice");
        // Without one it has the processor as often as they.
        let _ = renice.args(["-n", "19", "-p", &tid]).stdout(Stdio::null()).status();
    };
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().on_thread_start(yields).build().expect("a runtime")
}

/// The p50 and the p99 of the bank's scores of so many firms from this one on.
fn scores(town: &Town, from: u32, letters: &Path) -> (Duration, Duration) {
    let codes: Vec<String> = (from..from + SCORES).map(code).collect();
    let mut words = vec!["score", "--model", MODEL, "--json", "--authorisation"];
    words.push(letters.to_str().expect("a plain path"));
    words.extend(codes.iter().map(String::as_str));
    let scored = town.bank.tacit(&words).done().lines();
    let took = scored.iter().map(|score| score["latency_us"].as_u64().expect("a number"));
    let mut took: Vec<u64> = took.collect();
    took.sort_unstable();
    assert_eq!(took.len(), SCORES as usize);
    let at = |share: usize| Duration::from_micros(took[took.len() * share / 100]);
    (at(50), at(99))
}

/// The KiB that the victims have on disk, and in memory.
fn left(town: &Town) -> [u64; 2] {
    let victims = [&town.platform, &town.tax, &town.node];
    let disk = victims.iter().map(|party| folder_kib(&party.dir)).sum();
    let memory = victims.iter().map(|party| {
        let pid = party.process.as_ref().expect("it runs").child.id();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("a number of KiB")
    });
    [disk, memory.sum()]
}

fn folder_kib(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => folder_kib(&entry.path()),
        Ok(found) => found.len() / 1024,
        // A file that has just gone.
        Err(_) => 0,
    };
    entries.map(size).sum()
}

/// A pinned and admitted peer that does whatever its certificate lets it try, as fast as it can.
struct Hostile {
    over: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
}

impl Hostile {
    fn begin(runtime: &Runtime, town: &Town, thrift: &Party) -> Self {
        let hostile = Self { over: Arc::default(), calls: Arc::default() };
        let sockets = Sockets::default();
        let letter = town.firm(0, &json!({})).grants().to_json();
        for victim in [&town.platform, &town.tax, &town.node] {
            let client = call(runtime, thrift, victim, &sockets);
            for task in 0..TASKS {
                for kind in 0..8 {
                    let what = (kind, victim.name.clone(), letter.clone());
                    hostile.repeat(runtime, client.clone(), task, what);
                }
            }
            hostile.strangers(&victim.address);
        }
        hostile
    }

    /// Makes calls of one kind without end; every other is dropped after a millisecond.
    fn repeat(
        &self,
        runtime: &Runtime,
        client: PeerClient<Channel>,
        task: usize,
        (kind, victim, letter): (u32, String, Vec<u8>),
    ) {
        let (over, calls) = (Arc::clone(&self.over), Arc::clone(&self.calls));
        runtime.spawn(async move {
            let mut number = 0_u64;
            while !over.load(Ordering::Relaxed) {
                number += 1;
                let drop_it = task == 0 && number.is_multiple_of(2);
                let patience = Duration::from_millis(if drop_it { 1 } else { 10_000 });
                let one = one(client.clone(), kind, number << 8 | task as u64, &victim, &letter);
                let _ = tokio::time::timeout(patience, one).await;
                calls.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// Somebody who is nobody's peer opens connections and says nothing.
    fn strangers(&self, address: &str) {
        let (over, address) = (Arc::clone(&self.over), address.to_owned());
        std::thread::spawn(move || {
            let mut open = Vec::new();
            while !over.load(Ordering::Relaxed) {
                open.push(TcpStream::connect(&address));
                std::thread::sleep(Duration::from_millis(5));
                if open.len() > 100 {
                    open.clear();
                }
            }
        });
    }

    fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.calls.load(Ordering::Relaxed)
    }
}

/// One call of a kind; what comes of it is the victim's.
async fn one(mut client: PeerClient<Channel>, kind: u32, number: u64, victim: &str, letter: &[u8]) {
    let mut run = [0; 16];
    run[..8].copy_from_slice(&number.to_le_bytes());
    run[8] = 7;
    match kind {
        0 => told(client.greet(peer::Greeting::default())).await,
        // Agreed, and never begun.
        1 => told(client.propose(proposal(victim, RunId::from_bytes(run)))).await,
        2 => {
            let mut request = Request::new(tokio_stream::pending());
            request.metadata_mut().insert_bin(wire::RUN_KEY, MetadataValue::from_bytes(&run));
            told(client.exchange(request)).await;
        }
        3 => {
            let about = attest_request::About::Authorisation(format!("AU-{number:016x}"));
            told(client.attest(peer::AttestRequest { about: Some(about) })).await;
        }
        4 => {
            let envelope = letter.to_vec().into();
            told(client.register(peer::RegisterRequest { envelope })).await;
        }
        5 => {
            told(client.receipts(peer::ReceiptsRequest { run: run.to_vec().into() })).await;
        }
        6 => {
            let about = Some(model_request::About::Retired(vec![7; 32].into()));
            told(client.model(peer::ModelRequest { about })).await;
        }
        _ => {
            let checkpoint = "tacit/thrift\n1\nAAAA\n\n- tacit/thrift AAAA\n".into();
            let request = peer::DepositRequest { checkpoint, consistency: Vec::new() };
            told(client.deposit(request)).await;
        }
    }
}

async fn told<T>(call: impl Future<Output = T>) {
    drop(call.await);
}

fn proposal(victim: &str, run: RunId) -> peer::Proposal {
    let terms = PsiTerms {
        register: "taxpayers".into(),
        subjects: SubjectKind::Uscc,
        output: PsiOutput::Cardinality,
        items: 10_000,
        pad_to: Some(10_000),
        protocol: PsiProtocol::Ecdh,
    };
    let party = |name: &str| name.parse().expect("a party's name");
    let (from, to) = (party("thrift"), party(victim));
    Proposal { from, to, run, rules: rules(), terms }.into()
}
