//! What a verification costs: `cargo bench -p verification --bench verify`.
//!
//! Step by step in processor time of one thread, then whole questions by the clock on two threads.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

#[path = "../tests/budget/mod.rs"]
mod budget;
#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../../lattice/benches/timing/mod.rs"]
mod timing;

use std::time::{Duration, Instant};

use common::{Asked, Lender, Question, rng};
use timing::{on_one_thread, time};
use verification::{
    Answer, Atoms, COMBINED_BYTES, CYCLES, Circuit, Combined, Comparison, EVALUATION_KEY_BYTES,
    Encode, Evaluation, Formula, LAST_SOAK, LenderKey, PUBLIC_KEY_BYTES, SEALED_THRESHOLD_BYTES,
    SOAK, SealedThreshold, Threshold, holder, upload,
};

fn main() {
    bounds();
    bytes();
    on_one_thread(steps);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(questions);
}

fn bounds() {
    let sd = |what: &str, variance: f64| {
        println!("  {what:<52}{:>8.2}", variance.log2() / 2.0 + 64.0);
    };
    println!("noise, in bits (log2) of units of 2^-64");
    sd("an encryption of zero", budget::zero());
    sd("a bootstrap", budget::bootstrap());
    sd("key switch", budget::switch());
    sd("rounding to the wheel", budget::rounding());
    sd("rounding to 16 bits", budget::words(16));
    println!("failure of one bootstrap (log2)");
    for (what, log2) in [
        ("a gate of sixteen times one input", budget::gate()),
        ("a gate of sixteen inputs", budget::gate_of_different()),
        ("four digits", budget::digits()),
        ("the comparison of both halves", budget::comparison()),
        ("a soaked value", budget::soaked()),
        ("the lender's opening", budget::opening()),
    ] {
        println!("  {what:<52}{log2:>8.1}");
    }
    println!("statistical distance of one message (log2)");
    println!("  {:<52}{:>8.1}", "combined answer", budget::distance());
    println!("  {:<52}{:>8.1}", "sealed atom", budget::sealed_distance());
    println!("bits that one message can carry, whatever keys and tables are");
    println!("  {:<52}{:>8.2}", "combined answer", budget::capacity(LAST_SOAK));
    println!("  {:<52}{:>8.2}", "sealed atom", budget::capacity(SOAK));
}

fn bytes() {
    println!("bytes");
    for (what, bytes) in [
        ("public key", PUBLIC_KEY_BYTES),
        ("evaluation key", EVALUATION_KEY_BYTES),
        ("  in chunks", upload::KEY_CHUNKS),
        ("sealed threshold", SEALED_THRESHOLD_BYTES),
        ("combined answer", COMBINED_BYTES),
    ] {
        println!("  {what:<52}{bytes:>10}");
    }
}

fn steps() {
    println!("processor time of one thread, the fastest of several runs");
    let mut rng = rng(1);
    let ((key, uploaded), _) = time("all keys of a lender", 2, || LenderKey::generate(&mut rng));
    let (evaluator, _) = time("evaluation key, expand", 2, || uploaded.expand());
    let lender = Lender { key, uploaded, evaluator };
    let threshold = || Threshold(500_000);
    time("threshold, seal", 20, || SealedThreshold::seal(&threshold(), &lender.key, &mut rng));
    let plain = plain(&lender, 1);
    let answered = |rng: &mut _| lender.atoms(&plain, 0, rng);
    let (atoms, _) = time("one plain atom, encrypt", 20, || answered(&mut rng));
    let (combined, once) = time("one plain atom, combine (1 bootstrap)", 10, || {
        let mut evaluation = Evaluation::new(plain.terms.clone());
        evaluation.take(&atoms).unwrap();
        evaluation.combine(&lender.evaluator, &mut rng).unwrap()
    });
    time("decrypt, with digest", 20, || {
        let combined = Combined::from_bytes(&combined.to_bytes(), &plain.terms).unwrap();
        lender.key.decrypt(&combined, &plain.terms).unwrap()
    });
    let sealed = sealed(&lender);
    let compare = 3 + CYCLES;
    let (_, all) =
        time("one sealed atom, compare (6 bootstraps)", 5, || lender.atoms(&sealed, 0, &mut rng));
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let each = all / compare as f64 / 1000.0;
    println!(
        "  so a bootstrap takes {:.1} to {:.1} ms",
        each.min(once / 1000.0),
        each.max(once / 1000.0)
    );
}

