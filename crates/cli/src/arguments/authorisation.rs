//! What `tacit subject` and `tacit authorisation` take.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use control::messages;
use documents::{AuthorisationId, PublicKey, ScopeItem, SeparateConsent, Word, person, scope_line};
use domain::{ModelId, PartyId};
use terminal::units::Day;

use super::{JsonArguments, checks, kinds, purposes};

const SCOPE: &str = "CLASS[.FIELD]:OUTPUT[,OUTPUT]";

#[derive(Debug, Subcommand)]
pub(crate) enum SubjectCommand {
    /// Make a signing key, for a subject or for an identity issuer; prints the public half
    Key {
        /// Where the key goes, for its owner only; nothing is overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Certify, as an identity issuer, that a key signs for a subject
    Certify(Box<CertifyArguments>),
    /// Revoke, as an identity issuer, keys that were lost or stolen: sign the next list of them
    Revoke(RevokeArguments),
    /// Take such a list in at our party, or list those that count there
    Revocations {
        /// A list that `tacit subject revoke` has made; none: show what counts
        file: Option<PathBuf>,
        #[command(flatten)]
        json: JsonArguments,
    },
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("revoked").required(true).multiple(true)
    .args(["certificates", "keys"]))]
pub(crate) struct RevokeArguments {
    /// Certificates whose keys are revoked
    #[arg(value_name = "CERTIFICATE")]
    pub(crate) certificates: Vec<PathBuf>,
    /// A key that is revoked, where its certificate is not at hand (repeat for several)
    #[arg(long = "key", value_name = "ed25519:...")]
    pub(crate) keys: Vec<PublicKey>,
    /// The issuer's name, as the parties' party.toml have it
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: PartyId,
    /// The issuer's own key file
    #[arg(long, value_name = "FILE")]
    pub(crate) issuer_key: PathBuf,
    /// The issuer's newest list, which this one goes on from; without it, number 1 is begun
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// Where the list goes; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CertifyArguments {
    /// The subject's identifier
    pub(crate) code: String,
    /// The kind of identifier
    #[arg(long, value_parser = kinds(), default_value = "uscc")]
    pub(crate) kind: String,
    /// How much of a credit code must fit
    #[arg(long, value_parser = checks(), default_value = "strict")]
    pub(crate) check: String,
    /// The public half of the subject's key
    #[arg(long, value_name = "ed25519:...")]
    pub(crate) key: PublicKey,
    /// The issuer's name, as the parties' party.toml have it
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: PartyId,
    /// The issuer's own key file
    #[arg(long, value_name = "FILE")]
    pub(crate) issuer_key: PathBuf,
    /// For how many days from now the key may sign
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=1827))]
    pub(crate) days: u16,
    /// In which capacity the key's owner signs [default: person for cn-id, else legal_rep]
    #[arg(long)]
    pub(crate) capacity: Option<CapacityWord>,
    /// An agent's signed mandate, whose hash is certified
    #[arg(long, value_name = "FILE", required_if_eq("capacity", "agent"))]
    pub(crate) mandate: Option<PathBuf>,
    /// How the identity was checked, like electronic_business_licence
    #[arg(long, value_name = "WORD", default_value = "unspecified")]
    pub(crate) method: Word,
    /// How sure that check is, 1 to 4 (ISO/IEC 29115)
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) level: u8,
    /// Where the certificate goes; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// In which capacity somebody signs for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum CapacityWord {
    /// The legal representative
    LegalRep,
    /// A handling agent under a mandate
    Agent,
    /// The natural person itself
    Person,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuthorisationCommand {
    /// Grant: sign what a lender may have of a subject's data
    Grant(Box<GrantArguments>),
    /// Narrow: sign a smaller next version
    Narrow(Box<NarrowArguments>),
    /// Revoke: sign that it ends, for good
    Revoke(ChangeArguments),
    /// Suspend: sign that it rests
    Suspend(ChangeArguments),
    /// Resume: sign that it is in force again
    Resume(ChangeArguments),
    /// Say what a document says, and what of it was not verified
    Show {
        /// An authorisation, a change of one, or a certificate
        file: PathBuf,
        /// The document and the checks as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Hand authorisations and changes to the registry, through our party
    Submit {
        /// Files of one document, or of many, one a line
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// One JSON object a document instead of a table
        #[arg(long)]
        json: bool,
    },
    /// List the authorisations that our party knows
    List {
        /// At most this many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Show everything that happened to one
    History {
        /// The authorisation's number
        id: AuthorisationId,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Suspend, resume or void one by office (registry)
    Intervene {
        /// The authorisation's number
        id: AuthorisationId,
        /// What is to happen
        change: Intervention,
        /// Why, like objection or security_event (suspend), no_power or subject_gone (void)
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        json: JsonArguments,
    },
    /// Write the states of all of a lender's authorisations, for parties that are offline (registry)
    Export {
        /// The lender
        #[arg(long = "to", value_name = "LENDER")]
        lender: PartyId,
        /// Where the states go, in place of older ones
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take such states in; they count until they are too old
    Import {
        /// A file that `tacit authorisation export` has left
        file: PathBuf,
        #[command(flatten)]
        json: JsonArguments,
    },
}

/// What a registry does by office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Intervention {
    /// It rests until the registry resumes it
    Suspend,
    /// The registry's own suspension ends
    Resume,
    /// It is void, for good
    Void,
}

impl From<Intervention> for messages::Intervention {
    fn from(change: Intervention) -> Self {
        match change {
            Intervention::Suspend => Self::Suspend,
            Intervention::Resume => Self::Resume,
            Intervention::Void => Self::Void,
        }
    }
}

/// Who signs.
#[derive(Args, Debug)]
pub(crate) struct SubjectKeyArguments {
    /// The subject's key file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The certificate of that key
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct GrantArguments {
    /// The subject's identifier
    pub(crate) code: String,
    /// The kind of identifier
    #[arg(long, value_parser = kinds(), default_value = "uscc")]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) subject_key: SubjectKeyArguments,
    /// Who receives the results
    #[arg(long = "to", value_name = "LENDER")]
    pub(crate) lender: PartyId,
    /// Through which platform
    #[arg(long = "over", value_name = "PLATFORM")]
    pub(crate) platform: PartyId,
    /// The node above the platform, where there is one; it then keeps the registry
    #[arg(long)]
    pub(crate) node: Option<PartyId>,
    /// What may come of which data, like 1:score or 2.in_arrears_now:verify (repeat for several)
    #[arg(long, required = true, value_name = SCOPE, value_parser = scope_line)]
    pub(crate) scope: Vec<ScopeItem>,
    /// A model that may be used, NAME@VERSION (repeat for several); a score needs one
    #[arg(long = "model", value_name = "MODEL", conflicts_with = "any_model")]
    pub(crate) models: Vec<ModelId>,
    /// Any model of the lender's may be used
    #[arg(long)]
    pub(crate) any_model: bool,
    /// What for
    #[arg(long, value_parser = purposes())]
    pub(crate) purpose: String,
    /// For how many days, the first among them
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=1827))]
    pub(crate) days: u16,
    /// The first day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Day>,
    /// How many uses
    #[arg(long, value_name = "USES", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_uses: u32,
    /// Seconds between two uses, at least
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) interval_s: u32,
    /// The number of the loan application that it is for
    #[arg(long, value_name = "NO")]
    pub(crate) application: Option<Word>,
    /// Its number [default: a new one]
    #[arg(long)]
    pub(crate) id: Option<AuthorisationId>,
    /// A natural person's own authorisation that this one leans on, and for which classes
    #[arg(long = "person", value_name = "ID:CLASS[,CLASS]", value_parser = person)]
    pub(crate) persons: Vec<SeparateConsent>,
    #[command(flatten)]
    pub(crate) outcome: OutcomeArguments,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("smaller").required(true).multiple(true)
    .args(["scope", "models", "days", "until", "max_uses", "interval_s"]))]
