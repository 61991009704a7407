//! The Merkle log against the reference vectors of Certificate Transparency, against RFC 6962 as it
//! is written, against a log that others wrote, and against whoever alters a proof.

use std::collections::BTreeMap;

use crate::support::{Log, naive};
use audit::{
    EMPTY_ROOT, Error, Frontier, Head, MAX_LEAVES, consistency_needs, consistency_proof,
    inclusion_needs, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion,
};
use domain::Digest;
use proptest::prelude::*;
use tlog_tiles::tlog;

/// The leaves of certificate-transparency's `merkletree/merkle_tree_test.cc`.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// The roots of the logs of the first 1 to 8 of them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn digest(hex: &str) -> Digest {
    format!("sha256:{hex}").parse().unwrap()
}

fn reference() -> Vec<Vec<u8>> {
    LEAVES.iter().map(|leaf| hex::decode(leaf).unwrap()).collect()
}

fn numbered(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_be_bytes().to_vec()).collect()
}

#[test]
fn the_reference_roots_of_certificate_transparency() {
    let mut log = Frontier::default();
    assert_eq!(log.root(), EMPTY_ROOT);
    for (leaf, root) in reference().iter().zip(ROOTS) {
        log.append(leaf_hash(leaf));
        assert_eq!(log.root(), digest(root), "{} leaves", log.size());
    }
}

#[test]
fn the_reference_inclusion_proofs_of_certificate_transparency() {
    let known: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    let leaves = reference();
    let log = Log::of(&leaves);
    for (index, size, expected) in known {
        let expected: Vec<Digest> = expected.iter().map(|hex| digest(hex)).collect();
        assert_eq!(log.inclusion(index, size), expected, "leaf {index} of {size}");
        let head = Head { size, root: digest(ROOTS[size as usize - 1]) };
        let leaf = leaf_hash(&leaves[index as usize]);
        assert_eq!(verify_inclusion(&leaf, index, &head, &expected), Ok(()));
    }
}

#[test]
fn the_reference_consistency_proofs_of_certificate_transparency() {
    let known: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    let log = Log::of(reference());
    for (old, new, expected) in known {
        let expected: Vec<Digest> = expected.iter().map(|hex| digest(hex)).collect();
        assert_eq!(log.consistency(old, new), expected, "{old} to {new}");
        let head = |size: u64| Head { size, root: digest(ROOTS[size as usize - 1]) };
        assert_eq!(verify_consistency(&head(old), &head(new), &expected), Ok(()));
    }
}

#[test]
fn every_root_and_proof_of_small_logs_is_that_of_the_rfc() {
    let leaves = numbered(40);
    let log = Log::of(&leaves);
    for size in 0..=leaves.len() {
        let head = log.at(size as u64);
        assert_eq!(head.root, naive::mth(&leaves[..size]));
        for index in 0..size {
            let proof = log.inclusion(index as u64, size as u64);
            assert_eq!(proof, naive::path(index, &leaves[..size]), "leaf {index} of {size}");
            let leaf = leaf_hash(&leaves[index]);
            assert_eq!(verify_inclusion(&leaf, index as u64, &head, &proof), Ok(()));
            let next = (index as u64 + 1) % size as u64;
            assert!(size == 1 || verify_inclusion(&leaf, next, &head, &proof).is_err());
        }
        for old in 0..=size {
            let proof = log.consistency(old as u64, size as u64);
            let expected = if old == 0 { Vec::new() } else { naive::proof(old, &leaves[..size]) };
            assert_eq!(proof, expected, "{old} to {size}");
            assert_eq!(verify_consistency(&log.at(old as u64), &head, &proof), Ok(()));
        }
    }
}

#[test]
fn a_reopened_log_goes_on_as_if_it_had_never_stopped() {
    let leaves = numbered(130);
    let mut whole = Log::default();
    for leaf in &leaves {
        let wanted = Frontier::coordinates(whole.frontier.size());
        let nodes = wanted.iter().map(|at| whole.nodes[at]).collect();
        let reopened = Frontier::from_nodes(whole.frontier.size(), nodes).unwrap();
        assert_eq!(reopened, whole.frontier);
        whole.append(leaf);
    }
    assert_eq!(whole.head().root, naive::mth(&leaves));
}

