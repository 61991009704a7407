//! Masks cancel over exactly the full set of holders of one query, and over nothing less.

use super::rng;
use crate::digest::Use;
use crate::{
    Error, Fingerprint, MaskKey, MaskPublicKey, ModelDigest, QueryId, RunId, Terms, WORDS, holder,
};

fn keys(count: usize) -> Vec<MaskKey> {
    let mut rng = rng(8);
    (0..count).map(|_| MaskKey::generate(&mut rng)).collect()
}

fn terms(keys: &[MaskKey], run: u8, query: u8, model: u8) -> Terms {
    let holders = keys.iter().map(MaskKey::public).collect();
    let (run, query) = (RunId([run; 16]), QueryId([query; 16]));
    Terms::new(Fingerprint([0; 32]), ModelDigest([model; 32]), run, query, 1000, holders).unwrap()
}

/// The sum of the masks of the holders in `present`.
fn sum(keys: &[MaskKey], terms: &[&Terms], present: &[usize]) -> Vec<u32> {
    let mut words = vec![0; WORDS];
    for &j in present {
        let pairs = keys[j].pairs(terms[j].holders(), j).unwrap();
        pairs.mask(&mut words, Use::Mask, &terms[j].digest(), &[]);
    }
    words
}

/// Whether the words look uniform: none of the check words zero, about as many bits set as not.
fn is_masked(words: &[u32]) -> bool {
    let ones: u32 = words.iter().map(|word| word.count_ones()).sum();
    let half = u32::try_from(WORDS * 16).unwrap();
    words[WORDS - 4..].iter().all(|&word| word != 0) && ones.abs_diff(half) < 1500
}

#[test]
fn masks_cancel_over_all_holders_and_over_no_smaller_set() {
    for count in 2..=7 {
        let keys = keys(count);
        let agreed = terms(&keys, 1, 1, 1);
        let agreed = vec![&agreed; count];
        for subset in 1..1usize << count {
            let present: Vec<usize> = (0..count).filter(|j| subset >> j & 1 == 1).collect();
            let words = sum(&keys, &agreed, &present);
            if present.len() == count {
                assert!(words.iter().all(|&word| word == 0));
            } else {
                assert!(is_masked(&words), "{present:?} of {count}");
            }
        }
    }
}

#[test]
fn masks_of_another_run_query_model_or_order_do_not_cancel() {
    let keys = keys(3);
    let agreed = terms(&keys, 1, 1, 1);
    let mut reversed: Vec<MaskPublicKey> = keys.iter().map(MaskKey::public).collect();
    reversed.swap(0, 1);
    for other in [terms(&keys, 2, 1, 1), terms(&keys, 1, 2, 1), terms(&keys, 1, 1, 2)] {
        assert!(is_masked(&sum(&keys, &[&agreed, &agreed, &other], &[0, 1, 2])));
    }
    let swapped = Terms::new(
        agreed.lender_key(),
        agreed.model(),
        agreed.run(),
        agreed.query(),
        agreed.max_points(),
        reversed,
    );
    assert!(is_masked(&sum(&keys, &[&agreed, &agreed, &swapped.unwrap()], &[0, 1, 2])));
}

#[test]
fn one_holder_has_no_mask() {
    let keys = keys(1);
    let agreed = terms(&keys, 1, 1, 1);
    assert!(sum(&keys, &[&agreed], &[0]).iter().all(|&word| word == 0));
}

#[test]
fn a_mask_key_of_small_order_is_refused_and_blamed() {
    use session::{Blame, Culprit};
    let key = &keys(1)[0];
    // u = 0 and u = 1 have order 2 and 4; the last generates the subgroup of order 8.
    let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [[0; 32], one, hex::decode(order_eight).unwrap().try_into().unwrap()] {
        let holders = vec![key.public(), MaskPublicKey(weak)];
        let (run, query) = (RunId([1; 16]), QueryId([1; 16]));
        let terms =
            Terms::new(Fingerprint([0; 32]), ModelDigest([1; 32]), run, query, 9, holders).unwrap();
        let error = key.pairs(terms.holders(), 0).err().unwrap();
        assert_eq!(error, Error::WeakMaskKey { of: holder(1) });
        assert_eq!(error.blame(), Culprit::Peer(holder(1)));
    }
}
