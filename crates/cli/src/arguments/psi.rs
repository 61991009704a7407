//! What `tacit psi` takes.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use control::messages;
use domain::PartyId;
use terminal::Output;

use super::{checks, kinds, purposes};

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("ours").required(true).args(["register", "file"]))]
pub(crate) struct PsiArguments {
    /// The peer, by its name
    #[arg(long = "with", value_name = "PEER")]
    pub(crate) peer: PartyId,
    /// The peer's register
    #[arg(long, value_name = "REGISTER")]
    pub(crate) their_register: String,
    /// Our register, as party.toml names it
    #[arg(long)]
    pub(crate) register: Option<String>,
    /// Our set as a file instead, with --column and --kind
    #[arg(long, requires = "column", requires = "kind")]
    pub(crate) file: Option<PathBuf>,
    /// The file's column of the identifier
    #[arg(long, requires = "file")]
    pub(crate) column: Option<String>,
    /// The kind of identifier in the file
    #[arg(long, value_parser = kinds(), requires = "file")]
    pub(crate) kind: Option<String>,
    /// How much of a credit code must fit [default: strict]
    #[arg(long, value_parser = checks(), requires = "file")]
    pub(crate) check: Option<String>,
    /// Leave out rows whose identifier is not valid
    #[arg(long, requires = "file")]
    pub(crate) skip_bad: bool,
    /// Who learns what
    #[arg(long, default_value = "one-sided")]
    pub(crate) output: Output,
    /// By which protocol: auto takes vole for large sets, and ecdh for others and for a count
    #[arg(long, default_value = "auto")]
    pub(crate) protocol: Protocol,
    /// VOLE's checked variant: a peer whose program cheats cannot test more firms than its message holds
    #[arg(long)]
    pub(crate) checked: bool,
    /// Hide the sizes: fill both sets up to this many items
    #[arg(long, value_name = "ITEMS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) pad_to: Option<u64>,
    /// What it is for
    #[arg(long, default_value = "pre_loan", value_parser = purposes())]
    pub(crate) purpose: String,
    /// Where the result goes [default: the party's results folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// The run as one JSON object instead of a summary
    #[arg(long)]
    pub(crate) json: bool,
}

/// By which protocol an intersection is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// By size and output
    Auto,
    /// ECDH over ristretto255
    Ecdh,
    /// VOLE, for large sets
    Vole,
}

impl From<Protocol> for messages::PsiProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Auto => Self::Auto,
            Protocol::Ecdh => Self::Ecdh,
            Protocol::Vole => Self::Vole,
        }
    }
}
