//! What blocks of 4096 subjects cost: `cargo bench -p scoring --bench batch`.
//!
//! Times are of the processor: of one thread where nothing else is said, so that a machine shared
//! with other work gives nearly the same.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "a bench needs a clock")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

#[path = "../tests/budget/mod.rs"]
mod budget;
#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use common::batch::{Register, Scene, picks, subjects};
use common::{below, rng};
use scoring::batch::{
    ANSWER_BYTES, Answer, ENTRY_BYTES, LenderKey, MODULUS, PRIMES, PUBLIC_KEY_BYTES, Pledge,
    ReadyTable, SUM_BYTES, Span, Sum, Table, Tally, trial,
};
use scoring::{Encode, LENDER, ModelDigest, RING, Scorecard, TableTerms, holder};
use session::{Chunk, Fate, Network, Session, Turn};
use tfhe_ntt::prime64::Plan;

const FEATURES: usize = 16;
const BINS: usize = 8;

fn main() {
    bounds();
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(costs);
    threads();
    million();
}

fn bounds() {
    println!("noise, in bits (log2) of units of 1/P of the torus, P = 2^{:.3}", log2(MODULUS));
    println!("  an encryption of zero                      {:8.2}", budget::batch::zero().log2());
    for features in [16, 64] {
        let covered = budget::batch::covered(features).log2();
        println!("  what a flood covers, {features:2} features           {covered:8.2}");
    }
    println!("  a flood                                    {:8.2}", budget::batch::flood().log2());
    println!("statistical distance (log2), 64 features");
    let [subject, place] = [budget::batch::subject(64), budget::batch::covered(64)];
    for (what, distance) in [
        ("one place of a block", budget::batch::distance(place)),
        (
            "one subject's record, over its whole block",
            budget::batch::distance_over(4096.0, subject),
        ),
        ("a whole block", budget::batch::distance_over(4096.0, place)),
        ("2^21 answers", budget::batch::distance_over(21f64.exp2(), place)),
        ("2^25 answers", budget::batch::distance_over(25f64.exp2(), place)),
    ] {
        println!("  {what:<43}{:8.2}", distance.log2());
    }
    println!("bits that one place can carry, whatever the table: {:.2}", budget::batch::capacity());
    println!(
        "holders, decryption failure of a place (log2), share of phases within the noise bound"
    );
    for holders in 1..=8 {
        let failure = budget::batch::failure(holders).log2();
        let passes = budget::batch::passes(holders);
        println!("  {holders}  {failure:>7.1}  {passes:.3}");
    }
}

fn costs() {
    let mut rng = rng(1);
    println!("the fastest of several runs, one thread");
    let (forward, inverse, product) = transforms();
    let (key, _) = time("lender key", 10, || LenderKey::generate(&mut rng));
    let key = Arc::new(key);
    try_key(&key);
    let points = vec![vec![1u16; BINS]; FEATURES];
    let card = || Scorecard::new(&points).unwrap();
    let terms =
        TableTerms::new(key.public().fingerprint(), ModelDigest([7; 32]), card().shape().clone());
    let entries = terms.shape().entries();
    let (table, each) =
        fastest(2, || Table::encrypt(&terms, key.public(), card(), &mut rng).unwrap());
    line("table, encrypt, an entry", each, entries);
    let bytes = table.to_bytes();
    let (table, each) = fastest(2, || Table::from_batch_bytes(&bytes).unwrap());
    line("table, read and check, an entry", each, entries);
    let (_, each) = fastest(3, || ReadyTable::new(&table));
    line("table, make ready, an entry", each, entries);

    let empty = block(
        &Scene::with(Arc::clone(&key), vec![vec![vec![1]]], &mut rng),
        "zero and flood alone",
    );
    let one = Scene::with(Arc::clone(&key), vec![points.clone()], &mut rng);
    let alone = block(&one, "holder, 16 features x 8 bins, alone");
    let seven = Scene::with(Arc::clone(&key), vec![vec![vec![1; 2]; 1]; 7], &mut rng);
    let (_, among) = fastest(1, || block(&seven, "holder, 1 feature x 2 bins, one of 7"));
    black_box(among);
    floors(forward, inverse, product, empty, alone);
    aggregation(&seven);
    println!("bytes");
    for (what, bytes) in [
        ("public key", PUBLIC_KEY_BYTES),
        ("table entry", ENTRY_BYTES),
        ("stored table of 16 features x 8 bins", bytes.len()),
        ("challenge and reply of a trial", trial::CHALLENGE_BYTES + trial::REPLY_BYTES),
        ("answer, a block", ANSWER_BYTES),
        ("sum, a block", SUM_BYTES),
    ] {
        println!("  {what:<43}{bytes:>10}");
    }
    println!("  {:<43}{:>10.3}", "answer or sum, a subject", ANSWER_BYTES as f64 / RING as f64);
}

