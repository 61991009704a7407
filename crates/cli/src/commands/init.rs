//! `tacit init`.

use std::net::SocketAddr;
use std::path::Path;

use party::{NewParty, Protection};
use terminal::{Failure, Voice};

use crate::arguments::{InitArguments, ProtectionArguments};
use crate::phrases;

pub(super) fn init(dir: &Path, new: &InitArguments, voice: Voice) -> Result<(), Failure> {
    let made = party::init(dir, &new_party(new)?)?;
    voice.tell(&phrases::party_made(&new.name, made.config.display()));
    voice.tell(&phrases::party_fingerprint(&made.fingerprint));
    if new.protection.plain_keys {
        voice.note(&phrases::keys_plain());
    }
    voice.note(&phrases::party_next(made.peer_file.display()));
    Ok(())
}

fn new_party(new: &InitArguments) -> Result<NewParty, Failure> {
    let listen = address(&new.listen)?;
    let advertise = match &new.advertise {
        Some(advertise) => address(advertise)?,
        None => listen.clone(),
    };
    if stands_for_all(&advertise) {
        return Err(Failure::usage(phrases::nowhere_to_dial(&advertise))
            .advise(phrases::nowhere_to_dial_advice()));
    }
    Ok(NewParty {
        name: new.name.clone(),
        duties: new.duties.clone(),
        listen,
        advertise,
        valid_days: new.valid_days,
        protection: protection(&new.protection),
    })
}

/// The one way that was chosen: the arguments see to it that it is one.
pub(super) fn protection(chosen: &ProtectionArguments) -> Protection {
    match (&chosen.passphrase_file, &chosen.credential) {
        (Some(path), _) => Protection::PassphraseFile(path.clone()),
        (None, Some(name)) => Protection::Credential(name.clone()),
        (None, None) => Protection::Plain,
    }
}

/// Takes `HOST:PORT`.
fn address(given: &str) -> Result<String, Failure> {
    let wrong = || Failure::usage(phrases::address_shape(given));
    let (host, port) = given.rsplit_once(':').ok_or_else(wrong)?;
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = !host.is_empty() && !host.contains([':', '/', ' ']);
    let numbered = port.parse::<u16>().is_ok_and(|port| port > 0);
    if numbered && (bracketed || plain) { Ok(given.into()) } else { Err(wrong()) }
}

/// Whether an address means "wherever this machine is reached", which nobody can dial.
fn stands_for_all(address: &str) -> bool {
    address.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::{address, stands_for_all};

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["127.0.0.1:7101", "tax.example.gov.cn:1", "[::1]:7101"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in ["", "7101", ":7101", "host", "host:0", "host:99999", "::1:7101", "http://h:1"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_for_every_interface_cannot_be_dialled() {
        assert!(stands_for_all("0.0.0.0:7101") && stands_for_all("[::]:7101"));
        assert!(!stands_for_all("127.0.0.1:7101") && !stands_for_all("tax:7101"));
    }
}
