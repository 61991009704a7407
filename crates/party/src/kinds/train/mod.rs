//! Joint training: one model over several parties' columns and the lender's outcomes, on shares.
//!
//! A training runs under a job that each of its parties has countersigned (`governance::jobs`). The
//! lender leads it; everybody decides every step anew:
//!
//! | step | from, to | what flows |
//! |---|---|---|
//! | gather | lender to department and platform | nothing: both make ready for uploads |
//! | contribute | lender to whoever brings columns | the rows' identifiers, in order |
//! | upload | whoever brings columns, and the lender, to the three that compute | shares |
//! | count | lender to department and platform | two of the three links of a counting |
//! | weigh | lender to whoever brings columns | the rows' identifiers, once more |
//! | collect | whoever brings columns to the three that compute | counts of its own columns' bins |
//! | disclose | whoever brings columns to the lender | nothing: bins and counts stand in the terms |
//! | compute | lender to department and platform | two of the three links of the protocol |
//! | join | platform to department | the third |
//! | end | lender to department and platform | nothing: what was kept is forgotten |
//!
//! Where the job's model is a scorecard, bins are uploaded first and counted; each party merges its own,
//! tells the lender, and uploads weights of evidence in the place of numbers. Rows are counted once under
//! a job: what breaks off then goes on from what was uploaded to be counted.
//!
//! | module | what it does |
//! |---|---|
//! | `lender` | leads a training, and takes one up again |
//! | `gather` | the first step and the last at a party that computes |
//! | `gathering` | a training at a party that computes: what has come, and what is awaited |
//! | `under_way` | the trainings that a party computes in |
//! | `bringing` | what both steps of a party that brings columns have in common |
//! | `contribute` | aligns a register with the rows, and uploads its columns |
//! | `upload` | shares on their way out and in |
//! | `compute` | the protocol itself, with a checkpoint after every pass |
//! | `bins` | a party's columns in pre-bins, and what it keeps of them |
//! | `counting` | good and bad rows of bins, counted |
//! | `coming` | an upload on its way to its place |
//! | `resuming` | from where all three can go on |
//! | `collect` | the counts of a holder's columns on their way to it |
//! | `evidence` | from counts to bins and weights of evidence |
//! | `weigh` | a party weighs its columns, tells the lender, and uploads them |
//! | `disclose` | what the lender is told of bins, held against what it knows |
//! | `scorecard` | the lender leads all this |
//! | `card` | whole points of the fit, as `tacit model` reads them |
//! | `material` | what a job makes of registers and of the protocol's terms |
//! | `folder` | what lies on disk of a training, sealed |
//! | `rows` | the rows' identifiers, in order |
//! | `offer` | what `party.toml` says of it |
//! | `report` | what the lender is told |

mod bins;
mod bringing;
mod card;
mod collect;
mod coming;
mod compute;
mod contribute;
mod counting;
mod disclose;
mod evidence;
mod folder;
mod gather;
mod gathering;
mod lender;
mod material;
mod offer;
mod report;
mod resuming;
pub(crate) mod rows;
mod scorecard;
mod under_way;
mod upload;
mod weigh;

use std::sync::Arc;

use consent::Job;
use domain::{Digest, PartyId, RunId};
use store::StoredRun;
use wire::{TrainStep, TrainTerms};

pub(crate) use lender::train;
pub(crate) use offer::Offer;
pub(crate) use under_way::Trainings;

use self::gathering::{Stage, What};
use crate::Trouble;
use crate::governance::jobs;
use crate::node::Node;
use crate::runs::Watcher;
use crate::runs::agreed::Answer;
use crate::runs::kind::{Kind, Later, Proposed};

/// The code under which a party that brings columns says why they do not fit; the lender is told it
/// as it stands, for it names a column and what is wrong with it, and no value.
const DATA: &str = "TRAIN_DATA";

/// The code under which a party says that a column cannot be scored by, however often it is counted.
const BINS: &str = "TRAIN_BINS";

/// A step as it was asked for, under a job that is in force here.
struct Asked<'a> {
    peer: &'a PartyId,
    job: Job,
    digest: Digest,
    training: RunId,
}

/// A joint training.
pub(crate) struct Train;

#[tonic::async_trait]
impl Kind for Train {
    type Terms = TrainTerms;

    /// A training that is not kept there does not go on.
    fn refusal_codes(&self) -> &'static [&'static str] {
        &[UNKNOWN]
    }

    fn abort_codes(&self) -> &'static [&'static str] {
        &[DATA, BINS]
    }

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, TrainTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }

    fn job_ended(&self, node: &Node, job: Digest) {
        folder::forget_failed(node, job);
        // A party that has kept no bins has none to forget.
        let _ = std::fs::remove_file(jobs::rows::bins_of(node, job.as_bytes()));
    }

    /// Goes on from the last pass that all three have.
    async fn again(
        &self,
        node: &Arc<Node>,
        run: StoredRun,
        watcher: Watcher,
    ) -> Result<StoredRun, Trouble> {
        lender::resume(node, run, watcher).await
    }

    async fn restarted(
        &self,
        node: &Arc<Node>,
        unfinished: &[StoredRun],
    ) -> Result<Option<Later>, Trouble> {
        for run in unfinished {
            folder::record_interrupted(node, run).await?;
        }
        let over = folder::sweep(node).await?;
        let node = Arc::clone(node);
        Ok(Some(Box::pin(async move { lender::tell_of_end(&node, over).await })))
    }
}

/// Decides on a step of a training.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, purpose, terms, .. }: Proposed<'_, TrainTerms>,
) -> Result<Answer, Trouble> {
    let TrainTerms { job: digest, training, step } = terms;
    let job = jobs::in_force(node, digest).await?;
    jobs::admission::admissible(node, &job)?;
    if job.purpose != purpose {
        return Err(jobs::not_in_force());
    }
    let asked = Asked { peer, job, digest, training };
    match step {
        TrainStep::Gather { again } => gather::accept(node, asked, again).await,
        TrainStep::Contribute => contribute::accept(node, asked, id).await,
        TrainStep::Upload { place, bins } => {
            let what = if bins { What::Bins } else { What::Columns };
            upload::accept(node, &asked, (place, what))
        }
        TrainStep::Count => counting::accept(node, &asked),
        TrainStep::Weigh => weigh::accept(node, asked, id).await,
        TrainStep::Collect { place } => collect::accept(node, &asked, place),
        TrainStep::Disclose { place, columns } => disclose::accept(node, &asked, place, &columns),
        TrainStep::Compute { from } => compute::accept(node, &asked, from),
        TrainStep::Join { counting } => {
            let stage = if counting { Stage::Counting } else { Stage::Training };
            compute::accept_third(node, &asked, stage)
        }
        TrainStep::End => gather::end(node, &asked).await,
    }
}

impl Asked<'_> {
    /// Refuses a step that is another party's to ask for.
    fn by(&self, party: &PartyId) -> Result<(), Trouble> {
        if self.peer == party { Ok(()) } else { Err(jobs::not_in_force()) }
    }
}

/// The code of a step of a training that this party does not know.
const UNKNOWN: &str = "NO_SUCH_TRAINING";

/// A step of a training that this party does not know.
fn not_gathering() -> Trouble {
    Trouble::us(
        UNKNOWN,
        "this party does not know of this training, or it is over here: begin it anew (`tacit train`)",
        "本方没有该训练，或训练已结束：请重新发起（`tacit train`）",
    )
}
