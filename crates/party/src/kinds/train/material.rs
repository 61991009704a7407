//! What a job makes of registers, and of the protocol's terms.

use std::sync::Arc;

use consent::{Contribution, Job, Label, Missing, Weights};
use domain::{Digest, RunId, Subject};
use registers::{ColumnKind, ColumnSpec, LabelSpec, Table, Unfit};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use training::{Column, Labels, Outcome, Policy, Population, Ridge, Standard, Terms};
use zeroize::Zeroizing;

use super::{DATA, not_gathering};
use crate::Trouble;
use crate::config::Register;
use crate::data::Source;
use crate::governance::jobs::admission::{columns_of, own_register};
use crate::node::Node;

/// What the terms of a training are bound to.
const CONTEXT: &[u8] = b"tacit/party/v1/training-context";

/// What outcomes are hashed with.
const OUTCOMES: &[u8] = b"tacit/party/v1/outcomes";

/// The terms of the protocol, the same at every party of a job.
pub(super) fn terms(job: &Job, digest: Digest, training: RunId) -> Terms {
    let context = Sha256::new()
        .chain_update(CONTEXT)
        .chain_update(digest.as_bytes())
        .chain_update(training.as_bytes())
        .finalize();
    let population = match (job.rows.cover, &job.label.weight) {
        (None, None) => Population::Customers,
        (cover, _) => Population::Weighted { cover: cover.unwrap_or(1) },
    };
    Terms {
        ridge: Ridge::millionths(job.training.ridge_millionths).unwrap_or(Ridge::USUAL),
        newton_steps: job.training.newton_steps,
        population,
        held_out_percent: job.training.held_out_percent,
        standard_errors: job.outputs.standard_errors,
        evaluation: job.outputs.evaluation,
        policy: match job.outputs.weights {
            Weights::Lender => Policy::LenderLearns,
            Weights::Nobody => Policy::StaysShared,
        },
        ..Terms::new(job.rows.count, job.widths(), context.into())
    }
}

/// Columns that are ready to be shared, and what their owner is told of them.
pub(super) struct Brought {
    pub(super) columns: Vec<Column>,
    pub(super) report: Value,
}

/// Reads the columns that this party brings in a place of the job, aligned with the rows.
///
/// # Errors
///
/// `TRAIN_DATA`: names the column and what is wrong with it, without a value or a count of this
/// party's data, so that the lender may be told.
pub(super) async fn bring(
    node: &Arc<Node>,
    job: &Job,
    place: usize,
    rows: Vec<Subject>,
) -> Result<Brought, Trouble> {
    let contribution = job.contributions.get(place).ok_or_else(not_gathering)?.clone();
    let register = own_register(node, &contribution.register)?.clone();
    let names = columns_of(&register, &contribution)?;
    off_the_reactor(move || brought(&register, &contribution, &names, &rows)).await
}

fn brought(
    register: &Register,
    contribution: &Contribution,
    names: &[String],
    rows: &[Subject],
) -> Result<Brought, Trouble> {
    let table = read(register, names, &contribution.columns)?;
    let missing = match contribution.missing {
        Missing::Refuse => registers::Missing::Refuse,
        Missing::Mean => registers::Missing::Mean,
        // Under such a job numbers are binned and never come here as they are.
        Missing::Bin => registers::Missing::Keep,
    };
    let fits = |unfit: Unfit| unfitting(register, contribution, names, &unfit);
    let aligned = registers::align(&table, names, rows, missing).map_err(fits)?;
    drop(table);
    let (mut columns, mut told) = (Vec::new(), Vec::new());
    for (name, numbers) in contribution.columns.iter().zip(aligned.numbers.columns()) {
        let (column, standard) = standardised(name, &numbers.to_vec())?;
        columns.push(column);
        told.push(json!({
            "column": name, "mean": standard.mean, "deviation": standard.deviation,
            "low": standard.low, "high": standard.high,
        }));
    }
    if contribution.absence {
        let absences = aligned.absences().map_err(fits)?;
        let (column, standard) = standardised(ABSENT, &absences)?;
        columns.push(column);
        told.push(json!({
            "column": ABSENT, "mean": standard.mean, "deviation": standard.deviation,
        }));
    }
    let report = json!({
        "register": register.name, "rows": rows.len(), "in_register": aligned.present, "columns": told,
    });
    Ok(Brought { columns, report })
}

