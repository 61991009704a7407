//! What can be typed: types and help only. What it means is in `commands`.

mod authorisation;
mod governance;
mod matching;
mod model;
#[cfg(test)]
mod model_tests;
mod psi;
#[cfg(test)]
mod shown_tests;
mod token;
mod train;
mod verify;

use std::path::PathBuf;

use bench::BenchArguments;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use demo::Demo;
use domain::{ClassId, Duty, ModelId, PartyId, Purpose};
use terminal::Language;

pub(crate) use authorisation::{
    AuthorisationCommand, CapacityWord, CertifyArguments, ChangeArguments, GrantArguments,
    Intervention, NarrowArguments, OutcomeArguments, RevokeArguments, SubjectCommand,
    SubjectKeyArguments,
};
pub(crate) use governance::{
    AuditCommand, CatalogueCommand, MemberArguments, MemberCommand, ReceiptCommand,
    SelfReportArguments, UsageArguments,
};
pub(crate) use matching::MatchArguments;
pub(crate) use model::{
    CheckArguments, ExportArguments, Foreign, ImportArguments, ModelCommand, MonitorArguments,
    NamedModelArguments, RefuseModelArguments,
};
pub(crate) use psi::PsiArguments;
pub(crate) use token::{NewTokenArguments, TokenCommand};
pub(crate) use train::{NamedJobArguments, ProposeArguments, TrainArguments, TrainCommand};
pub(crate) use verify::VerifyArguments;

const AFTER: &str = "\
Exit codes:
  0    done
  1    a run, a check or a call failed; stderr has `CODE: sentence`
  2    the command was not understood
  130  interrupted by Ctrl-C or a signal

A result goes to stdout, everything else to stderr.";

const EVERYWHERE: &str = "Everywhere";

/// Usable but invisible: organisations use one another's data, and none shows it (默契)
#[derive(Debug, Parser)]
#[command(name = "tacit", version, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Language of messages [default: the locale's]
    #[arg(long, global = true, value_name = "zh|en", env = "TACIT_LANG", hide_env_values = true)]
    #[arg(hide_possible_values = true, help_heading = EVERYWHERE)]
    pub(crate) lang: Option<Language>,
    /// The party's directory [env: TACIT_DIR] [default: the current one]
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    pub(crate) dir: Option<PathBuf>,
    /// The socket that the party shares with other users of this machine [env: TACIT_SOCKET]
    #[arg(long, global = true, value_name = "PATH", help_heading = EVERYWHERE)]
    pub(crate) socket: Option<PathBuf>,
    /// The file with our token [env: TACIT_TOKEN, the token itself]
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub(crate) token_file: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a party: keys, certificate, a commented party.toml, and the file to hand to peers
    Init(InitArguments),
    /// Keys of this party: how they lie on disk
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Peers: pin their files, list them
    #[command(subcommand)]
    Peer(PeerCommand),
    /// The party itself: run, ask, stop
    #[command(subcommand)]
    Party(PartyCommand),
    /// Check this party and every peer, hop by hop
    Doctor(JsonArguments),
    /// Tables: can this file be a register?
    #[command(subcommand)]
    Data(DataCommand),
    /// Find which subjects we share with a peer (private set intersection)
    Psi(PsiArguments),
    /// Earlier and present runs; run a failed one again
    Runs(RunsArguments),
    /// Models: import, export, check, publish, list
    #[command(subcommand)]
    Model(ModelCommand),
    /// Score firms with a model, encrypted; only we read the score
    Score(ScoreArguments),
    /// Ask a formula about firms, answered yes, no or unknown under encryption; only we read it
    Verify(VerifyArguments),
    /// Put a list of claims to a holder, which sees none of them; answered yes, no or unknown
    Match(MatchArguments),
    /// Train one model over several parties' columns; nobody sees another's rows
    Train(TrainArguments),
    /// Keys of subjects, and their certificates
    #[command(subcommand)]
    Subject(SubjectCommand),
    /// Authorisations: sign, read, hand to the registry, follow
    #[command(subcommand)]
    Authorisation(AuthorisationCommand),
    /// Members: assess, admit, suspend, remove
    #[command(subcommand)]
    Member(MemberCommand),
    /// Tokens: who of our staff may call, in which role; make, list, revoke
    #[command(subcommand)]
    Token(TokenCommand),
    /// The catalogue, and what of it our registers cover
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Who used what of our data, counted
    Usage(UsageArguments),
    /// Everything that our log says of one subject, for that subject
    SelfReport(SelfReportArguments),
    /// The audit log: verify, prove, trace, compare, deposit
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Receipts: what a run released, to prove it later
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Measure, with real processes on this machine
    #[command(subcommand)]
    Bench(BenchArguments),
    /// A bank, a platform and holders on this machine, start to end
    Demo(Demo),
}

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// The party's name, the same at every peer: lower-case letters, digits, hyphens
    #[arg(long)]
    pub(crate) name: PartyId,
    /// What it does: holder, platform, lender, supervisor (repeat for several)
    #[arg(long = "duty", required = true, value_delimiter = ',', value_name = "DUTY")]
    pub(crate) duties: Vec<Duty>,
    /// Where it listens for peers
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: String,
    /// What peers dial, where that is not what it listens at
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) advertise: Option<String>,
    /// How long the certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) valid_days: u32,
    #[command(flatten)]
    pub(crate) protection: ProtectionArguments,
}

