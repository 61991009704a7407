//! A party weighs its columns: collects what was counted, merges bins to their trend, tells the lender,
//! and uploads weights of evidence.

use std::sync::Arc;

use audit::{Counts, TrainingChange};
use domain::{Digest, PartyId, RunId};
use serde_json::json;
use session::Role;
use training::{Column, LENDER, transfer};
use wire::{BinnedColumn, TrainStep, TrainTerms, peer};

use super::bins::{self, PreBinned};
use super::bringing::{Bringing, place_of};
use super::evidence::{Evidence, Unusable};
use super::gathering::What;
use super::{Asked, collect, material, not_gathering};
use crate::drive::Link;
use crate::node::Node;
use crate::runs::Run;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::driving::Outcome;
use crate::{Trouble, setup};

/// A weighing that this party has agreed to.
struct AgreedWeighing(Bringing);

/// Agrees to weigh the columns that the job names, over the rows that were counted.
pub(super) async fn accept(
    node: &Arc<Node>,
    asked: Asked<'_>,
    id: RunId,
) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let place = place_of(&asked.job, &node.config.name).filter(|_| asked.job.scorecard.is_some());
    let place = place.ok_or_else(not_gathering)?;
    let bringing = Bringing::begin(node, asked, id, place).await?;
    Ok(agreed(AgreedWeighing(bringing), peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedWeighing {
    fn proposer(&self) -> Role {
        LENDER
    }

    /// Takes the rows, weighs, says whether every column can be scored by, and uploads.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self(own) = *self;
        let Bringing { run, job, digest, training, place, .. } = &own;
        let (digest, training, place) = (*digest, *training, *place);
        let weighing = async {
            let make = async |rows| weighed(node, run, (job, digest, training), place, rows).await;
            let Weighed { columns, told } = own.of_rows(node, &lender, link, make).await?;
            let report = report(&told);
            own.record_upload(node).await?;
            own.record(node, TrainingChange::Disclosed, Counts::default()).await?;
            let place_of_step =
                u16::try_from(place).map_err(|e| Trouble::from_error("OURS", &e))?;
            let step = TrainStep::Disclose { place: place_of_step, columns: told };
            let ask = Asking::apart(node, run, (LENDER, &lender), job.purpose)?;
            ask.propose(TrainTerms { job: digest, training, step }).await?;
            let terms = material::terms(job, digest, training);
            let mut rng = setup::chacha()?;
            own.outgoing(node, What::Columns)
                .send(|to, own| transfer::send_columns(&terms, place, columns, to, own, &mut rng))
                .await?;
            Ok(Outcome { confirmed: true, report: report.to_string(), result: None })
        };
        let done = node.ended_jobs.while_in_force(digest, weighing).await;
        own.over(done).await;
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.0.run.fail(why).await;
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
