//! The counting of good and bad rows in bins: three links, and what each role then has for holders.

use std::sync::Arc;
use std::time::Instant;

use audit::{Counts, TrainingChange};
use domain::{Duty, PartyId};
use session::Role;
use sharing::Secret;
use store::RunState;
use training::woe::{self, Counted, Counting};
use training::{DEPARTMENT, LENDER};
use wire::peer;

use super::compute::{counts, recorded};
use super::gathering::{Gathering, Stage, What, ours};
use super::{Asked, not_gathering};
use crate::drive::{Link, any_lost, ready};
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::diagnosis::{RoleAssignment, diagnose};
use crate::runs::driving::drive_run;
use crate::runs::journal::RunJournal;
use crate::runs::{Run, phase};
use crate::{Trouble, setup};

/// A counting that this party, the department or the platform, has agreed to.
struct AgreedCounting(Arc<Gathering>);

/// Agrees to count, over what has been uploaded to be counted. What was uploaded for the training goes:
/// it was made of another counting.
pub(super) fn accept(node: &Arc<Node>, asked: &Asked<'_>) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    asked.by(&gathering.job.computing.lender)?;
    if gathering.role == LENDER || gathering.counting.is_none() {
        return Err(not_gathering());
    }
    gathering.forget_columns()?;
    Ok(agreed(AgreedCounting(gathering), peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedCounting {
    fn proposer(&self) -> Role {
        LENDER
    }

    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self(gathering) = *self;
        let run = Run::unseen(&node.store, gathering.training);
        if !gathering.begin_counting() {
            // Once at a time.
            link.refuse(&not_gathering()).await;
            return;
        }
        let linked = gathering.third_link(node, lender, link, Stage::Counting);
        let counted = match node.ended_jobs.while_in_force(gathering.digest, linked).await {
            Ok(linked) => counted(node, &gathering, &run, linked).await,
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = counted {
            gathering.failed(&trouble);
            run.fail(trouble).await;
            // Last: whoever takes the training up again waits for this.
            node.trainings.remove(&gathering);
        }
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        tracing::warn!(training = %self.0.training, code = why.code, "not counted: {why}");
    }
}

/// Our side of a counting at the department or the platform.
async fn counted(
    node: &Arc<Node>,
    gathering: &Arc<Gathering>,
    run: &Run,
    (mut links, assignment): (Vec<Link>, RoleAssignment),
) -> Result<(), Trouble> {
    let began = Instant::now();
    let duty = if gathering.role == DEPARTMENT { Duty::Holder } else { Duty::Platform };
    let counting = async {
        let session = session(node, gathering, run, (&mut links, &assignment)).await;
        let (session, links) = ready(session, links).await?;
        drive_run(node, RunJournal::passes(run), &assignment, session, links).await
    };
    let driven = node.ended_jobs.while_in_force(gathering.digest, counting).await?;
    keep(node, gathering, (run, duty), began, driven.output).await
}

/// The session of our role over what was uploaded to be counted, as it lies on disk. One of the others
/// that goes away while uploads are awaited ends it.
pub(super) async fn session(
    node: &Arc<Node>,
    gathering: &Arc<Gathering>,
    run: &Run,
    (links, assignment): (&mut [Link], &RoleAssignment),
) -> Result<Counting, Trouble> {
    let terms = gathering.counting.clone().ok_or_else(not_gathering)?;
    tokio::select! {
        here = gathering.all_here(What::Bins, node.config.limits.idle()) => here?,
        lost = any_lost::<training::Error>(links) => {
            return Err(diagnose(&lost, assignment, &run.phase()));
        }
    }
    let counting = phase::named("counting good and bad rows of bins", "统计各分箱好坏样本");
    run.advance(RunState::Running, counting).await?;
    let reading = Arc::clone(gathering);
    let inputs = tokio::task::spawn_blocking(move || reading.read_bins());
    let inputs = inputs.await.map_err(|error| Trouble::from_error("OURS", &error))??;
    let secret = Secret::random(&mut setup::chacha()?);
    woe::begin(terms, gathering.role, secret, inputs).map_err(|error| ours(&error))
}

/// Writes down that a job's rows are counted, and only then has something to release.
pub(super) async fn keep(
    node: &Node,
    gathering: &Gathering,
    (run, duty): (&Run, Duty),
    began: Instant,
    counted: Counted,
) -> Result<(), Trouble> {
    let counts = Counts { bytes: 0, ..counts(gathering, run, began) };
    recorded(node, gathering, duty, TrainingChange::Counted, counts).await?;
    gathering.counted(counted);
    Ok(())
}
