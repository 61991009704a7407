//! The peer's points: masked again as they come, kept as tags.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};
use session::{Chunk, Role};

use crate::key::Key;
use crate::memory::reserved;
use crate::salt::Run;
use crate::stream::Stream;
use crate::{BATCH, Error, POINT};

/// The peer's points under way.
pub(crate) struct Theirs {
    from: Role,
    stream: Stream,
    /// In the order in which their points came.
    tags: Vec<u128>,
}

impl Theirs {
    /// Awaits the points of `from`, `points` of them.
    pub(crate) fn new(from: Role, round: u32, points: u64) -> Result<Self, Error> {
        let tags = reserved(points)?;
        Ok(Self { from, stream: Stream::of_points(round, points), tags })
    }

    pub(crate) fn passed(&self) -> u64 {
        self.stream.passed()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stream.is_over()
    }

    pub(crate) fn digest(&self) -> [u8; 64] {
        self.stream.digest()
    }

    /// Masks the points of the next chunk again and keeps their tags.
    pub(crate) fn take(&mut self, chunk: Chunk, key: &Key, run: &Run) -> Result<(), Error> {
        let (round, first) = (self.stream.round(), self.stream.passed());
        let body = self.stream.accept(self.from, chunk)?;
        // The length was checked to be a multiple of a point's.
        let (points, _) = body.as_chunks::<POINT>();
        // Batches are judged in order, so that the same chunk gives the same error.
        let batches: Vec<Result<Vec<u128>, Error>> = points
            .par_chunks(BATCH)
            .enumerate()
            .map(|(batch, points)| {
                let first = first + (batch * BATCH) as u64;
                let masked = key.mask_decoded(points);
                let masked = masked.map_err(|flawed| flawed.blame(self.from, round, first))?;
                Ok(masked.iter().map(|point| run.tag(point)).collect())
            })
            .collect();
        for batch in batches {
            self.tags.extend(batch?);
        }
        Ok(())
    }

    /// The tags in the order in which their points came, and sorted, if they are distinct.
    ///
    /// Equal points have equal tags; that different points have equal tags of 16 bytes happens
    /// with probability below `points^2 / 2^129`.
    pub(crate) fn finish(self) -> Result<Tags, Error> {
        let mut sorted = reserved(self.tags.len() as u64)?;
        sorted.extend_from_slice(&self.tags);
        sorted.par_sort_unstable();
        if sorted.array_windows().any(|[one, next]| one == next) {
            return Err(Error::Repeated { from: self.from, round: self.stream.round() });
        }
        Ok(Tags { received: self.tags, sorted })
    }
}

/// The tags of all of the peer's points.
pub(crate) struct Tags {
    /// In the order in which the points came.
    pub(crate) received: Vec<u128>,
    /// Ascending.
    pub(crate) sorted: Vec<u128>,
}
