//! What `tacit token` takes.

use clap::{Args, Subcommand};
use domain::{StaffRole, TokenName};

use super::JsonArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once; hand it over like a key
    New(NewTokenArguments),
    /// List all tokens: whose, in which role, until when, when last used
    List(JsonArguments),
    /// End a token for good, and what is being answered under it
    Revoke {
        /// The token's name
        name: TokenName,
        #[command(flatten)]
        json: JsonArguments,
    },
}

#[derive(Args, Debug)]
pub(crate) struct NewTokenArguments {
    /// What whoever bears it may do: auditor (read), approver (decide what others ask), operator (all)
    #[arg(long)]
    pub(crate) role: StaffRole,
    /// What the log calls whoever bears it: lower-case letters, digits, hyphens [default: role and number]
    #[arg(long, value_name = "WHO")]
    pub(crate) name: Option<TokenName>,
    /// How long it counts
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub(crate) days: u32,
    /// The token and what is kept of it as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
