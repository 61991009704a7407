//! A training at a party that computes: what has come of it, and what is awaited.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use consent::{Computing, Job};
use domain::{Digest, PartyId, RunId};
use session::Role;
use tokio::sync::watch;
use tokio::time::timeout;
use training::{DEPARTMENT, Inputs, LENDER, PLATFORM, Received, Terms, Uploads, Whose};

use super::folder::Folder;
use super::{material, not_gathering};
use crate::Trouble;
use crate::drive::Link;
use crate::governance::jobs;
use crate::node::Node;
use crate::runs::diagnosis::MISBEHAVED;

/// A training at a party that computes.
pub(super) struct Gathering {
    pub(super) training: RunId,
    pub(super) job: Job,
    pub(super) digest: Digest,
    pub(super) terms: Terms,
    /// Ours.
    pub(super) role: Role,
    pub(super) folder: Folder,
    /// By place among the contributions; the labels last.
    uploads: Mutex<Vec<Slot>>,
    /// At the department: the platform's link.
    third: Mutex<Option<Link>>,
    /// Counts what has come.
    come: watch::Sender<u64>,
    /// Whether the lender has begun to compute: from then on the run ends by itself.
    computing: watch::Sender<bool>,
    /// Whether the lender has given the training up for good.
    given_up: AtomicBool,
}

/// An upload's place.
enum Slot {
    Free,
    Coming,
    Here(Box<Received>),
}

impl Gathering {
    pub(super) fn new(
        node: &Arc<Node>,
        training: RunId,
        job: Job,
        digest: Digest,
    ) -> Result<Self, Trouble> {
        let role = role_of(&job, &node.config.name).ok_or_else(not_gathering)?;
        let places = job.contributions.len() + 1;
        Ok(Self {
            training,
            terms: material::terms(&job, digest, training),
            job,
            digest,
            role,
            folder: Folder::of(node, training),
            uploads: Mutex::new((0..places).map(|_| Slot::Free).collect()),
            third: Mutex::new(None),
            come: watch::Sender::new(0),
            computing: watch::Sender::new(false),
            given_up: AtomicBool::new(false),
        })
    }

    /// How many uploads there are.
    pub(super) fn places(&self) -> usize {
        self.job.contributions.len() + 1
    }

    /// What is uploaded in a place.
    pub(super) fn whose(&self, place: usize) -> Whose {
        if place == self.job.contributions.len() { Whose::Labels } else { Whose::Holder(place) }
    }

    /// Takes a place for an upload that begins; nothing where it is taken.
    pub(super) fn begin_upload(self: &Arc<Self>, place: usize) -> Option<Coming> {
        let mut uploads = locked(&self.uploads);
        let slot = uploads.get_mut(place)?;
        if !matches!(slot, Slot::Free) {
            return None;
        }
        *slot = Slot::Coming;
        self.touch();
        Some(Coming { gathering: Arc::clone(self), place, kept: false })
    }

    /// Something has come.
    pub(super) fn touch(&self) {
        self.come.send_modify(|come| *come += 1);
    }

    /// Waits until every upload is here, and hands them over; as long as something comes.
    pub(super) async fn inputs(&self, idle: Duration) -> Result<Inputs, Trouble> {
        let mut come = self.come.subscribe();
        loop {
            come.mark_unchanged();
            let missing = {
                let uploads = locked(&self.uploads);
                uploads.iter().position(|slot| !matches!(slot, Slot::Here(_)))
            };
            let Some(place) = missing else { break };
            if timeout(idle, come.changed()).await.is_err() {
                let whose = self.uploader(place);
                return Err(Trouble::us(
                    "SILENT",
                    format!(
                        "the upload of {whose} has not come within {} s: is its party running, and the line up?",
                        idle.as_secs()
                    ),
                    format!("{} 秒内未收到 {whose} 的上传：请确认对方节点与网络正常", idle.as_secs()),
                )
                .by(whose));
            }
        }
        let mut all = Uploads::new(&self.terms, self.role).map_err(|error| ours(&error))?;
        for slot in std::mem::take(&mut *locked(&self.uploads)) {
            if let Slot::Here(received) = slot {
                all.take(*received).map_err(|error| ours(&error))?;
            }
        }
        all.complete().map_err(|error| ours(&error))
    }

