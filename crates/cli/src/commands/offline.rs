//! The checks of a party that does not run: its configuration, its peers' files, its registers.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use control::messages::{self, Finding};
use domain::{Explain, Text};
use serde::Deserialize;
use terminal::units::{count, moment};

use crate::phrases;

/// The part of `party.toml` that these checks need; the party itself reads the rest, and strictly.
#[derive(Debug, Deserialize)]
struct Configuration {
    name: String,
    #[serde(default)]
    register: Vec<Register>,
}

#[derive(Debug, Deserialize)]
struct Register {
    name: String,
    file: String,
    column: String,
    kind: String,
    #[serde(default = "strict")]
    check: String,
    #[serde(default)]
    skip_bad: bool,
}

/// Every finding, in the order of the hops.
pub(super) fn findings(dir: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    match configuration(dir) {
        Ok(configuration) => {
            findings.push(fine("config", phrases::config_read(&configuration.name)));
            findings.extend(configuration.register.iter().map(|register| check(dir, register)));
        }
        Err(text) => findings.push(wrong("config", text)),
    }
    match party::peers(dir) {
        Ok(peers) if peers.is_empty() => findings.push(wrong("peers", phrases::no_peers())),
        Ok(peers) => findings.extend(peers.iter().map(pinned)),
        Err(trouble) => findings.push(wrong("peers", trouble.what())),
    }
    findings
}

fn configuration(dir: &Path) -> Result<Configuration, Text> {
    let path = dir.join("party.toml");
    let text =
        fs::read_to_string(&path).map_err(|error| phrases::file_trouble(path.display(), error))?;
    toml::from_str(&text).map_err(|error| phrases::file_trouble(path.display(), error))
}

fn check(dir: &Path, register: &Register) -> Finding {
    let name = format!("register {}", register.name);
    let file = dir.join(&register.file);
    match party::check_data(&file, &register.column, &register.kind, &register.check) {
        Ok(profile) if profile.load.bad.count > 0 && !register.skip_bad => {
            wrong(&name, phrases::data_bad(file.display(), count(profile.load.bad.count)))
        }
        Ok(profile) => fine(&name, phrases::register_fine(count(profile.load.distinct))),
        Err(trouble) => wrong(&name, trouble.what()),
    }
}

fn pinned(peer: &party::PinnedPeer) -> Finding {
    let check = format!("peer {}: file", peer.name);
    let until = peer.valid_until.and_then(|seconds| seconds.checked_mul(1000));
    match until {
        Some(until) if until <= now() => wrong(&check, phrases::peer_expired(moment(until))),
        Some(until) => fine(&check, phrases::peer_pinned(&peer.address, moment(until))),
        None => fine(&check, phrases::peer_added(&peer.name, &peer.address)),
    }
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

fn fine(check: &str, text: Text) -> Finding {
    finding(check, true, text)
}

fn wrong(check: &str, text: Text) -> Finding {
    finding(check, false, text)
}

fn finding(check: &str, ok: bool, Text { en, zh }: Text) -> Finding {
    Finding { check: check.into(), ok, text: Some(messages::Text { en, zh }), warning: false }
}

fn strict() -> String {
    "strict".into()
}
