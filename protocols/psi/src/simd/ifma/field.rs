//! Eight elements of the field of p = 2^255 - 19, one in each lane.
//!
//! An element is five limbs of 51 bits. IFMA multiplies the lowest 52 bits of two limbs and adds
//! either half of the 104-bit product, so a factor's limbs must stay below 2^52: there is one bit
//! to spare, and a sum is carried before it is multiplied. What is multiplied is a [`Field`], what
//! comes of it a [`Wide`], and only a carry leads back.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_mov_epi64, _mm512_mullo_epi64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64, _mm512_sub_epi64,
    _mm512_test_epi64_mask,
};
use std::mem::transmute;

/// Limbs of an element.
pub(super) const LIMBS: usize = 5;
/// Elements side by side.
pub(super) const LANES: usize = 8;
/// The bits of a limb.
const MASK: u64 = (1 << 51) - 1;
/// 2^10 p, limb by limb, which keeps differences of [`Wide`] from falling below 0.
const MULTIPLE_OF_P: [u64; LIMBS] =
    [(MASK - 18) << 10, MASK << 10, MASK << 10, MASK << 10, MASK << 10];

/// Eight elements whose limbs are below 2^51 + 2^17: they can be multiplied.
#[derive(Clone, Copy)]
pub(super) struct Field([__m512i; LIMBS]);

/// Eight elements whose limbs are below 2^60: a product, or the sum of two.
#[derive(Clone, Copy)]
pub(super) struct Wide([__m512i; LIMBS]);

impl Field {
    /// The same element in every lane, of limbs below 2^51.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn constant(limbs: [u64; LIMBS]) -> Self {
        let mut field = [_mm512_setzero_si512(); LIMBS];
        for limb in 0..LIMBS {
            field[limb] = all(limbs[limb]);
        }
        Self(field)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn zero() -> Self {
        Self([_mm512_setzero_si512(); LIMBS])
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn one() -> Self {
        Self::constant([1, 0, 0, 0, 0])
    }

    /// Reads 32 little-endian bytes a lane, without the highest bit; they need not be below p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn from_bytes(bytes: &[[u8; 32]; LANES]) -> Self {
        let mut limbs = [[0; LANES]; LIMBS];
        for (lane, bytes) in bytes.iter().enumerate() {
            let (words, _) = bytes.as_chunks();
            let [a, b, c, d] = [0, 1, 2, 3].map(|word| u64::from_le_bytes(words[word]));
            limbs[0][lane] = a & MASK;
            limbs[1][lane] = (a >> 51 | b << 13) & MASK;
            limbs[2][lane] = (b >> 38 | c << 26) & MASK;
            limbs[3][lane] = (c >> 25 | d << 39) & MASK;
            limbs[4][lane] = d >> 12 & MASK;
        }
        Self::from_limbs(&limbs)
    }

    /// The canonical 32 bytes of each lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn to_bytes(self) -> [[u8; 32]; LANES] {
        let limbs = self.canonical().limbs();
        let mut bytes = [[0; 32]; LANES];
        for (lane, bytes) in bytes.iter_mut().enumerate() {
            let [a, b, c, d, e] = limbs.map(|limb| limb[lane]);
            let words = [a | b << 51, b >> 13 | c << 38, c >> 26 | d << 25, d >> 39 | e << 12];
            for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
        }
        bytes
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn from_limbs(limbs: &[[u64; LANES]; LIMBS]) -> Self {
        // SAFETY: a register is eight words of plain bits, the first lane first.
        Self(unsafe { transmute::<[[u64; LANES]; LIMBS], [__m512i; LIMBS]>(*limbs) })
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn limbs(self) -> [[u64; LANES]; LIMBS] {
        // SAFETY: a register is eight words of plain bits, the first lane first.
        unsafe { transmute::<[__m512i; LIMBS], [[u64; LANES]; LIMBS]>(self.0) }
    }

    /// The element as a term of a sum or a difference that is carried at its end.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn wide(&self) -> Wide {
        Wide(self.0)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus(&self, other: &Self) -> Self {
        self.wide().plus(&other.wide()).carried()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.wide().minus(&other.wide())
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn negated(&self) -> Self {
        Self::zero().minus(self)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn times(&self, other: &Self) -> Self {
        self.product(other).carried()
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn squared(&self) -> Self {
        self.square().carried()
    }

    /// The product before its carry, with limbs below 2^59.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn product(&self, other: &Self) -> Wide {
        let (a, b) = (&self.0, &other.0);
        let mut low = [_mm512_setzero_si512(); 2 * LIMBS - 1];
        let mut high = low;
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], a[i], b[j]);
                high[i + j] = _mm512_madd52hi_epu64(high[i + j], a[i], b[j]);
            }
        }
        folded(&low, &high)
    }

    /// The square before its carry, with limbs below 2^59.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn square(&self) -> Wide {
        let a = &self.0;
        let mut low = [_mm512_setzero_si512(); 2 * LIMBS - 1];
        let mut high = low;
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], a[i], a[j]);
                high[i + j] = _mm512_madd52hi_epu64(high[i + j], a[i], a[j]);
            }
        }
        for column in 1..2 * LIMBS - 2 {
            low[column] = _mm512_add_epi64(low[column], low[column]);
            high[column] = _mm512_add_epi64(high[column], high[column]);
        }
        for i in 0..LIMBS {
            low[2 * i] = _mm512_madd52lo_epu64(low[2 * i], a[i], a[i]);
            high[2 * i] = _mm512_madd52hi_epu64(high[2 * i], a[i], a[i]);
        }
        folded(&low, &high)
    }

    /// `yes` in the lanes of `mask`, `no` in the others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn select(mask: __mmask8, yes: &Self, no: &Self) -> Self {
        let mut chosen = no.0;
        for (chosen, yes) in chosen.iter_mut().zip(yes.0) {
            *chosen = _mm512_mask_mov_epi64(*chosen, mask, yes);
        }
        Self(chosen)
    }

    /// Negated in the lanes of `mask`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn negated_in(&self, mask: __mmask8) -> Self {
        Self::select(mask, &self.negated(), self)
    }

    /// `CT_ABS` of RFC 9496: negated where it is negative.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn absolute(&self) -> Self {
        self.negated_in(self.is_negative())
    }

    /// `IS_NEGATIVE` of RFC 9496: the lanes whose canonical number is odd.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn is_negative(&self) -> __mmask8 {
        _mm512_test_epi64_mask(self.canonical().0[0], all(1))
    }

    /// The lanes that are 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn is_zero(&self) -> __mmask8 {
        let [a, b, c, d, e] = self.canonical().0;
        let any = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, _mm512_or_si512(d, e)));
        _mm512_cmpeq_epi64_mask(any, _mm512_setzero_si512())
    }

    /// The lanes in which both are the same.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn equals(&self, other: &Self) -> __mmask8 {
        self.minus(other).is_zero()
    }

    /// The same elements below p, with limbs below 2^51.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn canonical(self) -> Self {
        let mask = all(MASK);
        let Self(mut limbs) = self;
        // Bits 255 and above come back as 19 times them: what is left is below 2^255 + 38.
        let top = rippled(&mut limbs);
        limbs[0] = _mm512_madd52lo_epu64(limbs[0], top, all(19));
        // It is p or more exactly if 19 more reach 2^255, and then it is p too much.
        let mut carry = all(19);
        for limb in limbs {
            carry = _mm512_srli_epi64::<51>(_mm512_add_epi64(limb, carry));
        }
        limbs[0] = _mm512_madd52lo_epu64(limbs[0], carry, all(19));
        rippled(&mut limbs);
        for limb in &mut limbs {
            *limb = _mm512_and_si512(*limb, mask);
        }
        Self(limbs)
    }
}

