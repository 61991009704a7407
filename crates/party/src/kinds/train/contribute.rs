//! A party brings columns: aligns its register with the rows, and uploads shares of them.

use std::sync::Arc;

use audit::{Counts, Event, TrainingChange};
use domain::{Duty, PartyId, RunId, RunKind, RunRole};
use serde_json::json;
use session::Role;
use training::{LENDER, transfer};
use wire::peer;

use super::material::Brought;
use super::upload::Outgoing;
use super::{Asked, material, not_gathering, rows};
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::RunJournal;
use crate::runs::record::new_run;
use crate::runs::{Run, list, phase};
use crate::{Trouble, setup};

/// A contribution that this party has agreed to make.
struct AgreedContribution {
    run: Run,
    job: consent::Job,
    digest: domain::Digest,
    training: RunId,
    place: usize,
}

/// Agrees to bring the columns that the job names.
pub(super) async fn accept(
    node: &Arc<Node>,
    asked: Asked<'_>,
    id: RunId,
) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let Asked { job, digest, training, peer } = asked;
    let place = place_of(&job, &node.config.name).ok_or_else(not_gathering)?;
    let terms = json!({ "job": job.id, "training": training, "rows": job.rows.count });
    let new = new_run(
        id,
        RunKind::Train,
        RunRole::Contributor,
        vec![peer.clone()],
        false,
        terms.to_string(),
    );
    let run = Run::begin_unseen(&node.store, new).await?;
    let contribution = AgreedContribution { run, job, digest, training, place };
    Ok(agreed(contribution, peer::TrainAgreement::default()))
}

/// A party's place among the contributions.
pub(super) fn place_of(job: &consent::Job, party: &PartyId) -> Option<usize> {
    job.contributions.iter().position(|contribution| contribution.party == *party)
}

#[tonic::async_trait]
impl AgreedRun for AgreedContribution {
    fn proposer(&self) -> Role {
        LENDER
    }

    /// Takes the rows, says whether the register fits them, and uploads.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, job, digest, training, place } = *self;
        // Beside a training that this party computes in as well, in a folder of its own.
        let listed = node.dir.join("trainings").join(format!("{}.rows", run.id));
        let contributing = async {
            let receiver = list::Receiver::new(&listed, rows::agreed(&job))?;
            let journal = RunJournal::brief(&run, |_| phase::named("the rows", "训练行"));
            let keep = async |()| {
                let rows = rows::read(&listed, job.rows.kind)?;
                material::bring(node, &job, place, rows).await
            };
            let from = (LENDER, &lender);
            let driven = drive_run_keeping(node, journal, from, (receiver, link), keep).await?;
            let Brought { columns, report } = driven.output;
            let counts = Counts { rows_in: job.rows.count.into(), ..Counts::default() };
            let event = |change, counts| Event::Training {
                run: training,
                job: digest,
                receiver: lender.clone(),
                purpose: job.purpose,
                change,
                counts,
            };
            // Nothing leaves before it is written that it does.
            let uploaded = event(TrainingChange::Uploaded, counts);
            node.record_training(Duty::Holder, training, uploaded, None).await?;
            let outgoing =
                Outgoing { node, run: &run, job: &job, digest, training, place: Some(place) };
            let terms = material::terms(&job, digest, training);
            let mut rng = setup::chacha()?;
            outgoing
                .send(|to, own| transfer::send_columns(&terms, place, columns, to, own, &mut rng))
                .await?;
            Ok(Outcome { confirmed: true, report: report.to_string(), result: None })
        };
        let done = node.ended_jobs.while_in_force(digest, contributing).await;
        // Nothing of the lender's rows stays here.
        let _ = std::fs::remove_file(&listed);
        record(run, done).await;
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }
}
