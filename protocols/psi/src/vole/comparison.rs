//! The sender's values, compared with our own as they come: both are sorted.

use session::{Chunk, Role};
use zeroize::Zeroizing;

use super::Terms;
use super::rounds::VALUES;
use super::sorted::{Valued, sort};
use super::stream::Stream;
use crate::canary;
use crate::{Error, Learned};

/// The sender's values under way, and what has been learnt of them.
pub(crate) struct Comparison {
    stream: Stream,
    /// Our values, ascending.
    own: Zeroizing<Vec<Valued>>,
    /// Our values below this place are below all that can still come.
    place: usize,
    /// The value that came last.
    before: u128,
    /// Which of our items and of the canaries after them were met.
    shared: Vec<bool>,
    /// Which of the values were met, a bit each, the lowest first.
    matches: Vec<u8>,
}

impl Comparison {
    /// Awaits the values; ours are those of the keys in `order`, of which those from `items` on are the
    /// canaries, and then padding.
    pub(crate) fn new(terms: &Terms, order: &[u32], values: &[u128], items: usize) -> Self {
        let bits = 8 * u32::try_from(terms.value_length()).expect("16 at most");
        let mut own: Vec<Valued> = (order.iter().zip(values))
            .filter(|(item, _)| (**item as usize) < items + canary::COUNT)
            .map(|(item, value)| Valued { value: value >> (128 - bits), item: *item })
            .collect();
        sort(&mut own, bits, |valued| valued.value);
        Self {
            stream: Stream::new(terms, VALUES),
            own: Zeroizing::new(own),
            place: 0,
            before: 0,
            shared: vec![false; items + canary::COUNT],
            matches: Vec::new(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stream.is_over()
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        self.stream.digest()
    }

    /// Which of the values were met.
    pub(crate) fn matches(&self) -> &[u8] {
        &self.matches
    }

    /// Looks up the values of the next chunk.
    pub(crate) fn take(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let (round, first, length) = (self.stream.round(), self.stream.place(), self.stream.unit());
        let body = self.stream.accept(from, chunk)?;
        self.matches.resize((first + body.len() / length).div_ceil(8), 0);
        for (index, bytes) in (first..).zip(body.chunks_exact(length)) {
            let mut whole = [0; 16];
            whole[16 - length..].copy_from_slice(bytes);
            let value = u128::from_be_bytes(whole);
            if value < std::mem::replace(&mut self.before, value) {
                return Err(Error::Unsorted { from, round, index: index as u64 });
            }
            while self.own.get(self.place).is_some_and(|own| own.value < value) {
                self.place += 1;
            }
            for own in self.own[self.place..].iter().take_while(|own| own.value == value) {
                self.shared[own.item as usize] = true;
                self.matches[index / 8] |= 1 << (index % 8);
            }
        }
        Ok(())
    }

    /// Expects that every canary was met.
    pub(crate) fn expect_canaries(&self, from: Role) -> Result<(), Error> {
        let items = self.shared.len() - canary::COUNT;
        canary::expect_all(&self.shared[items..], from)
    }

    /// What was learnt.
    pub(crate) fn finish(self) -> Learned {
        learned(self.shared)
    }
}

/// Which of the own items were met, of those and the canaries.
pub(crate) fn learned(mut shared: Vec<bool>) -> Learned {
    shared.truncate(shared.len() - canary::COUNT);
    let items = (0..=u32::MAX).zip(shared);
    Learned::Items(items.filter_map(|(item, shared)| shared.then_some(item)).collect())
}
