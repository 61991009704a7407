//! The list on its way to the asker.

use session::{Chunk, Role};

use crate::cached::list::first_unsorted;
use crate::cached::rounds::LIST;
use crate::cached::{List, Period};
use crate::stream::Stream;
use crate::{Error, TAGS_PER_CHUNK};

/// The list of a period as far as it has come.
pub(crate) struct Delivery {
    period: Period,
    stream: Stream,
    tags: Vec<u8>,
}

impl Delivery {
    pub(crate) fn new(period: Period) -> Self {
        Self { period, stream: list_of(&period), tags: Vec::new() }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stream.is_over()
    }

    /// Adds the next chunk's tags to those that came, if they go on ascending.
    pub(crate) fn take(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let (round, length) = (self.stream.round(), self.stream.unit());
        let body = self.stream.accept(from, chunk)?;
        let points = self.period.items;
        self.tags.try_reserve(body.len()).map_err(|_| Error::NoMemory { points })?;
        // The last tag of the chunk before is the first to compare with.
        let known = self.tags.len().saturating_sub(length);
        self.tags.extend_from_slice(&body);
        first_unsorted(&self.tags[known..], length).map_or(Ok(()), |place| {
            let index = (known / length + place) as u64;
            Err(Error::Unsorted { from, round, index })
        })
    }

    /// The list, once all of it has come.
    pub(crate) fn finish(mut self) -> List {
        // It is kept for as long as the period lasts.
        self.tags.shrink_to_fit();
        List::hashed(self.period, self.tags.into(), self.stream.digest())
    }
}

/// The round in which a period's list is sent; what its stream hashes is the list's digest.
pub(crate) fn list_of(period: &Period) -> Stream {
    let shape = (period.tag_length(), TAGS_PER_CHUNK);
    Stream::hashed(LIST, shape, period.items, List::hash(period))
}
