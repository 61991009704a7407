//! What blocks of 4096 subjects cost: `cargo bench -p scoring --bench batch`.
//!
//! Times are of the processor and of one thread, where nothing else is said.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "a bench needs a clock")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

#[path = "../tests/budget/mod.rs"]
mod budget;
#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../../lattice/benches/timing/mod.rs"]
mod timing;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use common::batch::{Register, Scene, picks, subjects};
use common::{below, rng};
use rand_core::Rng;
use scoring::batch::{
    ANSWER_BYTES, Answer, ENTRY_BYTES, LenderKey, MODULUS, PRIMES, PUBLIC_KEY_BYTES, ReadyTable,
    RunSeed, SUM_BYTES, Span, Sum, Table, Tally, key_check,
};
use scoring::{Encode, LENDER, ModelDigest, RING, Scorecard, TableTerms, holder};
use session::tamper::faithful;
use session::{Chunk, Fate, Network, Session, Turn};
use tfhe_ntt::prime64::Plan;
use timing::{fastest, line, on_one_thread, time};

const FEATURES: usize = 16;
const BINS: usize = 8;

/// Bytes that a block draws: 8 each for u and e1, 24 for the flood, a place.
const RANDOMNESS: usize = RING * (8 + 8 + 24);

fn main() {
    bounds();
    on_one_thread(costs);
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
    let mut randomness = vec![0; RANDOMNESS];
    let (_, random) = time("randomness of a block (160 KiB of ChaCha20)", 200, || {
        rng.fill_bytes(&mut randomness)
    });
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

    let scene = |points| Scene::with(Arc::clone(&key), points, &mut common::rng(7));
    let empty = block(&scene(vec![vec![vec![1]]]), "holder, 1 feature x 1 bin: zero, flood, words");
    let alone = block(&scene(vec![points]), "holder, 16 features x 8 bins");
    let seven = scene(vec![vec![vec![1]]; 7]);
    let among = block(&seven, "holder, 1 feature x 1 bin, one of 7");
    println!("  {:<47}{:>10.4} us a subject", "  so masking, a pair", (among - empty) / 6.0);
    floors([forward, inverse, product, random], empty, alone);
    aggregation(&seven);
    println!("bytes");
    for (what, bytes) in [
        ("public key", PUBLIC_KEY_BYTES),
        ("table entry", ENTRY_BYTES),
        ("stored table of 16 features x 8 bins", bytes.len()),
        ("challenge and reply of a key check", key_check::CHALLENGE_BYTES + key_check::REPLY_BYTES),
        ("answer, a block", ANSWER_BYTES),
        ("sum, a block", SUM_BYTES),
    ] {
        println!("  {what:<43}{bytes:>10}");
    }
    println!("  {:<43}{:>10.3}", "answer or sum, a subject", ANSWER_BYTES as f64 / RING as f64);
}

/// Prints what one transform and one product of values take, and gives them in microseconds.
fn transforms() -> (f64, f64, f64) {
    let many = |work: &mut dyn FnMut()| fastest(9, || (0..100).for_each(|_| work())).1 / 100.0;
    let mut least = [f64::MAX; 3];
    for prime in PRIMES {
        let plan = Plan::try_new(RING, prime).unwrap();
        let mut values: Vec<u64> = (0..RING as u64).map(|i| (i * 0x9e37_79b9) % prime).collect();
        let (other, mut sum) = (values.clone(), values.clone());
        least[0] = least[0].min(many(&mut || plan.fwd(&mut values)));
        least[1] = least[1].min(many(&mut || plan.inv(&mut values)));
        least[2] = least[2].min(many(&mut || plan.mul_accumulate(&mut sum, &values, &other)));
    }
    let plan = Plan::try_new(RING, PRIMES[0]).unwrap();
    println!("  (AVX-512 IFMA is {})", if plan.use_ifma() { "used" } else { "not there" });
    line("forward transform, one prime", least[0], 1);
    line("inverse transform, one prime", least[1], 1);
    line("product of values added, one prime", least[2], 1);
    // A larger prime takes the way that both take on a machine without IFMA.
    let plan = Plan::try_new(RING, (1 << 60) - (1 << 18) + 1).unwrap();
    let mut values = vec![1; RING];
    line("forward transform, without IFMA", many(&mut || plan.fwd(&mut values)), 1);
    let (other, mut sum) = (values.clone(), values.clone());
    let product = many(&mut || plan.mul_accumulate(&mut sum, &values, &other));
    line("product of values added, without IFMA", product, 1);
    (least[0], least[1], least[2])
}

