//! That one secret key evaluated a whole batch (RFC 9497, section 2.2).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::oprf::suite::Suite;
use crate::oprf::{Element, Error, KeyPair, PublicKey, SecretKey};

/// A proof that the secret key behind a public key evaluated every element of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

impl Proof {
    /// Bytes of an encoded proof.
    pub const LENGTH: usize = 64;

    /// The encoding: the challenge, then the response.
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..32].copy_from_slice(self.challenge.as_bytes());
        bytes[32..].copy_from_slice(self.response.as_bytes());
        bytes
    }

    /// Decodes a proof.
    ///
    /// # Errors
    ///
    /// [`Error::Deserialize`] when a scalar's encoding is not canonical.
    pub fn decode(bytes: &[u8; Self::LENGTH]) -> Result<Self, Error> {
        let scalar = |from: usize| {
            let bytes = std::array::from_fn(|byte| bytes[from + byte]);
            Option::from(Scalar::from_canonical_bytes(bytes)).ok_or(Error::Deserialize)
        };
        Ok(Self { challenge: scalar(0)?, response: scalar(32)? })
    }

    /// `GenerateProof` of the RFC, for the generator and the public key.
    pub(crate) fn generate(
        suite: &Suite,
        key: &KeyPair,
        blinded: &[Element],
        evaluated: &[Element],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let (secret, public) = (key.secret.scalar(), &key.public);
        let weights = weights(suite, public, blinded, evaluated)?;
        // > ComputeCompositesFast: M = sum of di * Ci, Z = k * M
        let blinded = sum(&weights, blinded);
        let composites = [blinded, blinded * secret];
        // A nonce is drawn and wiped as a key is.
        let nonce = SecretKey::random(rng);
        // > t2 = r * A, t3 = r * M
        let commitments = [nonce.scalar() * RISTRETTO_BASEPOINT_TABLE, blinded * nonce.scalar()];
        let challenge = challenge(suite, public, composites, commitments);
        // > s = r - c * k
        let product = Zeroizing::new(challenge * secret);
        Ok(Self { challenge, response: nonce.scalar() - *product })
    }

    /// `VerifyProof` of the RFC, for the generator and the public key.
    pub(crate) fn verify(
        &self,
        suite: &Suite,
        public: &PublicKey,
        blinded: &[Element],
        evaluated: &[Element],
    ) -> Result<(), Error> {
        let weights = weights(suite, public, blinded, evaluated)?;
        // > ComputeComposites: M = sum of di * Ci, Z = sum of di * Di
        let composites @ [blinded, evaluated] = [sum(&weights, blinded), sum(&weights, evaluated)];
        // > t2 = s * A + c * B, t3 = s * M + c * Z
        let Self { challenge: c, response: s } = self;
        let commitments = [
            RistrettoPoint::vartime_double_scalar_mul_basepoint(c, &public.element().point, s),
            RistrettoPoint::vartime_multiscalar_mul([s, c], [blinded, evaluated]),
        ];
        let expected = challenge(suite, public, composites, commitments);
        if bool::from(expected.ct_eq(c)) { Ok(()) } else { Err(Error::Verify) }
    }
}

/// The weight of each element: nobody can choose elements for which wrong ones cancel out.
fn weights(
    suite: &Suite,
    public: &PublicKey,
    blinded: &[Element],
    evaluated: &[Element],
) -> Result<Vec<Scalar>, Error> {
    let found = blinded.len();
    if found == 0 || found > usize::from(u16::MAX) || found != evaluated.len() {
        return Err(Error::BatchSize { found });
    }
    // > seedTranscript = I2OSP(len(Bm), 2) || Bm || I2OSP(len(seedDST), 2) || seedDST
    let tag = suite.tag(b"Seed-");
    let length = u16::try_from(tag.len()).expect("the tag has 33 bytes");
    let seed = Sha512::new()
        .chain_update(32_u16.to_be_bytes())
        .chain_update(public.as_bytes())
        .chain_update(length.to_be_bytes())
        .chain_update(tag)
        .finalize();
    // > compositeTranscript = I2OSP(len(seed), 2) || seed || I2OSP(i, 2) || I2OSP(len(Ci), 2) ||
    // >                       Ci || I2OSP(len(Di), 2) || Di || "Composite"
    let scalars = suite.scalars(&[&64_u16.to_be_bytes()[..], &seed].concat());
    let rows = (0_u16..).zip(blinded.iter().zip(evaluated));
    let weight = |(index, (blinded, evaluated)): (u16, (&Element, &Element))| {
        let elements = framed(&[blinded.as_bytes(), evaluated.as_bytes()]);
        scalars.scalar(&[&index.to_be_bytes()[..], &elements, b"Composite"].concat())
    };
    Ok(rows.map(weight).collect())
}

/// The weighted sum of elements, all of which both sides know.
fn sum(weights: &[Scalar], elements: &[Element]) -> RistrettoPoint {
    RistrettoPoint::vartime_multiscalar_mul(weights, elements.iter().map(|element| element.point))
}

fn challenge(
    suite: &Suite,
    public: &PublicKey,
    composites: [RistrettoPoint; 2],
    commitments: [RistrettoPoint; 2],
) -> Scalar {
    let [m, z] = composites.map(|point| point.compress());
    let [t2, t3] = commitments.map(|point| point.compress());
    // > challengeTranscript = I2OSP(len(Bm), 2) || Bm || I2OSP(len(a0), 2) || a0 || … ||
    // >                       "Challenge"
    let elements = [public.as_bytes(), m.as_bytes(), z.as_bytes(), t2.as_bytes(), t3.as_bytes()];
    suite.scalars(b"").scalar(&[&framed(&elements)[..], b"Challenge"].concat())
}

/// Encoded elements, each after its length in two bytes.
fn framed(elements: &[&[u8; 32]]) -> Vec<u8> {
    let length = 32_u16.to_be_bytes();
    elements.iter().flat_map(|element| length.iter().chain(*element)).copied().collect()
}
