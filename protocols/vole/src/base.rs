//! The 128 base OTs (Masny–Rindal 2019 over ristretto255), in which the correlation's sender
//! receives: it chooses by the bits of its secret.

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::terms::PAIRS;
use crate::{DOMAIN, Error, RECEIVER, SENDER};

/// Base OTs of a run: one for each bit of the secret.
pub(crate) const OTS: usize = 128;

/// The keys of one choice each.
pub(crate) type Chosen = Zeroizing<[u128; OTS]>;
/// The keys of both choices.
pub(crate) type Both = Zeroizing<[[u128; 2]; OTS]>;

/// What the base OTs' sender keeps between its point and the pairs that answer it.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Offer {
    scalar: Scalar,
    point: [u8; 32],
}

impl Offer {
    /// Draws the sender's one scalar.
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        let scalar = Scalar::random(rng);
        Self { scalar, point: RistrettoPoint::mul_base(&scalar).compress().to_bytes() }
    }

    /// The point that goes out.
    ///
    /// > §3.1 The receiver sends a G.
    pub(crate) fn point(&self) -> [u8; 32] {
        self.point
    }

    /// Both keys of every OT, from the pairs that came.
    pub(crate) fn keys(self, context: &[u8; 32], pairs: &[u8; PAIRS]) -> Result<Both, Error> {
        let bind = Binding { context, point: &self.point };
        let mut keys = Zeroizing::new([[0; 2]; OTS]);
        for (index, pair) in pairs.as_chunks::<64>().0.iter().enumerate() {
            let (encoded, _) = pair.as_chunks::<32>();
            for side in 0..2 {
                let refused = Error::NotAPoint { from: SENDER, round: 2, index: 2 * index + side };
                let point = decode(&encoded[side]).ok_or(refused)?;
                let point = point + bind.hash(index, side, &encoded[1 - side]);
                keys[index][side] = bind.key(index, side, pair, &(point * self.scalar));
            }
        }
        Ok(keys)
    }
}

/// The pairs that the base OTs' receiver sends, and its keys, by the bits of `choices`.
pub(crate) fn choose(
    context: &[u8; 32],
    point: &[u8; 32],
    choices: u128,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<u8>, Chosen), Error> {
    let offer = decode(point).ok_or(Error::NotAPoint { from: RECEIVER, round: 1, index: 0 })?;
    let bind = Binding { context, point };
    let mut keys = Zeroizing::new([0; OTS]);
    let mut pairs = Vec::with_capacity(PAIRS);
    for (index, key) in keys.iter_mut().enumerate() {
        let bit = u8::from(choices >> index & 1 == 1);
        let chosen = Choice::from(bit);
        // > §3.2 m_(1-b) is a random point, and m_b = s G - H(i, b, m_(1-b)).
        let other = RistrettoPoint::random(rng);
        let encoded = other.compress().to_bytes();
        let scalar = Zeroizing::new(Scalar::random(rng));
        let hashes = [bind.hash(index, 0, &encoded), bind.hash(index, 1, &encoded)];
        let hash = RistrettoPoint::conditional_select(&hashes[0], &hashes[1], chosen);
        let own = (RistrettoPoint::mul_base(&scalar) - hash).compress().to_bytes();
        let mut pair = [0; 64];
        for place in 0..32 {
            pair[place] = u8::conditional_select(&own[place], &encoded[place], chosen);
            pair[32 + place] = u8::conditional_select(&encoded[place], &own[place], chosen);
        }
        *key = bind.key(index, usize::from(bit), &pair, &(offer * *scalar));
        pairs.extend_from_slice(&pair);
    }
    Ok((pairs, keys))
}

/// What every hash of the base OTs is bound to.
struct Binding<'a> {
    context: &'a [u8; 32],
    /// The sender's point.
    point: &'a [u8; 32],
}

impl Binding<'_> {
    fn start(&self, purpose: &[u8], index: usize, side: usize) -> Sha512 {
        let hash = Sha512::new().chain_update(DOMAIN).chain_update(purpose);
        let hash = hash.chain_update(self.context).chain_update(self.point);
        hash.chain_update((index as u64).to_be_bytes()).chain_update((side as u64).to_be_bytes())
    }

    /// The point that is added to the one of `side`, by the encoding of the other side's.
    fn hash(&self, index: usize, side: usize, other: &[u8; 32]) -> RistrettoPoint {
        let hash = self.start(b"base-point", index, side).chain_update(other);
        RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
    }

    fn key(&self, index: usize, side: usize, pair: &[u8; 64], shared: &RistrettoPoint) -> u128 {
        let hash = self.start(b"base-key", index, side).chain_update(pair);
        let hash: [u8; 64] = hash.chain_update(shared.compress().as_bytes()).finalize().into();
        let (key, _) = hash.split_first_chunk().expect("64 bytes are more than 16");
        u128::from_le_bytes(*key)
    }
}

/// The point of a canonical encoding, if it is not the identity.
fn decode(bytes: &[u8; 32]) -> Option<RistrettoPoint> {
    CompressedRistretto(*bytes).decompress().filter(|point| !point.is_identity())
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::{Offer, choose};
    use crate::Error;

    #[test]
    fn the_receiver_has_the_key_of_each_choice_and_not_the_other() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for choices in [0, u128::MAX, 0x0123_4567_89ab_cdef_0011_2233_4455_6677] {
            let offer = Offer::random(&mut rng);
            let (pairs, chosen) = choose(&[3; 32], &offer.point(), choices, &mut rng).unwrap();
            let both = offer.keys(&[3; 32], pairs.as_slice().try_into().unwrap()).unwrap();
            for index in 0..128 {
                let choice = usize::from(choices >> index & 1 == 1);
                assert_eq!(both[index][choice], chosen[index]);
                assert_ne!(both[index][1 - choice], chosen[index]);
            }
        }
    }

    #[test]
    fn keys_of_other_contexts_and_altered_pairs_are_others() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let scalar = curve25519_dalek::Scalar::random(&mut rng);
        let offer = || Offer {
            scalar,
            point: curve25519_dalek::RistrettoPoint::mul_base(&scalar).compress().to_bytes(),
        };
        let (pairs, chosen) = choose(&[3; 32], &offer().point(), 0, &mut rng).unwrap();
        let pairs: [u8; super::PAIRS] = pairs.try_into().unwrap();
        let other = offer().keys(&[4; 32], &pairs).unwrap();
        assert!(chosen.iter().zip(other.iter()).all(|(key, both)| !both.contains(key)));
        // The side that was not chosen, replaced by another point: the chosen key changes too.
        let mut altered = pairs;
        altered[32..64].copy_from_slice(&pairs[96..128]);
        let other = offer().keys(&[3; 32], &altered).unwrap();
        assert!(!other[0].contains(&chosen[0]) && other[1][0] == chosen[1]);
    }

    #[test]
    fn points_that_are_none_or_the_identity_are_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for bad in [[0; 32], [0xff; 32]] {
            let error = choose(&[0; 32], &bad, 0, &mut rng).err();
            assert!(matches!(error, Some(Error::NotAPoint { round: 1, index: 0, .. })));
            let offer = Offer::random(&mut rng);
            let (pairs, _) = choose(&[0; 32], &offer.point(), 7, &mut rng).unwrap();
            let mut pairs: [u8; super::PAIRS] = pairs.try_into().unwrap();
            pairs[5 * 32..6 * 32].copy_from_slice(&bad);
            let error = offer.keys(&[0; 32], &pairs).err();
            assert!(matches!(error, Some(Error::NotAPoint { round: 2, index: 5, .. })));
        }
    }
}
