//! A training at a party that computes: what has come of it, and what is awaited.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use consent::{Computing, Job};
use domain::{Digest, PartyId, RunId};
use session::Role;
use tokio::sync::watch;
use tokio::time::timeout;
use training::woe::{self, Counted, Thousandths};
use training::{DEPARTMENT, Inputs, LENDER, PLATFORM, Received, Terms, Uploads, Whose};
use wire::RowCounts;

use super::coming::Coming;
use super::folder::Folder;
use super::{BINS, bins, material, not_gathering};
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
    /// Of the counting before it, where the model is a scorecard.
    pub(super) counting: Option<woe::Terms>,
    /// Ours.
    pub(super) role: Role,
    pub(super) folder: Folder,
    /// By place among the contributions; the labels last.
    uploads: Mutex<Vec<Slot>>,
    /// Likewise of what is to be counted; that lies on disk alone.
    bins: Mutex<Vec<Slot>>,
    /// At the department: the platform's links, of the counting and of the training.
    third: Mutex<[Option<Link>; 2]>,
    /// What the counting has left.
    counts: watch::Sender<Option<Arc<Counted>>>,
    /// Whether rows are being counted: that ends by itself.
    is_counting: AtomicBool,
    /// At the lender: what it was told of each holder's columns by the roles' own count.
    values: Mutex<Vec<Option<Vec<Option<Thousandths>>>>>,
    /// At the lender: how many of its rows are good and bad.
    outcomes: OnceLock<RowCounts>,
    /// At the lender: why nothing can come of the training any more.
    spoilt: Mutex<Option<Trouble>>,
    /// Counts what has come.
    come: watch::Sender<u64>,
    /// Whether the lender has begun to compute: from then on the run ends by itself.
    computing: watch::Sender<bool>,
    /// Whether the lender has given the training up for good.
    given_up: AtomicBool,
}

/// What is uploaded, in a place of its own each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Bins of rows, and outcomes, to be counted.
    Bins,
    /// Columns, and outcomes, to be trained on.
    Columns,
}

/// What three links are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Counting,
    Training,
}

/// An upload's place.
pub(super) enum Slot {
    Free,
    Coming,
    /// In memory too, where it is to be trained on.
    Here(Option<Box<Received>>),
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
            counting: bins::terms(&job, digest, training),
            values: Mutex::new(vec![None; places]),
            job,
            digest,
            role,
            folder: Folder::of(node, training),
            uploads: Mutex::new((0..places).map(|_| Slot::Free).collect()),
            bins: Mutex::new((0..places).map(|_| Slot::Free).collect()),
            third: Mutex::new([None, None]),
            counts: watch::Sender::new(None),
            is_counting: AtomicBool::new(false),
            outcomes: OnceLock::new(),
            spoilt: Mutex::new(None),
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
    pub(super) fn begin_upload(self: &Arc<Self>, place: usize, what: What) -> Option<Coming> {
        if what == What::Bins && self.counting.is_none() {
            return None;
        }
        let mut uploads = locked(self.slots(what));
        let slot = uploads.get_mut(place)?;
        if !matches!(slot, Slot::Free) {
            return None;
        }
        *slot = Slot::Coming;
        self.touch();
        Some(Coming::new(Arc::clone(self), place, what))
    }

    pub(super) fn slots(&self, what: What) -> &Mutex<Vec<Slot>> {
        match what {
            What::Bins => &self.bins,
            What::Columns => &self.uploads,
        }
    }

    /// Something has come.
    pub(super) fn touch(&self) {
        self.come.send_modify(|come| *come += 1);
    }

