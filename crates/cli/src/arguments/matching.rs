//! `tacit match`.

use std::path::PathBuf;

use clap::Args;
use domain::PartyId;

use super::{checks, kinds, purposes};

const AFTER: &str = "\
A claim is made of one or more columns and is compared as a whole, after differences of spelling
(width, case, spaces, punctuation) are taken away. The holder sees about whom is asked, and by what
authorisation; it sees no claim. The answer is yes, no, or unknown where it has no value.

Example:
  tacit match --with estate --their-register titles --file pledges.csv --column uscc \\
      --claim owner=27.right_holder_name --claim number=27.right_holder_id_no \\
      --authorisation letters.jsonl";

#[derive(Args, Debug)]
#[command(after_help = AFTER)]
pub(crate) struct MatchArguments {
    /// The holder, by its name
    #[arg(long = "with", value_name = "PEER")]
    pub(crate) peer: PartyId,
    /// The holder's register
    #[arg(long, value_name = "REGISTER")]
    pub(crate) their_register: String,
    /// Our list: a table of subjects and of what we claim of each
    #[arg(long)]
    pub(crate) file: PathBuf,
    /// The list's column of the identifier
    #[arg(long)]
    pub(crate) column: String,
    /// A column of the list, and the catalogue field that it claims; of research data, the
    /// holder's column (repeat: all of them together are one claim)
    #[arg(long = "claim", value_name = "COLUMN=FIELD", required = true, value_parser = claim)]
    pub(crate) claims: Vec<(String, String)>,
    /// The kind of identifier
    #[arg(long, value_parser = kinds(), default_value = "uscc")]
    pub(crate) kind: String,
    /// How much of a credit code must fit
    #[arg(long, value_parser = checks(), default_value = "strict")]
    pub(crate) check: String,
    /// Leave out rows whose identifier is not valid
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// A file of the subjects' authorisations, one, or many, one a line (repeat for several)
    #[arg(long = "authorisation", value_name = "FILE")]
    pub(crate) authorisations: Vec<PathBuf>,
    /// What the answers are for
    #[arg(long, default_value = "pre_loan", value_parser = purposes())]
    pub(crate) purpose: String,
    /// Where the answers go, as CSV [default: the party's results folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// The run as one JSON object instead of a summary
    #[arg(long)]
    pub(crate) json: bool,
}

fn claim(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, field)) if !column.is_empty() && !field.is_empty() => {
            Ok((column.to_owned(), field.to_owned()))
        }
        Some(_) | None => Err("write COLUMN=FIELD, like `owner=27.right_holder_name`".into()),
    }
}