/// So many plain atoms, each at its own holder if there are enough of three.
fn plain(lender: &Lender, atoms: usize) -> Question {
    let asked: Vec<_> = (0..atoms).map(|i| (i % 3, Asked::Plain(Answer::Yes))).collect();
    let formula = match atoms {
        1 => Formula::Atom(0),
        _ => Formula::all([
            Formula::Atom(0),
            Formula::Atom(1),
            !Formula::any([Formula::Atom(2), Formula::Atom(3)]),
            Formula::Atom(4),
        ]),
    };
    lender.question(1, &asked, &formula, &mut rng(2))
}

fn sealed(lender: &Lender) -> Question {
    let asked = [(0, Asked::Sealed(Comparison::AtLeast, 500_000, Some(612_345)))];
    lender.question(1, &asked, &Formula::Atom(0), &mut rng(3))
}

/// A hard formula of five atoms: an `all` around an `any` that is not negated.
fn deep(lender: &Lender) -> Question {
    let asked: Vec<_> = (0..5).map(|i| (i % 3, Asked::Plain(Answer::Yes))).collect();
    let any = Formula::any([Formula::Atom(2), Formula::Atom(3)]);
    let formula = Formula::all([Formula::Atom(0), Formula::Atom(1), any, Formula::Atom(4)]);
    lender.question(1, &asked, &formula, &mut rng(2))
}

fn questions() {
    println!("whole questions, two threads, by the clock: median and fastest of 15, in ms");
    let lender = Lender::new(&mut rng(4));
    for (what, question) in [
        ("one plain atom", plain(&lender, 1)),
        ("five atoms over three holders, one gate", plain(&lender, 5)),
        ("five atoms over three holders, two levels", deep(&lender)),
        ("one sealed 64-bit comparison", sealed(&lender)),
    ] {
        whole(what, &lender, &question);
    }
}

/// The slowest holder, then the platform, then the lender.
fn whole(what: &str, lender: &Lender, question: &Question) {
    let (terms, mut rng) = (&question.terms, rng(5));
    let mut times = Vec::new();
    for _ in 0..15 {
        let mut answered = Vec::new();
        let mut slowest = Duration::ZERO;
        for place in 0..terms.holders().len() {
            let started = now();
            answered.push(lender.atoms(question, place, &mut rng).to_bytes());
            slowest = slowest.max(started.elapsed());
        }
        let started = now();
        let mut evaluation = Evaluation::new(terms.clone());
        for (place, bytes) in answered.iter().enumerate() {
            evaluation.take(&Atoms::from_bytes(bytes, terms, holder(place)).unwrap()).unwrap();
        }
        let combined = evaluation.combine(&lender.evaluator, &mut rng).unwrap().to_bytes();
        lender.key.decrypt(&Combined::from_bytes(&combined, terms).unwrap(), terms).unwrap();
        times.push((slowest + started.elapsed()).as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let bootstraps = bootstraps(terms.circuit(), question);
    println!("  {what:<44}{:>8.1}{:>8.1}   {bootstraps}", times[7], times[0]);
}

/// How many bootstraps a question takes, and how many of them one after the other.
fn bootstraps(circuit: &Circuit, question: &Question) -> String {
    let sealed = question.thresholds.iter().flatten().count();
    let (compared, path) = (sealed * (3 + CYCLES), if sealed > 0 { 2 + CYCLES } else { 0 });
    let (combined, then) = match circuit.gates() {
        0 => (1, 1),
        gates => {
            (2 * (sealed + gates) + CYCLES, usize::from(sealed > 0) + circuit.depth() + CYCLES)
        }
    };
    let (all, path) = (compared + combined, path + then);
    format!("{all} bootstraps, {path} in a row")
}

#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
fn now() -> Instant {
    Instant::now()
}
