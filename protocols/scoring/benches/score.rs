//! What a single score costs: `cargo bench -p scoring --bench score`. Times are of the processor.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

#[path = "../tests/budget/mod.rs"]
mod budget;
#[path = "../../lattice/benches/timing/mod.rs"]
mod timing;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use scoring::{
    ANSWER_BYTES, Answer, ENTRY_BYTES, Encode, ExtractedTable, Fingerprint, LenderKey, MaskKey,
    ModelDigest, PUBLIC_KEY_BYTES, Picks, Query, QueryId, RunId, SUM_BYTES, Scorecard, Sum, Table,
    TableTerms, Tally, Terms, holder,
};
use timing::{fastest, line, on_one_thread, time};

fn main() {
    bounds();
    on_one_thread(costs);
}

fn bounds() {
    println!("noise, in bits (log2) of units of 2^-64");
    println!("  an encryption of zero                      {:8.2}", budget::zero().log2());
    println!("  what a flood covers, 64 features           {:8.2}", budget::covered(64).log2());
    println!("  a flood                                    {:8.2}", budget::flood().log2());
    println!("  rounding to 32 bits, 7 holders             {:8.2}", budget::rounding(7).log2());
    println!("statistical distance (log2)");
    for features in [8, 16, 32, 64] {
        let covered = budget::covered(features);
        println!(
            "  {features:2} features: one answer {:.2}, 2^20 answers at most {:.2}, two records {:.2}",
            budget::distance(covered).log2(),
            budget::distance_over(20f64.exp2(), covered).log2(),
            budget::distance(budget::difference(features)).log2(),
        );
    }
    println!("bits that one answer can carry, whatever the table: {:.2}", budget::capacity());
    println!("holders, decryption failure (log2), share of uniform phases within the noise bound");
    for holders in 1..=7 {
        let (failure, passes) = (budget::failure(holders), budget::passes(holders));
        let failure = if failure > 0.0 { format!("{:.1}", failure.log2()) } else { "none".into() };
        println!("  {holders}  {failure:>6}  {passes:.3}");
    }
}

fn costs() {
    println!("the fastest of several runs, one thread");
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let (key, _) = time("lender key", 20, || LenderKey::generate(&mut rng));
    let points = vec![vec![1u16; 8]; 16];
    let card = || Scorecard::new(&points).unwrap();
    let fingerprint = key.public().fingerprint();
    let model = ModelDigest([2; 32]);
    let terms = TableTerms::new(fingerprint, model, card().shape().clone());
    let entries = terms.shape().entries();
    let (table, each) =
        fastest(5, || Table::encrypt(&terms, key.public(), card(), &mut rng).unwrap());
    line("table, encrypt, an entry", each, entries);
    let bytes = table.to_bytes();
    let (table, each) = fastest(5, || Table::from_bytes(&bytes).unwrap());
    line("table, read and check, an entry", each, entries);
    let (extracted, each) = fastest(5, || table.extract());
    line("table, extract, an entry", each, entries);

    let masks: Vec<MaskKey> = (0..7).map(|_| MaskKey::generate(&mut rng)).collect();
    let one = {
        let card = Scorecard::new(&[vec![1]]).unwrap();
        let terms = TableTerms::new(fingerprint, model, card.shape().clone());
        Table::encrypt(&terms, key.public(), card, &mut rng).unwrap().extract()
    };
    let mut answers = |what: &str, table: &ExtractedTable, masks: &[MaskKey]| {
        let terms = score_terms(fingerprint, masks);
        time(what, 300, || answer(table, masks, &terms, 0, &mut rng)).1
    };
    let single = answers("answer, one holder, 1 feature", &one, &masks[..1]);
    let alone = answers("answer, one holder, 16 features", &extracted, &masks[..1]);
    let seven = answers("answer, one of 7, 16 features", &extracted, &masks);
    line("  so picking and adding, a feature", alone - single, 15);
    line("  so masking, a pair", seven - alone, 6);

    let agreed = score_terms(fingerprint, &masks);
    let encoded: Vec<Vec<u8>> =
        (0..7).map(|j| answer(&extracted, &masks, &agreed, j, &mut rng).to_bytes()).collect();
    let (sum, _) = time("sum of 7, with digests and checks", 300, || {
        let mut tally = Tally::new(agreed.clone());
        for (j, bytes) in encoded.iter().enumerate() {
            tally.add(Answer::from_bytes(bytes, &agreed, holder(j)).unwrap()).unwrap();
        }
        tally.finish().unwrap().to_bytes()
    });
    time("decrypt, with digest and checks", 300, || {
        key.decrypt(Sum::from_bytes(&sum, &agreed).unwrap(), &agreed).unwrap()
    });
    println!("bytes");
    for (what, bytes) in [
        ("public key", PUBLIC_KEY_BYTES),
        ("table entry", ENTRY_BYTES),
        ("answer", ANSWER_BYTES),
        ("sum", SUM_BYTES),
        ("stored table of 16 features x 8 bins", bytes.len()),
    ] {
        println!("  {what:<40}{bytes:>10}");
    }
}

fn score_terms(key: Fingerprint, masks: &[MaskKey]) -> Terms {
    let holders = masks.iter().map(MaskKey::public).collect();
    let (run, query) = (RunId([3; 16]), QueryId([4; 16]));
    Terms::new(key, ModelDigest([2; 32]), run, query, 1000, holders).unwrap()
}

fn answer(
    table: &ExtractedTable,
    masks: &[MaskKey],
    terms: &Terms,
    j: usize,
    rng: &mut ChaCha20Rng,
) -> Answer {
    let picks = Picks::new(vec![0; table.terms().shape().bins().len()]);
    Query::new(terms.clone(), holder(j), picks).unwrap().answer(table, &masks[j], rng).unwrap()
}
