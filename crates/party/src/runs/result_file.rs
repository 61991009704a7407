//! Files that appear whole or not at all.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::Trouble;

/// Writes a file under another name beside it, brings it to disk, and renames it: whoever looks
/// sees the old file, or none, or the whole new one.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Trouble> {
    let mut hidden = path.as_os_str().to_owned();
    hidden.push(".part");
    let hidden = Path::new(&hidden);
    let attempt = || {
        let mut file = BufWriter::new(fs::File::create(hidden)?);
        content(&mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(hidden, path)
    };
    attempt().map_err(|error| {
        // Half a result is no result.
        let _ = fs::remove_file(hidden);
        Trouble::file(path, &error)
    })
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
            Err(std::io::Error::other("disk full"))
        });
        assert!(failed.unwrap_err().en.contains("disk full"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&path, |file| file.write_all(b"whole")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }
}