pub(crate) struct NarrowArguments {
    /// The latest version
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) subject_key: SubjectKeyArguments,
    /// The whole scope that remains (repeat for several)
    #[arg(long, value_name = SCOPE, value_parser = scope_line)]
    pub(crate) scope: Vec<ScopeItem>,
    /// A model that remains, NAME@VERSION (repeat for several)
    #[arg(long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<ModelId>,
    /// For how many days, counted from its first
    #[arg(long, conflicts_with = "until")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1827))]
    pub(crate) days: Option<u16>,
    /// The last day, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Day>,
    /// How many uses, those before among them
    #[arg(long, value_name = "USES", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_uses: Option<u32>,
    /// Seconds between two uses, at least
    #[arg(long, value_name = "SECONDS")]
    pub(crate) interval_s: Option<u32>,
    #[command(flatten)]
    pub(crate) outcome: OutcomeArguments,
}

/// What is signed beside the terms, and what comes of it.
#[derive(Args, Debug)]
pub(crate) struct OutcomeArguments {
    /// The text that is signed [default: one in Chinese, left beside --out]
    #[arg(long, value_name = "FILE")]
    pub(crate) letter: Option<PathBuf>,
    /// Where the signed version goes; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// One JSON object instead of a list
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ChangeArguments {
    /// The authorisation
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) subject_key: SubjectKeyArguments,
    /// Where the signed change goes; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
