//! Field arithmetic against numbers of 256 bits, computed with bit by bit.

use proptest::prelude::*;

use super::super::constants::{
    D, D_MINUS_ONE_SQ, INVSQRT_A_MINUS_D, ONE_MINUS_D_SQ, SQRT_AD_MINUS_ONE, SQRT_M1, TWICE_D,
};
use super::{Field, LANES, LIMBS};
use crate::simd::Lanes;

/// A number below p as its upper and its lower half.
type Number = (u128, u128);

const P: Number = (u128::MAX >> 1, u128::MAX - 18);

/// What a limb of a factor may be at the most.
const LARGEST_LIMB: u64 = (1 << 51) + (1 << 17) - 1;

fn reduced(number: Number) -> Number {
    let mut number = number;
    while number >= P {
        let (low, borrow) = number.1.overflowing_sub(P.1);
        number = (number.0 - P.0 - u128::from(borrow), low);
    }
    number
}

/// The sum of two numbers below p.
fn sum(a: Number, b: Number) -> Number {
    let (low, carry) = a.1.overflowing_add(b.1);
    reduced((a.0 + b.0 + u128::from(carry), low))
}

fn negated(a: Number) -> Number {
    let (low, borrow) = P.1.overflowing_sub(a.1);
    reduced((P.0 - a.0 - u128::from(borrow), low))
}

fn product(a: Number, b: Number) -> Number {
    let bits =
        (0..128).rev().map(|bit| b.0 >> bit & 1).chain((0..128).rev().map(|bit| b.1 >> bit & 1));
    bits.fold((0, 0), |product, bit| {
        let double = sum(product, product);
        if bit == 1 { sum(double, a) } else { double }
    })
}

/// The number that limbs stand for.
fn number(limbs: [u64; LIMBS]) -> Number {
    limbs.iter().rev().fold((0, 0), |number, &limb| {
        let shifted = (0..51).fold(number, |number, _| sum(number, number));
        sum(shifted, (0, limb.into()))
    })
}

fn from_bytes(bytes: &[u8; 32]) -> Number {
    let (halves, _) = bytes.as_chunks();
    let [low, high] = [0, 1].map(|half| u128::from_le_bytes(halves[half]));
    (high, low)
}

fn to_bytes(number: Number) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.as_chunks_mut().0.copy_from_slice(&[number.1.to_le_bytes(), number.0.to_le_bytes()]);
    bytes
}

/// A limb of a factor: any, and its edges.
fn limb() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, 18, 19, (1 << 51) - 19, (1 << 51) - 1, 1 << 51, LARGEST_LIMB];
    prop_oneof![prop::sample::select(edges), 0..=LARGEST_LIMB]
}

/// Limbs of a factor: any, and those of 0, 1, p - 1, p, p + 1, 2^255 - 1 and all ones.
fn limbs() -> impl Strategy<Value = [u64; LIMBS]> {
    const ONES: u64 = (1 << 51) - 1;
    let of = |lowest| [lowest, ONES, ONES, ONES, ONES];
    let edges = vec![
        [0; LIMBS],
        [1, 0, 0, 0, 0],
        of(ONES - 19),
        of(ONES - 18),
        of(ONES - 17),
        of(ONES),
        [LARGEST_LIMB; LIMBS],
    ];
    prop_oneof![1 => prop::sample::select(edges), 3 => prop::array::uniform5(limb())]
}

/// A row of limbs for each lane.
fn lanes() -> impl Strategy<Value = [[u64; LIMBS]; LANES]> {
    prop::array::uniform8(limbs())
}

/// Which lanes a choice takes.
const CHOSEN: u8 = 0b0110_1001;

