//! The tags of our points, compared with those of the peer's as they come back.

use session::{Chunk, Role};

use crate::canary;
use crate::own::{Of, Own};
use crate::stream::Stream;
use crate::{CANARIES, Error, Learned};

/// Returned tags under way, and what has been learnt of them.
pub(crate) struct Comparison {
    from: Role,
    stream: Stream,
    /// The tags of the peer's points, ascending.
    theirs: Vec<u128>,
    /// Which of those have been met.
    met: Vec<bool>,
    shared: Shared,
}

/// What has been found to be shared.
enum Shared {
    /// Which of our items, and which of the canaries.
    Items(Vec<bool>, [bool; canary::COUNT]),
    /// How many with the canaries, whose tags these are; and the last tag seen, below which none may
    /// come.
    Count { count: u64, canaries: Box<[u128; canary::COUNT]>, before: u128 },
}

impl Comparison {
    /// Awaits the tags of our points as `stream`; `theirs` are those of the peer's, ascending, and
    /// `canaries` those of its canaries, where only a count is learnt.
    pub(crate) fn new(
        from: Role,
        stream: Stream,
        own: &Own,
        theirs: Vec<u128>,
        canaries: Option<[u128; canary::COUNT]>,
    ) -> Self {
        let shared = match canaries {
            None => Shared::Items(vec![false; own.len()], [false; canary::COUNT]),
            Some(canaries) => Shared::Count { count: 0, canaries: Box::new(canaries), before: 0 },
        };
        Self { from, stream, met: vec![false; theirs.len()], theirs, shared }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stream.is_over()
    }

    pub(crate) fn digest(&self) -> [u8; 64] {
        self.stream.digest()
    }

    /// Looks up the tags of the next chunk.
    pub(crate) fn take(&mut self, chunk: Chunk, own: &Own) -> Result<(), Error> {
        let (from, round, first) = (self.from, self.stream.round(), self.stream.passed());
        let length = self.stream.unit();
        // Bits of a whole tag that the wire leaves out.
        let shift = u128::BITS - 8 * u32::try_from(length).expect("a tag has 16 bytes at most");
        let body = self.stream.accept(from, chunk)?;
        for (index, tag) in (first..).zip(body.chunks_exact(length)) {
            let tag = tag.iter().fold(0, |tag, &byte| tag << 8 | u128::from(byte));
            if let Shared::Count { before, .. } = &mut self.shared
                && tag < std::mem::replace(before, tag)
            {
                return Err(Error::Unsorted { from, round, index });
            }
            let at = self.theirs.partition_point(|theirs| theirs >> shift < tag);
            if self.theirs.get(at).is_none_or(|theirs| theirs >> shift != tag) {
                continue;
            }
            // Our points are distinct, so no point of the peer's answers to two of them.
            if std::mem::replace(&mut self.met[at], true) {
                return Err(Error::Repeated { from, round });
            }
            match &mut self.shared {
                Shared::Items(shared, canaries) => {
                    let place = usize::try_from(index).expect("a place in an order in memory");
                    match own.of_point(place) {
                        Of::Item(item) => shared[item] = true,
                        Of::Canary(canary) => canaries[canary] = true,
                        // Met with the probability that the tags' length allows.
                        Of::Padding => {}
                    }
                }
                Shared::Count { count, .. } => *count += 1,
            }
        }
        Ok(())
    }

    /// What was learnt, if every canary was met.
    ///
    /// > §2.1 Whoever learns must find all canaries.
    pub(crate) fn finish(self) -> Result<Learned, Error> {
        match self.shared {
            Shared::Items(shared, canaries) => {
                canary::expect_all(&canaries, self.from)?;
                let items = (0..=u32::MAX).zip(shared);
                let items = items.filter_map(|(item, shared)| shared.then_some(item));
                Ok(Learned::Items(items.collect()))
            }
            Shared::Count { count, canaries, .. } => {
                let met = canaries.map(|tag| {
                    let at = self.theirs.partition_point(|theirs| *theirs < tag);
                    self.met[at]
                });
                canary::expect_all(&met, self.from)?;
                Ok(Learned::Count(count - CANARIES))
            }
        }
    }
}

/// The first `length` bytes of each tag.
pub(crate) fn truncated(tags: &[u128], length: usize) -> Result<Vec<u8>, Error> {
    let (mut truncated, points) = (Vec::new(), tags.len() as u64);
    let bytes = tags.len() * length;
    truncated.try_reserve_exact(bytes).map_err(|_| Error::NoMemory { points })?;
    tags.iter().for_each(|tag| truncated.extend_from_slice(&tag.to_be_bytes()[..length]));
    Ok(truncated)
}
