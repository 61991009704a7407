//! Registers in memory, as texts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Digest, Subject, Value};
use registers::{ColumnKind, ColumnSpec, Table};

use super::tuple;
use crate::Trouble;
use crate::config::Register;
use crate::data::{self, Source, Stamp, stamp};
use crate::node::Node;

/// The most tables that are kept; one more takes the place of all.
const MOST: usize = 8;

/// Registers that lenders claimed something of, each with the columns that they claimed about.
#[derive(Default)]
pub(crate) struct Tables(Mutex<ByColumns>);

/// By a register's name and its columns.
type ByColumns = HashMap<(String, Vec<String>), Arc<Held>>;

/// Columns of a register.
pub(super) struct Held {
    table: Table,
    columns: Vec<String>,
    batch: Digest,
    stamp: Stamp,
}

impl Tables {
    /// These columns of a register, read again when its file has changed. What is wrong with it is
    /// told to this party's own log alone.
    pub(super) async fn held(
        &self,
        node: &Node,
        register: &Register,
        columns: &[String],
    ) -> Result<Arc<Held>, Trouble> {
        let key = (register.name.clone(), columns.to_vec());
        if let Some(kept) = self.kept(&key, stamp(&register.file)) {
            return Ok(kept);
        }
        let _alone = node.readers.alone(&register.file).await;
        let stamp = stamp(&register.file);
        if let Some(kept) = self.kept(&key, stamp) {
            return Ok(kept);
        }
        let (source, columns) = (Source::of(register), columns.to_vec());
        let rules = Arc::clone(&node.rules);
        let read = move || {
            let (table, report, batch) =
                data::table(&source, &as_texts(&columns), &rules.pseudonyms)?;
            tracing::info!(subjects = report.distinct, "register read");
            Ok::<_, Trouble>(Held { table, columns, batch, stamp })
        };
        let read = tokio::task::spawn_blocking(read).await;
        let held = read.map_err(|error| Trouble::said("OURS", &error))?.map_err(|trouble| {
            tracing::warn!(register = register.name, "the register cannot be read: {trouble}");
            Trouble::us("REGISTER", "the register cannot be read now", "登记表目前无法读取")
        })?;
        let held = Arc::new(held);
        let mut tables = self.locked();
        if tables.len() >= MOST {
            tables.clear();
        }
        tables.insert(key, Arc::clone(&held));
        Ok(held)
    }

    /// What is kept of a register whose file is as it was.
    fn kept(&self, key: &(String, Vec<String>), stamp: Stamp) -> Option<Arc<Held>> {
        self.locked().get(key).filter(|kept| kept.stamp == stamp).cloned()
    }

    fn locked(&self) -> MutexGuard<'_, ByColumns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Names the register's content.
    pub(super) fn batch(&self) -> Digest {
        self.batch
    }

    /// What the register says about a subject, as it is compared.
    pub(super) fn tuple(&self, subject: &Subject) -> Option<Vec<u8>> {
        row(&self.table, subject, &self.columns)
    }
}

/// Columns of a file, each as text.
pub(super) fn texts(
    source: &Source,
    columns: &[String],
) -> Result<(Table, registers::LoadReport), Trouble> {
    Table::read(&source.file, &source.key, &as_texts(columns), source.on_bad)
        .map_err(|error| data::unreadable(&error))
}

fn as_texts(columns: &[String]) -> Vec<ColumnSpec> {
    let spec = |name: &String| ColumnSpec {
        name: name.clone(),
        kind: ColumnKind::Text,
        missing: Vec::new(),
    };
    columns.iter().map(spec).collect()
}

/// What a table has about a subject in these columns, as it is compared.
pub(super) fn row(table: &Table, subject: &Subject, columns: &[String]) -> Option<Vec<u8>> {
    let at = table.row(subject)?;
    let values: Vec<Option<Value>> = columns.iter().map(|column| table.value(at, column)).collect();
    tuple(values.iter().map(|value| match value {
        Some(Value::Text(text)) => Some(text.as_ref()),
        Some(Value::Number(_)) | None => None,
    }))
}
