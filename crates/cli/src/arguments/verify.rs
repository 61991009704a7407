//! `tacit verify`.

use std::path::PathBuf;

use clap::Args;
use domain::PartyId;

use super::purposes;

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// About whom; `-` reads codes from standard input, one a line
    #[arg(required_unless_present = "prepare", conflicts_with = "prepare", value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// The formula: `1.vat_paid_12m_cny >= 500000 and not 2.in_arrears_now`; `-` reads it from standard
    /// input, `@PATH` from a file, out of sight of the machine's other users
    #[arg(long, required_unless_present = "prepare", value_name = "FORMULA")]
    pub(crate) that: Option<String>,
    /// A number that `sealed` stands for in the formula, in order: no holder sees it (repeat); `-` reads
    /// them from standard input, `@PATH` from a file, one a line, out of sight of the machine's other users
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true, conflicts_with = "prepare")]
    pub(crate) sealed: Vec<String>,
    /// The kind of identifier
    #[arg(long, value_parser = ["uscc", "cn-id"], default_value = "uscc")]
    pub(crate) kind: String,
    /// A file of the subjects' authorisations, one, or many, one a line (repeat for several)
    #[arg(long = "authorisation", value_name = "FILE")]
    pub(crate) authorisations: Vec<PathBuf>,
    /// What the answers are for
    #[arg(long, default_value = "pre_loan", value_parser = purposes())]
    pub(crate) purpose: String,
    /// Over which platform, where several are pinned
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<PartyId>,
    /// Ask nothing: hand our key to the platform and its holders, so that the first question is quick
    #[arg(long)]
    pub(crate) prepare: bool,
    /// One JSON object a firm instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}
