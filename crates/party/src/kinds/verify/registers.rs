//! Registers asked by field.

use std::sync::Arc;

use ::catalogue::FieldType;
use domain::{Digest, Field, Subject, Value};
use registers::{ColumnKind, ColumnSpec};

use crate::Trouble;
use crate::config::Register;
use crate::data;
use crate::node::Node;
use crate::register_cache::Loaded;

/// A register with the columns of some fields. A column whose content is not what its field holds
/// spoils the questions about it, and no others.
pub(super) struct ByField {
    register: Arc<Loaded>,
    columns: Vec<Bound>,
}

/// A column, and what it is.
struct Bound {
    column: String,
    field: Field,
    field_type: FieldType,
}

impl ByField {
    /// A register's columns of these fields. What is wrong with it is told to this party's own log
    /// alone.
    pub(super) async fn of(
        node: &Node,
        register: &Register,
        fields: &[Field],
    ) -> Result<Self, Trouble> {
        let bound = register.fields.iter().filter(|(_, field)| fields.contains(field));
        let bound = bound.filter_map(|(column, field)| {
            let (_, entry) = node.rules.catalogue.lookup(field)?;
            let field_type = entry.field_type();
            Some(Bound { column: column.clone(), field: field.clone(), field_type })
        });
        let columns: Vec<Bound> = bound.collect();
        let wanted: Vec<ColumnSpec> = columns
            .iter()
            .map(|bound| data::column(&bound.column, kind(bound.field_type)))
            .collect();
        let register = node.registers.answering(register, &wanted).await?;
        Ok(Self { register, columns })
    }

    /// Names the register's content, so that two answers can be told to come from the same rows.
    pub(super) fn batch(&self) -> Digest {
        self.register.batch()
    }

    /// What the register says about a subject in a field; nothing of one that it does not have.
    pub(super) fn value(&self, subject: &Subject, field: &Field) -> Option<Value> {
        let Bound { column, field_type, .. } =
            self.columns.iter().find(|bound| bound.field == *field)?;
        let row = self.register.row(subject)?;
        let value = self.register.value(row, column, kind(*field_type))?;
        Some(if *field_type == FieldType::Month { month(value) } else { value })
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
