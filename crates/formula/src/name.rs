//! How a formula names a field.

use std::fmt;

use domain::{ClassId, Field};

use crate::Span;

/// A field as a formula names it: with its class, or alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    class: Option<ClassId>,
    name: Box<str>,
    span: Span,
}

impl FieldName {
    /// The parser has seen that the name is one of a field.
    pub(crate) fn new(class: Option<ClassId>, name: &str, span: Span) -> Self {
        Self { class, name: name.into(), span }
    }

    pub(crate) fn of(field: &Field, span: Span) -> Self {
        Self::new(Some(field.class()), field.name(), span)
    }

    /// The class, where it is named.
    #[must_use]
    pub const fn class(&self) -> Option<ClassId> {
        self.class
    }

    /// The name within the class.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field, where the class is named.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        Field::new(self.class?, &self.name).ok()
    }

    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Some(class) => write!(f, "{class}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
