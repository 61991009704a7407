//! From where a training that broke off can go on: as far as all three have come.

use std::collections::BTreeSet;

use wire::{Kept, TrainStep};

use super::UNKNOWN;
use super::gathering::{Gathering, What};
use super::lender::Led;
use crate::Trouble;

/// From where three parties can go on.
pub(super) enum ResumePoint {
    /// After how many passes all have a checkpoint.
    Passes(BTreeSet<u8>),
    /// From what was uploaded to be counted.
    Bins,
}

impl Led<'_> {
    /// From where all three can go on; nothing where one of them cannot.
    pub(super) async fn resume_point(&self) -> Result<Option<ResumePoint>, Trouble> {
        let Gathering { folder, digest, .. } = &*self.gathering;
        let (mut gathered, mut binned) =
            (folder.has_uploads(self.gathering.places(), What::Columns), self.gathering.has_bins());
        if !folder.is_of(*digest) || !(gathered || binned) {
            return Ok(None);
        }
        let theirs = match self.ask_computing(TrainStep::Gather { again: true }).await {
            Err(trouble) if trouble.code == UNKNOWN => return Ok(None),
            theirs => theirs?,
        };
        let mut all: BTreeSet<u8> = folder.passes().into_iter().collect();
        for (party, added) in &theirs {
            let kept = Kept::of(added)
                .map_err(|error| Trouble::from_error("UNREADABLE", &error).by(party))?;
            (gathered, binned) = (gathered && kept.gathered, binned && kept.binned);
            all.retain(|passes| kept.passes.contains(passes));
        }
        let bins = binned.then_some(ResumePoint::Bins);
        Ok(if gathered { Some(ResumePoint::Passes(all)) } else { bins })
    }
}
