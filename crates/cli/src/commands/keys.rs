//! `tacit keys`: how they lie on disk, and how they are renewed.

use std::path::Path;

use party::{Protection, Renewal};
use serde_json::json;
use terminal::{Failure, Voice};

use crate::arguments::{KeysCommand, RenewArguments};
use crate::commands::init::protection;
use crate::commands::json_line;
use crate::phrases;

pub(super) fn keys(dir: &Path, command: &KeysCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        KeysCommand::Protect(chosen) => {
            party::protect(dir, &protection(chosen))?;
            tell(&party::protection(dir)?, voice);
            voice.note(&phrases::keys_copies());
        }
        KeysCommand::Status(json) if json.json => json_line(&record(&party::protection(dir)?)),
        KeysCommand::Renew(chosen) => {
            let RenewArguments { signing, mask, scoring, valid_days } = *chosen;
            let prepared = party::renew(dir, &Renewal { signing, mask, scoring, valid_days })?;
            voice.tell(&phrases::keys_prepared(prepared.peer_file.display()));
            voice.tell(&phrases::party_fingerprint(&prepared.fingerprint));
            voice.note(&phrases::keys_prepared_next());
        }
        KeysCommand::Switch | KeysCommand::Abandon if control::is_running(dir) => {
            return Err(Failure::new("RUNNING", phrases::keys_while_running()));
        }
        KeysCommand::Switch => {
            party::switch(dir)?;
            voice.tell(&phrases::keys_switched());
        }
        KeysCommand::Abandon => {
            party::abandon(dir)?;
            voice.tell(&phrases::keys_abandoned());
        }
        KeysCommand::Status(_) => tell(&party::protection(dir)?, voice),
    }
    Ok(())
}

fn tell(protection: &Protection, voice: Voice) {
    let sentence = match protection {
        Protection::Plain => phrases::keys_plain(),
        Protection::PassphraseFile(path) => phrases::keys_passphrase(path.display()),
        Protection::Credential(name) => phrases::keys_credential(name),
    };
    voice.tell(&sentence);
}

fn record(protection: &Protection) -> serde_json::Value {
    match protection {
        Protection::Plain => json!({ "protection": "plain" }),
        Protection::PassphraseFile(path) => {
            json!({ "protection": "passphrase-file", "path": path })
        }
        Protection::Credential(name) => json!({ "protection": "credential", "name": name }),
    }
}
