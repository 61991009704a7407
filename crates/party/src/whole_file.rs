//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::Trouble;

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// This user alone.
    Owner,
    /// Anybody: it is to be handed out.
    Anybody,
    /// Whoever the process is set to let read what it writes.
    Usual,
}

impl Readers {
    const fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Anybody => 0o644,
            Self::Usual => 0o666,
        }
    }
}

/// Writes a file under another name beside it, brings it to disk, renames it, and brings that to disk:
/// whoever looks sees the old file, or none, or the whole new one, even if the power fails.
pub(crate) fn write(
    path: &Path,
    readers: Readers,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Trouble> {
    let beside = beside(path);
    let attempt = || {
        // What an earlier attempt has left may have been for other readers.
        remove(&beside)?;
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(readers.mode()).open(&beside)?;
        let mut file = BufWriter::new(file);
        content(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            // A name without a folder is in the working directory.
            Some(folder) if folder.as_os_str().is_empty() => fs::File::open(".")?.sync_all(),
            Some(folder) => fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    attempt().map_err(|error| {
        // Half a file is none.
        let _ = fs::remove_file(&beside);
        Trouble::file(path, &error)
    })
}

/// [`write`] of bytes that are there.
pub(crate) fn write_bytes(path: &Path, readers: Readers, bytes: &[u8]) -> Result<(), Trouble> {
    write(path, readers, |file| file.write_all(bytes))
}

/// The name under which a file is written.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    beside.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_fails_half_way_leaves_nothing_behind_and_the_old_one_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let fail = || {
            write(&path, Readers::Usual, |file| {
                file.write_all(b"half")?;
                Err(io::Error::other("disk full"))
            })
        };
        assert!(fail().unwrap_err().en.contains("disk full"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write_bytes(&path, Readers::Usual, b"whole").unwrap();
        fail().unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_is_its_owners_alone_whatever_an_earlier_attempt_has_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        fs::write(beside(&path), "left by a process that was killed, for all to read").unwrap();
        fs::set_permissions(beside(&path), fs::Permissions::from_mode(0o666)).unwrap();
        write_bytes(&path, Readers::Owner, b"secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert!(!beside(&path).exists());
    }
}