/// What two operands give, lane by lane.
struct Results {
    sum: [[u8; 32]; LANES],
    difference: [[u8; 32]; LANES],
    product: [[u8; 32]; LANES],
    square: [[u8; 32]; LANES],
    inverse: [[u8; 32]; LANES],
    absolute: [[u8; 32]; LANES],
    deepest: [[u8; 32]; LANES],
    chosen: [[u8; 32]; LANES],
    root: [[u8; 32]; LANES],
    /// The lanes of `root` in which a / b is a square.
    square_ratio: u8,
    negative: u8,
    zero: u8,
    equal: u8,
    /// Of every result that may be multiplied.
    largest_limb: u64,
    /// Of the product and the square before their carry.
    largest_column: u64,
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn results(a: &[[u64; LIMBS]; LANES], b: &[[u64; LIMBS]; LANES]) -> Results {
    let [a, b] = [field(a), field(b)];
    let (square_ratio, root) = Field::sqrt_ratio(&a, &b);
    // As deep as a formula goes before its carry: 2 a b - (a^2 + b^2).
    let both = a.square().plus(&b.square());
    let deepest = a.product(&b).plus(&a.product(&b)).minus(&both);
    let results = [
        a.plus(&b),
        a.minus(&b),
        a.times(&b),
        a.squared(),
        a.inverted(),
        a.absolute(),
        deepest,
        Field::select(CHOSEN, &a, &b),
        root,
    ];
    let largest_limb = largest(&results);
    let [sum, difference, product, square, inverse, absolute, deepest, chosen, root] =
        results.map(|field| field.to_bytes());
    Results {
        sum,
        difference,
        product,
        square,
        inverse,
        absolute,
        deepest,
        chosen,
        root,
        square_ratio,
        negative: a.is_negative(),
        zero: a.is_zero(),
        equal: a.equals(&b),
        largest_limb,
        largest_column: largest(&[Field(a.product(&b).0), Field(a.square().0)]),
    }
}

#[target_feature(enable = "avx512f")]
fn largest(fields: &[Field]) -> u64 {
    let mut largest = 0;
    for field in fields {
        largest = field.limbs().into_iter().flatten().fold(largest, u64::max);
    }
    largest
}

/// The element that has these limbs in each lane.
#[target_feature(enable = "avx512f")]
fn field(rows: &[[u64; LIMBS]; LANES]) -> Field {
    let mut limbs = [[0; LANES]; LIMBS];
    for (lane, row) in rows.iter().enumerate() {
        for (limb, &value) in limbs.iter_mut().zip(row) {
            limb[lane] = value;
        }
    }
    Field::from_limbs(&limbs)
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn inverses(rows: &[[[u64; LIMBS]; LANES]]) -> Vec<[[u8; 32]; LANES]> {
    let mut elements = Vec::new();
    for rows in rows {
        elements.push(field(rows));
    }
    Field::invert_all(&mut elements);
    let mut inverses = Vec::new();
    for element in elements {
        inverses.push(element.to_bytes());
    }
    inverses
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn read_again(bytes: &[[u8; 32]; LANES]) -> [[u8; 32]; LANES] {
    Field::from_bytes(bytes).to_bytes()
}

/// Whether this CPU has the instructions; a test that needs them says so where it has not.
fn has_eight_lanes() -> bool {
    let has = Lanes::detect() != Lanes::one();
    if !has {
        println!("this CPU has no AVX-512 IFMA: nothing was tested");
    }
    has
}

fn is_odd(number: Number) -> bool {
    number.1 & 1 == 1
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn eight_lanes_compute_as_numbers_modulo_p_do(a in lanes(), b in lanes()) {
        if !has_eight_lanes() {
            return Ok(());
        }
        // SAFETY: the CPU was asked in the line above.
        let results = unsafe { results(&a, &b) };
        prop_assert!(results.largest_limb <= LARGEST_LIMB);
        prop_assert!(results.largest_column < 1 << 59);
        let sqrt_m1 = number(SQRT_M1);
        for lane in 0..LANES {
            let bit = |mask: u8| mask >> lane & 1 == 1;
            let [a, b] = [number(a[lane]), number(b[lane])];
            prop_assert_eq!(results.sum[lane], to_bytes(sum(a, b)));
            prop_assert_eq!(results.difference[lane], to_bytes(sum(a, negated(b))));
            prop_assert_eq!(results.product[lane], to_bytes(product(a, b)));
            prop_assert_eq!(results.square[lane], to_bytes(product(a, a)));
            let difference = sum(a, negated(b));
            let deepest = negated(product(difference, difference));
            prop_assert_eq!(results.deepest[lane], to_bytes(deepest));
            let inverse = from_bytes(&results.inverse[lane]);
            prop_assert_eq!(product(inverse, a), if a == (0, 0) { a } else { (0, 1) });
            let absolute = if is_odd(a) { negated(a) } else { a };
            prop_assert_eq!(results.absolute[lane], to_bytes(absolute));
            prop_assert_eq!(results.chosen[lane], to_bytes(if bit(CHOSEN) { a } else { b }));
            prop_assert_eq!(bit(results.negative), is_odd(a));
            prop_assert_eq!(bit(results.zero), a == (0, 0));
            prop_assert_eq!(bit(results.equal), a == b);

            let root = from_bytes(&results.root[lane]);
            prop_assert!(!is_odd(root));
            let again = product(b, product(root, root));
            match (a == (0, 0), b == (0, 0)) {
                (true, _) => prop_assert!(bit(results.square_ratio) && root == (0, 0)),
                (false, true) => prop_assert!(!bit(results.square_ratio) && root == (0, 0)),
                // SQRT_M1 is no square, so only one of the two can be.
                (false, false) if bit(results.square_ratio) => prop_assert_eq!(again, a),
                (false, false) => prop_assert_eq!(again, product(sqrt_m1, a)),
            }
        }
    }

    #[test]
    fn inverses_of_a_batch_are_those_of_its_elements(
        rows in prop::collection::vec(lanes(), 0..5),
    ) {
        if !has_eight_lanes() {
            return Ok(());
        }
        // SAFETY: the CPU was asked in the line above.
        let inverses = unsafe { inverses(&rows) };
        for (rows, inverses) in rows.iter().zip(inverses) {
            for (row, inverse) in rows.iter().zip(inverses) {
                let number = number(*row);
                let one = product(from_bytes(&inverse), number);
                prop_assert_eq!(one, if number == (0, 0) { number } else { (0, 1) });
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_their_highest_bit(bytes in any::<[[u8; 32]; LANES]>()) {
        if !has_eight_lanes() {
            return Ok(());
        }
        // SAFETY: the CPU was asked in the line above.
        let read = unsafe { read_again(&bytes) };
        for (mut bytes, read) in bytes.into_iter().zip(read) {
            bytes[31] &= 0x7f;
            prop_assert_eq!(read, to_bytes(reduced(from_bytes(&bytes))));
        }
    }
}

#[test]
fn numbers_from_p_on_are_read_modulo_p() {
    if !has_eight_lanes() {
        return;
    }
    let mut bytes = [[0xff; 32]; LANES];
    for (past, bytes) in (0..).zip(&mut bytes[..7]) {
        *bytes = to_bytes((P.0, P.1 + past));
    }
    // SAFETY: the CPU was asked above.
    let read = unsafe { read_again(&bytes) };
    let past = (0..7).map(|past| to_bytes((0, past)));
    assert!(past.chain([to_bytes((0, 18))]).eq(read));
}

#[test]
fn the_constants_are_what_defines_them() {
    let [d, one] = [number(D), (0, 1)];
    let square = |limbs| product(number(limbs), number(limbs));
    assert_eq!(product(d, (0, 121_666)), negated((0, 121_665)));
    assert_eq!(number(TWICE_D), sum(d, d));
    assert_eq!(square(SQRT_M1), negated(one));
    assert_eq!(square(SQRT_AD_MINUS_ONE), negated(sum(d, one)));
    assert_eq!(product(square(INVSQRT_A_MINUS_D), negated(sum(d, one))), one);
    assert_eq!(number(ONE_MINUS_D_SQ), sum(one, negated(product(d, d))));
    let d_minus_one = sum(d, negated(one));
    assert_eq!(number(D_MINUS_ONE_SQ), product(d_minus_one, d_minus_one));
    // Which of two roots it is: RFC 9496 takes this one of the first and the third.
    assert!(!is_odd(number(SQRT_M1)) && !is_odd(number(INVSQRT_A_MINUS_D)));
    assert!(is_odd(number(SQRT_AD_MINUS_ONE)));
}
