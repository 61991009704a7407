//! Pieces of configuration, written over what `init` has made.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::Error;

/// Writes pieces over a configuration file: tables merge, lists and values replace.
pub(crate) fn complete(config: &Path, pieces: &Table) -> Result<(), Error> {
    let written = fs::read_to_string(config).map_err(|error| Error::file(config, error))?;
    let mut table = written.parse().map_err(Error::Settings)?;
    merge(&mut table, pieces);
    fs::write(config, table.to_string()).map_err(|error| Error::file(config, error))
}

/// Writes pieces over a table: tables merge, lists and values replace.
pub(crate) fn merge(into: &mut Table, from: &Table) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}
