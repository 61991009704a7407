//! Eight points of the curve -x^2 + y^2 = 1 + d x^2 y^2, one in each lane: formulas of Hisil, Wong,
//! Carter, Dawson 2008, complete for every pair of points of ristretto255.

use std::arch::x86_64::__mmask8;

use super::constants::TWICE_D;
use super::field::Field;

/// x = X / Z, y = Y / Z, x y = T / Z.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: Field,
    pub(super) y: Field,
    pub(super) z: Field,
    pub(super) t: Field,
}

/// A point without T, which doubling does not need.
#[derive(Clone, Copy)]
pub(super) struct Projective {
    x: Field,
    y: Field,
    z: Field,
}

/// A point as the second term of an addition.
#[derive(Clone, Copy)]
pub(super) struct Addend {
    y_plus_x: Field,
    y_minus_x: Field,
    /// 2 Z.
    z: Field,
    /// 2 d T.
    t: Field,
}

/// What a formula ends in: x = E / G, y = H / F. Three multiplications more give a point, four one
/// with T.
pub(super) struct Sum {
    pub(super) e: Field,
    pub(super) f: Field,
    pub(super) g: Field,
    pub(super) h: Field,
}

impl Point {
    /// The neutral element.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn identity() -> Self {
        Self { x: Field::zero(), y: Field::one(), z: Field::one(), t: Field::zero() }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn addend(&self) -> Addend {
        Addend {
            y_plus_x: self.y.plus(&self.x),
            y_minus_x: self.y.minus(&self.x),
            z: self.z.plus(&self.z),
            t: self.t.times(&Field::constant(TWICE_D)),
        }
    }

    /// Adds `other`, and subtracts it in the lanes of `negative`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add(&self, other: &Addend, negative: __mmask8) -> Sum {
        // The negated point has -x and -t: its two sums change places, and F and G do.
        let minus = Field::select(negative, &other.y_plus_x, &other.y_minus_x);
        let plus = Field::select(negative, &other.y_minus_x, &other.y_plus_x);
        let a = self.y.minus(&self.x).product(&minus);
        let b = self.y.plus(&self.x).product(&plus);
        let c = self.t.product(&other.t);
        let d = self.z.product(&other.z);
        let (difference, sum) = (d.minus(&c), d.plus(&c).carried());
        Sum {
            e: b.minus(&a),
            f: Field::select(negative, &sum, &difference),
            g: Field::select(negative, &difference, &sum),
            h: b.plus(&a).carried(),
        }
    }
}

impl Projective {
    /// Twice the point. F and H have their signs turned, which turns those of all coordinates.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn double(&self) -> Sum {
        let a = self.x.square();
        let b = self.y.square();
        let c = self.z.square();
        let both = a.plus(&b);
        let g = b.minus(&a);
        Sum {
            e: self.x.plus(&self.y).square().minus(&both),
            f: c.plus(&c).minus(&g.wide()),
            g,
            h: both.carried(),
        }
    }
}

impl Addend {
    /// The neutral element.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn identity() -> Self {
        let one = Field::one();
        Self { y_plus_x: one, y_minus_x: one, z: one.plus(&one), t: Field::zero() }
    }

    /// `yes` in the lanes of `mask`, `no` in the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn select(mask: __mmask8, yes: &Self, no: &Self) -> Self {
        Self {
            y_plus_x: Field::select(mask, &yes.y_plus_x, &no.y_plus_x),
            y_minus_x: Field::select(mask, &yes.y_minus_x, &no.y_minus_x),
            z: Field::select(mask, &yes.z, &no.z),
            t: Field::select(mask, &yes.t, &no.t),
        }
    }
}

impl Sum {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn point(&self) -> Point {
        let Projective { x, y, z } = self.projective();
        Point { x, y, z, t: self.e.times(&self.h) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn projective(&self) -> Projective {
        Projective { x: self.e.times(&self.f), y: self.g.times(&self.h), z: self.f.times(&self.g) }
    }
}