/// The log of the `tlog_tiles` crate, kept in memory.
#[derive(Default)]
struct Theirs(BTreeMap<u64, tlog::Hash>);

impl tlog::HashReader for Theirs {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes.iter().map(|index| self.0[index]).collect())
    }
}

#[test]
fn a_verifier_we_did_not_write_agrees_on_roots_and_proofs() {
    let leaves = numbered(77);
    let mut theirs = Theirs::default();
    for (index, leaf) in (0..).zip(&leaves) {
        let new = tlog::stored_hashes(index, leaf, &theirs).unwrap();
        let from = tlog::stored_hash_index(0, index);
        theirs.0.extend((from..).zip(new));
    }
    let ours = Log::of(&leaves);
    let hash = |digest: &Digest| tlog::Hash(*digest.as_bytes());
    let hashes = |proof: &[Digest]| proof.iter().map(hash).collect::<Vec<_>>();
    for size in 1..=77_u64 {
        let head = ours.at(size);
        assert_eq!(tlog::tree_hash(size, &theirs).unwrap().0, *head.root.as_bytes());
        for index in 0..size {
            let proof = hashes(&ours.inclusion(index, size));
            let leaf = tlog::record_hash(&leaves[index as usize]);
            tlog::check_record(&proof, size, hash(&head.root), index, leaf).unwrap();
            assert_eq!(tlog::prove_record(size, index, &theirs).unwrap(), proof);
        }
        for old in 1..=size {
            let proof = hashes(&ours.consistency(old, size));
            tlog::check_tree(&proof, size, hash(&head.root), old, hash(&ours.at(old).root))
                .unwrap();
        }
    }
}

/// Every way to spoil a list of hashes by one: a bit altered, one dropped, one added, two swapped.
fn spoiled(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let mut all = Vec::new();
    for place in 0..=proof.len() {
        let mut added = proof.to_vec();
        added.insert(place, Digest::from_bytes([0x5a; 32]));
        all.push(added);
        let mut doubled = proof.to_vec();
        doubled.extend(proof.get(place));
        all.push(doubled);
    }
    for place in 0..proof.len() {
        let mut dropped = proof.to_vec();
        dropped.remove(place);
        all.push(dropped);
        let mut bytes = *proof[place].as_bytes();
        bytes[place % 32] ^= 1 << (place % 8);
        let mut altered = proof.to_vec();
        altered[place] = Digest::from_bytes(bytes);
        all.push(altered);
        for other in place + 1..proof.len() {
            let mut swapped = proof.to_vec();
            swapped.swap(place, other);
            all.push(swapped);
        }
    }
    all.retain(|list| list != proof);
    all
}

#[test]
fn a_proof_with_one_hash_altered_dropped_added_or_swapped_is_refused() {
    let leaves = numbered(33);
    let log = Log::of(&leaves);
    for size in 1..=33 {
        let head = log.at(size);
        for index in 0..size {
            let leaf = leaf_hash(&leaves[index as usize]);
            for proof in spoiled(&log.inclusion(index, size)) {
                let verdict = verify_inclusion(&leaf, index, &head, &proof);
                assert_eq!(verdict, Err(Error::Inclusion), "leaf {index} of {size}");
            }
        }
        for old in 0..=size {
            for proof in spoiled(&log.consistency(old, size)) {
                let verdict = verify_consistency(&log.at(old), &head, &proof);
                assert_eq!(verdict, Err(Error::Consistency), "{old} to {size}");
            }
        }
    }
}

