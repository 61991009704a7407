//! The counts of a holder's columns on their way to it: out of the three roles, into the holder.

use std::sync::Arc;

use domain::{Digest, PartyId, RunId};
use session::Role;
use training::woe::{Table, release};
use training::{LENDER, ROLES, UPLOADER};
use wire::{TrainStep, TrainTerms, peer};

use super::gathering::{Gathering, ours, role_of};
use super::upload::links_to;
use super::{Asked, bins, not_gathering};
use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::driving::{drive_run, drive_run_keeping};
use crate::runs::journal::RunJournal;
use crate::runs::{Run, phase};

/// A release that this party has agreed to.
struct AgreedRelease {
    gathering: Arc<Gathering>,
    place: usize,
}

/// Agrees to release what was counted of a holder's columns: to the holder whose they are.
pub(super) fn accept(node: &Arc<Node>, asked: &Asked<'_>, place: u16) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    let place = usize::from(place);
    let own = gathering.job.contributions.get(place).ok_or_else(not_gathering)?;
    asked.by(&own.party)?;
    if gathering.counting.is_none() {
        return Err(not_gathering());
    }
    Ok(agreed(AgreedRelease { gathering, place }, peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedRelease {
    fn proposer(&self) -> Role {
        UPLOADER
    }

    async fn drive(self: Box<Self>, node: &Arc<Node>, holder: PartyId, link: Link) {
        let Self { gathering, place } = *self;
        let run = Run::unseen(&node.store, gathering.training);
        let released = async {
            let session = async {
                let terms = gathering.counting.as_ref().ok_or_else(not_gathering)?;
                let counted = gathering.counts(node.config.limits.idle()).await?;
                release::release(terms, &counted, place).map_err(|error| ours(&error))
            };
            let session = match session.await {
                Ok(session) => session,
                Err(trouble) => {
                    link.refuse(&trouble).await;
                    return Err(trouble);
                }
            };
            // What the lender is told stands before the holder hears that it may go on.
            let keep = async |values| {
                gathering.told(place, values);
                Ok(())
            };
            let from = (UPLOADER, &holder);
            drive_run_keeping(node, RunJournal::passes(&run), from, (session, link), keep).await
        };
        let released = node.ended_jobs.while_in_force(gathering.digest, released).await;
        gathering.touch();
        if let Err(trouble) = released {
            tracing::warn!(training = %gathering.training, %holder, code = trouble.code, "counts not released: {trouble}");
        }
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        tracing::info!(code = why.code, "a release was not begun: {why}");
    }
}

/// Collects what was counted of the columns that this party brings.
pub(super) async fn tables(
    node: &Arc<Node>,
    run: &Run,
    (job, digest, training): (&consent::Job, Digest, RunId),
    place: usize,
) -> Result<Vec<Table>, Trouble> {
    let terms = bins::terms(job, digest, training).ok_or_else(not_gathering)?;
    let own = match role_of(job, &node.config.name) {
        Some(role) => {
            let gathering = node.trainings.find(training, digest)?;
            let counted = gathering.counts(node.config.limits.idle()).await?;
            Some((role, counted.own(place).map_err(|error| ours(&error))?))
        }
        None => None,
    };
    let of_self = own.as_ref().map(|(role, _)| *role);
    let session = release::collect(&terms, place, own).map_err(|error| ours(&error))?;
    let step = TrainStep::Collect {
        place: u16::try_from(place).map_err(|error| Trouble::from_error("OURS", &error))?,
    };
    let others = ROLES.into_iter().filter(|role| of_self != Some(*role));
    let terms = TrainTerms { job: digest, training, step };
    let (links, assignment) = links_to(node, run, job, others, &terms).await?;
    let named = |_| phase::named("counts of own columns", "本方各列的计数");
    let driven =
        drive_run(node, RunJournal::brief(run, named), &assignment, session, links).await?;
    if of_self == Some(LENDER) {
        let gathering = node.trainings.find(training, digest)?;
        gathering.told(place, Some(driven.output.iter().map(Table::thousandths).collect()));
    }
    Ok(driven.output)
}
