//! One question to one record.

use std::collections::BTreeSet;
use std::fmt;

use domain::Field;

use crate::{Claim, Day, FieldName, Quantity, Span, Spanned};

/// One question to one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// A field and what is asked about it.
    Test {
        /// The field.
        field: FieldName,
        /// The question.
        test: Test,
        /// Where the whole stands.
        span: Span,
    },
    /// Whether fields of one record say what the asker supplies.
    Match {
        /// Each field and its text, in the order of the text.
        parts: Vec<(FieldName, Spanned<Supplied>)>,
        /// Where the whole stands.
        span: Span,
    },
}

/// What is asked about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Is it so?
    True,
    /// Is it so great, or so small?
    Compare(Comparison, Spanned<Bound>),
    /// Does it lie between these, both included?
    Between(Spanned<Quantity>, Spanned<Quantity>),
    /// Does it lie within so many percent of what was declared?
    Near {
        /// 1 to 50.
        percent: Spanned<u8>,
        /// The declared number.
        declared: Spanned<Declared>,
    },
    /// Is it one of these categories?
    OneOf(BTreeSet<Box<str>>),
    /// Does it lie before this day?
    Before(Spanned<Day>),
    /// Does it lie after this day?
    After(Spanned<Day>),
    /// Does it lie within the last so many months, today included?
    WithinMonths(Spanned<u16>),
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A number that everybody sees.
    Number(Quantity),
    /// A grade; the best is the greatest.
    Grade(Box<str>),
    /// A number that comes encrypted, by its place among those of the formula, from 0.
    Sealed(u8),
}

/// A number that a subject has declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// As it was typed.
    Number(Quantity),
    /// It comes encrypted, by its place among such numbers of the formula, from 0.
    Sealed(u8),
    /// It comes apart from the formula, by its place among the claims, from 0.
    Claimed(u8),
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// At least.
    AtLeast,
    /// More than.
    MoreThan,
    /// At most.
    AtMost,
    /// Less than.
    LessThan,
}

impl Comparison {
    /// How it is written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::MoreThan => ">",
            Self::AtMost => "<=",
            Self::LessThan => "<",
        }
    }

    /// Whether a value compares like this with a bound.
    #[must_use]
    pub fn holds<T: Ord>(self, value: &T, bound: &T) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::MoreThan => value > bound,
            Self::AtMost => value <= bound,
            Self::LessThan => value < bound,
        }
    }
}

/// A text that the asker supplies for comparison: a name or a number, often a person's.
#[derive(Clone, PartialEq, Eq)]
pub enum Supplied {
    /// As it was typed; its `Debug` is redacted.
    Text(Box<str>),
    /// It comes apart from the formula, by its place among the claims, from 0.
    Claimed(u8),
}

impl fmt::Debug for Supplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Claimed(place) => write!(f, "Claimed({place})"),
        }
    }
}

impl Atom {
    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Test { span, .. } | Self::Match { span, .. } => *span,
        }
    }

    pub(crate) fn renamed<E>(
        &self,
        resolve: &mut impl FnMut(&FieldName) -> Result<Field, E>,
    ) -> Result<Self, E> {
        let mut named = |name: &FieldName| Ok(FieldName::of(&resolve(name)?, name.span()));
        Ok(match self {
            Self::Test { field, test, span } => {
                Self::Test { field: named(field)?, test: test.clone(), span: *span }
            }
            Self::Match { parts, span } => {
                let part = |(name, text): &(FieldName, Spanned<Supplied>)| {
                    Ok((named(name)?, text.clone()))
                };
                Self::Match {
                    parts: parts.iter().map(part).collect::<Result<_, E>>()?,
                    span: *span,
                }
            }
        })
    }

    /// Where it says `claimed`.
    pub(crate) fn placeholders(&self) -> Vec<Span> {
        match self {
            Self::Match { parts, .. } => {
                let claimed = parts.iter().filter(|(_, text)| match text.part {
                    Supplied::Claimed(_) => true,
                    Supplied::Text(_) => false,
                });
                claimed.map(|(_, text)| text.span).collect()
            }
            Self::Test { test: Test::Near { declared, .. }, .. } => match declared.part {
                Declared::Claimed(_) => vec![declared.span],
                Declared::Number(_) | Declared::Sealed(_) => Vec::new(),
            },
            Self::Test {
                test:
                    Test::True
                    | Test::Compare(..)
                    | Test::Between(..)
                    | Test::OneOf(_)
                    | Test::Before(_)
                    | Test::After(_)
                    | Test::WithinMonths(_),
                ..
            } => Vec::new(),
        }
    }

    /// The same with a placeholder for each claim, which goes to `claims`.
    pub(crate) fn withheld(&self, claims: &mut Vec<Claim>) -> Self {
        let mut place = |claim: Claim| {
            claims.push(claim);
            u8::try_from(claims.len() - 1).expect("a formula has at most 64 claims")
        };
        let mut atom = self.clone();
        match &mut atom {
            Self::Match { parts, .. } => {
                for (_, text) in parts {
                    if let Supplied::Text(supplied) = &text.part {
                        text.part = Supplied::Claimed(place(Claim::of_text(supplied)));
                    }
                }
            }
            Self::Test { test: Test::Near { declared, .. }, .. } => {
                if let Declared::Number(number) = declared.part {
                    declared.part = Declared::Claimed(place(Claim::of_number(number)));
                }
            }
            Self::Test { .. } => {}
        }
        atom
    }
}
