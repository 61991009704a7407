//! A party's own tables: what a run reads, what an operator checks.

use std::path::{Path, PathBuf};

use catalogue::{Catalogue, ValueKind};
use domain::{CheckMode, ClassId, Digest, Field, Subject, SubjectKind};
use registers::{ColumnKind, ColumnProfile, ColumnSpec, Key, LoadReport, OnBad, Profile};
use scorecard::{Feature, Part};
use sha2::{Digest as _, Sha256};

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

/// The columns that a model's part reads.
pub(crate) fn columns(part: &Part) -> Vec<ColumnSpec> {
    part.features().iter().map(|feature| column(feature.column(), kind(feature))).collect()
}

/// As what a feature's column is read.
pub(crate) fn kind(feature: &Feature) -> ColumnKind {
    if feature.binning().is_numeric() { ColumnKind::Number } else { ColumnKind::Text }
}

/// A column of a register, in which an empty cell is a missing value and nothing else is.
pub(crate) fn column(name: &str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, missing: Vec::new() }
}

/// Reads the subjects of a file, off the reactor.
pub(crate) async fn load(source: Source) -> Result<(Vec<Subject>, LoadReport), Trouble> {
    let read = move || registers::subjects(&source.file, &source.key, source.on_bad);
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| Trouble::from_error("OURS", &error))?
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
        kind: kind.parse().map_err(|error| Trouble::from_error("USAGE", &error))?,
        mode: check.parse().map_err(|error| Trouble::from_error("USAGE", &error))?,
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
