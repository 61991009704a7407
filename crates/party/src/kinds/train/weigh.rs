//! A party weighs its columns: collects what was counted, merges bins to their trend, tells the lender,
//! and uploads weights of evidence.

use std::sync::Arc;

use audit::{Counts, Event, TrainingChange};
use domain::{Digest, Duty, PartyId, RunId, RunKind, RunRole};
use serde_json::json;
use session::Role;
use training::{Column, LENDER, transfer};
use wire::{BinnedColumn, TrainStep, TrainTerms, peer};

use super::bins::{self, PreBinned};
use super::contribute::place_of;
use super::evidence::{Evidence, Unusable};
use super::gathering::What;
use super::upload::Outgoing;
use super::{Asked, collect, material, not_gathering, rows};
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::RunJournal;
use crate::runs::record::new_run;
use crate::runs::{Run, list, phase};
use crate::{Trouble, setup};

/// A weighing that this party has agreed to.
struct AgreedWeighing {
    run: Run,
    job: consent::Job,
    digest: Digest,
    training: RunId,
    place: usize,
}

/// Agrees to weigh the columns that the job names, over the rows that were counted.
pub(super) async fn accept(
    node: &Arc<Node>,
    asked: Asked<'_>,
    id: RunId,
) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let Asked { job, digest, training, peer } = asked;
    let place = place_of(&job, &node.config.name).filter(|_| job.scorecard.is_some());
    let place = place.ok_or_else(not_gathering)?;
    let terms = json!({ "job": job.id, "training": training, "rows": job.rows.count });
    let (kind, role) = (RunKind::Train, RunRole::Contributor);
    let new = new_run(id, kind, role, vec![peer.clone()], false, terms.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    let weighing = AgreedWeighing { run, job, digest, training, place };
    Ok(agreed(weighing, peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedWeighing {
    fn proposer(&self) -> Role {
        LENDER
    }

    /// Takes the rows, weighs, says whether every column can be scored by, and uploads.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, job, digest, training, place } = *self;
        let listed = node.dir.join("trainings").join(format!("{}.rows", run.id));
        let weighing = async {
            let receiver = list::Receiver::new(&listed, rows::agreed(&job))?;
            let journal = RunJournal::brief(&run, |_| phase::named("the rows", "训练行"));
            let keep = async |()| {
                let rows = rows::read(&listed, job.rows.kind)?;
                weighed(node, &run, (&job, digest, training), place, rows).await
            };
            let from = (LENDER, &lender);
            let driven = drive_run_keeping(node, journal, from, (receiver, link), keep).await?;
            let Weighed { columns, told } = driven.output;
            let report = report(&told);
            // Nothing leaves before it is written that it does.
            let counts = Counts { rows_in: job.rows.count.into(), ..Counts::default() };
            for (change, counts) in
                [(TrainingChange::Uploaded, counts), (TrainingChange::Disclosed, Counts::default())]
            {
                let (receiver, purpose) = (lender.clone(), job.purpose);
                let event = Event::Training {
                    run: training,
                    job: digest,
                    receiver,
                    purpose,
                    change,
                    counts,
                };
                node.record_training(Duty::Holder, training, event, None).await?;
            }
            let place_of_step =
                u16::try_from(place).map_err(|e| Trouble::from_error("OURS", &e))?;
            let step = TrainStep::Disclose { place: place_of_step, columns: told };
            let ask = Asking::apart(node, &run, (LENDER, &lender), job.purpose)?;
            ask.propose(TrainTerms { job: digest, training, step }).await?;
            let outgoing = Outgoing {
                node,
                run: &run,
                job: &job,
                digest,
                training,
                place: Some(place),
                what: What::Columns,
            };
            let terms = material::terms(&job, digest, training);
            let mut rng = setup::chacha()?;
            outgoing
                .send(|to, own| transfer::send_columns(&terms, place, columns, to, own, &mut rng))
                .await?;
            Ok(Outcome { confirmed: true, report: report.to_string(), result: None })
        };
        let done = node.ended_jobs.while_in_force(digest, weighing).await;
        // Nothing of the lender's rows stays here.
        let _ = std::fs::remove_file(&listed);
        record(run, done).await;
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }
}

/// Columns of weights of evidence that are ready to be shared, and what the lender is told of them.
pub(super) struct Weighed {
    pub(super) columns: Vec<Column>,
    pub(super) told: Vec<BinnedColumn>,
}

/// Collects what was counted of our columns, and makes weights of evidence of them.
///
/// # Errors
///
/// `TRAIN_DATA`: names the column that cannot be scored by, and why, without a count.
pub(super) async fn weighed(
    node: &Arc<Node>,
    run: &Run,
    (job, digest, training): (&consent::Job, Digest, RunId),
    place: usize,
    rows: Vec<domain::Subject>,
) -> Result<Weighed, Trouble> {
    let scorecard = job.scorecard.as_ref().ok_or_else(not_gathering)?;
    let own = job.contributions.get(place).ok_or_else(not_gathering)?;
    let found = bins::found_again(node, (job, digest, training), place, rows).await?;
    let tables = collect::tables(node, run, (job, digest, training), place).await?;
    let lacks: Vec<bool> = (0..found.columns.len()).map(|column| found.lacks(column)).collect();
    let PreBinned { names, columns: values, prebins } = found;
    let (mut columns, mut told) = (Vec::new(), Vec::new());
    for (at, (called, name)) in own.columns.iter().zip(names).enumerate() {
        let wanted = bins::wanted(scorecard, own, called);
        let evidence = Evidence::of(&prebins[at], &tables[at], lacks[at], wanted);
        let evidence = evidence.map_err(|why| why.of(called))?;
        let (column, binned) = evidence.column(name, &values[at]).map_err(|why| {
            let zh = "各行证据权重相同或过于集中";
            Trouble { code: super::BINS, ..bins::unusable(called, &why.to_string(), zh) }
        })?;
        columns.push(column);
        told.push(binned);
    }
    Ok(Weighed { columns, told })
}

impl Unusable {
    fn of(self, column: &str) -> Trouble {
        let (en, zh) = match self {
            Self::Withheld => (
                "all its values together have too few good or bad rows to be counted; leave it out",
                "全部取值合计的好样本或坏样本过少，无法计数；请从任务中去掉",
            ),
            Self::Trend => (
                "no two bins keep its trend; agree on a job with another trend (`auto`, `none`) or without it",
                "没有两个分箱符合所定趋势；请改用其他趋势（`auto`、`none`）或从任务中去掉",
            ),
            Self::OneBin => (
                "one bin is left of it: it says nothing of the outcome; leave it out",
                "合并后只剩一个分箱，对结果没有区分；请从任务中去掉",
            ),
            Self::NoTable => (
                "what was counted of it is no table of its bins; train again",
                "计数结果与其分箱不符；请重新训练",
            ),
        };
        Trouble { code: super::BINS, ..bins::unusable(column, en, zh) }
    }
}

/// What the holder's own operator is told: its bins and their weights.
fn report(told: &[BinnedColumn]) -> serde_json::Value {
    let columns = told.iter().map(|column| {
        json!({ "column": column.column, "bins": column.bins.len(), "breaks": column.breaks })
    });
    json!({ "columns": columns.collect::<Vec<_>>() })
}
