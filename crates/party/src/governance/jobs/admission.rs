//! What a party checks of a training job: for itself, whatever the proposer says it has checked.

use ::catalogue::Request;
use consent::{Contribution, Job};
use domain::{Duty, Field, Output, PartyId, RunKind, SubjectKind};

use crate::Trouble;
use crate::config::Register;
use crate::node::Node;
use crate::runs::not_offered;

/// Refuses a job in which this party may not or cannot play its part.
///
/// # Errors
///
/// What the catalogue and the profile refuse, with the article; `MEMBER_STATE` of a party that is not
/// admitted; `UNKNOWN_PEER`; a register that is not offered for trainings; `JOB` for what does not fit.
pub(crate) fn admissible(node: &Node, job: &Job) -> Result<(), Trouble> {
    let us = &node.config.name;
    if !job.parties().contains(us) {
        return Err(unfit("this party has no part in it", "本方不是其参与方"));
    }
    let limit = node.config.limits.max_items;
    if u64::from(job.rows.count) > limit {
        return Err(Trouble::us(
            "TOO_MANY",
            format!("{} rows exceed limits.max_items = {limit} of this party", job.rows.count),
            format!("{} 行超过本方上限 limits.max_items = {limit}", job.rows.count),
        ));
    }
    for (party, duty) in [
        (&job.computing.department, Duty::Holder),
        (&job.computing.platform, Duty::Platform),
        (&job.computing.lender, Duty::Lender),
    ] {
        plays(node, party, duty)?;
    }
    for Contribution { party, .. } in &job.contributions {
        if *party != job.computing.lender {
            plays(node, party, Duty::Holder)?;
        }
    }
    match job.contributions.iter().find(|contribution| contribution.party == *us) {
        Some(ours) if *us == job.computing.lender => lenders_own(node, job, ours),
        Some(ours) => brings(node, job, ours),
        None => Ok(()),
    }
}

/// Sees that a party is pinned here with this duty, and admitted; or is this party, and has the duty.
fn plays(node: &Node, party: &PartyId, duty: Duty) -> Result<(), Trouble> {
    let duties = if *party == node.config.name {
        &node.config.duties
    } else {
        node.members.admitted(party)?;
        &node.line(party)?.peer.duties
    };
    if duties.contains(&duty) {
        return Ok(());
    }
    Err(unfit(
        &format!("{party} has not the duty {duty:?} as it is pinned here"),
        &format!("{party} 在本方登记的职责中没有 {duty:?}"),
    ))
}

/// Whether this holder may bring these columns: of a register that is offered to the lender, and as
/// the catalogue and the profile allow.
fn brings(node: &Node, job: &Job, ours: &Contribution) -> Result<(), Trouble> {
    let register = offered(node, &ours.register, &job.computing.lender)?;
    if register.kind != job.rows.kind {
        return Err(not_offered());
    }
    columns_of(register, ours)?;
    if !register.is_governed() {
        return Ok(());
    }
    let fields = fields(ours)?;
    let needs = node.rules.needs_project(&fields, Request::Output(Output::Train), job.purpose)?;
    if needs {
        return Ok(());
    }
    Err(Trouble::us(
        "JOB_AUTHORISATION",
        format!(
            "the policy profile in force here lets a row be trained on only under its subject's own authorisation, which a training job does not carry. Under a profile that allows joint modelling with every holder's approval of the project (`governance.profile`), the countersignature is that approval. Asked of: `{}`",
            ours.register
        ),
        format!(
            "现行政策口径要求逐个主体授权后方可用于训练，训练任务不携带此类授权。在允许经各数据方项目审批开展联合建模的口径下（`governance.profile`），会签即为该审批。涉及登记表：`{}`",
            ours.register
        ),
    ))
}

/// Whether the lender has the register that its own columns are of.
fn lenders_own(node: &Node, job: &Job, ours: &Contribution) -> Result<(), Trouble> {
    let register = own_register(node, &ours.register)?;
    if register.kind != job.rows.kind {
        return Err(unfit(
            "the lender's register has another kind of identifiers than the rows",
            "贷款方登记表的标识类型与训练行不一致",
        ));
    }
    Ok(())
}

/// A register of this party's own configuration.
pub(crate) fn own_register<'a>(node: &'a Node, name: &str) -> Result<&'a Register, Trouble> {
    node.config.register(name).ok_or_else(|| {
        unfit(
            &format!("party.toml has no register `{name}`"),
            &format!("party.toml 中没有登记表 `{name}`"),
        )
    })
}

/// The register of this name that is open to this lender's training jobs.
fn offered<'a>(node: &'a Node, name: &str, lender: &PartyId) -> Result<&'a Register, Trouble> {
    let mut offered = node.config.offered(RunKind::Train, lender);
    let open = offered.any(|register| register.name == name);
    node.config.register(name).filter(|_| open).ok_or_else(not_offered)
}

/// The columns of a register that a contribution names, in its order.
///
/// # Errors
///
/// `FIELD_NOT_HELD` for a field that the register is not bound to.
pub(crate) fn columns_of(
    register: &Register,
    contribution: &Contribution,
) -> Result<Vec<String>, Trouble> {
    if register.kind == SubjectKind::Opaque || register.fields.is_empty() {
        return Ok(contribution.columns.clone());
    }
    let column = |field: Field| {
        let bound = register.fields.iter().find(|(_, bound)| **bound == field);
        let (column, _) = bound.ok_or_else(|| {
            Trouble::us(
                "FIELD_NOT_HELD",
                format!("the register `{}` has no {field}", register.name),
                format!("登记表 `{}` 没有字段 {field}", register.name),
            )
        })?;
        Ok(column.clone())
    };
    fields(contribution)?.into_iter().map(column).collect()
}

fn fields(contribution: &Contribution) -> Result<Vec<Field>, Trouble> {
    let parsed = contribution.columns.iter().map(|column| column.parse::<Field>());
    parsed.collect::<Result<_, _>>().map_err(|error| unfit(&error.to_string(), &error.to_string()))
}

fn unfit(en: &str, zh: &str) -> Trouble {
    Trouble::us(
        "JOB",
        format!("this training job cannot be taken: {en}"),
        format!("无法接受该训练任务：{zh}"),
    )
}
