//! Decoding, the one-way map and encoding of ristretto255 (RFC 9496, section 4.3), eight lanes wide.

use std::arch::x86_64::__mmask8;

use super::constants::{
    D, D_MINUS_ONE_SQ, INVSQRT_A_MINUS_D, ONE_MINUS_D_SQ, SQRT_AD_MINUS_ONE, SQRT_M1,
};
use super::field::{Field, LANES};
use super::point::{Point, Sum};

/// p in words, the lowest first.
const P: [u64; 4] = [u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1];

/// The points of eight encodings, and the lanes whose encoding is canonical.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn decode(encoded: &[[u8; 32]; LANES]) -> (Point, __mmask8) {
    let one = Field::one();
    let s = Field::from_bytes(encoded);
    let ss = s.squared();
    let u1 = one.minus(&ss);
    let u2 = one.plus(&ss);
    let u2_squared = u2.squared();
    // > v = -(D * u1^2) - u2_sqr
    let v = Field::constant(D).times(&u1.squared()).negated().minus(&u2_squared);
    let (was_square, inverse_root) = Field::sqrt_ratio(&one, &v.times(&u2_squared));
    let x_denominator = inverse_root.times(&u2);
    let y_denominator = inverse_root.times(&x_denominator).times(&v);
    let x = s.plus(&s).times(&x_denominator).absolute();
    let y = u1.times(&y_denominator);
    let t = x.times(&y);
    let good = was_square & !t.is_negative() & !y.is_zero() & canonical(encoded);
    (Point { x, y, z: one, t }, good)
}

/// The lanes whose bytes are a number below p that is not negative.
fn canonical(encoded: &[[u8; 32]; LANES]) -> __mmask8 {
    let mut good = 0;
    for (lane, encoded) in encoded.iter().enumerate() {
        let (words, _) = encoded.as_chunks();
        let words = [0, 1, 2, 3].map(|word| u64::from_le_bytes(words[word]));
        let below = words.iter().rev().lt(P.iter().rev());
        good |= u8::from(below && words[0] & 1 == 0) << lane;
    }
    good
}

/// The one-way map of 64 bytes to a point.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn map(uniform: &[[u8; 64]; LANES]) -> Point {
    let mut halves = [[[0; 32]; LANES]; 2];
    for (lane, uniform) in uniform.iter().enumerate() {
        let (parts, _) = uniform.as_chunks();
        [halves[0][lane], halves[1][lane]] = [parts[0], parts[1]];
    }
    let [first, second] = &halves;
    map_half(&Field::from_bytes(first))
        .add(&map_half(&Field::from_bytes(second)).addend(), 0)
        .point()
}

/// `MAP` of RFC 9496, section 4.3.4.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn map_half(t: &Field) -> Point {
    let (one, d) = (Field::one(), Field::constant(D));
    let minus_one = one.negated();
    let r = Field::constant(SQRT_M1).times(&t.squared());
    let u = r.plus(&one).times(&Field::constant(ONE_MINUS_D_SQ));
    // > v = (-1 - r*D) * (r + D)
    let v = minus_one.minus(&r.times(&d)).times(&r.plus(&d));
    let (was_square, root) = Field::sqrt_ratio(&u, &v);
    let s = Field::select(was_square, &root, &root.times(t).absolute().negated());
    let c = Field::select(was_square, &minus_one, &r);
    // > N = c * (r - 1) * D_MINUS_ONE_SQ - v
    let n = c.times(&r.minus(&one)).times(&Field::constant(D_MINUS_ONE_SQ)).minus(&v);
    let sv = s.times(&v);
    let ss = s.squared();
    Sum {
        e: sv.plus(&sv),
        f: one.plus(&ss),
        g: n.times(&Field::constant(SQRT_AD_MINUS_ONE)),
        h: one.minus(&ss),
    }
    .point()
}

/// What is left of twice a point until all of a batch are inverted together.
struct Doubled {
    e: Field,
    f: Field,
    g: Field,
    h: Field,
    eg: Field,
    fh: Field,
}

impl Doubled {
    /// Twice the point is (e / f, g / h).
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn new(point: &Point) -> Self {
        let [xx, yy, zz] = [point.x.square(), point.y.square(), point.z.square()];
        let dtt = point.t.squared().product(&Field::constant(D));
        let e = point.x.times(&point.y.plus(&point.y));
        let (f, g, h) = (zz.plus(&dtt).carried(), yy.plus(&xx).carried(), zz.minus(&dtt));
        Self { eg: e.times(&g), fh: f.times(&h), e, f, g, h }
    }

    /// The encoding, given the inverse of `eg fh`.
    ///
    /// Each of the coset of points that are one element of the group comes from another by a swap
    /// and two signs; this takes the one that RFC 9496 encodes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn encode(&self, inverse: &Field) -> [[u8; 32]; LANES] {
        let sqrt_m1 = Field::constant(SQRT_M1);
        // With Z = fh and T = eg of the doubled point: 1 / Z and 1 / T.
        let z_inverse = self.eg.times(inverse);
        let t_inverse = self.fh.times(inverse);
        let rotated = self.eg.times(&z_inverse).is_negative();
        let e = Field::select(rotated, &self.g, &self.e);
        let g = Field::select(rotated, &self.e.negated(), &self.g);
        let h = Field::select(rotated, &self.f.times(&sqrt_m1), &self.h);
        let root = Field::select(rotated, &sqrt_m1, &Field::constant(INVSQRT_A_MINUS_D));
        let g = g.negated_in(h.times(&e).times(&z_inverse).is_negative());
        h.minus(&g).times(&root.times(&g.times(&t_inverse))).absolute().to_bytes()
    }
}

/// The encodings of twice the points, with one inversion for all of them.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn double_and_encode(points: &[Point]) -> Vec<[[u8; 32]; LANES]> {
    let mut doubled = Vec::with_capacity(points.len());
    let mut inverses = Vec::with_capacity(points.len());
    for point in points {
        let point = Doubled::new(point);
        inverses.push(point.eg.times(&point.fh));
        doubled.push(point);
    }
    Field::invert_all(&mut inverses);
    let mut encoded = Vec::with_capacity(points.len());
    for (point, inverse) in doubled.iter().zip(&inverses) {
        encoded.push(point.encode(inverse));
    }
    encoded
}
