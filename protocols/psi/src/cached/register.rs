//! What a holder keeps for a period: its key, and the tags of its register.

use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::cached::{DOMAIN_PADDING, List, Period};
use crate::hash::first_half;
use crate::oprf::{Oprf, SecretKey};
use crate::{BATCH, Error, Items, Lanes};

/// A period's key and list: the key is wiped on drop, never printed, cloned or sent.
///
/// ```compile_fail,E0599
/// fn cloned(register: psi::cached::Register) { register.clone(); }
/// ```
/// ```compile_fail,E0277
/// fn sent(register: psi::cached::Register) -> bytes::Bytes { register.into() }
/// ```
pub struct Register {
    pub(crate) oprf: Oprf,
    pub(crate) key: SecretKey,
    list: List,
}

impl Register {
    /// Evaluates the OPRF on every entry, on all cores: about 8 µs of one core an entry in eight
    /// lanes.
    ///
    /// `seed` must be drawn anew for each period, and kept as long as the period lasts: it gives the
    /// key, and with the key all that the list hides.
    ///
    /// # Errors
    ///
    /// When there are more entries than the period names, or no memory for them.
    pub fn new(period: Period, seed: &[u8; 32], entries: &Items) -> Result<Self, Error> {
        Self::in_lanes(period, seed, entries, Lanes::detect())
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Register::new`].
    pub fn in_lanes(
        period: Period,
        seed: &[u8; 32],
        entries: &Items,
        lanes: Lanes,
    ) -> Result<Self, Error> {
        period.check()?;
        let (agreed, found) = (period.items, entries.len() as u64);
        if found > agreed {
            return Err(Error::MoreThanAgreed { agreed, found });
        }
        let (oprf, binding, length) =
            (Oprf::in_lanes(lanes), period.binding(), period.tag_length());
        let key = oprf.derive_key_pair(seed, &binding.0)?.secret;

        let mut tags = Vec::new();
        let points = agreed;
        usize::try_from(agreed)
            .ok()
            .and_then(|agreed| tags.try_reserve_exact(agreed).ok())
            .ok_or(Error::NoMemory { points })?;
        let evaluate = |batch: usize| -> Result<Vec<u128>, Error> {
            let places = batch * BATCH..entries.len().min((batch + 1) * BATCH);
            let inputs: Vec<_> = places.map(|place| binding.input(entries.item(place))).collect();
            // > §C2 An entry's tag is the first l bytes of the function's output.
            let values = oprf.evaluate_all(&key, inputs.iter().map(|input| &input[..]))?;
            Ok(values.iter().map(|value| number(&value.as_bytes()[..length])).collect())
        };
        let batches: Vec<_> =
            (0..entries.len().div_ceil(BATCH)).into_par_iter().map(evaluate).collect();
        for batch in batches {
            tags.extend(batch?);
        }
        // > §C2 The list is padded by random tags, which without the key look like any other.
        let hash = Sha512::new().chain_update(DOMAIN_PADDING).chain_update(binding.0);
        let mut rng = ChaCha20Rng::from_seed(*Zeroizing::new(first_half(hash.chain_update(seed))));
        tags.extend((found..agreed).map(|_| {
            let mut tag = [0; 16];
            rng.fill_bytes(&mut tag[..length]);
            number(&tag[..length])
        }));
        tags.par_sort_unstable();
        let mut sorted = Vec::with_capacity(tags.len() * length);
        for tag in tags {
            sorted.extend_from_slice(&tag.to_be_bytes()[16 - length..]);
        }
        Ok(Self { oprf, key, list: List::sorted(period, sorted.into()) })
    }

    /// Takes up a register whose list was kept, without evaluating anything.
    ///
    /// # Errors
    ///
    /// When no key can be derived, which happens to no seed that is known.
    pub fn kept(seed: &[u8; 32], list: List) -> Result<Self, Error> {
        let oprf = Oprf::new();
        let key = oprf.derive_key_pair(seed, &list.binding.0)?.secret;
        Ok(Self { oprf, key, list })
    }

    /// The list, which a holder may keep with the seed, and any asker of the period may see.
    pub fn list(&self) -> &List {
        &self.list
    }
}

/// A tag as a big-endian number.
fn number(tag: &[u8]) -> u128 {
    tag.iter().fold(0, |number, &byte| number << 8 | u128::from(byte))
}

// The key is a secret.
impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Register {{ {} }}", self.list.period().items)
    }
}
