//! What the parts of a training job owe one another.

use std::collections::BTreeSet;

use domain::{Field, PartyId, SubjectKind};

use super::{
    Computing, Contribution, Job, Label, Missing, Outputs, Rows, Training, Weights, scorecard,
};

/// Every rule, the first that is broken as the error.
pub(super) fn check(job: &Job) -> Result<(), &'static str> {
    let Computing { platform, lender, .. } = &job.computing;
    computing(&job.computing)?;
    let proposes = job.proposer == *lender || job.proposer == *platform;
    holds(proposes, "its lender or its platform proposes it")?;
    training(&job.training)?;
    rows(&job.rows, &job.training)?;
    label(&job.label, job.rows.kind)?;
    let kind = job.rows.kind;
    for own in &job.contributions {
        contribution(own, kind, lender)?;
    }
    contributions(&job.contributions, lender)?;
    label_apart(&job.label, &job.contributions, lender)?;
    if job.parties().len() > Job::MOST_PARTIES {
        return Err("it has at most 64 parties");
    }
    outputs(&job.outputs)?;
    scorecard::check(job)
}

pub(crate) fn computing(of: &Computing) -> Result<(), &'static str> {
    let Computing { department, platform, lender } = of;
    let different = department != platform && platform != lender && lender != department;
    holds(different, "its three computing parties are different")
}

pub(crate) fn label(of: &Label, kind: SubjectKind) -> Result<(), &'static str> {
    let Label { register, column, weight, meaning } = of;
    named(register)?;
    named(column)?;
    if let Some(weight) = weight {
        named(weight)?;
        holds(weight != column, "the label and the weight of a row are two columns")?;
    }
    let fits = meaning.len() <= Job::LONGEST_MEANING && !meaning.chars().any(is_hidden);
    holds(fits, "the label's meaning has at most 1000 bytes, in one line of visible characters")?;
    let said = !is_governed(kind) || !meaning.trim().is_empty();
    holds(said, "a label about firms or persons says what it means")
}

pub(crate) fn contribution(
    of: &Contribution,
    kind: SubjectKind,
    lender: &PartyId,
) -> Result<(), &'static str> {
    let Contribution { party, register, columns, missing, absence } = of;
    named(register)?;
    columns.iter().try_for_each(|column| named(column))?;
    holds(!columns.is_empty(), "every contribution has a column")?;
    let distinct: BTreeSet<&String> = columns.iter().collect();
    holds(distinct.len() == columns.len(), "a contribution names each column once")?;
    let in_catalogue = || columns.iter().all(|column| column.parse::<Field>().is_ok());
    let bound = !is_governed(kind) || party == lender || in_catalogue();
    holds(
        bound,
        "columns about firms or persons are fields of the catalogue, like `1.vat_paid_12m_cny`",
    )?;
    match missing {
        Missing::Mean => Ok(()),
        Missing::Bin => holds(!absence, "whoever is absent has a bin, and needs no column"),
        // All that are absent are refused, so that it could only be constant.
        Missing::Refuse => holds(!absence, "a column of absences goes with the mean for missing"),
    }
}

/// What the contributions owe one another.
pub(crate) fn contributions(all: &[Contribution], lender: &PartyId) -> Result<(), &'static str> {
    let parties: BTreeSet<&PartyId> = all.iter().map(|own| &own.party).collect();
    holds(parties.len() == all.len(), "each party brings its columns in one contribution")?;
    let joint = parties.into_iter().any(|party| party != lender);
    holds(joint, "a party other than the lender brings columns")?;
    let columns = all.iter().map(|own| own.columns.len() + usize::from(own.absence));
    let fits = (1..=Job::MOST_COLUMNS).contains(&columns.sum());
    holds(fits, "it has 1 to 512 columns, those of absences counted")
}

/// Who trains on the label itself learns nothing.
pub(crate) fn label_apart(
    of: &Label,
    all: &[Contribution],
    lender: &PartyId,
) -> Result<(), &'static str> {
    let own = all.iter().filter(|own| own.party == *lender && own.register == of.register);
    let apart = own.flat_map(|own| &own.columns).all(|column| *column != of.column);
    holds(apart, "the label is not one of the columns")
}

pub(crate) fn outputs(of: &Outputs) -> Result<(), &'static str> {
    match of.weights {
        Weights::Lender => Ok(()),
        Weights::Nobody => {
            holds(!of.standard_errors, "standard errors go with weights that the lender learns")
        }
    }
}

fn training(of: &Training) -> Result<(), &'static str> {
    let Training { ridge_millionths, newton_steps, held_out_percent } = of;
    let ridge = (100..=1_000_000).contains(ridge_millionths);
    holds(ridge, "the ridge is 100 to 1000000 millionths")?;
    holds((3..=12).contains(newton_steps), "there are 3 to 12 Newton steps")?;
    holds(*held_out_percent <= 50, "0 to 50 rows of a hundred are held out")
}

fn rows(of: &Rows, training: &Training) -> Result<(), &'static str> {
    let covered = of.cover.is_none_or(|cover| (1..=16).contains(&cover));
    holds(covered, "a cover is 1 to 16 rows a customer")?;
    holds(of.count <= Job::MOST_ROWS, "there are at most 2097152 rows")?;
    // As the training rounds: what is held out is rounded down.
    let held_out = u64::from(of.count) * u64::from(training.held_out_percent) / 100;
    let trained = u64::from(of.count) - held_out;
    let enough = trained >= u64::from(Job::LEAST_ROWS);
    holds(enough, "there are 400 rows or more, those held out not counted")
}

fn named(name: &str) -> Result<(), &'static str> {
    let fits = (1..=Job::LONGEST_NAME).contains(&name.len()) && !name.chars().any(is_hidden);
    holds(fits, "registers and columns are named by 1 to 128 bytes of visible characters")
}

/// Control characters, and those that turn the direction of what is shown: a party reads the job on
/// a screen before it signs.
fn is_hidden(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}');
    character.is_control() || turns || matches!(character, '\u{2066}'..='\u{2069}')
}

fn is_governed(kind: SubjectKind) -> bool {
    match kind {
        SubjectKind::Uscc | SubjectKind::CnId => true,
        SubjectKind::Opaque => false,
    }
}

fn holds(rule: bool, text: &'static str) -> Result<(), &'static str> {
    if rule { Ok(()) } else { Err(text) }
}
