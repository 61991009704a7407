//! One question that its field's type permits.

use std::collections::BTreeSet;

use domain::formula::{Comparison, Day, Quantity, Span};
use domain::{ClassId, Field};

use crate::{FieldType, Question};

/// One question to one record that its fields' types permit.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedAtom {
    pub(crate) fields: Vec<Field>,
    pub(crate) field_type: FieldType,
    pub(crate) question: Question,
    pub(crate) asked: Asked,
    pub(crate) span: Span,
}

/// What is asked, ready to be answered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    True,
    Compare(Comparison, Number),
    Between(Quantity, Quantity),
    Near(u8, Number),
    OneOf(BTreeSet<Box<str>>),
    /// Those of the ranks that make it so.
    Graded {
        among: BTreeSet<Box<str>>,
        ranks: BTreeSet<Box<str>>,
    },
    Before(Day),
    After(Day),
    WithinMonths(u16),
    /// Each field's text, normalised, in the order of the fields.
    Match(Vec<Box<str>>),
}

/// A number of a formula.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Clear(Quantity),
    Sealed(u8),
}

impl TypedAtom {
    /// Its field, or all fields of its tuple; they are of one class.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The class of its fields: whose register answers it.
    #[must_use]
    pub fn class(&self) -> ClassId {
        self.fields[0].class()
    }

    /// The kind of question.
    #[must_use]
    pub const fn question(&self) -> Question {
        self.question
    }

    /// The place of its encrypted number among those of the formula, from 0, where it has one.
    #[must_use]
    pub const fn slot(&self) -> Option<u8> {
        match self.asked {
            Asked::Compare(_, Number::Sealed(slot)) | Asked::Near(_, Number::Sealed(slot)) => {
                Some(slot)
            }
            Asked::True
            | Asked::Compare(_, Number::Clear(_))
            | Asked::Near(_, Number::Clear(_))
            | Asked::Between(..)
            | Asked::OneOf(_)
            | Asked::Graded { .. }
            | Asked::Before(_)
            | Asked::After(_)
            | Asked::WithinMonths(_)
            | Asked::Match(_) => None,
        }
    }

    /// Where it first stands in the text that was parsed.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }
}

/// Names the fields and the kind of question: what is supplied for a match is not printed.
impl std::fmt::Debug for TypedAtom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TypedAtom({} {:?})", self.question, self.fields)
    }
}
