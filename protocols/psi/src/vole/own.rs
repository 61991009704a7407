//! What a role brings to a run: its items as keys, and what it draws.

use chacha20::ChaCha20Rng;
use rand_core::Rng;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use zeroize::Zeroizing;

use super::agreement::Agreement;
use crate::canary;
use crate::memory::reserved;
use crate::{Error, Items};

/// The next bytes of the generator.
pub(crate) fn drawn<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// The items as elements of the field, the canaries, and as many zeros as make `length`.
pub(crate) fn keys_of(
    items: &Items,
    agreement: &Agreement,
    length: u64,
) -> Result<Zeroizing<Vec<u128>>, Error> {
    const BATCH: usize = 1 << 10;
    let mut keys = Zeroizing::new(reserved(length)?);
    keys.resize(usize::try_from(length).expect("there is room for them"), 0);
    let (own, rest) = keys.split_at_mut(items.len());
    own.par_chunks_mut(BATCH).enumerate().for_each(|(batch, keys)| {
        for (index, key) in (batch * BATCH..).zip(keys) {
            *key = agreement.key(items.item(index));
        }
    });
    (0..canary::COUNT).zip(rest).for_each(|(number, key)| *key = agreement.canary(number));
    Ok(keys)
}
