//! A party's own tables: what a run reads, what an operator checks.

use std::path::{Path, PathBuf};

use domain::{CheckMode, Subject, SubjectKind};
use registers::{Key, LoadReport, OnBad, Profile};

use crate::Trouble;
use crate::config::Register;

/// A column of identifiers in a file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) key: Key,
    pub(crate) on_bad: OnBad,
}

impl Source {
    pub(crate) fn of(register: &Register) -> Self {
        let Register { file, column, kind, check, skip_bad, .. } = register;
        Self::new(file.clone(), column.clone(), *kind, *check, *skip_bad)
    }

    pub(crate) fn new(
        file: PathBuf,
        column: String,
        kind: SubjectKind,
        mode: CheckMode,
        skip_bad: bool,
    ) -> Self {
        let on_bad = if skip_bad { OnBad::Skip } else { OnBad::Stop };
        Self { file, key: Key { column, kind, mode }, on_bad }
    }
}

/// Reads the subjects of a file, off the reactor.
pub(crate) async fn load(source: Source) -> Result<(Vec<Subject>, LoadReport), Trouble> {
    let read = move || registers::subjects(&source.file, &source.key, source.on_bad);
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| Trouble::said("OURS", &error))?
        .map_err(|error| unreadable(&error))
}

/// What is in a file, for its owner.
///
/// # Errors
///
/// When the file cannot be read as a table or lacks the column.
pub fn check_data(file: &Path, column: &str, kind: &str, check: &str) -> Result<Profile, Trouble> {
    let key = Key {
        column: column.into(),
        kind: kind.parse().map_err(|error| Trouble::said("USAGE", &error))?,
        mode: check.parse().map_err(|error| Trouble::said("USAGE", &error))?,
    };
    registers::profile(file, Some(&key)).map_err(|error| unreadable(&error))
}

pub(crate) fn unreadable(error: &registers::Error) -> Trouble {
    let en = error.to_string();
    Trouble::us("DATA", en.clone(), format!("数据文件有问题：{en}"))
}
