//! Masks of a block cancel over exactly the full set of holders of that block of that run.

use super::rng;
use crate::batch::words::Words;
use crate::digest::Use;
use crate::{MaskKey, MaskPublicKey};

/// The sum of the masks of the holders in `present`, each for its own terms and block.
fn sum(keys: &[MaskKey], places: &[([u8; 32], u32)], present: &[usize]) -> Words {
    let holders: Vec<MaskPublicKey> = keys.iter().map(MaskKey::public).collect();
    let mut words = Words::zero();
    for &j in present {
        let (terms, block) = places[j];
        let pairs = keys[j].pairs(&holders, j).unwrap();
        pairs.mask(&mut words.0, Use::BatchMask, &terms, &block.to_le_bytes());
    }
    words
}

/// Whether the words look uniform: no check word zero, about as many bits set as not.
fn is_masked(words: &Words) -> bool {
    let ones: u32 = words.0.iter().map(|word| word.count_ones()).sum();
    let half = u32::try_from(words.0.len() * 16).unwrap();
    words.check().iter().all(|&word| word != 0) && ones.abs_diff(half) < 2000
}

#[test]
fn masks_cancel_over_all_holders_and_over_no_smaller_set() {
    let mut rng = rng(30);
    for count in 2..=5 {
        let keys: Vec<MaskKey> = (0..count).map(|_| MaskKey::generate(&mut rng)).collect();
        let places = vec![([1; 32], 3); count];
        for subset in 1..1usize << count {
            let present: Vec<usize> = (0..count).filter(|j| subset >> j & 1 == 1).collect();
            let words = sum(&keys, &places, &present);
            if present.len() == count {
                assert!(words.0.iter().all(|&word| word == 0));
            } else {
                assert!(is_masked(&words), "{present:?} of {count}");
            }
        }
    }
}

#[test]
fn masks_of_another_block_or_run_do_not_cancel() {
    let mut rng = rng(31);
    let keys: Vec<MaskKey> = (0..3).map(|_| MaskKey::generate(&mut rng)).collect();
    for other in [([1; 32], 4), ([2; 32], 3)] {
        let places = [([1; 32], 3), ([1; 32], 3), other];
        assert!(is_masked(&sum(&keys, &places, &[0, 1, 2])));
    }
}
