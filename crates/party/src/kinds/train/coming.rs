//! An upload on its way to its place in a training.

use std::sync::Arc;

use training::Received;

use super::gathering::{Gathering, Slot, What, locked};

/// A place that an upload is coming to; free again when this is dropped before it is kept.
pub(super) struct Coming {
    gathering: Arc<Gathering>,
    place: usize,
    what: What,
    kept: bool,
}

impl Coming {
    pub(super) fn new(gathering: Arc<Gathering>, place: usize, what: What) -> Self {
        Self { gathering, place, what, kept: false }
    }

    pub(super) fn gathering(&self) -> &Arc<Gathering> {
        &self.gathering
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn what(&self) -> What {
        self.what
    }

    /// The upload is here, as a whole; what is to be trained on in memory too.
    pub(super) fn keep(mut self, received: Option<Received>) {
        if let Some(slot) = locked(self.gathering.slots(self.what)).get_mut(self.place) {
            *slot = Slot::Here(received.map(Box::new));
        }
        self.kept = true;
        self.gathering.touch();
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if !self.kept
            && let Some(slot) = locked(self.gathering.slots(self.what)).get_mut(self.place)
        {
            *slot = Slot::Free;
        }
    }
}