    /// Waits until every upload is here; as long as something comes.
    pub(super) async fn all_here(&self, what: What, idle: Duration) -> Result<(), Trouble> {
        let mut come = self.come.subscribe();
        loop {
            come.mark_unchanged();
            if let Some(trouble) = locked(&self.spoilt).clone() {
                return Err(trouble);
            }
            let missing = {
                let uploads = locked(self.slots(what));
                uploads.iter().position(|slot| !matches!(slot, Slot::Here(_)))
            };
            let Some(place) = missing else { return Ok(()) };
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
    }

    /// Waits until every upload to be trained on is here, and hands them over.
    pub(super) async fn inputs(&self, idle: Duration) -> Result<Inputs, Trouble> {
        self.all_here(What::Columns, idle).await?;
        let mut all = Uploads::new(&self.terms, self.role).map_err(|error| ours(&error))?;
        for slot in std::mem::take(&mut *locked(&self.uploads)) {
            if let Slot::Here(Some(received)) = slot {
                all.take(*received).map_err(|error| ours(&error))?;
            }
        }
        all.complete().map_err(|error| ours(&error))
    }

    /// Reads every upload to be trained on from disk again.
    pub(super) fn read_again(&self) -> Result<(), Trouble> {
        for place in 0..self.places() {
            let reader: Box<dyn Read> = Box::new(self.folder.read_upload(place, What::Columns)?);
            let received = Received::from_kept(&self.terms, self.whose(place), self.role, reader);
            let received = received.map_err(|error| ours(&error))?;
            if let Some(slot) = locked(&self.uploads).get_mut(place) {
                *slot = Slot::Here(Some(Box::new(received)));
            }
        }
        Ok(())
    }

    /// What was uploaded to be counted, from disk.
    pub(super) fn read_bins(&self) -> Result<woe::Inputs, Trouble> {
        let terms = self.counting.as_ref().ok_or_else(not_gathering)?;
        let mut all = woe::Uploads::new(terms, self.role).map_err(|error| ours(&error))?;
        for place in 0..self.places() {
            let reader: Box<dyn Read> = Box::new(self.folder.read_upload(place, What::Bins)?);
            let received = woe::Received::from_kept(terms, self.whose(place), self.role, reader);
            all.take(received.map_err(|error| ours(&error))?).map_err(|error| ours(&error))?;
        }
        all.complete().map_err(|error| ours(&error))
    }

    /// Whether everything that is to be counted lies here, of an earlier attempt or of this one.
    pub(super) fn has_bins(&self) -> bool {
        self.counting.is_some() && self.folder.has_uploads(self.places(), What::Bins)
    }

    /// Takes what lies here of an earlier attempt, to be counted anew.
    pub(super) fn take_bins(&self) {
        locked(&self.bins).iter_mut().for_each(|slot| *slot = Slot::Here(None));
    }

    /// Forgets what was uploaded to be trained on: it was made of another counting.
    pub(super) fn forget_columns(&self) -> Result<(), Trouble> {
        locked(&self.uploads).iter_mut().for_each(|slot| *slot = Slot::Free);
        self.folder.forget_columns()
    }

    /// Rows are counted from here on, once at a time.
    pub(super) fn begin_counting(&self) -> bool {
        self.counts.send_replace(None);
        !self.is_computing() && !self.is_counting.swap(true, Ordering::SeqCst)
    }

    /// Whether rows are being counted.
    pub(super) fn is_counting(&self) -> bool {
        self.is_counting.load(Ordering::SeqCst)
    }

    /// Rows have been counted: holders may have what is theirs.
    pub(super) fn counted(&self, counted: Counted) {
        self.counts.send_replace(Some(Arc::new(counted)));
        self.is_counting.store(false, Ordering::SeqCst);
        self.touch();
    }

    /// Waits until rows have been counted: the others may be done a moment earlier.
    pub(super) async fn counts(&self, idle: Duration) -> Result<Arc<Counted>, Trouble> {
        let mut counts = self.counts.subscribe();
        let there = timeout(idle, counts.wait_for(Option::is_some)).await;
        let counted = there.ok().and_then(Result::ok).and_then(|counts| (*counts).clone());
        counted.ok_or_else(not_gathering)
    }

    /// At the lender: keeps what it was told of a holder's columns.
    pub(super) fn told(&self, place: usize, values: Option<Vec<Option<Thousandths>>>) {
        if let (Some(place), Some(values)) = (locked(&self.values).get_mut(place), values) {
            *place = Some(values);
        }
    }

    /// At the lender: what it was told of a holder's columns.
    pub(super) fn values(&self, place: usize) -> Option<Vec<Option<Thousandths>>> {
        locked(&self.values).get(place).cloned().flatten()
    }

    /// At the lender: how many of its rows are good and bad, once that is known.
    pub(super) fn outcomes(&self) -> Option<RowCounts> {
        self.outcomes.get().copied()
    }

    /// At the lender: keeps how many of its rows are good and bad.
    pub(super) fn know_outcomes(&self, all: RowCounts) {
        // It is the same whoever says it first.
        let _ = self.outcomes.set(all);
    }

    /// Ends whatever waits for uploads.
    pub(super) fn spoil(&self, trouble: Trouble) {
        *locked(&self.spoilt) = Some(trouble);
        self.touch();
    }

    /// Whose upload stands in a place.
    pub(super) fn uploader(&self, place: usize) -> &PartyId {
        let contribution = self.job.contributions.get(place);
        contribution.map_or(&self.job.computing.lender, |contribution| &contribution.party)
    }

    /// At the department: keeps the platform's link.
    pub(super) fn join(&self, link: Link, stage: Stage) {
        locked(&self.third)[stage as usize] = Some(link);
        self.touch();
    }

    /// At the department: waits for the platform's link.
    pub(super) async fn joined(&self, stage: Stage, idle: Duration) -> Result<Link, Trouble> {
        let mut come = self.come.subscribe();
        loop {
            come.mark_unchanged();
            if let Some(link) = locked(&self.third)[stage as usize].take() {
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
        let for_good = [MISBEHAVED, jobs::NOT_IN_FORCE, BINS].contains(&trouble.code);
        let for_good = for_good || self.given_up.load(Ordering::SeqCst);
        let goes_on = self.folder.has_uploads(self.places(), What::Columns) || self.has_bins();
        if for_good || !goes_on {
            self.folder.forget();
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

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
