//! Earlier answers are handed over again, and without every holder there is none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use lab::relay::{Fate, Passing, Relay, Side, round_of};
use tokio::runtime::Builder;
use wire::peer::frame;

use super::{refusal, runtime};
use crate::support::town::{self, FIRMS, Town, clear_points, code};

#[test]
fn a_firm_that_no_bin_holds_is_answered_in_as_many_bytes_logged_and_charged() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut town = Town::built();
    // Of firm 7 the tax bureau does not know what it has paid.
    let path = town.tax.dir.join("taxpayers.csv");
    let rows = fs::read_to_string(&path).unwrap();
    let unknown = rows.replace(&format!("{},7000,", code(7)), &format!("{},,", code(7)));
    assert_ne!(rows, unknown);
    fs::write(&path, unknown).unwrap();
    let lines = [(&town.bank, &town.platform), (&town.platform, &town.tax)]
        .map(|(asker, answerer)| Relay::between(&runtime, asker, answerer, |_| Fate::Pass));
    town.start();
    let taken = || {
        lines.each_ref().map(|line| {
            let mut line = line.lock().expect("nobody panicked");
            // What is asked holds times, which may have fewer digits; what is answered holds none.
            let asked = std::mem::take(&mut line.asked).len();
            (asked, std::mem::take(&mut line.answered).len())
        })
    };
    let released = || {
        let usage = town.tax.tacit(&["usage", "--json"]).done().json();
        usage["released"].as_u64().expect("a number")
    };
    let mut lengths = Vec::new();
    for at in [3, 7, FIRMS + 5] {
        let (_, sealed) = town.authorised(at);
        taken();
        let before = released();
        let scored = town.score(at, Some(&sealed), &[]).done().json();
        // Its bin, and that of whoever has no value.
        let points = if at == 7 { clear_points(7) - 10 + 5 } else { clear_points(at) };
        assert_eq!(scored["points"].as_u64(), Some(points));
        lengths.push(taken());
        assert_eq!(released(), before + 1, "logged, and so charged");
    }
    assert!(lengths.iter().all(|each| *each == lengths[0]), "{lengths:?}");
}

/// What each holder has sent.
type Answers = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

#[test]
fn a_repeated_question_gets_the_stored_ciphertext_until_a_register_changes() {
    let mut town = Town::built();
    let runtime = runtime();
    let answers = Answers::default();
    for holder in town.holders() {
        let (name, answers) = (holder.name.clone(), Arc::clone(&answers));
        Relay::between(&runtime, &town.platform, holder, move |passing| {
            if let Passing::Frame(Side::Answerer, frame) = passing
                && let Some(frame::Kind::Chunk(chunk)) = &frame.kind
                && chunk.body.len() < 20_000
            {
                answers.lock().expect("one at a time").push((name.clone(), chunk.body.to_vec()));
            }
            Fate::Pass
        });
    }
    town.start();
    let (_, sealed) = town.authorised(0);
    let (_, other) = town.authorised(1);
    let asked = |at: u32, sealed| {
        answers.lock().expect("one at a time").clear();
        let scored = town.score(at, Some(sealed), &[]).done().json();
        assert_eq!(scored["points"].as_u64(), Some(clear_points(at)));
        let mut answers = answers.lock().expect("one at a time").clone();
        answers.sort();
        assert_eq!(answers.len(), 3, "one from each holder");
        answers
    };
    let first = asked(0, &sealed);
    // The same lender, firm, model and registers: the same three ciphertexts, byte for byte.
    assert_eq!(asked(0, &sealed), first);
    assert_eq!(asked(0, &sealed), first);
    // Another firm has ciphertexts of its own, whatever its bins.
    assert!(asked(1, &other).iter().zip(&first).all(|(one, other)| one.1 != other.1));
    // A register that has changed: no holder's old answer is used, not even where its own register
    // is what it was.
    let file = town.tax.dir.join("taxpayers.csv");
    fs::write(&file, town::rows("tax") + &format!("{},1,0,1\n", code(FIRMS + 9))).expect("ours");
    let second = asked(0, &sealed);
    assert!(second.iter().zip(&first).all(|(one, other)| one.1 != other.1));
    assert_eq!(asked(0, &sealed), second);
    // Each is a release with a receipt of its own.
    let released = town.tax.tacit(&["usage", "--json"]).done().json();
    assert_eq!(released["released"], 6);
}

#[test]
fn without_every_holder_there_is_no_score_and_no_share_of_one_opens() {
    let mut town = Town::built();
    town.power.configure("[limits]\nidle_s = 2\n");
    town.platform.configure("[limits]\nidle_s = 2\n");
    let runtime = runtime();
    let (slow, sums) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let waits = Arc::clone(&slow);
    Relay::between(&runtime, &town.platform, &town.power, move |passing| {
        if matches!(passing, Passing::Frame(Side::Answerer, _)) && waits.load(Ordering::SeqCst) {
            tokio::task::block_in_place(|| thread::sleep(Duration::from_secs(4)));
        }
        Fate::Pass
    });
    let seen = Arc::clone(&sums);
    Relay::between(&runtime, &town.bank, &town.platform, move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && round_of(frame).is_some()
        {
            seen.store(true, Ordering::SeqCst);
        }
        Fate::Pass
    });
    town.start();
    let (_, sealed) = town.authorised(2);
    // A firm on no register has the points that the model gives for that.
    let (_, unknown) = town.authorised(FIRMS + 2);
    let scored = town.score(FIRMS + 2, Some(&unknown), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(FIRMS + 2)));

    // One is late: the platform gives up, and no sum leaves.
    slow.store(true, Ordering::SeqCst);
    sums.store(false, Ordering::SeqCst);
    let late = town.score(2, Some(&sealed), &[]);
    assert_eq!(late.status.code(), Some(1), "{}", late.out);
    assert!(late.err.contains("nothing moved for 2s"), "{}{}", late.out, late.err);
    let run = town.platform.runs().into_iter().find(|run| run["state"] == "failed");
    let why = run.expect("it is on record")["trouble"].to_string();
    assert!(why.contains("SILENT") && why.contains("power"), "{why}");
    assert!(!sums.load(Ordering::SeqCst), "a sum without a holder's answer has left the platform");
    slow.store(false, Ordering::SeqCst);

    // One is down: the same.
    town.power.process = None;
    let down = town.score(2, Some(&sealed), &[]);
    assert_eq!(refusal(&down), "REFUSED");
    assert!(down.err.contains("power"), "{}", down.err);
    assert!(!sums.load(Ordering::SeqCst), "a sum without a holder's answer has left the platform");
    // It is back: the question is asked again and answered.
    town.power.start();
    let scored = town.score(2, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(2)));
}
