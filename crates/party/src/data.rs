//! A party's own tables: what a run reads, what an operator checks.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use audit::PseudonymKey;
use catalogue::{Catalogue, ValueKind};
use domain::{CheckMode, ClassId, Digest, Field, Part, Subject, SubjectKind};
use registers::{ColumnKind, ColumnProfile, ColumnSpec, Key, LoadReport, OnBad, Profile, Table};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

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

/// Tells whether a file has changed.
pub(crate) type Stamp = Option<(u64, SystemTime)>;

/// Lets one read a file at a time: whoever comes meanwhile waits, and finds it read.
#[derive(Default)]
pub(crate) struct Readers(Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>);

impl Readers {
    /// Waits until nobody else reads this file.
    pub(crate) async fn alone(&self, file: &Path) -> OwnedMutexGuard<()> {
        let door = {
            let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(doors.entry(file.to_owned()).or_default())
        };
        door.lock_owned().await
    }
}

/// A file as it is now.
pub(crate) fn stamp(file: &Path) -> Stamp {
    let facts = fs::metadata(file).ok()?;
    Some((facts.len(), facts.modified().ok()?))
}

/// Reads columns of a file, and commits to its whole content in the same reading, under this party's
/// own key: registers are raw detail, and a bare hash of one would tell when two are the same.
pub(crate) fn table(
    source: &Source,
    columns: &[ColumnSpec],
    key: &PseudonymKey,
) -> Result<(Table, LoadReport, Digest), Trouble> {
    let mut hasher = Sha256::new();
    let take = |piece: &[u8]| hasher.update(piece);
    let read = Table::read_with_content(&source.file, &source.key, columns, source.on_bad, take);
    let (table, report) = read.map_err(|error| unreadable(&error))?;
    Ok((table, report, key.batch(&Digest::from_bytes(hasher.finalize().into()))))
}

/// The columns that a model's part reads.
pub(crate) fn columns(part: &Part) -> Vec<ColumnSpec> {
    let column = |feature: &domain::Feature| {
        let numeric = feature.binning().is_numeric();
        let kind = if numeric { ColumnKind::Number } else { ColumnKind::Text };
        ColumnSpec { name: feature.column().into(), kind, missing: Vec::new() }
    };
    part.features().iter().map(column).collect()
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

/// The hash of a file's content, the same however it is encoded and quoted; for its owner only.
///
/// # Errors
///
/// When the file cannot be read as a table.
pub fn content_hash(file: &Path) -> Result<Digest, Trouble> {
    let mut hasher = Sha256::new();
    registers::content(file, |piece| hasher.update(piece)).map_err(|error| unreadable(&error))?;
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

/// What a column of a file is to the catalogue.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The field, where the classes that were named have one of this name.
    pub field: Option<Field>,
    /// Why the column cannot be bound to it.
    pub problem: Option<String>,
}

/// Finds each column of a file among the fields of these classes of the built-in catalogue, by the
/// field's name or its Chinese heading, and says whether what is in the column fits.
#[must_use]
pub fn bindings(profile: &Profile, classes: &[ClassId]) -> Vec<Binding> {
    let catalogue = Catalogue::jiangsu();
    let entries = || catalogue.fields().filter(|entry| classes.contains(&entry.field().class()));
    let binding = |column: &ColumnProfile| {
        let named = |entry: &&catalogue::FieldEntry| {
            entry.field().name() == column.name
                || entry.zh() == column.name
                || entry.zh_printed() == column.name
        };
        let field = entries().find(named).map(|entry| entry.field().clone());
        let kind = match column.kind {
            Some(ColumnKind::Integer) => Some(ValueKind::Integer),
            Some(ColumnKind::Number) => Some(ValueKind::Number),
            Some(ColumnKind::Date) => Some(ValueKind::Date),
            Some(ColumnKind::Text) => Some(ValueKind::Text),
            // Nothing is in it, so nothing contradicts.
            None => None,
        };
        let fits = |field: &Field| {
            catalogue.accepts_binding(field, kind?).err().map(|error| error.to_string())
        };
        Binding { problem: field.as_ref().and_then(fits), field }
    };
    profile.columns.iter().map(binding).collect()
}

pub(crate) fn unreadable(error: &registers::Error) -> Trouble {
    let en = error.to_string();
    Trouble::us("DATA", en.clone(), format!("数据文件有问题：{en}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_file_is_read_by_one_at_a_time_and_another_file_meanwhile() {
        let readers = Readers::default();
        let (one, other) = (Path::new("one.csv"), Path::new("other.csv"));
        let first = readers.alone(one).await;
        let soon = Duration::from_millis(20);
        assert!(timeout(soon, readers.alone(one)).await.is_err());
        assert!(timeout(soon, readers.alone(other)).await.is_ok());
        drop(first);
        assert!(timeout(soon, readers.alone(one)).await.is_ok());
    }
}
