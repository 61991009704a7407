//! What `tacit train` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{CheckMode, ModelId, PartyId};

use super::JsonArguments;

const AFTER: &str = "\
A lender writes a job file: over which rows, with whose columns, who computes, and what opens to
whom. `tacit train JOB.toml` lays the job before every party that it names. Each looks at it
(`tacit train show small-firms@1`) and accepts it (`tacit train accept small-firms@1`); once all have,
the same command trains the model. The columns leave their holders as shares only; any two of the
three that compute could read every row if they put their shares together.

A platform may write the job instead. The lender, which has the same list of rows, names it as it
accepts (`tacit train accept small-firms@1 --rows firms.csv --column id`), and trains the model with
`tacit train run small-firms@1` once all have accepted.

A training that failed goes on where it stood with `tacit runs again RUN`.

Example:
  tacit train sample > small-firms.toml
  tacit train small-firms.toml --wait";

#[derive(Args, Debug)]
#[command(after_help = AFTER, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct TrainArguments {
    #[command(subcommand)]
    pub(crate) command: Option<TrainCommand>,
    #[command(flatten)]
    pub(crate) job: ProposeArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ProposeArguments {
    /// The job file
    #[arg(required = true, value_name = "JOB.toml")]
    pub(crate) file: Option<PathBuf>,
    /// The list of rows, where it is not at the place that the job file names
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
    /// Where the model goes, as CSV [default: the party's results folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// Wait until every party has answered, then train
    #[arg(long)]
    pub(crate) wait: bool,
    /// The run as one JSON object instead of tables; the job, where it is not trained yet
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrainCommand {
    /// Show a job in full: who computes, whose columns, what opens to whom; without a name, list all
    Show {
        /// The job and its version, NAME@VERSION
        job: Option<ModelId>,
        /// Who has proposed it, where more than one party has a job of this name
        #[arg(long, value_name = "PARTY", requires = "job")]
        proposer: Option<PartyId>,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Take part in a job: our columns will leave as shares when it is trained
    Accept {
        #[command(flatten)]
        named: NamedJobArguments,
        /// The list of rows, at the lender of a job that its platform proposes
        #[arg(long, value_name = "FILE", requires = "column")]
        rows: Option<PathBuf>,
        /// Its column of identifiers
        #[arg(long, value_name = "NAME", requires = "rows")]
        column: Option<String>,
        /// How much of a social credit code must fit
        #[arg(long, value_name = "MODE", default_value = "strict", requires = "rows")]
        check: CheckMode,
    },
    /// Train the model of a job that our platform proposes, and that every party has accepted
    Run {
        #[command(flatten)]
        named: NamedJobArguments,
        /// Where the model goes, as CSV [default: the party's results folder]
        #[arg(long, value_name = "FILE")]
        result: Option<PathBuf>,
    },
    /// Do not take part in a job, or not any more
    Refuse {
        #[command(flatten)]
        named: NamedJobArguments,
        /// Why: the proposer is told
        #[arg(long)]
        reason: String,
    },
    /// Withdraw a job of ours, for good
    Withdraw {
        /// The job and its version, NAME@VERSION
        job: ModelId,
        /// Why, for the record
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Print a job file to begin with
    Sample,
}

#[derive(Args, Debug)]
pub(crate) struct NamedJobArguments {
    /// The job and its version, NAME@VERSION
    pub(crate) job: ModelId,
    /// Who has proposed it, where more than one party has a job of this name
    #[arg(long, value_name = "PARTY")]
    pub(crate) proposer: Option<PartyId>,
    #[command(flatten)]
    pub(crate) json: JsonArguments,
}
