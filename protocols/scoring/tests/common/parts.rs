//! Points cut into shares, and tables that holders add up of what each maker encrypts.

use chacha20::ChaCha20Rng;
use rand_core::Rng;
use scoring::{
    ModelDigest, PartTerms, ScorecardShare, Shape, Table, TableKey, TablePart, TableTerms,
};

/// Random numbers modulo 2^10 that add up to the points of each bin.
pub fn shares(points: &[Vec<u16>], parts: usize, rng: &mut impl Rng) -> Vec<Vec<u16>> {
    let mut last = points.concat();
    let mut all: Vec<Vec<u16>> = Vec::new();
    for _ in 1..parts {
        let share: Vec<u16> =
            last.iter().map(|_| u16::try_from(rng.next_u32() % 1024).unwrap()).collect();
        last.iter_mut().zip(&share).for_each(|(rest, word)| *rest = (*rest + 1024 - word) % 1024);
        all.push(share);
    }
    all.push(last);
    all
}

pub fn shape(points: &[Vec<u16>]) -> Shape {
    Shape::new(points.iter().map(|bins| u16::try_from(bins.len()).unwrap()).collect()).unwrap()
}

/// Every part of the table of these points.
pub fn parts_of<K: TableKey>(
    key: &K,
    model: ModelDigest,
    points: &[Vec<u16>],
    parts: usize,
    rng: &mut ChaCha20Rng,
) -> Vec<TablePart<K>> {
    let whole = TableTerms::new(key.fingerprint(), model, shape(points));
    let shares = shares(points, parts, rng).into_iter().enumerate();
    let part = |(place, share): (usize, Vec<u16>)| {
        let terms = PartTerms::new(whole.clone(), place, parts).unwrap();
        let share = ScorecardShare::new(shape(points), share.into()).unwrap();
        TablePart::encrypt(&terms, key, share, rng).unwrap()
    };
    shares.map(part).collect()
}

/// The table that a holder adds up.
pub fn table_of_parts<K: TableKey>(
    key: &K,
    model: ModelDigest,
    points: &[Vec<u16>],
    parts: usize,
    rng: &mut ChaCha20Rng,
) -> Table<K> {
    Table::of_parts(parts_of(key, model, points, parts, rng)).unwrap()
}
