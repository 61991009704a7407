//! Eight points times eight secret scalars.
//!
//! No branch and no address depends on a digit: every entry of the table is read for each digit,
//! and masks keep the one that is meant.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_abs_epi64, _mm512_cmpeq_epi64_mask, _mm512_movepi64_mask,
    _mm512_set_epi64, _mm512_set1_epi64,
};

use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

use super::field::LANES;
use super::point::{Addend, Point};

/// Digits of a scalar below 2^253 in radix 16.
const DIGITS: usize = 64;
/// The largest digit but for its sign.
const LARGEST: usize = 8;

/// The digits of eight scalars, from -8 to 8, the lowest first: wiped on drop.
pub(super) struct Digits(Zeroizing<[[i8; LANES]; DIGITS]>);

impl Digits {
    /// The digits of a scalar for each lane; lanes without one have 0.
    pub(super) fn new<'a>(scalars: impl IntoIterator<Item = &'a Scalar>) -> Self {
        let mut digits = Zeroizing::new([[0; LANES]; DIGITS]);
        for (lane, scalar) in scalars.into_iter().take(LANES).enumerate() {
            let mut carry = 0;
            for (place, byte) in scalar.as_bytes().iter().enumerate() {
                for (place, digit) in [(2 * place, byte & 15), (2 * place + 1, byte >> 4)] {
                    let digit = digit.cast_signed() + carry;
                    // Digits of 8 and more become negative, and the next one takes a carry.
                    carry = (digit + 8) >> 4;
                    digits[place][lane] = digit - (carry << 4);
                }
            }
            // A scalar is below 2^253, so the last digit is 2 at most and carries nothing.
        }
        Self(digits)
    }
}

/// The multiples of eight points by 1 to 8.
struct Table([Addend; LARGEST]);

impl Table {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn new(point: &Point) -> Self {
        let one = point.addend();
        let mut multiples = [one; LARGEST];
        let mut multiple = *point;
        for place in &mut multiples[1..] {
            multiple = multiple.add(&one, 0).point();
            *place = multiple.addend();
        }
        Self(multiples)
    }

    /// The multiple by the size of each lane's digit, and the lanes whose digit is negative.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn select(&self, digits: &[i8; LANES]) -> (Addend, __mmask8) {
        let digits = spread(digits);
        let size = _mm512_abs_epi64(digits);
        let mut chosen = Addend::identity();
        for (digit, multiple) in (1..).zip(&self.0) {
            let meant = _mm512_cmpeq_epi64_mask(size, _mm512_set1_epi64(digit));
            chosen = Addend::select(meant, multiple, &chosen);
        }
        (chosen, _mm512_movepi64_mask(digits))
    }
}

/// Each lane's point times its scalar.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn multiply(point: &Point, digits: &Digits) -> Point {
    let table = Table::new(point);
    let [lower @ .., highest] = &*digits.0;
    let (addend, negative) = table.select(highest);
    let mut sum = Point::identity().add(&addend, negative);
    for digits in lower.iter().rev() {
        let (addend, negative) = table.select(digits);
        for _ in 0..3 {
            sum = sum.projective().double();
        }
        let sixteenfold = sum.projective().double().point();
        sum = sixteenfold.add(&addend, negative);
    }
    sum.point()
}

#[inline]
#[target_feature(enable = "avx512f")]
fn spread(digits: &[i8; LANES]) -> __m512i {
    let [a, b, c, d, e, f, g, h] = digits.map(i64::from);
    _mm512_set_epi64(h, g, f, e, d, c, b, a)
}
