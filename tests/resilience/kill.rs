//! Processes that are killed in the moment in which their close leaves: whoever hears it takes what
//! was acknowledged for kept, and it is there after the restart.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use domain::Uscc;
use lab::relay::{Fate, Passing, Relay, Side};
use lab::{Party, list, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::Runtime;
use wire::peer::frame::Kind;

use super::{records, restart, runtime};
use crate::support::town::{MODEL, Town};
use crate::support::{bank_and_tax, pid};

/// Kills a party when a closing frame of its own passes, and lets the closing frame pass.
struct Killer {
    victim: Arc<AtomicI32>,
    /// how many closing frames are to pass before.
    after: Arc<AtomicU32>,
}

impl Killer {
    fn between(runtime: &Runtime, asker: &Party, answerer: &Party, whose: Side) -> Self {
        let killer = Self { victim: Arc::default(), after: Arc::default() };
        let (victim, after) = (Arc::clone(&killer.victim), Arc::clone(&killer.after));
        Relay::between(runtime, asker, answerer, move |passing| {
            let Passing::Frame(side, frame) = passing else { return Fate::Pass };
            let parting = *side == whose && matches!(frame.kind, Some(Kind::Close(_)));
            if !parting || victim.load(Ordering::SeqCst) == 0 {
                return Fate::Pass;
            }
            if after.load(Ordering::SeqCst) > 0 {
                after.fetch_sub(1, Ordering::SeqCst);
                return Fate::Pass;
            }
            let pid = Pid::from_raw(victim.swap(0, Ordering::SeqCst));
            kill(pid, Signal::SIGKILL).expect("it is our child");
            Fate::Pass
        });
        killer
    }

    fn arm(&self, victim: &Party, after: u32) {
        self.after.store(after, Ordering::SeqCst);
        self.victim.store(pid(victim).as_raw(), Ordering::SeqCst);
    }

    fn has_killed(&self) -> bool {
        self.victim.load(Ordering::SeqCst) == 0
    }
}

/// Whether a run's output is there: done, where the peer's own closing frame came before the end did.
fn is_kept(run: &Value) -> bool {
    run["state"] == "unconfirmed" || run["state"] == "done"
}

#[test]
fn a_table_whose_close_was_said_is_there_after_the_holder_was_killed() {
    let (mut town, runtime) = (Town::built(), runtime());
    let killer = Killer::between(&runtime, &town.platform, &town.tax, Side::Answerer);
    town.start_parties();
    town.countersigned();
    // The platform's word with the tax bureau: its single table, then its batch table.
    for (after, batch) in [(0, false), (1, true)] {
        killer.arm(&town.tax, after);
        let said = town.publish();
        assert!(killer.has_killed(), "the tax bureau lives: {}", said.err);
        restart(&mut town.tax);
        assert_eq!(of_part(&town.tax, "holder").len(), 1, "{}", said.err);
        let runs = town.tax.runs();
        let kept = runs.iter().find(|run| run["protocol"] == "table").expect("its record");
        assert!(is_kept(kept), "the table is kept: {kept}");
        assert_eq!(kept["terms"]["batch"], batch);
    }
    town.publish().done();
    let (_, letter) = town.authorised(3);
    town.score(3, Some(&letter), &[]).done();
}

#[test]
fn a_lenders_model_whose_close_was_said_is_there_after_the_lender_was_killed() {
    let (mut town, runtime) = (Town::built(), runtime());
    let killer = Killer::between(&runtime, &town.platform, &town.bank, Side::Answerer);
    town.start_parties();
    town.countersigned();
    killer.arm(&town.bank, 0);
    let said = town.publish();
    assert!(killer.has_killed(), "the bank lives: {}", said.err);
    restart(&mut town.bank);
    assert_eq!(of_part(&town.bank, "lender").len(), 1, "{}", said.err);
    assert!(is_kept(&town.bank.ended_run()));
}

#[test]
fn a_model_is_not_published_over_a_party_that_has_not_said_close() {
    let (mut town, runtime) = (Town::built(), runtime());
    Relay::between(&runtime, &town.platform, &town.tax, |passing| match passing {
        Passing::Frame(Side::Answerer, frame) if matches!(frame.kind, Some(Kind::Close(_))) => {
            Fate::Cut
        }
        Passing::Frame(..) | Passing::Proposal | Passing::Reply | Passing::Attested(_) => {
            Fate::Pass
        }
    });
    town.start_parties();
    town.countersigned();
    let said = town.publish();
    assert!(!said.status.success() && said.err.contains("LOST: tax"), "{}", said.err);
    assert!(of_part(&town.platform, "platform").is_empty(), "nobody may ask yet");
}

#[test]
fn an_evaluation_key_whose_close_was_said_is_there_after_the_platform_was_killed() {
    let (mut town, runtime) = (Town::built(), runtime());
    let killer = Killer::between(&runtime, &town.bank, &town.platform, Side::Answerer);
    town.start_parties();
    killer.arm(&town.platform, 0);
    let handed = ["verify", "--prepare", "--json"];
    let said = town.bank.tacit(&handed);
    assert!(killer.has_killed(), "the platform lives: {}", said.err);
    restart(&mut town.platform);
    let keys = fs::read_dir(town.platform.dir.join("keys")).expect("the folder of keys");
    let keys: Vec<_> = keys.map(|entry| entry.expect("its own").path()).collect();
    assert!(matches!(&keys[..], [key] if key.extension().is_some_and(|end| end == "key")));
    restart(&mut town.bank);
    let again = town.bank.tacit(&handed).done();
    assert!(again.out.contains("\"bytes\":0"), "it is handed over once: {}", again.out);
}

#[test]
fn an_intersection_whose_close_was_said_is_there_on_the_side_that_was_killed() {
    let codes = |from: u32, to: u32| -> Vec<String> {
        (from..to).map(|at| Uscc::nth_pdy(at).expect("a small index").reveal().into()).collect()
    };
    for whose in [Side::Asker, Side::Answerer] {
        let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
        let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
        let killer = Killer::between(&runtime, &bank, &tax, whose);
        tax.start();
        bank.start();
        killer.arm(if whose == Side::Asker { &bank } else { &tax }, 0);
        let ours = root.path().join("customers.csv");
        list(&ours, "id", &codes(0, 200));
        let two_sided = ["--kind", "opaque", "--output", "two-sided"];
        let said = bank.psi("tax", "taxpayers", &ours, &two_sided);
        assert!(killer.has_killed(), "nobody was killed: {}", said.err);
        let victim = if whose == Side::Asker { &mut bank } else { &mut tax };
        restart(victim);
        let run = victim.ended_run();
        assert!(is_kept(&run), "{run}");
        let result =
            fs::read_to_string(run["result"].as_str().expect("a file")).expect("it is there");
        assert_eq!(result.lines().skip(1).count(), 100);
        if whose == Side::Answerer {
            assert_eq!(records(&tax, "aligned").len(), 1);
            assert_eq!(records(&tax, "alignment_not_completed").len(), 0);
        } else {
            // The tax bureau has heard the closing frame, and its own end is in order.
            until("the tax bureau has ended its run", || {
                (tax.ended_run()["state"] != "running").then_some(())
            });
        }
    }
}

/// The models that a party has in this part.
fn of_part(party: &Party, part: &str) -> Vec<Value> {
    let all = party.tacit(&["model", "list", "--json"]).done().lines();
    let published = |model: &Value| {
        model["model"] == MODEL && model["part"] == part && model["digest"].is_string()
    };
    all.into_iter().filter(published).collect()
}
