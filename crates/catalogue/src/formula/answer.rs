//! An atom's answer on a record, in clear, at the holder that has it.

use domain::{Answer, Field, Value};
use formula::{Comparison, Quantity, category, matched, months_from};
use time::{Date, Month};

use super::TypedAtom;
use super::typed_atom::{Asked, Number, Text};
use crate::FieldType;

/// How a holder answers an atom.
#[derive(Clone, Copy, Debug)]
pub enum Asking<'a> {
    /// By itself.
    Clear(Clear<'a>),
    /// With a number that it cannot read.
    Sealed(Sealed<'a>),
}

/// An atom that a holder answers by itself.
#[derive(Clone, Copy, Debug)]
pub struct Clear<'a>(&'a TypedAtom);

/// An atom that a holder answers under encryption.
#[derive(Clone, Copy, Debug)]
pub struct Sealed<'a> {
    atom: &'a TypedAtom,
    slot: u8,
}

impl TypedAtom {
    /// How a holder answers it.
    #[must_use]
    pub const fn asking(&self) -> Asking<'_> {
        match self.slot() {
            Some(slot) => Asking::Sealed(Sealed { atom: self, slot }),
            None => Asking::Clear(Clear(self)),
        }
    }
}

impl Clear<'_> {
    /// The answer, from what the subject's row holds; `today` is the day in Asia/Shanghai.
    ///
    /// No row, no value, and a value that cannot be what its field holds are unknown. A field that
    /// holds months or years is asked about whole ones: one that the day lies in is unknown, and one
    /// that any of the last months lies in is within them. A tuple matches when all its texts do.
    /// What is claimed and not here is unknown.
    pub fn answer(self, mut value: impl FnMut(&Field) -> Option<Value>, today: Date) -> Answer {
        if let Asked::Match(texts) = &self.0.asked {
            let parts = self.0.fields.iter().zip(texts);
            return parts.fold(Answer::Yes, |all, (field, text)| {
                let held =
                    value(field).and_then(|value| written(&value)).map(|held| matched(&held));
                let held = held.filter(|held| !held.is_empty());
                all.and(match (held, text) {
                    (Some(held), Text::Clear(text)) => (*held == **text).into(),
                    (None, _) | (_, Text::Claimed(_)) => Answer::Unknown,
                })
            });
        }
        let value = self.0.fields.first().and_then(value);
        value.and_then(|value| self.about(&value, today)).unwrap_or(Answer::Unknown)
    }

    /// The answer about one value; `None` when the value is not what the field holds.
    fn about(self, value: &Value, today: Date) -> Option<Answer> {
        Some(match &self.0.asked {
            Asked::True => truth(value)?.into(),
            Asked::Compare(comparison, Number::Clear(bound)) => {
                comparison.holds(&quantity(value)?, bound).into()
            }
            Asked::Between(low, high) => (*low..=*high).contains(&quantity(value)?).into(),
            Asked::Near(percent, Number::Clear(declared)) => {
                let [low, high] = band(*percent, *declared);
                (low..=high).contains(&quantity(value)?).into()
            }
            Asked::OneOf(categories) => categories.contains(named(value)?.as_str()).into(),
            Asked::Graded { among, ranks } => {
                let grade = named(value)?;
                // A firm without a grade is neither better nor worse than one.
                ranks.contains(grade.as_str()).then(|| among.contains(grade.as_str()))?.into()
            }
            Asked::Before(day) => {
                let ([first, last], day) = (self.days(value)?, day.resolved(today));
                certain(last < day, first >= day)
            }
            Asked::After(day) => {
                let ([first, last], day) = (self.days(value)?, day.resolved(today));
                certain(first > day, last <= day)
            }
            Asked::WithinMonths(count) => {
                let [first, last] = self.days(value)?;
                (first <= today && last >= months_from(today, -i32::from(*count))).into()
            }
            Asked::Compare(_, Number::Sealed(_) | Number::Claimed(_))
            | Asked::Near(_, Number::Sealed(_) | Number::Claimed(_))
            | Asked::Match(_) => return None,
        })
    }

    /// The first and the last day that a value stands for.
    fn days(self, value: &Value) -> Option<[Date; 2]> {
        let (year, month, day) = match value {
            Value::Text(text) => {
                let mut parts = text.splitn(3, '-').map(|part| part.parse::<u16>().ok());
                let [year, month, day] = [(); 3].map(|()| parts.next().flatten());
                (year?, u8::try_from(month?).ok()?, u8::try_from(day?).ok()?)
            }
            Value::Number(_) if self.0.field_type == FieldType::Year => {
                (whole(value).and_then(|year| year.try_into().ok())?, 1, 1)
            }
            Value::Number(_) => return None,
        };
        let month = Month::try_from(month).ok()?;
        let date = |month, day| Date::from_calendar_date(year.into(), month, day).ok();
        let day = date(month, day)?;
        if self.0.field_type == FieldType::Year {
            return Some([date(Month::January, 1)?, date(Month::December, 31)?]);
        }
        if self.0.field_type == FieldType::Month {
            return Some([date(month, 1)?, date(month, month.length(year.into()))?]);
        }
        Some([day, day])
    }
}

