//! Every number of lanes computes the same.

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use proptest::prelude::*;

use super::{Halves, Lanes};
use crate::group::tests::{BAD_ENCODINGS, MAPPED, MULTIPLES, bytes};
use crate::points::{Flaw, Flawed};

/// Lengths that leave each number of lanes empty in the last eight, and one beyond two eights.
const LENGTHS: std::ops::RangeInclusive<usize> = 0..=17;

fn scalar() -> impl Strategy<Value = Scalar> {
    let edges = [
        Scalar::ZERO,
        Scalar::ONE,
        -Scalar::ONE,
        // Digits of 7, 8 and 15 alone: the edges of what a digit and its carry can be.
        Scalar::from_bytes_mod_order([0x77; 32]),
        Scalar::from_bytes_mod_order([0x88; 32]),
        Scalar::from_bytes_mod_order([0xff; 32]),
        Scalar::from_canonical_bytes(edge(0x07, 0x77)).unwrap(),
        Scalar::from_canonical_bytes(edge(0x08, 0x88)).unwrap(),
        Scalar::from_canonical_bytes(edge(0x0f, 0xff)).unwrap(),
    ];
    let random = any::<[u8; 64]>().prop_map(|wide| Scalar::from_bytes_mod_order_wide(&wide));
    prop_oneof![1 => prop::sample::select(edges.to_vec()), 3 => random]
}

/// A number of which each byte is `byte` but the highest.
fn edge(highest: u8, byte: u8) -> [u8; 32] {
    let mut edge = [byte; 32];
    edge[31] = highest;
    edge
}

fn uniform() -> impl Strategy<Value = [u8; 64]> {
    any::<[[u8; 32]; 2]>().prop_map(|halves| {
        let mut uniform = [0; 64];
        uniform.as_chunks_mut().0.copy_from_slice(&halves);
        uniform
    })
}

fn encodings() -> impl Strategy<Value = Vec<[u8; 32]>> {
    let point = uniform()
        .prop_map(|uniform| RistrettoPoint::from_uniform_bytes(&uniform).compress().to_bytes());
    prop::collection::vec(point, LENGTHS)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn all_lanes_multiply_what_bytes_map_to_alike(
        uniform in prop::collection::vec(uniform(), LENGTHS),
        half in scalar(),
        each in prop::collection::vec(scalar(), 17),
    ) {
        let each = &each[..uniform.len()];
        let expected: Vec<_> = uniform
            .iter()
            .map(RistrettoPoint::from_uniform_bytes)
            .collect();
        for lanes in Lanes::available() {
            let products = lanes.multiply_mapped(&uniform, Halves::One(&half));
            let expected_of_one = expected.iter().map(|point| encoded(point * (half + half)));
            prop_assert!(expected_of_one.eq(products), "{}", lanes.name());
            let products = lanes.multiply_mapped(&uniform, Halves::Each(each));
            let pairs = expected.iter().zip(each);
            let expected_of_each = pairs.map(|(point, half)| encoded(point * (half + half)));
            prop_assert!(expected_of_each.eq(products), "{}", lanes.name());
        }
    }

    #[test]
    fn all_lanes_multiply_decoded_points_alike(
        points in encodings(),
        half in scalar(),
        each in prop::collection::vec(scalar(), 17),
    ) {
        let each = &each[..points.len()];
        for lanes in Lanes::available() {
            let products = lanes.multiply_decoded(&points, Halves::One(&half)).unwrap();
            let decoded = || points.iter().map(|p| CompressedRistretto(*p).decompress().unwrap());
            prop_assert!(decoded().map(|p| encoded(p * (half + half))).eq(products));
            let products = lanes.multiply_decoded(&points, Halves::Each(each)).unwrap();
            let pairs = decoded().zip(each);
            prop_assert!(pairs.map(|(p, half)| encoded(p * (half + half))).eq(products));
        }
    }

    #[test]
    fn bytes_of_any_kind_are_points_in_all_lanes_or_in_none(
        bytes in prop::collection::vec(any_bytes(), LENGTHS),
        half in scalar(),
    ) {
        let one = Lanes::one().multiply_decoded(&bytes, Halves::One(&half));
        for lanes in Lanes::available() {
            prop_assert_eq!(&one, &lanes.multiply_decoded(&bytes, Halves::One(&half)));
        }
    }
}