#[test]
fn a_proof_holds_for_its_own_leaf_place_size_and_roots_only() {
    let leaves = numbered(21);
    let log = Log::of(&leaves);
    let (head, proof) = (log.head(), log.inclusion(11, 21));
    let leaf = leaf_hash(&leaves[11]);
    assert!(verify_inclusion(&leaf_hash(b"another"), 11, &head, &proof).is_err());
    assert!(verify_inclusion(&leaf, 21, &head, &proof).is_err());
    assert!(verify_inclusion(&leaf, 11, &log.at(20), &proof).is_err());
    assert!(verify_inclusion(&leaf, 11, &Head { size: 11, ..head }, &proof).is_err());
    let proof = log.consistency(13, 21);
    for old in 0..=21 {
        let holds = verify_consistency(&log.at(old), &head, &proof).is_ok();
        assert_eq!(holds, old == 13);
    }
    let forged = Head { root: EMPTY_ROOT, ..log.at(13) };
    assert!(verify_consistency(&forged, &head, &proof).is_err());
    assert!(verify_consistency(&head, &log.at(13), &proof).is_err());
}

#[test]
fn what_is_not_there_or_too_large_is_refused_by_name() {
    assert_eq!(inclusion_needs(3, 3), Err(Error::Outside { index: 3, size: 3 }));
    assert_eq!(inclusion_needs(0, 0), Err(Error::Outside { index: 0, size: 0 }));
    assert_eq!(consistency_needs(4, 3), Err(Error::Shrunk { old: 4, new: 3 }));
    assert_eq!(inclusion_proof(1, 3, &[]), Err(Error::Nodes { expected: 2, found: 0 }));
    assert_eq!(
        consistency_proof(2, 3, &[EMPTY_ROOT; 2]),
        Err(Error::Nodes { expected: 1, found: 2 })
    );
    assert!(matches!(Frontier::from_nodes(3, vec![EMPTY_ROOT]), Err(Error::Nodes { .. })));
    let found = MAX_LEAVES + 1;
    assert_eq!(
        Frontier::from_nodes(found, vec![EMPTY_ROOT; 2]),
        Err(Error::Leaves { limit: MAX_LEAVES, found })
    );
}

proptest! {
    #[test]
    fn random_logs_are_those_of_the_rfc(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 1..200),
        (one, other) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let log = Log::of(&leaves);
        let size = one.index(leaves.len()) + 1;
        let index = other.index(size);
        prop_assert_eq!(log.at(size as u64).root, naive::mth(&leaves[..size]));
        let path = log.inclusion(index as u64, size as u64);
        prop_assert_eq!(path, naive::path(index, &leaves[..size]));
        let proof = log.consistency(index as u64 + 1, size as u64);
        prop_assert_eq!(proof, naive::proof(index + 1, &leaves[..size]));
    }

    #[test]
    fn no_index_size_or_proof_panics_or_asks_for_more_than_a_log_has(
        (index, size) in (any::<u64>(), any::<u64>()),
        edge in prop::sample::select(vec![0, 1, 2, 1 << 62, 1 << 63, u64::MAX - 1, u64::MAX]),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Digest::from_bytes), 0..70),
    ) {
        for (index, size) in [(index, size), (index, edge), (edge, size), (edge, edge), (0, edge)] {
            let head = |size| Head { size, root: EMPTY_ROOT };
            prop_assert!(Frontier::coordinates(size).len() <= 64);
            prop_assert!(inclusion_needs(index, size).unwrap_or_default().len() <= 127);
            prop_assert!(consistency_needs(index, size).unwrap_or_default().len() <= 127);
            prop_assert!(inclusion_proof(index, size, &proof).unwrap_or_default().len() <= 64);
            prop_assert!(consistency_proof(index, size, &proof).unwrap_or_default().len() <= 65);
            prop_assert!(Frontier::from_nodes(size, proof.clone()).is_err() || size <= MAX_LEAVES);
            prop_assert!(verify_inclusion(&leaf_hash(b""), index, &head(size), &proof).is_err());
            let same = verify_consistency(&head(index), &head(size), &proof);
            prop_assert!(same.is_err() || proof.is_empty());
        }
    }
}
