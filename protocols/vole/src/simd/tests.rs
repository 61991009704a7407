//! Every machine computes the same, and what others computed.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use chacha20::ChaCha20Rng;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use rand_core::{Rng, SeedableRng};

use super::{FixedKey, Machine};
use crate::code::BLOCK;

fn random(count: usize, seed: u64) -> Vec<u128> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())).collect()
}

/// Multiplication bit by bit, as the field is defined.
fn schoolbook(one: u128, other: u128) -> u128 {
    let mut product = 0;
    for bit in (0..128).rev() {
        product = product << 1 ^ if product >> 127 == 1 { 0x87 } else { 0 };
        product ^= if other >> bit & 1 == 1 { one } else { 0 };
    }
    product
}

#[test]
fn aes_is_that_of_fips_197() {
    let bytes = |text: &str| u128::from_le_bytes(hex::decode(text).unwrap().try_into().unwrap());
    let key = bytes("000102030405060708090a0b0c0d0e0f");
    let plain = bytes("00112233445566778899aabbccddeeff");
    let cipher = bytes("69c4e0d86a7b0430d8cdb78070b4c55a");
    for machine in Machine::available() {
        let mut hash = [0];
        FixedKey::new(machine, key).hash(&[plain], &mut hash);
        assert_eq!(hash[0] ^ plain, cipher, "{}", machine.name());
    }
}

#[test]
fn aes_of_any_length_is_that_of_the_aes_crate_on_every_machine() {
    for length in [0, 1, 7, 8, 9, 15, 16, 17, 64, 100] {
        let (keys, inputs) = (random(3, 1), random(length, 2));
        for key in keys {
            let soft = aes::Aes128::new(&key.to_le_bytes().into());
            let expected: Vec<u128> = (inputs.iter())
                .map(|input| {
                    let mut block = input.to_le_bytes().into();
                    soft.encrypt_block(&mut block);
                    u128::from_le_bytes(block.into()) ^ input
                })
                .collect();
            for machine in Machine::available() {
                let mut hashes = vec![0; length];
                FixedKey::new(machine, key).hash(&inputs, &mut hashes);
                assert_eq!(hashes, expected, "{length} on {}", machine.name());
            }
        }
    }
}

#[test]
fn a_stream_is_the_counters_encrypted() {
    for machine in Machine::available() {
        let key = FixedKey::new(machine, 5);
        let mut stream = vec![0; 150];
        key.stream(u128::MAX - 70, &mut stream);
        let mut hash = [0];
        for (place, block) in (0_u128..).zip(&stream) {
            let counter = (u128::MAX - 70).wrapping_add(place);
            key.hash(&[counter], &mut hash);
            assert_eq!(hash[0] ^ counter, *block);
        }
    }
}

#[test]
fn children_are_hashes_under_the_two_keys() {
    let parents = random(24, 4);
    for machine in Machine::available() {
        let (left, right) = (FixedKey::new(machine, 1), FixedKey::new(machine, 2));
        let mut children = vec![0; 48];
        left.double(&right, &parents, &mut children);
        for (parents, children) in parents.chunks(8).zip(children.chunks(16)) {
            let (mut lefts, mut rights) = ([0; 8], [0; 8]);
            left.hash(parents, &mut lefts);
            right.hash(parents, &mut rights);
            assert_eq!(children, [lefts, rights].concat(), "{}", machine.name());
        }
    }
}

#[test]
fn multiplication_is_that_of_the_definition_on_every_machine() {
    let (ones, others) = (random(10_000, 5), random(10_000, 6));
    for machine in Machine::available() {
        assert_eq!(machine.multiply(1 << 127, 2), 0x87);
        for (one, other) in ones.iter().zip(&others) {
            assert_eq!(machine.multiply(*one, *other), schoolbook(*one, *other));
        }
    }
}

#[test]
fn multiplication_is_that_of_ghash() {
    // GHASH of one block x under h is x h, in GCM's order of bits: the first is that of X^0.
    let turned = |value: u128| value.reverse_bits().to_be_bytes();
    let back = |bytes: [u8; 16]| u128::from_be_bytes(bytes).reverse_bits();
    for (key, value) in random(200, 7).into_iter().zip(random(200, 8)) {
        let mut ghash = GHash::new(&turned(key).into());
        ghash.update(&[turned(value).into()]);
        let theirs = back(ghash.finalize().into());
        for machine in Machine::available() {
            assert_eq!(machine.multiply(key, value), theirs, "{}", machine.name());
        }
    }
}

#[test]
fn the_field_is_a_field() {
    for machine in Machine::available() {
        for values in random(300, 9).as_chunks::<3>().0 {
            let [a, b, c] = *values;
            let multiply = |one, other| machine.multiply(one, other);
            assert_eq!(multiply(multiply(a, b), c), multiply(a, multiply(b, c)));
            assert_eq!(multiply(a, b ^ c), multiply(a, b) ^ multiply(a, c));
            assert_eq!(multiply(a, b), multiply(b, a));
            // a^(2^128 - 1) is 1: the inverse is the power before.
            let (mut inverse, mut power) = (1, a);
            for _ in 1..128 {
                power = multiply(power, power);
                inverse = multiply(inverse, power);
            }
            assert_eq!(multiply(a, inverse), 1);
        }
    }
}

#[test]
fn work_on_many_elements_is_the_same_work_on_each() {
    for length in [0, 1, 3, 15, 16, 17, 50] {
        let (values, before) = (random(length, 10), random(length, 11));
        let coefficients = random(3, 12);
        let [x, y, z] = *coefficients else { panic!("three were drawn") };
        for machine in Machine::available() {
            let multiply = |one, other| machine.multiply(one, other);
            let mut sums = before.clone();
            machine.multiply_add(&values, x, &mut sums);
            let each = values.iter().zip(&before).map(|(value, sum)| sum ^ multiply(*value, x));
            assert!(each.eq(sums.iter().copied()), "{length} on {}", machine.name());

            let mut sums = before.clone();
            machine.evaluate_add(&coefficients, &values, &mut sums);
            let each = values.iter().zip(&before).map(|(&value, sum)| {
                let square = multiply(value, value);
                sum ^ multiply(x, value)
                    ^ multiply(y, square)
                    ^ multiply(z, multiply(square, value))
            });
            assert!(each.eq(sums.iter().copied()), "{length} on {}", machine.name());

            let (mut hash, mut power) = (0, 1);
            for value in &values {
                power = multiply(power, x);
                hash ^= multiply(*value, power);
            }
            assert_eq!(machine.universal_hash(&values, x), hash, "{length} on {}", machine.name());
        }
    }
}

#[test]
fn the_accumulator_is_the_same_on_every_machine() {
    let values = random(BLOCK, 13);
    let bits = random(BLOCK, 14);
    let coefficients: Vec<u32> =
        bits.iter().map(|bits| u32::try_from(bits & 0x1ff_ffff).unwrap()).collect();
    let coefficients: &[u32; BLOCK] = coefficients.as_slice().try_into().unwrap();
    let mut expected = values.clone();
    for place in 0..BLOCK {
        for step in (0..25).filter(|step| coefficients[place] >> step & 1 == 1) {
            expected[(place + 1 + step) % BLOCK] ^= expected[place];
        }
    }
    for machine in Machine::available() {
        let mut values = values.clone();
        machine.accumulate(values.as_mut_slice().try_into().unwrap(), coefficients);
        assert!(values == expected, "{}", machine.name());
    }
}
