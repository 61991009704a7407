//! Results: files that appear whole or not at all, wherever they are to be.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::Trouble;
use crate::whole_file::{self, Readers, beside};

/// Writes a result, all or nothing, for whoever this process lets read what it writes.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Trouble> {
    whole_file::write(path, Readers::Usual, content)
}

/// Sees that a file can be made at `path`, and leaves nothing there.
pub(crate) fn writable(path: &Path) -> Result<(), Trouble> {
    let beside = beside(path);
    let made = fs::File::create(&beside).and_then(|_| fs::remove_file(&beside));
    made.map_err(|error| Trouble::file(path, &error))
}

/// Gives a finished file its name, wherever that is.
pub(crate) fn rename(from: &Path, path: &Path) -> Result<(), Trouble> {
    match fs::rename(from, path) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            write(path, |file| io::copy(&mut fs::File::open(from)?, file).map(|_| ()))?;
            fs::remove_file(from).map_err(|error| Trouble::file(from, &error))
        }
        renamed => renamed.map_err(|error| Trouble::file(path, &error)),
    }
}