/// How a party's keys lie on disk; one of them has to be chosen.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct ProtectionArguments {
    /// Seal the keys under the passphrase in this file, which lies outside the party's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Seal the keys under the passphrase in this systemd credential
    #[arg(long, value_name = "NAME")]
    pub(crate) credential: Option<String>,
    /// Leave the keys open to whoever can read the folder
    #[arg(long)]
    pub(crate) plain_keys: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Protect the keys in another way, or with another passphrase; the party may run on
    Protect(ProtectionArguments),
    /// How the keys are protected
    Status(JsonArguments),
    /// Prepare a new certificate, and new keys with it, beside those in use
    Renew(RenewArguments),
    /// Take the prepared keys into use, once the peers have pinned their file; the party is stopped
    Switch,
    /// Give the prepared keys up
    Abandon,
}

/// Which keys are new beside the certificate.
#[derive(Args, Debug)]
pub(crate) struct RenewArguments {
    /// The key that signs statements, receipts and checkpoints
    #[arg(long)]
    pub(crate) signing: bool,
    /// The key that a holder agrees on masks with, and that opens claims
    #[arg(long)]
    pub(crate) mask: bool,
    /// A lender's keys for scores, batches and verifications
    #[arg(long)]
    pub(crate) scoring: bool,
    /// How long the new certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) valid_days: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeerCommand {
    /// Pin a peer by the file that its `tacit init` has left
    Add {
        /// The peer's NAME.party
        file: PathBuf,
    },
    /// List pinned peers with their fingerprints
    List(JsonArguments),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartyCommand {
    /// Serve until Ctrl-C, SIGTERM or `tacit party stop`
    Run(ServeArguments),
    /// What the running party is, and what it has used
    Status(JsonArguments),
    /// Stop the running party when its present turn is over
    Stop,
}

#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// How the log is written to stderr; RUST_LOG says how much
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) log: LogForm,
    /// Stop when standard input ends: so that no party outlives the bench that started it
    #[arg(long, hide = true)]
    pub(crate) leash: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct JsonArguments {
    /// One JSON object a line instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Read a file as a register would be read, and count what is wrong; no party need run
    Check(DataArguments),
}

#[derive(Args, Debug)]
pub(crate) struct DataArguments {
    /// A CSV (UTF-8 or GB18030) or Parquet file
    pub(crate) file: PathBuf,
    /// The column of the identifier
    #[arg(long)]
    pub(crate) column: String,
    /// The kind of identifier
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: String,
    /// How much of a credit code must fit
    #[arg(long, value_parser = checks(), default_value = "strict")]
    pub(crate) check: String,
    /// Leave out rows whose identifier is not valid
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Hold the columns against these classes of the catalogue, by number
    #[arg(long = "class", value_name = "CLASS", value_delimiter = ',')]
    pub(crate) classes: Vec<ClassId>,
    /// Also write it as one page of HTML here
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// One JSON object instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RunsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<RunsCommand>,
    /// One run only: its number, or the start of it
    pub(crate) id: Option<String>,
    /// At most this many
    #[arg(long, value_name = "RUNS", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// One JSON object a run
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// Run a failed run anew: same terms, new number, new keys; a batch or a training goes on where it stood
    Again {
        /// The failed run's number, or the start of it
        id: String,
        /// The run as one JSON object instead of a summary
        #[arg(long)]
        json: bool,
    },
    /// Follow a run until it ends, whoever has begun it
    Watch {
        /// The run's number, or the start of it
        id: String,
        /// The run as one JSON object instead of a summary
        #[arg(long)]
        json: bool,
    },
    /// Fetch the result of a run, where the party could not write it for us
    Result {
        /// The run's number, or the start of it
        id: String,
        /// Where it goes, in place of an older one
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// End a run that is asked or under way here, whoever has begun it; its peers are told
    Cancel {
        /// The run's number, or the start of it
        id: String,
        /// The run as one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ScoreArguments {
    /// Whom to score; `-` reads codes from standard input, one a line
    #[arg(required_unless_present = "batch", value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// Score a whole list of research data in one run: a table with --column, or one code a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["codes", "authorisations"])]
    pub(crate) batch: Option<PathBuf>,
    /// The model and its version, NAME@VERSION
    #[arg(long)]
    pub(crate) model: ModelId,
    /// The kind of identifier
    #[arg(long, value_parser = kinds(), default_value = "uscc")]
    pub(crate) kind: String,
    /// A file of the subjects' authorisations, one, or many, one a line (repeat for several)
    #[arg(long = "authorisation", value_name = "FILE")]
    pub(crate) authorisations: Vec<PathBuf>,
    /// What the scores are for
    #[arg(long, default_value = "pre_loan", value_parser = purposes())]
    pub(crate) purpose: String,
    /// Batch: the column of the identifier
    #[arg(long, conflicts_with = "codes")]
    pub(crate) column: Option<String>,
    /// Batch: leave out rows whose identifier is not valid
    #[arg(long, conflicts_with = "codes")]
    pub(crate) skip_bad: bool,
    /// Batch: where the scores go, as CSV [default: the party's results folder]
    #[arg(long, conflicts_with = "codes", value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// One JSON object a firm instead of a table; of a batch, its run
    #[arg(long)]
    pub(crate) json: bool,
}

fn kinds() -> PossibleValuesParser {
    ["uscc", "cn-id", "opaque"].into()
}

fn checks() -> PossibleValuesParser {
    ["strict", "standard", "report"].into()
}

fn purposes() -> PossibleValuesParser {
    Purpose::ALL.map(Purpose::code).into()
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
