//! Parties of unit tests: made as `tacit init` makes them, opened without a port.

use std::path::Path;

use domain::{Duty, PartyId};
use envelope::SigningKey;

use crate::at_rest::{DataKey, Protection};
use crate::identity::Identity;
use crate::setup::{NewParty, init};

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

/// Makes a party that is not reached; returns the key that it signs with.
pub(crate) fn made(dir: &Path, name: &str, duty: Duty) -> SigningKey {
    made_at(dir, name, duty, "127.0.0.1:1")
}

/// Makes a party that is reached at this address.
pub(crate) fn made_at(dir: &Path, name: &str, duty: Duty, address: &str) -> SigningKey {
    let new = NewParty {
        name: party(name),
        duties: vec![duty],
        listen: address.into(),
        advertise: address.into(),
        valid_days: 30,
        protection: Protection::Plain,
    };
    init(dir, &new).unwrap();
    let identity = Identity::read(dir, &DataKey::open(dir).unwrap()).unwrap();
    SigningKey::from_seed(&identity.signing_key.reveal_seed())
}
