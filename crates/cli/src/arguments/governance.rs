//! What the commands about members, the catalogue, the log and receipts take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::PartyId;
use terminal::units::Day;

use super::{JsonArguments, kinds};

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// List members, and how far each is admitted
    List(JsonArguments),
    /// Note that a member was assessed, and until when that holds
    Assess {
        #[command(flatten)]
        member: MemberArguments,
        /// The last day on which the assessment holds, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        until: Day,
    },
    /// Admit an assessed member: it may take part
    Admit {
        #[command(flatten)]
        member: MemberArguments,
        /// Note the assessment too: the last day on which it holds, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        assessed_until: Option<Day>,
    },
    /// Suspend a member: it is cut off until it is resumed
    Suspend(MemberArguments),
    /// Resume a suspended member
    Resume(MemberArguments),
    /// Remove a member, for good
    Remove(MemberArguments),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct MemberArguments {
    /// The member, as it is pinned
    pub(crate) name: PartyId,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Report what our registers cover of the catalogue, and which rules are in force
    Report(JsonArguments),
}

#[derive(Args, Debug)]
pub(crate) struct UsageArguments {
    /// The first day, YYYY-MM-DD [default: the beginning]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Day>,
    /// The last day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Day>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SelfReportArguments {
    /// The subject's identifier
    pub(crate) code: String,
    /// The kind of identifier
    #[arg(long, value_parser = kinds(), default_value = "uscc")]
    pub(crate) kind: String,
    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Read the whole log and check every record, hash and checkpoint
    Verify(JsonArguments),
    /// Prove that a record is in the log, under the newest checkpoint
    Prove {
        /// The record's number
        seq: u64,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Say what a receipt or a run came from: source, authorisation, model, receiver
    Trace {
        /// A receipt's or a run's number
        id: String,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Compare releases with receipts; exits with 1 where they differ
    Reconcile(JsonArguments),
    /// Deposit a fresh checkpoint with the supervisor
    Deposit(JsonArguments),
    /// List the checkpoints that others have deposited, and every alarm about a log (supervisor)
    Deposits(JsonArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Fetch the proofs of what a run released, or of who took part in a training, to keep and to verify anywhere
    Fetch {
        /// The run's number, or the start of it
        run: String,
        /// Of a match: the row of its result
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        row: Option<u64>,
        /// Where the proofs go, in place of older ones
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check the proofs of a file, offline: signatures, registration, scope, answer, log, question; of a training: job, countersignature, log
    Verify {
        /// The file that `receipt fetch` has written
        file: PathBuf,
        /// A folder with the parties' NAME.party files, the lender's among them (repeat for several)
        #[arg(long, value_name = "DIR", required = true)]
        peers: Vec<PathBuf>,
        /// An identity issuer whom you trust (repeat for several)
        #[arg(long = "issuer", value_name = "NAME=KEY")]
        issuers: Vec<String>,
        /// How old the registry's word may have been at the release, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        max_age_s: u32,
        #[command(flatten)]
        json: JsonArguments,
    },
}
