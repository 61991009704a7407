//! What a role brings to a run: its items as keys, and its randomness.

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use zeroize::Zeroizing;

use super::agreement::Agreement;
use crate::{Error, Items};

/// The generator of all of a run's secrets, from 32 bytes of the host's.
pub(crate) fn seeded(rng: &mut (impl CryptoRng + ?Sized)) -> ChaCha20Rng {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    ChaCha20Rng::from_seed(*seed)
}

/// The next bytes of the generator.
pub(crate) fn drawn<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// The items as elements of the field, and as many zeros as make `length`.
pub(crate) fn keys_of(
    items: &Items,
    agreement: &Agreement,
    length: u64,
) -> Result<Zeroizing<Vec<u128>>, Error> {
    const BATCH: usize = 1 << 10;
    let mut keys = Vec::new();
    usize::try_from(length)
        .ok()
        .and_then(|length| keys.try_reserve_exact(length).ok().map(|()| length))
        .map(|length| keys.resize(length, 0))
        .ok_or(Error::NoMemory { points: length })?;
    let mut keys = Zeroizing::new(keys);
    keys[..items.len()].par_chunks_mut(BATCH).enumerate().for_each(|(batch, keys)| {
        for (index, key) in (batch * BATCH..).zip(keys) {
            *key = agreement.key(items.item(index));
        }
    });
    Ok(keys)
}