/// Reads columns as numbers in the order of the rows, NaN where there is none.
pub(super) fn with_gaps(
    register: &Register,
    contribution: &Contribution,
    names: &[String],
    rows: &[Subject],
) -> Result<Vec<Zeroizing<Vec<f64>>>, Trouble> {
    let table = read(register, names, &contribution.columns)?;
    let aligned = registers::align(&table, names, rows, registers::Missing::Keep);
    let aligned = aligned.map_err(|unfit| unfitting(register, contribution, names, &unfit))?;
    Ok(aligned.numbers.columns().into_iter().map(|column| column.to_vec().into()).collect())
}

/// What the column is called that says whom a register does not have.
pub(super) const ABSENT: &str = "absent";

/// Standardises a column: no other form is uploaded, so that a ridge means the same for all.
fn standardised(name: &str, numbers: &[f64]) -> Result<(Column, Standard), Trouble> {
    Column::standardised(numbers).map_err(|error| {
        Trouble::us(
            DATA,
            format!("the column `{name}` cannot be used: {error}"),
            format!("列 `{name}` 无法使用：{error}"),
        )
    })
}

/// What the lender knows of its customers.
pub(super) struct Known {
    pub(super) labels: Labels,
    /// How many rows are customers.
    pub(super) customers: u64,
    pub(super) bad: u64,
    /// Of which rows are customers, good and bad.
    pub(super) hash: [u8; 32],
}

/// Reads the lender's outcomes, aligned with the rows.
pub(super) async fn labels(
    node: &Arc<Node>,
    job: &Job,
    rows: Vec<Subject>,
) -> Result<Known, Trouble> {
    let register = own_register(node, &job.label.register)?.clone();
    let (label, cover) = (job.label.clone(), job.rows.cover);
    off_the_reactor(move || known(&register, &label, cover, &rows)).await
}

fn known(
    register: &Register,
    label: &Label,
    cover: Option<u8>,
    rows: &[Subject],
) -> Result<Known, Trouble> {
    let names: Vec<String> = [&label.column].into_iter().chain(&label.weight).cloned().collect();
    let table = read(register, &names, &names)?;
    let spec = LabelSpec {
        label: &label.column,
        weight: label.weight.as_deref(),
        cover: cover.is_some(),
        least: Terms::LEAST_OF_A_CLASS as usize,
    };
    let outcomes = registers::labels(&table, spec, rows).map_err(|unfit| {
        // To the lender's own operator, with the counts.
        let (_, zh) = words(&unfit);
        Trouble::us(
            DATA,
            format!("the outcomes in `{}` cannot be used: {unfit}", register.name),
            format!("`{}` 中的结果标签无法使用：{zh}", register.name),
        )
    })?;
    let outcomes: Vec<Outcome> = outcomes
        .into_iter()
        .map(|row| match row {
            registers::Label::Stranger => Outcome::Stranger,
            registers::Label::Good(weight) => Outcome::Good(weight),
            registers::Label::Bad(weight) => Outcome::Bad(weight),
        })
        .collect();
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|row| is(row)).count() as u64;
    let customers = count(|row| !matches!(row, Outcome::Stranger));
    let bad = count(|row| matches!(row, Outcome::Bad(_)));
    let class = |row: &Outcome| match row {
        Outcome::Stranger => 0,
        Outcome::Good(_) => 1,
        Outcome::Bad(_) => 2,
    };
    let classes = Zeroizing::new(outcomes.iter().map(class).collect::<Vec<u8>>());
    let hash = Sha256::new_with_prefix(OUTCOMES).chain_update(&*classes).finalize().into();
    let labels = if cover.is_none() && label.weight.is_none() {
        let bad: Vec<bool> = outcomes.iter().map(|row| matches!(row, Outcome::Bad(_))).collect();
        Labels::of_customers(&bad)
    } else {
        Labels::of_rows(&outcomes).map_err(|error| Trouble::from_error(DATA, &error))?
    };
    Ok(Known { labels, customers, bad, hash })
}

/// Reads columns of a register as numbers, once: what a training reads is no cache's.
///
/// `called` is what the job calls each column: by that a cell that is no number is told of.
fn read(register: &Register, names: &[String], called: &[String]) -> Result<Table, Trouble> {
    let specs: Vec<ColumnSpec> = names
        .iter()
        .map(|name| ColumnSpec {
            name: name.clone(),
            kind: ColumnKind::Number,
            missing: Vec::new(),
        })
        .collect();
    let Source { file, key, on_bad } = Source::of(register);
    let (table, _) = Table::read(&file, &key, &specs, on_bad).map_err(|error| {
        tracing::warn!(register = register.name, "the register cannot be read: {error}");
        let name = &register.name;
        match faulty(&error).and_then(|column| names.iter().position(|known| known == column)) {
            Some(place) => {
                let column = &called[place];
                Trouble::us(
                    DATA,
                    format!(
                        "the column `{column}` of `{name}` has cells that are no finite numbers; its operator finds the lines in the log"
                    ),
                    format!("`{name}` 的列 `{column}` 含非有限数值的单元格；行号见该方日志"),
                )
            }
            None => Trouble::us(
                DATA,
                format!(
                    "the register `{name}` cannot be read; its operator finds the reason in the log"
                ),
                format!("登记表 `{name}` 无法读取；原因见该方日志"),
            ),
        }
    })?;
    Ok(table)
}

