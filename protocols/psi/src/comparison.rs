//! The tags of our points, compared with those of the peer's as they come back.

use session::{Chunk, Role};

use crate::own::Own;
use crate::stream::Stream;
use crate::{Error, Learned, Output};

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
    /// Which of our items.
    Items(Vec<bool>),
    /// How many, and the last tag seen, below which none may come.
    Count(u64, u128),
}

impl Comparison {
    /// Awaits the tags of our points as `stream`; `theirs` are those of the peer's, ascending.
    pub(crate) fn new(
        from: Role,
        stream: Stream,
        output: Output,
        own: &Own,
        theirs: Vec<u128>,
    ) -> Self {
        let shared = match output {
            Output::OneSided | Output::TwoSided => Shared::Items(vec![false; own.len()]),
            Output::Cardinality => Shared::Count(0, 0),
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
            if let Shared::Count(_, before) = &mut self.shared
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
                Shared::Items(shared) => {
                    let place = usize::try_from(index).expect("a place in an order in memory");
                    // A point of padding is met with the probability that the tags' length allows.
                    own.item_at(place).into_iter().for_each(|item| shared[item] = true);
                }
                Shared::Count(count, _) => *count += 1,
            }
        }
        Ok(())
    }

    /// What was learnt.
    pub(crate) fn finish(self) -> Learned {
        match self.shared {
            Shared::Items(shared) => {
                let items = (0..=u32::MAX).zip(shared);
                Learned::Items(items.filter_map(|(item, shared)| shared.then_some(item)).collect())
            }
            Shared::Count(count, _) => Learned::Count(count),
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
