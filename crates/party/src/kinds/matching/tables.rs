//! Registers as texts, compared tuple by tuple.

use std::sync::Arc;

use domain::{Digest, Subject, Value};
use registers::{ColumnKind, ColumnSpec, Table};

use super::tuple;
use crate::Trouble;
use crate::config::Register;
use crate::data::{self, Source};
use crate::node::Node;
use crate::register_cache::Loaded;

/// Columns of a register that a lender claims something of.
pub(super) struct Held {
    register: Arc<Loaded>,
    columns: Vec<String>,
}

impl Held {
    /// These columns of a register. What is wrong with it is told to this party's own log alone.
    pub(super) async fn of(
        node: &Node,
        register: &Register,
        columns: Vec<String>,
    ) -> Result<Self, Trouble> {
        let register = node.registers.answering(register, &as_texts(&columns)).await?;
        Ok(Self { register, columns })
    }

    /// Names the register's content.
    pub(super) fn batch(&self) -> Digest {
        self.register.batch()
    }

    /// What the register says about a subject, as it is compared.
    pub(super) fn tuple(&self, subject: &Subject) -> Option<Vec<u8>> {
        let at = self.register.row(subject)?;
        compared(&self.columns, |column| self.register.value(at, column, ColumnKind::Text))
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
    columns.iter().map(|name| data::column(name, ColumnKind::Text)).collect()
}

/// What a table has about a subject in these columns, as it is compared.
pub(super) fn row(table: &Table, subject: &Subject, columns: &[String]) -> Option<Vec<u8>> {
    let at = table.row(subject)?;
    compared(columns, |column| table.value(at, column))
}

fn compared(columns: &[String], value: impl Fn(&str) -> Option<Value>) -> Option<Vec<u8>> {
    let values: Vec<Option<Value>> = columns.iter().map(|column| value(column)).collect();
    tuple(values.iter().map(|value| match value {
        Some(Value::Text(text)) => Some(text.as_ref()),
        Some(Value::Number(_)) | None => None,
    }))
}
