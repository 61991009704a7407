//! `ristretto255-SHA512` in the mode OPRF (RFC 9497, sections 3.2, 3.3.1, 4.1).

use curve25519_dalek::Scalar;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::POINT;
use crate::group::GroupHash;
use crate::oprf::{Element, Error, KeyPair, Output, SecretKey};
use crate::points::Flawed;
use crate::simd::{Halves, Lanes};

/// The hashes of the mode, and what multiplies.
pub(crate) struct Suite {
    lanes: Lanes,
    elements: GroupHash,
    keys: GroupHash,
}

impl Suite {
    pub(crate) fn new(lanes: Lanes) -> Self {
        // > contextString = "OPRFV1-" || I2OSP(mode, 1) || "-" || identifier
        let context = b"OPRFV1-\x00-ristretto255-SHA512";
        let hash = |name: &[u8]| GroupHash::new(&[name, context].concat(), b"");
        Self { lanes, elements: hash(b"HashToGroup-"), keys: hash(b"DeriveKeyPair") }
    }

    pub(crate) fn derive_key_pair(&self, seed: &[u8; 32], info: &[u8]) -> Result<KeyPair, Error> {
        let length = u16::try_from(info.len()).map_err(|_| Error::DeriveKeyPair)?;
        // > deriveInput = seed || I2OSP(len(info), 2) || info
        let mut input = Zeroizing::new([&seed[..], &length.to_be_bytes(), info, &[0]].concat());
        for counter in 0..=u8::MAX {
            *input.last_mut().expect("it ends with the counter") = counter;
            // > skS = G.HashToScalar(deriveInput || I2OSP(counter, 1),
            // >                      DST = "DeriveKeyPair" || contextString)
            let scalar = self.keys.scalar(&input);
            if scalar != Scalar::ZERO {
                return Ok(SecretKey::derived(scalar).into_pair());
            }
        }
        Err(Error::DeriveKeyPair)
    }

    /// Multiplies what the inputs hash to by twice the halves.
    pub(crate) fn multiply_hashed<'a>(
        &self,
        inputs: impl IntoIterator<Item = &'a [u8]>,
        halves: Halves<'_>,
    ) -> Result<Vec<Element>, Error> {
        let uniform: Vec<_> = inputs
            .into_iter()
            .map(|input| framed(input).map(|_| self.elements.uniform(input)))
            .collect::<Result<_, _>>()?;
        let products = self.lanes.multiply_mapped(&uniform, halves);
        // > if inputElement == G.Identity(): raise InvalidInputError
        //
        // No scalar is 0, so a product is the identity exactly if what was multiplied is.
        if products.iter().any(|product| product.ct_eq(&[0; POINT]).into()) {
            return Err(Error::InvalidInput);
        }
        Ok(products.into_iter().map(Element::encoded).collect())
    }

    /// Multiplies encoded elements by twice the halves.
    pub(crate) fn multiply_decoded(
        &self,
        elements: &[[u8; POINT]],
        halves: Halves<'_>,
    ) -> Result<Vec<Element>, Flawed> {
        let products = self.lanes.multiply_decoded(elements, halves)?;
        Ok(products.into_iter().map(Element::encoded).collect())
    }
}

/// Half of each scalar: wiped on drop.
pub(crate) fn halves<'a>(scalars: impl IntoIterator<Item = &'a Scalar>) -> Zeroizing<Vec<Scalar>> {
    Zeroizing::new(scalars.into_iter().map(Scalar::div_by_2).collect())
}

/// Half of the inverse of each scalar, none of which is 0: wiped on drop.
pub(crate) fn half_inverses<'a>(
    scalars: impl IntoIterator<Item = &'a Scalar>,
) -> Zeroizing<Vec<Scalar>> {
    // The inverse of the double is half of the inverse.
    let doubles = scalars.into_iter().map(|scalar| scalar + scalar);
    let mut inverses = Zeroizing::new(doubles.collect::<Vec<_>>());
    Scalar::invert_batch_alloc(&mut inverses);
    inverses
}

/// The function's output for each input, from what it was evaluated to.
pub(crate) fn outputs<'a>(
    evaluated: impl IntoIterator<Item = (&'a [u8], &'a Element)>,
) -> Result<Vec<Output>, Error> {
    // > Hash(I2OSP(len(input), 2) || input || I2OSP(len(unblindedElement), 2) ||
    // >      unblindedElement || "Finalize")
    let output = |(input, unblinded): (&[u8], &Element)| {
        let hash = Sha512::new()
            .chain_update(framed(input)?)
            .chain_update(input)
            .chain_update(32_u16.to_be_bytes())
            .chain_update(unblinded.as_bytes())
            .chain_update(b"Finalize");
        Ok(Output::new(hash.finalize().into()))
    };
    evaluated.into_iter().map(output).collect()
}

/// The two bytes of an input's length, if they reach.
fn framed(input: &[u8]) -> Result<[u8; 2], Error> {
    u16::try_from(input.len()).map(u16::to_be_bytes).map_err(|_| Error::InvalidInput)
}
