//! What a holder keeps for a period: its key, and the tags of its register.

use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::cached::{DOMAIN_PADDING, List, Period};
use crate::comparison::truncated;
use crate::hash::first_half;
use crate::memory::reserved;
use crate::oprf::{Oprf, Output, SecretKey};
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
        Self::with_lanes(period, seed, entries, Lanes::detect())
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Register::new`].
    pub fn with_lanes(
        period: Period,
        seed: &[u8; 32],
        entries: &Items,
        lanes: Lanes,
    ) -> Result<Self, Error> {
        period.check()?;
        entries.expect_at_most(period.items)?;
        let (oprf, binding, length) =
            (Oprf::with_lanes(lanes), period.binding(), period.tag_length());
        let key = oprf.derive_key_pair(seed, &binding.0)?.secret;

        // As big-endian numbers, of which the list has the first bytes.
        let mut tags = reserved(period.items)?;
        let evaluate = |batch: usize| -> Result<Vec<u128>, Error> {
            let places = batch * BATCH..entries.len().min((batch + 1) * BATCH);
            let inputs: Vec<_> = places.map(|place| binding.input(entries.item(place))).collect();
            // > §C2 An entry's tag is the first l bytes of the function's output.
            let values = oprf.evaluate_all(&key, inputs.iter().map(|input| &input[..]))?;
            let first = |value: &Output| *value.as_bytes().first_chunk().expect("it has 64 bytes");
            Ok(values.iter().map(|value| u128::from_be_bytes(first(value))).collect())
        };
        let batches: Vec<_> =
            (0..entries.len().div_ceil(BATCH)).into_par_iter().map(evaluate).collect();
        for batch in batches {
            tags.extend(batch?);
        }
        // > §C2 The list is padded by random tags, which without the key look like any other.
        let hash = Sha512::new().chain_update(DOMAIN_PADDING).chain_update(binding.0);
        let mut rng = ChaCha20Rng::from_seed(*Zeroizing::new(first_half(hash.chain_update(seed))));
        tags.extend((entries.len() as u64..period.items).map(|_| {
            let mut tag = [0; 16];
            rng.fill_bytes(&mut tag[..length]);
            u128::from_be_bytes(tag)
        }));
        tags.par_sort_unstable();
        Ok(Self { oprf, key, list: List::sorted(period, truncated(&tags, length)?.into()) })
    }

    /// Takes up a register whose list was kept, without evaluating anything.
    ///
    /// # Errors
    ///
    /// When no key can be derived, which happens to no seed that is known.
    pub fn kept(seed: &[u8; 32], list: List) -> Result<Self, Error> {
        let oprf = Oprf::new();
        let key = oprf.derive_key_pair(seed, &list.period().binding().0)?.secret;
        Ok(Self { oprf, key, list })
    }

    /// The list, which a holder may keep with the seed, and any asker of the period may see.
    pub fn list(&self) -> &List {
        &self.list
    }
}

// The key is a secret.
impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Register {{ {} }}", self.list.period().items)
    }
}
