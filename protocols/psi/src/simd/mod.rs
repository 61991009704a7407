//! The arithmetic of the group for batches of points, behind a safe face: what is multiplied comes
//! as bytes and leaves as bytes, so that no form of a point crosses from one machine to another.
//!
//! Invariant: [`Lanes`] are eight only where the CPU was asked and has every instruction set that
//! `ifma` names. Each `unsafe` call below rests on that alone.

#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calling what only some CPUs have is unsafe; see the invariant")
)]

#[cfg(target_arch = "x86_64")]
mod ifma;
mod portable;

use curve25519_dalek::Scalar;

use crate::POINT;
use crate::points::Flawed;

/// How many points are computed with side by side; the results are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes(Width);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    One,
    /// AVX-512 IFMA.
    #[cfg(target_arch = "x86_64")]
    Eight,
}

/// Half of each scalar that a batch of points is multiplied by.
///
/// Points are multiplied by the half and doubled while they are encoded, because a batch of doubles
/// shares one field inversion (SPEC §7).
#[derive(Clone, Copy)]
pub(crate) enum Halves<'a> {
    /// One for all points.
    One(&'a Scalar),
    /// One for each.
    Each(&'a [Scalar]),
}

impl Lanes {
    /// Asks the CPU, and takes as many lanes as it has.
    pub fn detect() -> Self {
        *Self::available().last().expect("one lane is always there")
    }

    /// One point after the other, which any CPU can.
    pub fn one() -> Self {
        Self(Width::One)
    }

    /// Every number of lanes that this CPU has, one first: for tests and benches.
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "x86-64 adds to it"))]
        let mut lanes = vec![Self::one()];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512ifma")
        {
            lanes.push(Self(Width::Eight));
        }
        lanes
    }

    /// What they are called in a bench's table.
    pub fn name(self) -> &'static str {
        match self.0 {
            Width::One => "curve25519-dalek, one point",
            #[cfg(target_arch = "x86_64")]
            Width::Eight => "AVX-512 IFMA, eight points",
        }
    }

    /// Maps each 64 bytes to the group, multiplies the point and encodes it.
    ///
    /// # Panics
    ///
    /// When there is not one half for all, nor one for each.
    pub(crate) fn multiply_mapped(
        self,
        uniform: &[[u8; 2 * POINT]],
        halves: Halves<'_>,
    ) -> Vec<[u8; POINT]> {
        halves.check(uniform.len());
        match self.0 {
            Width::One => portable::multiply_mapped(uniform, halves),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Width::Eight => unsafe { ifma::multiply_mapped(uniform, halves) },
        }
    }

    /// Decodes each point, multiplies it and encodes it again; no point is multiplied unless all
    /// are good.
    ///
    /// # Errors
    ///
    /// The first encoding that is not canonical, or the identity's.
    ///
    /// # Panics
    ///
    /// When there is not one half for all, nor one for each.
    pub(crate) fn multiply_decoded(
        self,
        encoded: &[[u8; POINT]],
        halves: Halves<'_>,
    ) -> Result<Vec<[u8; POINT]>, Flawed> {
        halves.check(encoded.len());
        match self.0 {
            Width::One => portable::multiply_decoded(encoded, halves),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Width::Eight => unsafe { ifma::multiply_decoded(encoded, halves) },
        }
    }
}

impl Halves<'_> {
    fn check(&self, points: usize) {
        match self {
            Self::One(_) => (),
            Self::Each(halves) => assert_eq!(halves.len(), points, "each point has its half"),
        }
    }
}

#[cfg(test)]
mod tests;