/// Encodings, near misses of them, and noise.
fn any_bytes() -> impl Strategy<Value = [u8; 32]> {
    let good = any::<u8>().prop_map(|i| bytes(MULTIPLES[usize::from(i) % 15 + 1]));
    let bad = any::<u8>().prop_map(|i| bytes(BAD_ENCODINGS[usize::from(i) % BAD_ENCODINGS.len()]));
    let flipped = (1..16_usize, 0..256_usize).prop_map(|(i, bit)| {
        let mut point: [u8; 32] = bytes(MULTIPLES[i]);
        point[bit / 8] ^= 1 << (bit % 8);
        point
    });
    prop_oneof![20 => good, 1 => bad, 1 => flipped, 1 => any::<[u8; 32]>(), 1 => Just([0; 32])]
}

#[test]
fn all_lanes_decode_and_encode_the_multiples_of_rfc_9496() {
    let points: Vec<[u8; 32]> = MULTIPLES[1..].iter().map(|text| bytes(text)).collect();
    let half = Scalar::ONE.div_by_2();
    for lanes in Lanes::available() {
        assert_eq!(lanes.multiply_decoded(&points, Halves::One(&half)).unwrap(), points);
        // The generator, times each of the numbers of which they are the multiples.
        let halves: Vec<_> = (1_u64..16).map(|i| Scalar::from(i).div_by_2()).collect();
        let generators = vec![points[0]; 15];
        let multiples = lanes.multiply_decoded(&generators, Halves::Each(&halves)).unwrap();
        assert_eq!(multiples, points, "{}", lanes.name());
    }
}

#[test]
fn all_lanes_map_as_in_rfc_9496() {
    let uniform: Vec<[u8; 64]> = MAPPED.iter().map(|(uniform, _)| bytes(uniform)).collect();
    let points: Vec<[u8; 32]> = MAPPED.iter().map(|(_, point)| bytes(point)).collect();
    for lanes in Lanes::available() {
        let mapped = lanes.multiply_mapped(&uniform, Halves::One(&Scalar::ONE.div_by_2()));
        assert_eq!(mapped, points, "{}", lanes.name());
    }
}

#[test]
fn a_bad_encoding_is_refused_at_its_place_in_every_lane() {
    let good: [u8; 32] = bytes(MULTIPLES[1]);
    let bad = BAD_ENCODINGS.iter().map(|text| (bytes(text), Flaw::NotAPoint));
    for (bad, flaw) in bad.chain([([0; 32], Flaw::Identity)]) {
        for length in LENGTHS {
            for place in 0..length {
                let mut points = vec![good; length];
                points[place] = bad;
                // What comes after the first is not what is told.
                points[length - 1] = bad;
                for lanes in Lanes::available() {
                    let refused = lanes.multiply_decoded(&points, Halves::One(&Scalar::ONE));
                    assert_eq!(refused, Err(Flawed { place, flaw }), "{}", lanes.name());
                }
            }
        }
    }
}

#[test]
fn products_that_are_the_identity_leave_their_neighbours_alone() {
    let points: Vec<[u8; 32]> = MULTIPLES[1..].iter().map(|text| bytes(text)).collect();
    for zeros in 0..points.len() {
        let halves: Vec<_> = (0..points.len())
            .map(|i| if (i * 7) % 15 < zeros { Scalar::ZERO } else { Scalar::ONE })
            .collect();
        let one = Lanes::one().multiply_decoded(&points, Halves::Each(&halves));
        for lanes in Lanes::available() {
            assert_eq!(one, lanes.multiply_decoded(&points, Halves::Each(&halves)));
        }
    }
}

fn encoded(point: RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}
