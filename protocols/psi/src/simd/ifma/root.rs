//! Inverses and square roots: one long power for eight elements.

use std::arch::x86_64::__mmask8;

use super::constants::SQRT_M1;
use super::field::Field;

impl Field {
    /// `SQRT_RATIO_M1` of RFC 9496, section 4.2: the non-negative square root of `u / v` and the
    /// lanes that have one; elsewhere the root of `SQRT_M1 u / v`, or 0 if v alone is 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn sqrt_ratio(u: &Self, v: &Self) -> (__mmask8, Self) {
        let sqrt_m1 = Self::constant(SQRT_M1);
        let v3 = v.squared().times(v);
        let v7 = v3.squared().times(v);
        // > r = (u * v^3) * (u * v^7)^((p-5)/8)
        let (power, _) = u.times(&v7).to_the_long_power();
        let exponent = power.squared_times(2).times(&u.times(&v7));
        let r = u.times(&v3).times(&exponent);
        let check = v.times(&r.squared());
        let minus_u = u.negated();
        let correct = check.equals(u);
        let flipped = check.equals(&minus_u);
        let flipped_i = check.equals(&minus_u.times(&sqrt_m1));
        let r = Self::select(flipped | flipped_i, &r.times(&sqrt_m1), &r);
        (correct | flipped, r.absolute())
    }

    /// The inverse; 0 for 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn inverted(&self) -> Self {
        // p - 2 = 2^5 (2^250 - 1) + 11
        let (power, eleventh) = self.to_the_long_power();
        power.squared_times(5).times(&eleventh)
    }

    /// The inverses of all elements, with one long power for all of them; 0 for 0.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn invert_all(elements: &mut [Self]) {
        let one = Self::one();
        let mut product = one;
        // For each element, whether it is 0 and the product of those before it.
        let mut before = Vec::with_capacity(elements.len());
        for element in &mut *elements {
            let zero = element.is_zero();
            *element = Self::select(zero, &one, element);
            before.push((zero, product));
            product = product.times(element);
        }
        // The inverse of the product of all elements up to the one that is next.
        let mut inverse = product.inverted();
        for (element, (zero, before)) in elements.iter_mut().zip(before).rev() {
            let own = inverse.times(&before);
            inverse = inverse.times(element);
            *element = Self::select(zero, &Self::zero(), &own);
        }
    }

    /// The power 2^250 - 1, and the 11th.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn to_the_long_power(self) -> (Self, Self) {
        let second = self.squared();
        let ninth = second.squared_times(2).times(&self);
        let eleventh = ninth.times(&second);
        // `ones(n)` is the power 2^n - 1.
        let ones_5 = eleventh.squared().times(&ninth);
        let ones_10 = ones_5.squared_times(5).times(&ones_5);
        let ones_20 = ones_10.squared_times(10).times(&ones_10);
        let ones_40 = ones_20.squared_times(20).times(&ones_20);
        let ones_50 = ones_40.squared_times(10).times(&ones_10);
        let ones_100 = ones_50.squared_times(50).times(&ones_50);
        let ones_200 = ones_100.squared_times(100).times(&ones_100);
        let ones_250 = ones_200.squared_times(50).times(&ones_50);
        (ones_250, eleventh)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn squared_times(&self, times: u32) -> Self {
        let mut power = *self;
        for _ in 0..times {
            power = power.squared();
        }
        power
    }
}