/// Prints what one transform and one product of values take, and gives them in microseconds.
fn transforms() -> (f64, f64, f64) {
    let mut least = [f64::MAX; 3];
    for prime in PRIMES {
        let plan = Plan::try_new(RING, prime).unwrap();
        let mut values: Vec<u64> = (0..RING as u64).map(|i| (i * 0x9e37_79b9) % prime).collect();
        let (other, mut sum) = (values.clone(), values.clone());
        let many = |work: &mut dyn FnMut()| fastest(9, || (0..100).for_each(|_| work())).1 / 100.0;
        least[0] = least[0].min(many(&mut || plan.fwd(&mut values)));
        least[1] = least[1].min(many(&mut || plan.inv(&mut values)));
        least[2] = least[2].min(many(&mut || plan.mul_accumulate(&mut sum, &values, &other)));
    }
    let plan = Plan::try_new(RING, PRIMES[0]).unwrap();
    println!("  (AVX-512 IFMA is {})", if plan.use_ifma() { "used" } else { "not there" });
    line("forward transform, one prime", least[0], 1);
    line("inverse transform, one prime", least[1], 1);
    line("product of values added, one prime", least[2], 1);
    (least[0], least[1], least[2])
}

/// What a holder's block costs, a subject: the time of the fastest, and prints it.
fn block(scene: &Scene, what: &str) -> f64 {
    const BLOCKS: usize = 8;
    let mut rng = rng(2);
    let terms = scene.terms(1, subjects(BLOCKS, 0));
    let registers = scene.registers(&terms, &mut rng);
    let pledges = scene.pledges(&terms, &registers, &mut rng);
    let span = terms.spans_from(0).next().unwrap();
    let (_, took) = fastest(5, || drain(scene.holder(0, &pledges[0], span, &registers[0])));
    let subject = took / (BLOCKS * RING) as f64;
    println!("  {what:<43}{subject:>10.4} us a subject");
    subject
}

/// All chunks that a session sends without hearing anything.
fn drain(mut session: impl Session) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    while let Ok(Turn::Send(_, chunk)) = session.advance() {
        chunks.push(chunk);
    }
    chunks
}

/// The floor of a block by counting transforms and products, against what was measured.
fn floors(forward: f64, inverse: f64, product: f64, empty: f64, alone: f64) {
    let polynomials = (FEATURES * (BINS - 1)) as f64;
    println!("floor of a holder's block by transforms (two primes), us a subject");
    let floor = |what: &str, forwards: f64, inverses: f64, products: f64, found: f64| {
        let floor = (forwards * forward + inverses * inverse + products * product) / RING as f64;
        println!(
            "  {what:<23}{forwards:>4} forward {inverses:>2} back {products:>4} products{floor:>9.4}, \
             measured {found:.4}, ratio {:.2}",
            found / floor
        );
    };
    floor("picking and adding", 2.0 * polynomials, 0.0, 4.0 * polynomials, alone - empty);
    floor("zero, flood and the rest", 2.0, 4.0, 4.0, empty);
    floor("all", 2.0 * polynomials + 2.0, 4.0, 4.0 * polynomials + 4.0, alone);
}

fn aggregation(scene: &Scene) {
    let mut rng = rng(3);
    let terms = scene.terms(1, subjects(1, 0));
    let registers = scene.registers(&terms, &mut rng);
    let pledges = scene.pledges(&terms, &registers, &mut rng);
    let span = Span::new(0, 1).unwrap();
    let encoded: Vec<Chunk> = (0..7)
        .map(|j| drain(scene.holder(j, &pledges[j], span, &registers[j])).remove(0))
        .collect();
    let (sum, took) = fastest(50, || {
        let mut tally = Tally::new(&terms, 0);
        for (j, chunk) in encoded.iter().enumerate() {
            tally.add(&Answer::from_bytes(&chunk.body, &terms, 0, holder(j)).unwrap()).unwrap();
        }
        tally.finish().unwrap().to_bytes()
    });
    line("sum of 7, a block, with digests and checks", took, 1);
    time("open, a block, with digest and checks", 50, || {
        scene.key.decrypt(Sum::from_bytes(&sum, &terms, 0).unwrap(), &terms).unwrap()
    });
    let register: Register = vec![registers[0][0].clone()];
    let shape = scene.tables[0].terms().shape();
    time("pledge, a block of 1 feature", 50, || {
        let blocks = register.iter().map(|block| picks(block));
        Pledge::new(terms.clone(), holder(0), shape, blocks, &mut rng).unwrap()
    });
}

