//! Parties that are killed or stopped in a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab::relay::{Fate, Passing, Relay, Side, round_of};
use lab::{Party, list, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::runtime::Runtime;
use tokio::task::block_in_place;
use wire::peer;

use super::{
    ask, codes, failed, folder, nothing_is_left, pid, restart, result, runtime, shared, stop,
    trouble,
};
use crate::support::{bank_and_tax, spawn};

/// Two-sided runs over a protocol, round by round.
struct Rounds {
    protocol: &'static str,
    all: &'static [u32],
    /// From which round on the tax bureau may have its output when the bank dies: the bank speaks a
    /// round ahead, and its last words may be here by then.
    told: u32,
    /// From which round on the bank has said all and kept what it learned.
    kept: u32,
}

const ECDH: Rounds =
    Rounds { protocol: "ecdh", all: &[1, 2, 3, 4, 5, 6, 7, 8, 9], told: 7, kept: 8 };
/// Without the coin of checked runs.
const VOLE: Rounds = Rounds {
    protocol: "vole",
    all: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17],
    told: 17,
    kept: 16,
};

#[test]
fn whoever_is_killed_in_any_round_the_other_fails_cleanly_and_the_run_can_be_run_again() {
    killed_in_any_round(&ECDH);
}

#[test]
fn whoever_is_killed_in_any_round_over_vole_the_other_fails_cleanly_and_the_run_can_be_run_again() {
    killed_in_any_round(&VOLE);
}

fn killed_in_any_round(Rounds { protocol, all, told, kept }: &Rounds) {
    for victim in [Side::Answerer, Side::Asker] {
        let (root, runtime) = (folder(), runtime());
        let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
        let line = Killer::between(&runtime, &bank, &tax);
        tax.start();
        bank.start();
        for &round in *all {
            line.arm(if victim == Side::Asker { &bank } else { &tax }, Phase::Round(round));
            let said = ask(&bank, &root, &["--output", "two-sided", "--protocol", protocol]);
            if victim == Side::Asker {
                failed(&said, "LINE_LOST", &["party"]);
                let run = tax.ended_run();
                if run["state"] == "unconfirmed" {
                    assert!(round >= *told, "round {round}: {run}");
                    assert_eq!(result(&run), shared());
                    tax.forget_results();
                } else {
                    assert_eq!(trouble(&run), "LOST", "round {round}: {run}");
                }
                restart(&mut bank);
                let run = bank.ended_run();
                if run["state"] == "unconfirmed" {
                    // It is there, however it died.
                    assert!(round >= *kept, "round {round}: {run}");
                    assert_eq!(result(&run), shared());
                    bank.forget_results();
                } else {
                    assert_eq!(trouble(&run), "STOPPED", "round {round}: {run}");
                    nothing_is_left(&bank);
                }
            } else if said.status.success() {
                // It had all that it needs when the peer died: the output is there, unconfirmed.
                assert!(round >= *kept, "round {round}: {}", said.out);
                let run = said.json();
                assert_eq!(run["state"], "unconfirmed");
                assert_eq!(result(&run), shared());
                restart(&mut tax);
                bank.forget_results();
                assert_eq!(trouble(&tax.ended_run()), "STOPPED");
                nothing_is_left(&tax);
                continue;
            } else {
                failed(&said, "LOST", &["tax went away", "run this again"]);
                nothing_is_left(&bank);
                restart(&mut tax);
                assert_eq!(trouble(&tax.ended_run()), "STOPPED");
            }
            nothing_is_left(&tax);
        }
        // Any of them can be run again, once everybody is back.
        let failed = bank.runs().into_iter().find(|run| run["state"] == "failed");
        let failed = failed.expect("most of them failed");
        let id = failed["id"].as_str().expect("a number");
        let run = bank.tacit(&["runs", "again", id, "--json"]).done().json();
        assert_eq!((&run["state"], result(&run)), (&"done".into(), shared()));
        assert_ne!(run["id"], id);
        assert_eq!(bank.tacit(&["runs", id, "--json"]).done().json()["state"], "failed");
        assert_eq!(result(&tax.ended_run()), shared());
    }
}

#[test]
fn whoever_is_killed_while_a_run_is_proposed_the_other_gets_over_it() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
    tax.configure("[limits]\nidle_s = 2");
    let line = Killer::between(&runtime, &bank, &tax);
    tax.start();
    bank.start();
    for phase in [Phase::Proposal, Phase::Reply] {
        line.arm(&tax, phase);
        failed(&ask(&bank, &root, &[]), "LOST", &["tax", "run this again"]);
        nothing_is_left(&bank);
        restart(&mut tax);
    }
    let again = bank.runs().pop().unwrap();
    let again = bank.tacit(&["runs", "again", again["id"].as_str().unwrap(), "--json"]);
    assert_eq!(result(&again.done().json()), shared());

    // The tax bureau has agreed, and nobody comes.
    line.arm(&bank, Phase::Reply);
    failed(&ask(&bank, &root, &[]), "LINE_LOST", &[]);
    let run = tax.ended_run();
    assert_eq!(trouble(&run), "SILENT", "{run}");
    assert!(run["trouble"]["en"].to_string().contains("did not begin it within 2 s"));
    restart(&mut bank);
    assert_eq!(trouble(&bank.ended_run()), "STOPPED");
    ask(&bank, &root, &[]).done();
}

