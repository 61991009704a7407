//! `tacit keys protect`, `tacit keys status`.

use std::path::Path;

use party::Protection;
use serde_json::json;

use crate::arguments::KeysCommand;
use crate::commands::init::protection;
use crate::commands::json_line;
use crate::failure::Failure;
use crate::phrases;
use crate::say::Voice;

pub(super) fn keys(dir: &Path, command: &KeysCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        KeysCommand::Protect(chosen) => {
            party::protect(dir, &protection(chosen))?;
            tell(&party::protection(dir)?, voice);
            voice.note(&phrases::keys_copies());
        }
        KeysCommand::Status(json) if json.json => json_line(&record(&party::protection(dir)?)),
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
