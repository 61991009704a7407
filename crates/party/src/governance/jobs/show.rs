//! What an operator may see of training jobs.

use consent::{ColumnTrend, Job, Missing, Scorecard, Trend, Weights};
use domain::{ModelId, PartyId};
use serde_json::{Value, json};
use store::StoredJob;
use wire::control;
use wire::control::job_party::Role;

use crate::Trouble;
use crate::governance::jobs::opened;
use crate::node::Node;

/// What stands in every job, in its report and in its guide.
const WARNING: (&str, &str) = (
    "Any two of the three computing parties can, if they pool what they have, read every row of every holder.",
    "三个计算方中的任意两方若合谋，可还原每个数据方的每一行数据。",
);

/// All jobs, newest first; or the one of this name with all that it says.
pub(crate) async fn jobs(
    node: &Node,
    name: Option<&ModelId>,
    proposer: Option<&PartyId>,
) -> Result<control::JobsReply, Trouble> {
    let all = node.store.jobs().await?.into_iter();
    let wanted = all.filter(|job| {
        name.is_none_or(|name| *name == job.name)
            && proposer.is_none_or(|proposer| *proposer == job.proposer)
    });
    let mut jobs = Vec::new();
    for job in wanted {
        jobs.push(one(node, &job).await?);
    }
    Ok(control::JobsReply { jobs })
}

/// The warning, as reports carry it.
pub(crate) fn warning() -> Value {
    json!({ "en": WARNING.0, "zh": WARNING.1 })
}

/// One job: at its proposer with what each party has said.
pub(crate) async fn one(node: &Node, stored: &StoredJob) -> Result<control::Job, Trouble> {
    let job = opened(node, stored)?;
    let said = node.store.countersignatures(&stored.digest).await?;
    let parties = job.parties().into_iter().map(|party| {
        let said = said.iter().find(|said| said.holder == *party);
        // At a party that was asked, only its own word is known.
        let own = *party == node.config.name && stored.proposer != *party;
        let own = own.then_some((stored.state, stored.reason.as_str()));
        let said = said.map(|said| (said.state, said.reason.as_str())).or(own);
        control::JobParty {
            party: party.to_string(),
            state: said.map(|(state, _)| control::ModelState::from(state).into()),
            reason: said.map(|(_, reason)| reason.to_owned()),
            roles: roles(&job, party).into_iter().map(i32::from).collect(),
        }
    });
    let parties = parties.collect();
    let (computing, label, outputs) = (&job.computing, &job.label, &job.outputs);
    Ok(control::Job {
        job: job.id.to_string(),
        digest: hex::encode(stored.digest),
        proposer: job.proposer.to_string(),
        state: control::ModelState::from(stored.state).into(),
        reason: stored.reason.clone(),
        trained: stored.trained,
        changed_ms: stored.changed_ms,
        valid_until: job.valid_until.to_string(),
        purpose: control::Purpose::from(job.purpose).into(),
        rows: job.rows.count,
        kind: control::SubjectKind::from(job.rows.kind).into(),
        cover: job.rows.cover.map(u32::from),
        computing: Some(control::Computing {
            department: computing.department.to_string(),
            platform: computing.platform.to_string(),
            lender: computing.lender.to_string(),
        }),
        label: Some(control::JobLabel {
            register: label.register.clone(),
            column: label.column.clone(),
            weight: label.weight.clone(),
            meaning: label.meaning.clone(),
        }),
        contributions: job.contributions.iter().map(contribution).collect(),
        training: Some(control::TrainingSettings {
            ridge: f64::from(job.training.ridge_millionths) / 1e6,
            newton_steps: job.training.newton_steps.into(),
            held_out_percent: job.training.held_out_percent.into(),
        }),
        outputs: Some(control::JobOutputs {
            weights: match outputs.weights {
                Weights::Lender => control::job_outputs::Weights::Lender,
                Weights::Nobody => control::job_outputs::Weights::Nobody,
            }
            .into(),
            standard_errors: outputs.standard_errors,
            evaluation: outputs.evaluation,
        }),
        parties,
        scorecard: job.scorecard.as_ref().map(scorecard),
        warning: Some(control::Text { en: WARNING.0.into(), zh: WARNING.1.into() }),
    })
}

fn scorecard(of: &Scorecard) -> control::JobScorecard {
    let column = |own: &ColumnTrend| control::ColumnTrend {
        party: own.party.to_string(),
        column: own.column.clone(),
        trend: trend(own.trend).into(),
    };
    control::JobScorecard {
        prebins: of.prebins.into(),
        most_bins: of.most_bins.into(),
        least_percent: of.least_percent.into(),
        trend: trend(of.trend).into(),
        trends: of.trends.iter().map(column).collect(),
        base_score: of.base_score,
        base_odds: of.base_odds,
        pdo: of.pdo.into(),
    }
}

fn trend(of: Trend) -> control::job_scorecard::Trend {
    match of {
        Trend::Auto => control::job_scorecard::Trend::Auto,
        Trend::Ascending => control::job_scorecard::Trend::Ascending,
        Trend::Descending => control::job_scorecard::Trend::Descending,
        Trend::Peak => control::job_scorecard::Trend::Peak,
        Trend::Valley => control::job_scorecard::Trend::Valley,
        Trend::None => control::job_scorecard::Trend::None,
    }
}

fn contribution(brought: &consent::Contribution) -> control::Contribution {
    control::Contribution {
        party: brought.party.to_string(),
        register: brought.register.clone(),
        columns: brought.columns.clone(),
        missing: match brought.missing {
            Missing::Refuse => control::contribution::Missing::Refuse,
            Missing::Mean => control::contribution::Missing::Mean,
            Missing::Bin => control::contribution::Missing::Bin,
        }
        .into(),
        absence: brought.absence,
    }
}

/// What a party does in a job.
fn roles(job: &Job, party: &PartyId) -> Vec<Role> {
    let contributes = job.contributions.iter().any(|brought| brought.party == *party);
    [
        (job.proposer == *party, Role::Proposer),
        (job.computing.department == *party, Role::Department),
        (job.computing.platform == *party, Role::Platform),
        (job.computing.lender == *party, Role::Lender),
        (contributes, Role::Contributor),
    ]
    .into_iter()
    .filter_map(|(plays, role)| plays.then_some(role))
    .collect()
}