/// What a holder's block costs, a subject: the time of the fastest, and prints it.
fn block(scene: &Scene, what: &str) -> f64 {
    const BLOCKS: usize = 8;
    let mut rng = rng(2);
    let terms = scene.terms(1, subjects(BLOCKS, 0));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = terms.spans_from(0).next().unwrap();
    let (_, took) = fastest(5, || drain(scene.holder(0, &run_seeds[0], span, &registers[0])));
    let subject = took / (BLOCKS * RING) as f64;
    println!("  {what:<47}{subject:>10.4} us a subject");
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

/// The floor of a block by counting transforms, products and random bytes, against what was found.
fn floors([forward, inverse, product, random]: [f64; 4], empty: f64, alone: f64) {
    let masks = (FEATURES * (BINS - 1)) as f64;
    println!("floor of a holder's block (two primes), us a subject");
    let floor = |what: &str, counts: [f64; 4], found: f64| {
        let [forwards, inverses, products, draws] = counts;
        let floor = forwards * forward + inverses * inverse + products * product + draws * random;
        let floor = floor / RING as f64;
        println!(
            "  {what:<22}{forwards:>3} forward {inverses} back {products:>3} products {draws} random \
             {floor:.4}, measured {found:.4}, ratio {:.2}",
            found / floor
        );
    };
    floor("picking and adding", [2.0 * masks, 0.0, 4.0 * masks, 0.0], alone - empty);
    floor("zero, flood and words", [2.0, 4.0, 4.0, 1.0], empty);
    floor("all", [2.0 * masks + 2.0, 4.0, 4.0 * masks + 4.0, 1.0], alone);
}

fn aggregation(scene: &Scene) {
    let mut rng = rng(3);
    let terms = scene.terms(1, subjects(1, 0));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = Span::new(0, 1).unwrap();
    let encoded: Vec<Chunk> = (0..7)
        .map(|j| drain(scene.holder(j, &run_seeds[j], span, &registers[j])).remove(0))
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
    time("seed, a block of 1 feature", 50, || {
        let blocks = register.iter().map(|block| picks(block));
        RunSeed::new(terms.clone(), holder(0), shape, blocks, &mut rng).unwrap()
    });
}

fn try_key(key: &Arc<LenderKey>) {
    let mut rng = rng(4);
    time("check of a key, both sides", 3, || {
        let mut network = Network::new();
        network.join(LENDER, key_check::Lender::new(Arc::clone(key)));
        network.join(holder(0), key_check::Holder::new(key.public().fingerprint(), &mut rng));
        network.run(|_, _, _| Fate::Deliver).unwrap();
    });
}

/// The same work on every thread of the machine, by the clock.
fn threads() {
    let mut rng = rng(5);
    let scene = Scene::new(1, FEATURES, BINS, &mut rng);
    let terms = scene.terms(1, subjects(32, 0));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
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
                    let session = scene.holder(0, &run_seeds[0], span, &registers[0]);
                    black_box(pool.install(|| drain(session)));
                }
                started.elapsed().as_secs_f64()
            });
            let subject = took.fold(f64::MAX, f64::min) * 1e6 / (32 * RING) as f64;
            println!(
                "  {threads} threads, sessions of {length:2} blocks {subject:>26.4} us a subject"
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
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let (mut scores, mut wrong, started) = (0usize, 0usize, Instant::now());
    for span in terms.spans_from(0) {
        for opened in scene.score(&run_seeds, &registers, span, faithful).unwrap() {
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

#[expect(clippy::cast_precision_loss, reason = "three decimals are printed")]
fn log2(number: u128) -> f64 {
    (number as f64).log2()
}
