//! `ristretto255-SHA512` in the mode OPRF (RFC 9497, sections 3.2, 3.3.1, 4.1).

use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::group::GroupHash;
use crate::oprf::{Blind, Element, Error, KeyPair, Output, SecretKey};

/// The hashes of the mode.
pub(crate) struct Suite {
    elements: GroupHash,
    keys: GroupHash,
}

impl Suite {
    pub(crate) fn new() -> Self {
        // > contextString = "OPRFV1-" || I2OSP(mode, 1) || "-" || identifier
        let context = b"OPRFV1-\x00-ristretto255-SHA512";
        let hash = |name: &[u8]| GroupHash::new(&[name, context].concat(), b"");
        Self { elements: hash(b"HashToGroup-"), keys: hash(b"DeriveKeyPair") }
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

    pub(crate) fn blind<'a>(
        &self,
        inputs: impl IntoIterator<Item = (&'a [u8], &'a Blind)>,
    ) -> Result<Vec<Element>, Error> {
        // > blindedElement = blind * inputElement
        let pairs =
            inputs.into_iter().map(|(input, blind)| Ok((*blind.scalar(), self.hash(input)?)));
        products(pairs)
    }

    pub(crate) fn blind_evaluate<'a>(
        &self,
        blinded: impl IntoIterator<Item = (&'a SecretKey, &'a Element)>,
    ) -> Vec<Element> {
        // > evaluatedElement = skS * blindedElement
        let pairs = blinded.into_iter().map(|(key, element)| (*key.scalar(), element.point));
        products(pairs.map(Ok)).expect("no pair is an error")
    }

    pub(crate) fn finalize<'a>(
        &self,
        evaluated: impl IntoIterator<Item = (&'a [u8], &'a Blind, &'a Element)>,
    ) -> Result<Vec<Output>, Error> {
        let (rows, inverses): (Vec<_>, Vec<_>) = evaluated
            .into_iter()
            .map(|(input, blind, element)| ((input, element), *blind.scalar()))
            .unzip();
        let mut inverses = Zeroizing::new(inverses);
        // No blind is 0.
        Scalar::invert_batch_alloc(&mut inverses);
        // > N = G.ScalarInverse(blind) * evaluatedElement
        let pairs = rows.iter().zip(&*inverses);
        let unblinded =
            products(pairs.map(|((_, element), inverse)| Ok((*inverse, element.point))))?;
        let pairs = rows.iter().zip(&unblinded);
        pairs.map(|((input, _), unblinded)| output(input, unblinded)).collect()
    }

    pub(crate) fn evaluate<'a>(
        &self,
        inputs: impl IntoIterator<Item = (&'a SecretKey, &'a [u8])>,
    ) -> Result<Vec<Output>, Error> {
        let inputs: Vec<_> = inputs.into_iter().collect();
        // > evaluatedElement = skS * inputElement
        let pairs = inputs.iter().map(|(key, input)| Ok((*key.scalar(), self.hash(input)?)));
        let evaluated = products(pairs)?;
        let pairs = inputs.iter().zip(&evaluated);
        pairs.map(|((_, input), evaluated)| output(input, evaluated)).collect()
    }

    /// `HashToGroup` of an input.
    fn hash(&self, input: &[u8]) -> Result<RistrettoPoint, Error> {
        framed(input)?;
        let element = self.elements.hash(input);
        // > if inputElement == G.Identity(): raise InvalidInputError
        if element.is_identity() { Err(Error::InvalidInput) } else { Ok(element) }
    }
}

/// Multiplies each point by the scalar beside it.
///
/// Points are multiplied by half of the scalar and doubled while they are encoded, because a batch
/// of doubles shares one field inversion.
fn products(
    pairs: impl Iterator<Item = Result<(Scalar, RistrettoPoint), Error>>,
) -> Result<Vec<Element>, Error> {
    let halves: Vec<RistrettoPoint> = pairs
        .map(|pair| pair.map(|(scalar, point)| point * *Zeroizing::new(scalar.div_by_2())))
        .collect::<Result<_, _>>()?;
    let encoded = RistrettoPoint::double_and_compress_batch(&halves);
    let elements = halves.iter().zip(encoded);
    Ok(elements.map(|(half, encoded)| Element { point: half + half, encoded }).collect())
}

/// > Hash(I2OSP(len(input), 2) || input || I2OSP(len(unblindedElement), 2) || unblindedElement ||
/// > "Finalize")
fn output(input: &[u8], unblinded: &Element) -> Result<Output, Error> {
    let hash = Sha512::new()
        .chain_update(framed(input)?)
        .chain_update(input)
        .chain_update(32_u16.to_be_bytes())
        .chain_update(unblinded.as_bytes())
        .chain_update(b"Finalize");
    Ok(Output::new(hash.finalize().into()))
}

/// The two bytes of an input's length, if they reach.
fn framed(input: &[u8]) -> Result<[u8; 2], Error> {
    u16::try_from(input.len()).map(u16::to_be_bytes).map_err(|_| Error::InvalidInput)
}
