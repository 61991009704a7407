//! `tacit authorisation`: what a subject signs at home, and what a party hands on and keeps.

mod bundle;
mod registry;
mod show;
mod sign;

use control::Address;
use documents::ChangeKind;
use domain::Text;
use terminal::{Failure, Voice};

use crate::arguments::AuthorisationCommand as Command;
use crate::commands::wait;
use crate::phrases;

pub(super) fn authorisation(
    party: &Address,
    command: &Command,
    voice: Voice,
) -> Result<(), Failure> {
    match command {
        Command::Grant(grant) => sign::grant(grant, voice),
        Command::Narrow(narrow) => sign::narrow(narrow, voice),
        Command::Revoke(change) => sign::change(change, ChangeKind::Revoke, voice),
        Command::Suspend(change) => sign::change(change, ChangeKind::Suspend, voice),
        Command::Resume(change) => sign::change(change, ChangeKind::Resume, voice),
        Command::Show { file, json } => show::show(party.dir(), file, *json, voice),
        Command::Submit { files, json } => wait(registry::submit(party, files, *json, voice)),
        Command::List { limit, json } => wait(registry::list(party, *limit, json.json, voice)),
        Command::History { id, json } => wait(registry::history(party, id, json.json, voice)),
        Command::Intervene { id, change, reason, json } => {
            wait(registry::intervene(party, id, *change, reason, json.json, voice))
        }
        Command::Export { lender, out } => wait(bundle::export(party, lender, out, voice)),
        Command::Import { file, json } => wait(bundle::import(party, file, json.json, voice)),
    }
}

/// A state in both languages; one that we do not know, in its own word.
fn state(word: &str) -> Text {
    match word {
        "active" => phrases::authorisation_active(),
        "suspended" => phrases::authorisation_suspended(),
        "revoked" => phrases::authorisation_revoked(),
        "expired" => phrases::authorisation_expired(),
        "exhausted" => phrases::authorisation_exhausted(),
        "superseded" => phrases::authorisation_superseded(),
        "void" => phrases::authorisation_void(),
        other => Text::same(other),
    }
}

/// What happened, in both languages; what we do not know, in its own word.
fn act(word: &str) -> Text {
    match word {
        "registered" => phrases::act_registered(),
        "narrowed" => phrases::act_narrowed(),
        "suspended_by_subject" | "suspended_by_registry" => phrases::act_suspended(),
        "resumed_by_subject" | "resumed_by_registry" => phrases::act_resumed(),
        "revoked" => phrases::act_revoked(),
        "voided" => phrases::act_voided(),
        "exhausted" => phrases::act_exhausted(),
        other => Text::same(other),
    }
}

/// Who brought it about.
fn actor(word: &str) -> Text {
    match word {
        "subject" => phrases::actor_subject(),
        "registry" => phrases::actor_registry(),
        other => Text::same(other),
    }
}