impl<'a> Sealed<'a> {
    /// The number's place among the encrypted numbers of the formula, from 0.
    #[must_use]
    pub const fn slot(self) -> u8 {
        self.slot
    }

    /// How the value compares with the number; `None` when it is to lie within the tolerance.
    #[must_use]
    pub const fn comparison(self) -> Option<Comparison> {
        if let Asked::Compare(comparison, _) = self.atom.asked { Some(comparison) } else { None }
    }

    /// The tolerance in percent, when the value is to lie near the number.
    #[must_use]
    pub const fn tolerance(self) -> Option<u8> {
        if let Asked::Near(percent, _) = self.atom.asked { Some(percent) } else { None }
    }

    /// The field.
    #[must_use]
    pub fn field(self) -> &'a Field {
        &self.atom.fields[0]
    }

    /// The value as it is compared under encryption; `None` is unknown.
    ///
    /// The lender encrypts [`Quantity::ordinal`] of its number, or of both ends of [`band`].
    #[must_use]
    pub fn ordinal(self, value: Option<&Value>) -> Option<u64> {
        quantity(value?).map(Quantity::ordinal)
    }
}

/// The least and the greatest number within so many percent of what was declared, both included.
#[must_use]
pub fn band(percent: u8, declared: Quantity) -> [Quantity; 2] {
    let declared = declared.ten_thousandths();
    // A declared number has 12 digits before its point: nothing here comes near 2^63. Rounding
    // towards the number itself keeps the band within the tolerance.
    let by = declared.abs() * i64::from(percent) / 100;
    [declared - by, declared + by].map(Quantity::from_ten_thousandths)
}

/// Yes, no, or unknown when neither is certain.
fn certain(yes: bool, no: bool) -> Answer {
    match (yes, no) {
        (true, _) => Answer::Yes,
        (false, true) => Answer::No,
        (false, false) => Answer::Unknown,
    }
}

/// What registers write for yes and no.
fn truth(value: &Value) -> Option<bool> {
    match named(value)?.to_lowercase().as_str() {
        "1" | "是" | "有" | "y" | "yes" | "t" | "true" => Some(true),
        "0" | "否" | "无" | "n" | "no" | "f" | "false" => Some(false),
        _ => None,
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::Number(number) => Quantity::nearest(*number),
        Value::Text(_) => None,
    }
}

/// A category, coded as text or as a whole number.
fn named(value: &Value) -> Option<String> {
    written(value).map(|text| category(&text)).filter(|text| !text.is_empty())
}

fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.as_ref().into()),
        Value::Number(_) => whole(value).map(|number| number.to_string()),
    }
}

fn whole(value: &Value) -> Option<i64> {
    let count = quantity(value)?.ten_thousandths();
    (count % 10_000 == 0).then_some(count / 10_000)
}