fn try_key(key: &Arc<LenderKey>) {
    let mut rng = rng(4);
    time("trial of a key, both sides", 3, || {
        let mut network = Network::new();
        network.join(LENDER, trial::Lender::new(Arc::clone(key)));
        network.join(holder(0), trial::Holder::new(key.public().fingerprint(), &mut rng));
        network.run(|_, _, _| Fate::Deliver).unwrap();
    });
}

/// The same work on every thread of the machine, by the clock.
fn threads() {
    let mut rng = rng(5);
    let scene = Scene::new(1, FEATURES, BINS, &mut rng);
    let terms = scene.terms(1, subjects(32, 0));
    let registers = scene.registers(&terms, &mut rng);
    let pledges = scene.pledges(&terms, &registers, &mut rng);
    println!("holder, 16 features x 8 bins, by the clock");
    for threads in [1, 2, 4, 8] {
        if threads > std::thread::available_parallelism().unwrap().get() {
            break;
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        // A session of 32 blocks, and 32 sessions of one block each.
        for length in [32u32, 1] {
            let took = (0..3).map(|_| {
                let started = Instant::now();
                for from in (0..32).step_by(length as usize) {
                    let span = Span::new(from, from + length).unwrap();
                    let session = scene.holder(0, &pledges[0], span, &registers[0]);
                    black_box(pool.install(|| drain(session)));
                }
                started.elapsed().as_secs_f64()
            });
            let subject = took.fold(f64::MAX, f64::min) * 1e6 / (32 * RING) as f64;
            println!(
                "  {threads} threads, sessions of {length:2} blocks {subject:>22.4} us a subject"
            );
        }
    }
}

/// A million subjects at three holders, every one of them compared with the clear sum.
fn million() {
    let mut rng = rng(6);
    let scene = Scene::new(3, 4, 5, &mut rng);
    let terms = scene.terms(1, 1_000_000);
    let registers = scene.registers(&terms, &mut rng);
    let pledges = scene.pledges(&terms, &registers, &mut rng);
    let (mut scores, mut wrong, started) = (0usize, 0usize, Instant::now());
    for span in terms.spans_from(0) {
        for opened in scene.score(&pledges, &registers, span, common::faithful).unwrap() {
            let clear = scene.clear(&registers, opened.block as usize);
            scores += opened.points.len();
            wrong +=
                opened.points.iter().zip(&clear).filter(|(found, right)| found != right).count();
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("a run of 3 holders of 4 features x 5 bins, all roles on this machine");
    println!("  {scores} subjects scored in {seconds:.1} s, wrong: {wrong}");
    // Every subject's bins were random; nothing is scored right by always being the same.
    assert!(below(2, &mut rng) < 2 && scores == 1_000_000 && wrong == 0);
}

/// Prints the shortest time that `work` took, and gives its last result and that time.
fn time<T>(what: &str, times: usize, work: impl FnMut() -> T) -> (T, f64) {
    let (last, shortest) = fastest(times, work);
    line(what, shortest, 1);
    (last, shortest)
}

/// The last result of `work`, and the shortest time that it took, in microseconds.
fn fastest<T>(times: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let mut once = || {
        let started = processor();
        let result = black_box(work());
        (result, processor() - started)
    };
    let first = once();
    (1..times).fold(first, |(_, shortest), _| {
        let (result, took) = once();
        (result, shortest.min(took))
    })
}

/// The processor time of this thread, in microseconds.
fn processor() -> f64 {
    let time = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap();
    std::time::Duration::from(time).as_secs_f64() * 1e6
}

fn line(what: &str, total: f64, times: usize) {
    println!("  {what:<43}{:>10.1} us", total / times as f64);
}

#[expect(clippy::cast_precision_loss, reason = "three decimals are printed")]
fn log2(number: u128) -> f64 {
    (number as f64).log2()
}
