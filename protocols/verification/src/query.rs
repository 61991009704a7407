//! A holder answers its atoms.

use chacha20::ChaCha20Rng;
use lattice::noise::fork;
use rand_core::CryptoRng;
use rayon::prelude::*;
use session::{Culprit, Role};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::compare::{compared, refresh};
use crate::lwe::Lwe;
use crate::parameters::{BIT, SOAK, VALUE};
use crate::sanitise::{LastFlood, sanitised};
use crate::{
    Answer, Atom, Atoms, CYCLES, Comparison, Error, Evaluator, PublicKey, RING, SealedThreshold,
    Terms, ThresholdDigest,
};

/// What a holder knows about one of its atoms: what nobody else may learn.
///
/// Wiped on drop, never printed.
///
/// ```compile_fail,E0277
/// # fn with(known: verification::Known) {
/// println!("{known:?}");
/// # }
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub enum Known {
    /// The truth of a plain atom.
    Answer(Answer),
    /// The value that a sealed atom compares, or none when the record does not say.
    Value(Option<u64>),
}

/// One query, as a holder will answer it: once.
///
/// Answering consumes it. The host stores the query ids that it answered, and never makes a second
/// `Query` from one: two answers would tell the lender nothing new, but would spend its budget once.
pub struct Query {
    terms: Terms,
    place: usize,
    known: Vec<Known>,
}

impl Query {
    /// The query of `terms`, as the holder with this role answers it: what it knows about each of
    /// its atoms, in the order of the terms.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`], or [`Error::OtherAtoms`] when there is not one for each atom, of its kind.
    pub fn new(terms: Terms, me: Role, known: Vec<Known>) -> Result<Self, Error> {
        let place = terms.index_of(me)?;
        let atoms = terms.atoms_of(place).map(|(_, atom)| matches!(atom, Atom::Sealed { .. }));
        let known_sealed = known.iter().map(|known| matches!(known, Known::Value(_)));
        if !atoms.eq(known_sealed) {
            return Err(Error::OtherAtoms);
        }
        Ok(Self { terms, place, known })
    }

    /// Encrypts every answer, when no atom of this holder is sealed.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], or [`Error::NeedsEvaluator`] when an atom is sealed.
    pub fn answer(self, key: &PublicKey, rng: &mut impl CryptoRng) -> Result<Atoms, Error> {
        key.expect(self.terms.lender_key(), Culprit::Us)?;
        if self.terms.shape_of(self.place).1 > 0 {
            return Err(Error::NeedsEvaluator);
        }
        let plain = self.plain(key, rng);
        Ok(Atoms::new(&self.terms, self.place, plain, Vec::new()))
    }

    /// Encrypts the answers of the plain atoms, and compares for the sealed ones.
    ///
    /// `thresholds` are those of this holder's sealed atoms, in the order of the terms.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], or [`Error::OtherThresholds`].
    pub fn compare(
        self,
        thresholds: &[SealedThreshold],
        evaluator: &Evaluator,
        rng: &mut impl CryptoRng,
    ) -> Result<Atoms, Error> {
        evaluator.public().expect(self.terms.lender_key(), Culprit::Us)?;
        let agreed = self.terms.thresholds_of(self.place);
        if !agreed.eq(thresholds.iter().map(SealedThreshold::digest)) {
            return Err(Error::OtherThresholds);
        }
        let plain = self.plain(evaluator.public(), rng);
        let tasks: Vec<_> = self
            .sealed()
            .zip(thresholds)
            .map(|((comparison, value), threshold)| (comparison, value, threshold, fork(rng)))
            .collect();
        let sealed = tasks
            .into_par_iter()
            .map(|(comparison, value, threshold, mut rng)| {
                Self::sealed_atom(evaluator, comparison, value, threshold, &mut rng)
            })
            .collect();
        Ok(Atoms::new(&self.terms, self.place, plain, sealed))
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The digests of the thresholds that this holder compares with, in order.
    pub(crate) fn thresholds(&self) -> Vec<ThresholdDigest> {
        self.terms.thresholds_of(self.place).collect()
    }

    /// SPEC §3.2 step 2: "H_j encrypts the two bits of each plain atom in one ciphertext".
    fn plain(&self, key: &PublicKey, rng: &mut impl CryptoRng) -> Option<(Vec<u64>, Vec<u64>)> {
        let mut plain = Zeroizing::new(Vec::with_capacity(RING));
        for known in &self.known {
            match known {
                Known::Answer(answer) => plain.extend(
                    [Answer::Yes, Answer::No].map(|is| u64::from(*answer == is).wrapping_mul(BIT)),
                ),
                Known::Value(_) => {}
            }
        }
        if plain.is_empty() {
            return None;
        }
        let (mask, body) = key.encrypt(&plain, rng);
        Some((mask, body[..plain.len()].to_vec()))
    }

    /// The comparison and the value of each sealed atom.
    fn sealed(&self) -> impl Iterator<Item = (Comparison, Option<u64>)> {
        let atoms = self.terms.atoms_of(self.place);
        atoms.zip(&self.known).filter_map(|((_, atom), known)| match (atom, known) {
            (Atom::Sealed { comparison, .. }, Known::Value(value)) => Some((comparison, *value)),
            (Atom::Sealed { .. } | Atom::Plain { .. }, _) => None,
        })
    }

    /// One sealed atom, in a time that does not depend on whether there is a value.
    pub(crate) fn sealed_atom(
        evaluator: &Evaluator,
        comparison: Comparison,
        value: Option<u64>,
        threshold: &SealedThreshold,
        rng: &mut ChaCha20Rng,
    ) -> Lwe {
        let mut picks = threshold.pick(value.unwrap_or(0));
        refresh(&mut picks, evaluator.public(), rng);
        let mut result = compared(evaluator, &picks, comparison);
        // An unknown value makes a plain zero of it, which the sanitising hides as it hides a comparison.
        let known = Choice::from(u8::from(value.is_some()));
        result.mask_with(u64::conditional_select(&0, &u64::MAX, known));
        // SPEC §3.2 step 6: "sanitises the result, so that it tells its value and nothing else".
        sanitised(evaluator, result, CYCLES, LastFlood { yes: VALUE, half: SOAK }, rng)
    }
}
