//! Where the parties of the demonstration live.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use terminal::Failure;

use super::phrases;

/// Where the parties live.
pub(super) enum DemoFolder {
    /// Removed at the end.
    Passing(TempDir),
    /// Left behind.
    Lasting(PathBuf),
}

impl DemoFolder {
    /// The folder that was named, empty or not there yet; or one in the system's temporary folder.
    ///
    /// # Errors
    ///
    /// When the named folder has something in it.
    pub(super) fn new(root: Option<&Path>, keep: bool) -> Result<Self, Failure> {
        if let Some(root) = root {
            let failed = |error| Failure::file(root, &error);
            fs::create_dir_all(root).map_err(failed)?;
            if fs::read_dir(root).map_err(failed)?.next().is_some() {
                return Err(Failure::new(
                    "NOT_EMPTY",
                    phrases::endings::not_empty(&root.display()),
                ));
            }
            return Ok(Self::Lasting(root.into()));
        }
        let folder = tempfile::Builder::new()
            .prefix("tacit-demo-")
            .tempdir()
            .map_err(|error| Failure::file(&env::temp_dir(), &error))?;
        Ok(if keep { Self::Lasting(folder.keep()) } else { Self::Passing(folder) })
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Lasting(folder) => folder,
        }
    }

    /// Removes what passes; the folder that stays, if it does.
    ///
    /// # Errors
    ///
    /// When the folder cannot be removed.
    pub(super) fn end(self) -> Result<Option<PathBuf>, Failure> {
        match self {
            Self::Passing(folder) => {
                let path = folder.path().to_owned();
                folder.close().map_err(|error| Failure::file(&path, &error))?;
                Ok(None)
            }
            Self::Lasting(folder) => Ok(Some(folder)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::DemoFolder;

    #[test]
    fn a_named_folder_stays_and_must_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("new");
        let place = DemoFolder::new(Some(&named), false).unwrap();
        assert_eq!(place.path(), named);
        assert_eq!(place.end().unwrap().as_deref(), Some(named.as_path()));
        fs::write(named.join("x"), "").unwrap();
        assert_eq!(DemoFolder::new(Some(&named), true).err().unwrap().code(), "NOT_EMPTY");
    }

    #[test]
    fn a_passing_folder_goes_away() {
        let place = DemoFolder::new(None, false).unwrap();
        let path = place.path().to_owned();
        assert!(path.exists());
        assert_eq!(place.end().unwrap(), None);
        assert!(!path.exists());
    }
}
