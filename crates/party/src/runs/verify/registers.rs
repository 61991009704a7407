//! Registers in memory, asked by field.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use ::catalogue::{Catalogue, FieldType};
use audit::PseudonymKey;
use domain::{Digest, Field, Subject, Value};
use registers::{ColumnKind, ColumnSpec, Table};

use crate::Trouble;
use crate::config::Register;
use crate::data::{self, Source, Stamp, stamp};
use crate::node::Node;

/// Registers that formulas were asked about, by name.
#[derive(Default)]
pub(crate) struct Registers(Mutex<HashMap<String, Arc<Loaded>>>);

/// A register with the columns that formulas were asked about so far. A column whose content is not
/// what its field holds spoils the questions about it, and no others.
pub(crate) struct Loaded {
    table: Table,
    columns: Vec<Bound>,
    batch: Digest,
    stamp: Stamp,
}

/// A column, and what it is.
struct Bound {
    column: String,
    field: Field,
    field_type: FieldType,
}

impl Registers {
    /// The register with these fields, read again when its file has changed. What is wrong with it is
    /// told to this party's own log alone.
    pub(super) async fn loaded(
        &self,
        node: &Node,
        register: &Register,
        fields: &[Field],
    ) -> Result<Arc<Loaded>, Trouble> {
        let wanted: BTreeSet<Field> = fields.iter().cloned().collect();
        let kept = self.kept(register, stamp(&register.file));
        if let Some(kept) = kept.filter(|kept| wanted.is_subset(&kept.fields())) {
            return Ok(kept);
        }
        let _alone = node.readers.alone(&register.file).await;
        let stamp = stamp(&register.file);
        let mut wanted = wanted;
        if let Some(kept) = self.kept(register, stamp) {
            let has = kept.fields();
            if wanted.is_subset(&has) {
                return Ok(kept);
            }
            wanted.extend(has);
        }
        let (rules, asked) = (Arc::clone(&node.rules), register.clone());
        let read = tokio::task::spawn_blocking(move || {
            Loaded::read(&asked, &wanted, stamp, &rules.catalogue, &rules.pseudonyms)
        });
        let read = read.await.map_err(|error| Trouble::said("OURS", &error))?;
        let loaded = Arc::new(read.map_err(|trouble| {
            tracing::warn!(register = register.name, "the register cannot be read: {trouble}");
            Trouble::us("REGISTER", "the register cannot be read now", "登记表目前无法读取")
        })?);
        self.locked().insert(register.name.clone(), Arc::clone(&loaded));
        Ok(loaded)
    }

    /// What is kept of a register whose file is as it was.
    fn kept(&self, register: &Register, stamp: Stamp) -> Option<Arc<Loaded>> {
        self.locked().get(&register.name).filter(|kept| kept.stamp == stamp).cloned()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Loaded>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loaded {
    fn read(
        register: &Register,
        wanted: &BTreeSet<Field>,
        stamp: Stamp,
        catalogue: &Catalogue,
        key: &PseudonymKey,
    ) -> Result<Self, Trouble> {
        let bound = register.fields.iter().filter(|(_, field)| wanted.contains(field));
        let bound = bound.filter_map(|(column, field)| {
            let (_, entry) = catalogue.lookup(field)?;
            let field_type = entry.field_type();
            Some(Bound { column: column.clone(), field: field.clone(), field_type })
        });
        let columns: Vec<Bound> = bound.collect();
        let specs: Vec<ColumnSpec> = columns
            .iter()
            .map(|bound| ColumnSpec {
                name: bound.column.clone(),
                kind: kind(bound.field_type),
                missing: Vec::new(),
            })
            .collect();
        let source = Source::of(register);
        let (table, report, batch) = data::table(&source, &specs, key)?;
        tracing::info!(register = register.name, subjects = report.distinct, "register read");
        Ok(Self { table, columns, batch, stamp })
    }

    fn fields(&self) -> BTreeSet<Field> {
        self.columns.iter().map(|bound| bound.field.clone()).collect()
    }

    /// Names the register's content, so that two answers can be told to come from the same rows.
    pub(super) fn batch(&self) -> Digest {
        self.batch
    }

    /// What the register says about a subject in a field; nothing of one that it does not have.
    pub(super) fn value(&self, subject: &Subject, field: &Field) -> Option<Value> {
        let bound = self.columns.iter().find(|bound| bound.field == *field)?;
        let value = self.table.value(self.table.row(subject)?, &bound.column)?;
        Some(if bound.field_type == FieldType::Month { month(value) } else { value })
    }
}

/// As what a column is read.
fn kind(field_type: FieldType) -> ColumnKind {
    match field_type {
        FieldType::Money
        | FieldType::Integer
        | FieldType::Decimal
        | FieldType::Percent
        | FieldType::Year => ColumnKind::Number,
        FieldType::Date => ColumnKind::Date,
        FieldType::Name
        | FieldType::Uscc
        | FieldType::IdNumber
        | FieldType::Phone
        | FieldType::String
        | FieldType::Record
        | FieldType::Text
        | FieldType::List
        | FieldType::File
        | FieldType::Bool
        | FieldType::Enum
        | FieldType::Band
        | FieldType::Month => ColumnKind::Text,
    }
}

/// A month as the day that it begins with; anything else stays as it is, which answers unknown.
///
/// `2026-03`, `2026/3`, `202603` and `2026年3月`, and any day of it.
fn month(value: Value) -> Value {
    let Value::Text(text) = &value else { return value };
    let separated = |sign: char| matches!(sign, '-' | '/' | '年' | '月' | '日');
    let parts: Vec<&str> = text.split(separated).filter(|part| !part.is_empty()).collect();
    let (year, month) = match parts[..] {
        [digits] if digits.len() >= 6 && digits.is_ascii() => digits[..6].split_at(4),
        [year, month] | [year, month, _] => (year, month),
        _ => return value,
    };
    match (year.parse::<u16>(), month.parse::<u8>()) {
        (Ok(year), Ok(month @ 1..=12)) => Value::text(&format!("{year:04}-{month:02}-01")),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use domain::Value;

    use super::month;

    #[test]
    fn a_month_is_read_as_registers_write_it() {
        for text in ["2026-03", "2026/3", "202603", "20260315", "2026年3月", "2026-03-15"] {
            assert!(month(Value::text(text)) == Value::text("2026-03-01"), "{text}");
        }
        for text in ["2026", "2026-13", "March", "", "二零二六年三月", "2026-03-15-1"] {
            assert!(month(Value::text(text)) == Value::text(text), "{text}");
        }
        assert!(month(Value::Number(202_603.0)) == Value::Number(202_603.0));
    }
}
