//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use crate::Trouble;

/// Writes a file under another name beside it, brings it to disk, and renames it: whoever looks
/// sees the old file, or none, or the whole new one.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Trouble> {
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(".part");
    let hidden = Path::new(&hidden);
    let attempt = || {
        let mut file = BufWriter::new(fs::File::create(hidden)?);
        content(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(hidden, path)
    };
    attempt().map_err(|error| {
        // Half a result is no result.
        let _ = fs::remove_file(hidden);
        Trouble::file(path, &error)
    })
}

/// Sees that a file can be made at `path`, and leaves nothing there.
pub(crate) fn writable(path: &Path) -> Result<(), Trouble> {
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(".part");
    let made = fs::File::create(&hidden).and_then(|_| fs::remove_file(&hidden));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_fails_half_way_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let failed = write(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.unwrap_err().en.contains("disk full"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&path, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }
}