    /// Reads every upload from disk again.
    pub(super) fn read_again(&self) -> Result<(), Trouble> {
        for place in 0..self.places() {
            let reader: Box<dyn Read> = Box::new(self.folder.read_upload(place)?);
            let received = Received::from_kept(&self.terms, self.whose(place), self.role, reader);
            let received = received.map_err(|error| ours(&error))?;
            if let Some(slot) = locked(&self.uploads).get_mut(place) {
                *slot = Slot::Here(Box::new(received));
            }
        }
        Ok(())
    }

    /// Whose upload stands in a place.
    pub(super) fn uploader(&self, place: usize) -> &PartyId {
        let contribution = self.job.contributions.get(place);
        contribution.map_or(&self.job.computing.lender, |contribution| &contribution.party)
    }

    /// At the department: keeps the platform's link.
    pub(super) fn join(&self, link: Link) {
        *locked(&self.third) = Some(link);
        self.touch();
    }

    /// At the department: waits for the platform's link.
    pub(super) async fn joined(&self, idle: Duration) -> Result<Link, Trouble> {
        let mut come = self.come.subscribe();
        loop {
            come.mark_unchanged();
            if let Some(link) = locked(&self.third).take() {
                return Ok(link);
            }
            if timeout(idle, come.changed()).await.is_err() {
                let platform = &self.job.computing.platform;
                return Err(Trouble::us(
                    "SILENT",
                    format!("{platform} has not joined the training within {} s", idle.as_secs()),
                    format!("{platform} 未在 {} 秒内加入训练", idle.as_secs()),
                )
                .by(platform));
            }
        }
    }

    /// The run ends by itself from here on.
    pub(super) fn begin_computing(&self) -> bool {
        !self.computing.send_replace(true)
    }

    /// Whether the run ends by itself.
    pub(super) fn is_computing(&self) -> bool {
        *self.computing.borrow()
    }

    /// What is to be watched of a training that waits for uploads: whether anything comes.
    pub(super) fn coming(&self) -> watch::Receiver<u64> {
        self.come.subscribe()
    }

    /// The lender will not take this training up again.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
    }

    /// Forgets what is kept of a training that has failed, where it cannot go on from there: not every
    /// upload has come, the lender has given it up, the job is over, or a peer has broken the protocol.
    ///
    /// > SPEC §6 A host must not resume a run that ended with blame on a peer.
    pub(super) fn failed(&self, trouble: &Trouble) {
        let for_good = [MISBEHAVED, jobs::NOT_IN_FORCE].contains(&trouble.code);
        let for_good = for_good || self.given_up.load(Ordering::SeqCst);
        if for_good || !self.folder.has_uploads(self.places()) {
            self.folder.forget();
        }
    }
}

/// A place that an upload is coming to; free again when this is dropped before it is kept.
pub(super) struct Coming {
    gathering: Arc<Gathering>,
    place: usize,
    kept: bool,
}

impl Coming {
    pub(super) fn gathering(&self) -> &Arc<Gathering> {
        &self.gathering
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// The upload is here, as a whole.
    pub(super) fn keep(mut self, received: Received) {
        if let Some(slot) = locked(&self.gathering.uploads).get_mut(self.place) {
            *slot = Slot::Here(Box::new(received));
        }
        self.kept = true;
        self.gathering.touch();
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if !self.kept
            && let Some(slot) = locked(&self.gathering.uploads).get_mut(self.place)
        {
            *slot = Slot::Free;
        }
    }
}

/// The role that a party plays in the computation, if any.
pub(super) fn role_of(job: &Job, party: &PartyId) -> Option<Role> {
    let Computing { department, platform, lender } = &job.computing;
    [(department, DEPARTMENT), (platform, PLATFORM), (lender, LENDER)]
        .into_iter()
        .find_map(|(plays, role)| (plays == party).then_some(role))
}

pub(super) fn ours(error: &training::Error) -> Trouble {
    Trouble::from_error("OURS", error)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