#[test]
fn a_peer_that_is_killed_while_both_compute_is_noticed_and_the_run_can_be_run_again() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 20_000));
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    list(&ours, "id", &codes(15_000, 35_000));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    // The protocol that takes long enough to be killed in.
    let ours = ["--kind", "opaque", "--protocol", "ecdh", "--file", ours.to_str().unwrap()];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    // No relay here: the process dies, and its connections with it.
    until("chunks flow", || (tax.runs().first()?["state"] == "running").then_some(()));
    tax.process = None;
    failed(&asking.end(), "LOST", &["tax went away in “round", "run this again"]);
    let run = bank.ended_run();
    assert_eq!((trouble(&run), &run["trouble"]["side"]), ("LOST", &"tax".into()));
    nothing_is_left(&bank);
    nothing_is_left(&tax);
    tax.start();
    assert_eq!(trouble(&tax.ended_run()), "STOPPED");
    let again = bank.tacit(&["runs", "again", run["id"].as_str().unwrap(), "--json"]).done();
    assert_eq!(again.json()["report"]["matches"], 5_000);
}

#[test]
fn a_party_that_is_stopped_in_a_run_tells_its_peer_and_lists_the_run_as_failed() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 400_000));
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    list(&ours, "id", &codes(350_000, 750_000));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    // The protocol that takes long enough to be stopped in.
    let ours = ["--kind", "opaque", "--protocol", "ecdh", "--file", ours.to_str().unwrap()];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    until("chunks flow", || (tax.runs().first()?["state"] == "running").then_some(()));
    stop(&mut tax);
    failed(&asking.end(), "LOST", &["tax", "run this again"]);
    nothing_is_left(&bank);
    tax.start();
    assert_eq!(trouble(&tax.ended_run()), "STOPPED");
}

#[test]
fn a_peer_that_dies_between_the_last_chunk_and_the_close_leaves_a_result_unconfirmed() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
    Relay::between(&runtime, &bank, &tax, |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && matches!(frame.kind, Some(peer::frame::Kind::Close(_)))
        {
            // Its last chunk is on the way: let it arrive.
            block_in_place(|| thread::sleep(Duration::from_secs(1)));
            return Fate::Cut;
        }
        Fate::Pass
    });
    tax.start();
    bank.start();
    let run = ask(&bank, &root, &[]).done().json();
    assert_eq!((&run["state"], result(&run)), (&"unconfirmed".into(), shared()));
    assert_eq!(bank.results().len(), 2, "the result and its report, and no part of either");
}

/// Kills a party when something passes between the two.
struct Killer {
    /// A round, or one of the phases before.
    at: Arc<AtomicU32>,
    victim: Arc<AtomicI32>,
}

/// When a party is killed.
#[derive(Clone, Copy)]
enum Phase {
    Proposal,
    Reply,
    Round(u32),
}

impl Phase {
    fn number(self) -> u32 {
        match self {
            Self::Proposal => 100,
            Self::Reply => 101,
            Self::Round(round) => round,
        }
    }
}

/// How long a round may wait for an earlier one.
const PATIENCE: Duration = Duration::from_secs(10);

impl Killer {
    fn between(runtime: &Runtime, bank: &Party, tax: &Party) -> Self {
        let killer = Self { at: Arc::default(), victim: Arc::default() };
        let (at, victim) = (Arc::clone(&killer.at), Arc::clone(&killer.victim));
        Relay::between(runtime, bank, tax, move |passing| {
            let now = match passing {
                Passing::Proposal => Phase::Proposal.number(),
                Passing::Reply => Phase::Reply.number(),
                Passing::Frame(_, frame) => round_of(frame).map_or(0, |(round, _)| round),
                Passing::Attested(_) => 0,
            };
            // Both speak at once: what the victim says in a later round waits for the one of its death, and
            // is then not heard.
            if (1..now).contains(&at.load(Ordering::SeqCst)) && now < Phase::Proposal.number() {
                let until = Instant::now() + PATIENCE;
                let is_alive = || at.load(Ordering::SeqCst) != 0 && Instant::now() < until;
                block_in_place(|| {
                    while is_alive() {
                        thread::sleep(Duration::from_millis(2));
                    }
                });
                if at.load(Ordering::SeqCst) == 0 {
                    return Fate::Cut;
                }
            }
            if now == 0 || at.load(Ordering::SeqCst) != now {
                return Fate::Pass;
            }
            at.store(0, Ordering::SeqCst);
            let pid = Pid::from_raw(victim.load(Ordering::SeqCst));
            kill(pid, Signal::SIGKILL).expect("it is our child");
            Fate::Cut
        });
        killer
    }

    fn arm(&self, victim: &Party, phase: Phase) {
        self.victim.store(pid(victim).as_raw(), Ordering::SeqCst);
        self.at.store(phase.number(), Ordering::SeqCst);
    }
}
