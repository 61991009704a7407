//! The oblivious function: what both sides hash an item to, each from what it holds.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha256};
use vole::{FixedKey, Machine, ReceiverShares, SenderShares};
use zeroize::Zeroizing;

use super::DOMAIN;
use super::agreement::first;
use super::okvs::{Layout, decode, hash_all};

/// The hashes around the decoding.
pub(crate) struct Oprf {
    machine: Machine,
    /// To what the encoding decodes at each key of the receiver's.
    target: FixedKey,
    last: Last,
}

enum Last {
    /// AES under a public key.
    Fixed(Box<FixedKey>),
    /// SHA-256 after the block that the coin fills.
    Coin(Sha256),
}

impl Oprf {
    /// The function of a run, with the coin of a checked one.
    pub(crate) fn new(machine: Machine, coin: Option<u128>) -> Self {
        let key = |name: &[u8; 16]| FixedKey::new(machine, u128::from_le_bytes(*name));
        let last = match coin {
            None => Last::Fixed(Box::new(key(b"tacit/psi/v1/vof"))),
            Some(coin) => {
                let mut block = [0; 64];
                block[..DOMAIN.len()].copy_from_slice(DOMAIN);
                block[48..].copy_from_slice(&coin.to_le_bytes());
                Last::Coin(Sha256::new().chain_update(block))
            }
        };
        Self { machine, target: key(b"tacit/psi/v1/vot"), last }
    }

    /// What the encoding must decode to at each of the keys.
    ///
    /// > §V3.12 P decodes to T(x) at each x.
    pub(crate) fn targets(&self, keys: &[u128]) -> Zeroizing<Vec<u128>> {
        let mut targets = Zeroizing::new(vec![0; keys.len()]);
        hash_all(&self.target, keys, &mut targets);
        targets
    }

    /// The function at each of the receiver's keys.
    ///
    /// > §V3.14 F(x) = L(decode(C, x))
    pub(crate) fn received(
        &self,
        layout: &Layout,
        shares: &ReceiverShares,
    ) -> Zeroizing<Vec<u128>> {
        let mut values = decode(self.machine, layout, shares.products());
        self.finish(&layout.keys, &mut values);
        values
    }

    /// The function at each of the sender's keys.
    ///
    /// > §V3.14 F(y) = L(decode(K, y) + D T(y))
    pub(crate) fn evaluated(&self, layout: &Layout, shares: &SenderShares) -> Zeroizing<Vec<u128>> {
        let mut values = decode(self.machine, layout, shares.sums());
        shares.scale_add(&self.targets(&layout.keys), &mut values);
        self.finish(&layout.keys, &mut values);
        values
    }

    fn finish(&self, keys: &[u128], values: &mut [u128]) {
        match &self.last {
            Last::Fixed(key) => values.par_chunks_mut(1 << 12).for_each(|values| {
                let inputs = Zeroizing::new(values.to_vec());
                key.hash(&inputs, values);
            }),
            Last::Coin(start) => values.par_iter_mut().zip(keys).for_each(|(value, key)| {
                let hash = start.clone().chain_update(value.to_le_bytes());
                *value = first(&hash.chain_update(key.to_le_bytes()).finalize().into());
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};
    use session::{Fate, Network};
    use vole::{Machine, RECEIVER, Receiver, SENDER, Sender, Terms};

    use super::Oprf;
    use crate::vole::okvs::{Layout, Shape, encode};

    #[test]
    fn both_sides_have_the_same_value_of_the_encoded_keys_and_of_no_others() {
        let machine = Machine::detect();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let shape = Shape::new(50_000, 1);
        let mut draw = |count: usize| -> Vec<u128> {
            (0..count)
                .map(|_| u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64()))
                .collect()
        };
        let (keys, others) = (draw(50_000), draw(1_000_000));
        let terms = Terms { outputs: shape.size(), context: [0; 32] };
        let mut network = Network::new();
        let receiver = Receiver::new(terms, machine, &mut rng).unwrap();
        let receiver = network.join(RECEIVER, receiver);
        let sender = network.join(SENDER, Sender::new(terms, machine, &mut rng).unwrap());
        network.run(|_, _, _| Fate::Deliver).unwrap();
        let (receiver, mut sender) = (receiver.take().unwrap(), sender.take().unwrap());

        let layout = Layout::new(machine, shape, 5, &keys);
        let others = Layout::new(machine, shape, 5, &others);
        let targets = Oprf::new(machine, None).targets(&layout.keys);
        let mut vector = encode(machine, &layout, targets).unwrap();
        vector.iter_mut().zip(receiver.factors()).for_each(|(value, pad)| *value ^= pad);
        sender.shift(0, &vector);
        for coin in [None, Some(7)] {
            let oprf = Oprf::new(machine, coin);
            assert!(*oprf.received(&layout, &receiver) == *oprf.evaluated(&layout, &sender));
            let ours = oprf.received(&others, &receiver);
            let theirs = oprf.evaluated(&others, &sender);
            assert!(ours.iter().zip(theirs.iter()).all(|(one, other)| one != other));
        }
    }
}
