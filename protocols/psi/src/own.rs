//! What a role brings to a run: its items and its secrets.

use std::ops::Range;
use std::sync::Arc;

use rand_core::{CryptoRng, Rng};
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;
use session::Role;
use zeroize::Zeroizing;

use crate::canary;
use crate::key::Key;
use crate::memory::reserved;
use crate::salt::{Run, Salt};
use crate::seed::seeded;
use crate::{BATCH, CANARIES, Error, Items, Lanes, POINT, Terms};

/// What a point is of.
pub(crate) enum Of {
    Item(usize),
    Padding,
    Canary(usize),
}

/// What a role brings to a run. Nothing of it leaves unmasked.
pub(crate) struct Own {
    items: Arc<Items>,
    pub(crate) key: Key,
    pub(crate) salt: Salt,
    /// Which item each point is, as the points are sent; from the number of items on padding, and from
    /// the agreed number on canaries.
    order: Zeroizing<Vec<u32>>,
    agreed: usize,
    padding: Zeroizing<[u8; 32]>,
}

impl Own {
    /// Takes the items and draws every secret of the run from one seed of `rng`.
    pub(crate) fn draw(
        items: Arc<Items>,
        (terms, role): (&Terms, Role),
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let agreed = terms.items_of(role);
        items.expect_at_most(agreed)?;
        let mut rng = seeded(rng);
        // The order of the draws is part of what the vectors fix (SPEC §2).
        let salt = Salt::random(&mut rng);
        let key = Key::random(lanes, &mut rng);
        let mut padding = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *padding);
        let ordered = if terms.canaries_first(role) { CANARIES } else { 0 };
        let mut order = shuffled(agreed + CANARIES - ordered, &mut rng)?;
        let agreed = usize::try_from(agreed).expect("the order is in memory");
        if ordered > 0 {
            let canaries = (0..=u32::MAX).skip(agreed).take(canary::COUNT);
            order.splice(..0, canaries);
        }
        Ok(Self { items, key, salt, order, agreed, padding })
    }

    /// The points at these places of the order: hashed to the group, masked and encoded.
    pub(crate) fn mask(&self, places: Range<usize>, run: &Run) -> Vec<u8> {
        let batches: Vec<_> = self.order[places]
            .par_chunks(BATCH)
            .map(|batch| {
                let uniform: Vec<_> = batch.iter().map(|&index| self.uniform(index, run)).collect();
                self.key.mask_mapped(&uniform)
            })
            .collect();
        batches.concat().into_flattened()
    }

    /// What the point at `place` is of.
    pub(crate) fn of_point(&self, place: usize) -> Of {
        self.of(self.order[place])
    }

    fn of(&self, index: u32) -> Of {
        let index = index as usize;
        match index.checked_sub(self.agreed) {
            Some(canary) => Of::Canary(canary),
            None if index < self.items.len() => Of::Item(index),
            None => Of::Padding,
        }
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Lets go of the order, once no tag will be looked up in it.
    pub(crate) fn forget_order(&mut self) {
        self.order = Zeroizing::default();
    }

    /// What the point of an item, of padding or of a canary is mapped from.
    fn uniform(&self, index: u32, run: &Run) -> [u8; 2 * POINT] {
        match self.of(index) {
            Of::Item(item) => run.items().uniform(self.items.item(item)),
            // Padding takes an item's road, so that neither its bytes nor its pace tell it apart: it
            // is the item `seed || index`, which nobody can name without the seed.
            Of::Padding => {
                let mut secret = Zeroizing::new([0; 36]);
                secret[..32].copy_from_slice(&*self.padding);
                secret[32..].copy_from_slice(&index.to_be_bytes());
                run.items().uniform(&*secret)
            }
            Of::Canary(canary) => run.canary(canary),
        }
    }
}

/// A uniformly random order of `0..length` (Fisher–Yates).
fn shuffled(length: u64, rng: &mut impl CryptoRng) -> Result<Zeroizing<Vec<u32>>, Error> {
    let mut order = reserved(length)?;
    order.extend((0..=u32::MAX).take(usize::try_from(length).expect("there is room for them")));
    for place in (1..order.len()).rev() {
        let other = below(place as u64 + 1, rng);
        order.swap(place, usize::try_from(other).expect("it is below a length"));
    }
    Ok(Zeroizing::new(order))
}

/// A uniformly random number below `bound`, by rejection; `bound` is at most 2^32.
fn below(bound: u64, rng: &mut impl Rng) -> u64 {
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let draw = rng.next_u64();
        if draw < limit {
            return draw % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::shuffled;

    #[test]
    fn every_order_of_four_is_as_likely_as_any_other() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let mut seen = std::collections::BTreeMap::<Vec<u32>, u32>::new();
        for _ in 0..24_000 {
            *seen.entry(shuffled(4, &mut rng).unwrap().to_vec()).or_default() += 1;
        }
        assert_eq!(seen.len(), 24);
        // 1,000 of each are expected; six standard deviations are 186.
        assert!(seen.values().all(|&count| count.abs_diff(1_000) < 186), "{seen:?}");
    }
}