impl Wide {
    /// The sum of two products.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.0;
        for (sum, other) in sum.iter_mut().zip(other.0) {
            *sum = _mm512_add_epi64(*sum, other);
        }
        Self(sum)
    }

    /// The difference, carried.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn minus(&self, other: &Self) -> Field {
        let mut difference = self.0;
        for limb in 0..LIMBS {
            let raised = _mm512_add_epi64(difference[limb], all(MULTIPLE_OF_P[limb]));
            difference[limb] = _mm512_sub_epi64(raised, other.0[limb]);
        }
        Self(difference).carried()
    }

    /// The same elements, to be multiplied: each limb's upper bits go to the next one at once.
    ///
    /// Limbs below 2^62 have carries below 2^11, of which the last comes back as 19 times itself.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn carried(&self) -> Field {
        let mask = all(MASK);
        let [a, b, c, d, e] = self.0;
        let kept = |limb| _mm512_and_si512(limb, mask);
        let carry = |limb| _mm512_srli_epi64::<51>(limb);
        Field([
            _mm512_madd52lo_epu64(kept(a), carry(e), all(19)),
            _mm512_add_epi64(kept(b), carry(a)),
            _mm512_add_epi64(kept(c), carry(b)),
            _mm512_add_epi64(kept(d), carry(c)),
            _mm512_add_epi64(kept(e), carry(d)),
        ])
    }
}

/// The element of a product's columns: high halves weigh 2^52, which is twice the next column, and
/// the columns from 2^255 on come back as 19 times themselves.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn folded(low: &[__m512i; 2 * LIMBS - 1], high: &[__m512i; 2 * LIMBS - 1]) -> Wide {
    let mut columns = [_mm512_setzero_si512(); 2 * LIMBS];
    for column in 0..2 * LIMBS - 1 {
        columns[column] = _mm512_add_epi64(columns[column], low[column]);
        columns[column + 1] = _mm512_add_epi64(high[column], high[column]);
    }
    let mut limbs = [_mm512_setzero_si512(); LIMBS];
    for limb in 0..LIMBS {
        let folded = _mm512_mullo_epi64(columns[LIMBS + limb], all(19));
        limbs[limb] = _mm512_add_epi64(columns[limb], folded);
    }
    Wide(limbs)
}

/// Carries from limb to limb, and gives what is left over at 2^255.
#[inline]
#[target_feature(enable = "avx512f")]
fn rippled(limbs: &mut [__m512i; LIMBS]) -> __m512i {
    let mut carry = _mm512_setzero_si512();
    for limb in limbs {
        let sum = _mm512_add_epi64(*limb, carry);
        carry = _mm512_srli_epi64::<51>(sum);
        *limb = _mm512_and_si512(sum, all(MASK));
    }
    carry
}

/// The same word in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn all(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

#[cfg(test)]
mod tests;