/// The column that a register cannot be read for.
fn faulty(error: &registers::Error) -> Option<&str> {
    let registers::Error::BadRows { bad, .. } = error else { return None };
    bad.listed.first()?.column.as_deref()
}

/// What is wrong with a register: with all that is known in this party's own log, by name to the
/// lender.
fn unfitting(
    register: &Register,
    contribution: &Contribution,
    names: &[String],
    unfit: &Unfit,
) -> Trouble {
    tracing::warn!(register = register.name, "the register does not fit the rows: {unfit}");
    // By the job's name for the column, and without a count.
    let column = column_of(unfit).and_then(|column| names.iter().position(|name| name == column));
    let column = column.and_then(|place| contribution.columns.get(place));
    let (en, zh) = words(unfit);
    let register = &contribution.register;
    match column {
        Some(column) => Trouble::us(
            DATA,
            format!("the column `{column}` of `{register}` cannot be used: {en}"),
            format!("`{register}` 的列 `{column}` 无法使用：{zh}"),
        ),
        None => Trouble::us(
            DATA,
            format!("`{register}` cannot be aligned with the rows: {en}"),
            format!("`{register}` 无法与训练行对齐：{zh}"),
        ),
    }
}

/// Which column a reason is about.
fn column_of(unfit: &Unfit) -> Option<&str> {
    match unfit {
        Unfit::NoColumn { column }
        | Unfit::NotNumbers { column, .. }
        | Unfit::NotFinite { column, .. }
        | Unfit::Empty { column, .. }
        | Unfit::Constant { column } => Some(column),
        _ => None,
    }
}

/// A reason in both languages, without a count of anybody's data.
fn words(unfit: &Unfit) -> (&'static str, &'static str) {
    match unfit {
        Unfit::ListRepeats { .. } => {
            ("the list of rows names a subject twice", "训练行中有重复的主体")
        }
        Unfit::TableRepeats { .. } => (
            "the register has a subject twice: it needs one row a subject",
            "登记表中有重复的主体：每个主体须为一行",
        ),
        Unfit::Absent { .. } => (
            "the register lacks subjects of the list; a job may say that the mean stands for what is missing",
            "登记表缺少部分主体；任务可写明以均值代替缺失值",
        ),
        Unfit::FewPresent { .. } => {
            ("the register has hardly any of the subjects", "登记表几乎不含这些主体")
        }
        Unfit::NoColumn { .. } => ("the register has no such column", "登记表没有此列"),
        Unfit::NotNumbers { .. } => ("it has cells that are no numbers", "含非数值单元格"),
        Unfit::NotFinite { .. } => ("it has cells that are NaN or infinite", "含 NaN 或无穷大"),
        Unfit::Empty { .. } => (
            "it has empty cells; a job may say that the mean stands for what is missing",
            "含空单元格；任务可写明以均值代替缺失值",
        ),
        Unfit::Constant { .. } => ("it has the same number in every row", "各行数值相同"),
        Unfit::NoneAbsent => (
            "the register has every subject, so that a column of absences says nothing",
            "登记表包含全部主体，缺席列没有意义",
        ),
        Unfit::OtherLabels { .. } => ("labels are neither 0 nor 1", "标签既非 0 也非 1"),
        Unfit::NoLabels { .. } => ("labels are missing", "缺少标签"),
        Unfit::Strangers { .. } => {
            ("rows are no customers; a job with `cover` allows that", "含非客户；任务可设 `cover`")
        }
        Unfit::OneClass { .. } => ("all customers have the same label", "所有客户标签相同"),
        Unfit::FewOfAClass { .. } => {
            ("too few customers have the one label or the other", "某一类客户过少")
        }
        Unfit::Weights { .. } => {
            ("weights are missing or no finite numbers", "权重缺失或非有限数值")
        }
        _ => ("the register does not fit", "登记表不符合要求"),
    }
}

pub(super) async fn off_the_reactor<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Trouble::from_error("OURS", &error))?
}
