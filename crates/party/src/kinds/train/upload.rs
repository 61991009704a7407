//! Shares on their way: out of whoever brings columns or labels, into whoever computes.

use std::sync::Arc;

use domain::{Digest, PartyId, RunId};
use session::Role;
use training::transfer::{self, Sending};
use training::{NotKept, ROLES, Received, UPLOADER, Whose, woe};
use wire::{TrainStep, TrainTerms, peer};

use super::Asked;
use super::coming::Coming;
use super::folder::UploadWriter;
use super::gathering::{Gathering, What, ours, role_of};
use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::{drive_run, drive_with_peer};
use crate::runs::journal::RunJournal;
use crate::runs::{Run, phase};

/// An upload that this party has agreed to take.
struct AgreedUpload {
    coming: Coming,
    whose: Whose,
}

/// Agrees to take an upload: from the party whose place it is, and once.
pub(super) fn accept(
    node: &Arc<Node>,
    asked: &Asked<'_>,
    (place, what): (Option<u16>, What),
) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    let place = place.map_or(gathering.job.contributions.len(), usize::from);
    let is_counted = what == What::Columns || gathering.counting.is_some();
    if place >= gathering.places() || !is_counted {
        return Err(super::not_gathering());
    }
    asked.by(gathering.uploader(place))?;
    let whose = gathering.whose(place);
    let coming = gathering.begin_upload(place, what).ok_or_else(|| {
        Trouble::us(
            "UPLOADED",
            "this upload has come already, or is coming: each comes once",
            "该上传已收到或正在接收：每份只收一次",
        )
    })?;
    Ok(agreed(AgreedUpload { coming, whose }, peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedUpload {
    fn proposer(&self) -> Role {
        UPLOADER
    }

    /// Takes the shares and keeps them. How the training ends is not decided here: whoever misses
    /// them says so.
    async fn drive(self: Box<Self>, node: &Arc<Node>, uploader: PartyId, link: Link) {
        let Self { coming, whose } = *self;
        let gathering = Arc::clone(coming.gathering());
        let run = Run::unseen(&node.store, gathering.training);
        let taken = async {
            let mut writer = Kept::of(&gathering, coming.place(), coming.what())?;
            let keep = {
                let (writer, gathering) = (writer.share(), Arc::clone(&gathering));
                move |bytes: &[u8]| {
                    // A long upload is no silence.
                    gathering.touch();
                    writer.take(bytes)
                }
            };
            let (role, journal) = (gathering.role, RunJournal::passes(&run));
            let from = (UPLOADER, &uploader);
            let received = match coming.what() {
                What::Columns => {
                    let session = transfer::receive(&gathering.terms, whose, role, keep);
                    let session = session.map_err(|error| ours(&error))?;
                    let driven = drive_with_peer(node, journal, from, session, link).await;
                    Some(writer.said(driven)?.output)
                }
                What::Bins => {
                    let terms = gathering.counting.as_ref().ok_or_else(super::not_gathering)?;
                    let session = woe::transfer::receive(terms, whose, role, keep);
                    let session = session.map_err(|error| ours(&error))?;
                    let driven = drive_with_peer(node, journal, from, session, link).await;
                    writer.said(driven)?;
                    None
                }
            };
            // What comes late, of an attempt that is over, takes no later one's place.
            let now = node.trainings.find(gathering.training, gathering.digest)?;
            if !Arc::ptr_eq(&now, &gathering) {
                return Err(super::not_gathering());
            }
            writer.finish()?;
            Ok::<_, Trouble>(received)
        };
        match taken.await {
            Ok(received) => coming.keep(received),
            Err(trouble) => {
                tracing::warn!(training = %gathering.training, %uploader, code = trouble.code, "upload not taken: {trouble}");
            }
        }
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        tracing::info!(code = why.code, "an upload was not begun: {why}");
    }
}

/// The file that an upload goes to while it comes, and what went wrong with it.
struct Kept(Arc<std::sync::Mutex<Writing>>);

struct Writing {
    file: Option<UploadWriter>,
    trouble: Option<Trouble>,
}

impl Kept {
    fn of(gathering: &Gathering, place: usize, what: What) -> Result<Self, Trouble> {
        let file = Some(gathering.folder.take_upload(place, what)?);
        Ok(Self(Arc::new(std::sync::Mutex::new(Writing { file, trouble: None }))))
    }

    fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    fn take(&self, bytes: &[u8]) -> Result<(), NotKept> {
        let mut writing = self.locked();
        let Some(file) = writing.file.as_mut() else { return Err(NotKept) };
        file.take(bytes).map_err(|trouble| {
            writing.trouble = Some(trouble);
            NotKept
        })
    }

    /// What came of the session, with the file's own trouble in the place of its consequence.
    fn said<T>(&mut self, driven: Result<T, Trouble>) -> Result<T, Trouble> {
        driven.map_err(|trouble| self.locked().trouble.take().unwrap_or(trouble))
    }

    fn finish(self) -> Result<(), Trouble> {
        match self.locked().file.take() {
            Some(file) => file.finish(),
            None => Ok(()),
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Writing> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// An upload on its way out, and for which training.
pub(super) struct Outgoing<'a> {
    pub(super) node: &'a Arc<Node>,
    pub(super) run: &'a Run,
    pub(super) job: &'a consent::Job,
    pub(super) digest: Digest,
    pub(super) training: RunId,
    /// The place among the contributions; none for the labels.
    pub(super) place: Option<usize>,
    pub(super) what: What,
}

impl Outgoing<'_> {
    /// Uploads to every role but ours, which takes its own part of the shares at once.
    pub(super) async fn send(
        self,
        session: impl FnOnce(&[Role], Option<Role>) -> Result<Sending, training::Error>,
    ) -> Result<(), Trouble> {
        let Self { node, run, job, digest, training, place, what } = self;
        let own = role_of(job, &node.config.name);
        let to: Vec<Role> = ROLES.into_iter().filter(|role| Some(*role) != own).collect();
        // Before anything leaves: a training that is unknown where we compute is none.
        let ours_too = own.map(|_| node.trainings.find(training, digest)).transpose()?;
        let session = session(&to, own).map_err(|error| ours(&error))?;
        let step = TrainStep::Upload {
            place: place
                .map(u16::try_from)
                .transpose()
                .map_err(|error| Trouble::from_error("OURS", &error))?,
            bins: what == What::Bins,
        };
        let terms = TrainTerms { job: digest, training, step };
        let (links, assignment) = links_to(node, run, job, to, &terms).await?;
        let journal = RunJournal::brief(run, |_| phase::named("uploading shares", "上传份额"));
        let sent = drive_run(node, journal, &assignment, session, links).await?;
        let Some(gathering) = ours_too else { return Ok(()) };
        let place = place.unwrap_or(job.contributions.len());
        let coming = gathering.begin_upload(place, what).ok_or_else(super::not_gathering)?;
        let whose = gathering.whose(place);
        let kept = Kept::of(&gathering, place, what)?;
        let keep = kept.share();
        let received = tokio::task::block_in_place(|| {
            let (role, messages) = (gathering.role, sent.output);
            let keep = |bytes: &[u8]| keep.take(bytes);
            match (what, &gathering.counting) {
                (What::Bins, Some(terms)) => {
                    woe::Received::of_own(terms, whose, role, messages, keep).map(|_| None)
                }
                (What::Bins, None) | (What::Columns, _) => {
                    Received::of_own(&gathering.terms, whose, role, messages, keep).map(Some)
                }
            }
        });
        let received = received.map_err(|error| ours(&error))?;
        kept.finish()?;
        coming.keep(received);
        Ok(())
    }
}

/// Has those who play these roles agree to a step one after the other, and opens our links to them.
pub(super) async fn links_to(
    node: &Arc<Node>,
    run: &Run,
    job: &consent::Job,
    roles: impl IntoIterator<Item = Role>,
    terms: &TrainTerms,
) -> Result<(Vec<Link>, RoleAssignment), Trouble> {
    let (mut links, mut assignment) = (Vec::new(), RoleAssignment::new());
    for role in roles {
        let party = party(job, role);
        let ask = Asking::apart(node, run, (role, party), job.purpose)?;
        ask.propose(terms.clone()).await?;
        links.push(ask.exchange().await?);
        assignment.insert(role, party.clone());
    }
    Ok((links, assignment))
}

/// Who plays a role in a job.
fn party(job: &consent::Job, role: Role) -> &PartyId {
    let consent::Computing { department, platform, lender } = &job.computing;
    match role {
        training::DEPARTMENT => department,
        training::PLATFORM => platform,
        _ => lender,
    }
}
