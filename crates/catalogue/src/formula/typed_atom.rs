//! One question that its field's type permits.

use std::collections::BTreeSet;

use domain::{ClassId, Field};
use formula::{Claim, Comparison, Day, NoClaim, Quantity, Span};

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
    /// Each field's text, in the order of the fields.
    Match(Vec<Text>),
}

/// A number of a formula, or its place among those that are not in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Clear(Quantity),
    Sealed(u8),
    Claimed(u8),
}

/// A text of a formula, normalised, or its place among the claims.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Text {
    Clear(Box<str>),
    Claimed(u8),
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
            | Asked::Compare(_, Number::Clear(_) | Number::Claimed(_))
            | Asked::Near(_, Number::Clear(_) | Number::Claimed(_))
            | Asked::Between(..)
            | Asked::OneOf(_)
            | Asked::Graded { .. }
            | Asked::Before(_)
            | Asked::After(_)
            | Asked::WithinMonths(_)
            | Asked::Match(_) => None,
        }
    }

    /// The places of its claims among those of the formula, from 0, in the order of its fields.
    #[must_use]
    pub fn claims(&self) -> Vec<u8> {
        match &self.asked {
            Asked::Compare(_, Number::Claimed(place)) | Asked::Near(_, Number::Claimed(place)) => {
                vec![*place]
            }
            Asked::Match(texts) => {
                let claimed = texts.iter().filter_map(|text| match text {
                    Text::Claimed(place) => Some(*place),
                    Text::Clear(_) => None,
                });
                claimed.collect()
            }
            Asked::True
            | Asked::Compare(_, Number::Clear(_) | Number::Sealed(_))
            | Asked::Near(_, Number::Clear(_) | Number::Sealed(_))
            | Asked::Between(..)
            | Asked::OneOf(_)
            | Asked::Graded { .. }
            | Asked::Before(_)
            | Asked::After(_)
            | Asked::WithinMonths(_) => Vec::new(),
        }
    }

    /// The atom with every claim in its place, each taken by the rules of one that is typed.
    ///
    /// # Errors
    ///
    /// The first claim's place, and what is wrong with its bytes; [`NoClaim::Bytes`] when `claim` has
    /// none for it.
    pub fn claiming<'a>(
        &self,
        claim: impl Fn(u8) -> Option<&'a [u8]>,
    ) -> Result<Self, (u8, NoClaim)> {
        let bytes = |place: u8| claim(place).ok_or((place, NoClaim::Bytes));
        let number = |number: Number| match number {
            Number::Clear(_) | Number::Sealed(_) => Ok(number),
            Number::Claimed(place) => {
                let number = Claim::number(bytes(place)?).map_err(|what| (place, what))?;
                Ok(Number::Clear(number))
            }
        };
        let text = |text: &Text| match text {
            Text::Clear(_) => Ok(text.clone()),
            Text::Claimed(place) => {
                let text = Claim::text(bytes(*place)?).map_err(|what| (*place, what))?;
                Ok(Text::Clear(text))
            }
        };
        let mut atom = self.clone();
        match &mut atom.asked {
            Asked::Compare(_, bound) | Asked::Near(_, bound) => *bound = number(*bound)?,
            Asked::Match(texts) => *texts = texts.iter().map(text).collect::<Result<_, _>>()?,
            Asked::True
            | Asked::Between(..)
            | Asked::OneOf(_)
            | Asked::Graded { .. }
            | Asked::Before(_)
            | Asked::After(_)
            | Asked::WithinMonths(_) => {}
        }
        Ok(atom)
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
