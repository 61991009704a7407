//! What is encoded decodes to itself, and nothing else decodes.

mod common;

use common::{Scene, rng};
use proptest::prelude::*;
use scoring::{
    Answer, Encode, Error, LenderKey, MAX_POINTS, MaskKey, MaskPublicKey, ModelDigest, PublicKey,
    Scorecard, Shape, Table, TableTerms, Terms, holder,
};

#[test]
fn keys_survive_storage() {
    let mut rng = rng(50);
    let key = LenderKey::generate(&mut rng);
    let again = LenderKey::from_secret_bytes(&key.to_secret_bytes()).unwrap();
    assert_eq!(again.to_secret_bytes(), key.to_secret_bytes());
    assert_eq!(PublicKey::from_bytes(&key.public().to_bytes()).unwrap(), *key.public());

    let other = LenderKey::generate(&mut rng);
    let mut mixed = key.to_secret_bytes();
    mixed[512..].copy_from_slice(&other.public().to_bytes());
    assert_eq!(LenderKey::from_secret_bytes(&mixed).err(), Some(Error::BrokenKey));

    let mask = MaskKey::generate(&mut rng);
    let again = MaskKey::from_secret_bytes(&*mask.to_secret_bytes()).unwrap();
    assert_eq!(again.public(), mask.public());
}

#[test]
fn mask_keys_are_x25519_keys() {
    // RFC 7748 §5.2: one iteration from the base point 9 with the scalar 9.
    let mut nine = [0; 32];
    nine[0] = 9;
    let public = MaskKey::from_secret_bytes(&nine).unwrap().public();
    let expected = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
    assert_eq!(public.to_string(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tables_survive_storage_and_damage_shows(
        bins in prop::collection::vec(1usize..4, 1..4),
        seed: u8,
        at: prop::sample::Index,
        cut: prop::sample::Index,
    ) {
        let mut rng = rng(seed);
        let key = LenderKey::generate(&mut rng);
        let points: Vec<Vec<u16>> = bins.iter().map(|&bins| vec![1; bins]).collect();
        let card = Scorecard::new(&points).unwrap();
        let terms = TableTerms::new(
            key.public().fingerprint(), ModelDigest([seed; 32]), card.shape().clone(),
        );
        let table = Table::encrypt(&terms, key.public(), card, &mut rng).unwrap();
        let bytes = table.to_bytes();
        let again = Table::from_bytes(&bytes).unwrap();
        prop_assert_eq!(again.terms(), table.terms());
        prop_assert_eq!(again.digest(), table.digest());
        prop_assert_eq!(again.to_bytes(), bytes.clone());

        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 1;
        prop_assert!(Table::from_bytes(&damaged).is_err());
        prop_assert!(Table::from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn answers_decode_only_as_they_were_sent(at: prop::sample::Index, bit in 0..8u8, query: u64) {
        let mut rng = rng(51);
        let scene = Scene::new(2, 1, 2, &mut rng);
        let terms = scene.terms(query);
        let answer = scene.query(&terms, 1, &[1]).answer(&scene.tables[1], &scene.masks[1], &mut rng);
        let bytes = answer.unwrap().to_bytes();
        prop_assert!(Answer::from_bytes(&bytes, &terms, holder(1)).is_ok());
        prop_assert!(Answer::from_bytes(&bytes, &terms, holder(0)).is_err());
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 1 << bit;
        prop_assert!(Answer::from_bytes(&damaged, &terms, holder(1)).is_err());
    }

    #[test]
    fn shapes_and_scorecards_keep_their_limits(bins in prop::collection::vec(0u16..40, 0..70)) {
        let fits = (1..=64).contains(&bins.len()) && bins.iter().all(|bins| (1..=32).contains(bins));
        prop_assert_eq!(Shape::new(bins.clone()).is_ok(), fits);
        let points: Vec<Vec<u16>> = bins.iter().map(|&bins| vec![20; bins.into()]).collect();
        prop_assert_eq!(Scorecard::new(&points).is_ok(), fits && bins.len() * 20 <= 1023);
    }

    #[test]
    fn every_term_changes_the_digest(max in 0..=MAX_POINTS, count in 1usize..=7, query: [u8; 16]) {
        let keys: Vec<MaskPublicKey> = (0..7).map(|j| MaskPublicKey([j; 32])).collect();
        let make = |key: u8, model: u8, run: u8, query, max, keys: &[MaskPublicKey]| {
            let (key, model) = (scoring::Fingerprint([key; 32]), ModelDigest([model; 32]));
            let (run, query) = (scoring::RunId([run; 16]), scoring::QueryId(query));
            Terms::new(key, model, run, query, max, keys.to_vec()).unwrap().digest()
        };
        let digest = make(1, 1, 1, query, max, &keys[..count]);
        let mut other = query;
        other[0] ^= 1;
        let mut reversed = keys[..count].to_vec();
        reversed.reverse();
        let mut digests = vec![
            digest,
            make(2, 1, 1, query, max, &keys[..count]),
            make(1, 2, 1, query, max, &keys[..count]),
            make(1, 1, 2, query, max, &keys[..count]),
            make(1, 1, 1, other, max, &keys[..count]),
            make(1, 1, 1, query, max ^ 1, &keys[..count]),
        ];
        if count > 1 {
            digests.push(make(1, 1, 1, query, max, &reversed));
            digests.push(make(1, 1, 1, query, max, &keys[..count - 1]));
        }
        let distinct: std::collections::HashSet<_> = digests.iter().collect();
        prop_assert_eq!(distinct.len(), digests.len());
    }
}

#[test]
fn terms_keep_their_limits() {
    let keys: Vec<MaskPublicKey> = (0..8).map(|j| MaskPublicKey([j; 32])).collect();
    let make = |max, keys: &[MaskPublicKey]| {
        let (run, query) = (scoring::RunId([0; 16]), scoring::QueryId([0; 16]));
        let key = scoring::Fingerprint([0; 32]);
        Terms::new(key, ModelDigest([0; 32]), run, query, max, keys.to_vec()).err()
    };
    assert_eq!(make(1023, &keys[..7]), None);
    assert_eq!(make(1024, &keys[..7]), Some(Error::TooManyPoints { found: 1024 }));
    assert_eq!(make(9, &keys), Some(Error::Holders { found: 8 }));
    assert_eq!(make(9, &[]), Some(Error::Holders { found: 0 }));
    let twice = [keys[0], keys[1], keys[0]];
    assert_eq!(make(9, &twice), Some(Error::SameMaskKey { first: holder(0), second: holder(2) }));
    let cards = [600, 600].map(|points| Scorecard::new(&[vec![points]]).unwrap());
    assert_eq!(Scorecard::max_points(&cards), Err(Error::TooManyPoints { found: 1200 }));
    assert_eq!(Scorecard::max_points(&cards[..1]), Ok(600));
}
