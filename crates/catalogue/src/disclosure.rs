//! What a lender's questions about one subject could tell in one period, and where that ends.
//!
//! Answers are cheap, and twenty of them find an amount to the percent. So a holder keeps one
//! [`Disclosed`] a (lender, subject, period) and asks it before it answers; what it keeps are the
//! questions, and never a value or an answer.
//!
//! # The rules
//!
//! * **Thresholds.** Of one field at most [`MAX_THRESHOLDS`] distinct ones. An interval
//!   has two, `within n months` too: its first day and today. `x >= 5` and `x > 5` are two, for what
//!   lies between them is the number itself. Categories are counted by the set that is asked for.
//! * **Cells.** Between neighbouring thresholds that were asked lies a cell. None may be narrower
//!   than a quarter of the greater of its ends, or, for days, than a quarter of the longer time to
//!   today and [`NARROWEST_DAYS`].
//! * **A repetition is free.** It tells nothing while the record is the same, and a lost connection
//!   must not cost a lender its questions. What moves with today is another threshold tomorrow.
//! * **Declared values.** One a field and period: a yes confirms to the tolerance what the subject
//!   itself has declared, which is the purpose. Its band is the one cell that may be narrow; nothing
//!   else may cut it, and its ends count as thresholds beside all others.
//! * **Sealed numbers.** A holder cannot see where such a threshold lies, so it cannot keep the cells
//!   wide: one threshold alone bounds no cell, and any second could lie beside it. So a sealed
//!   question is the only question about its field in the period. It repeats freely when the same
//!   ciphertext comes again with the same comparison.
//! * **Matches.** At most [`MAX_MATCHES`] a subject and period, repeated or not: to know a repetition
//!   again, a holder would have to keep the names and numbers that were supplied.
//! * **Yes or no.** A field of type bool has one question, which tells all that it holds: what is
//!   asked again tells no more. Nothing is kept.
//!
//! # What this does not bound
//!
//! A period that is over is forgotten: a value that does not change is found over several, so a period
//! should be no shorter than records take to change. Lenders that pool what they were told have the
//! questions of all of them. Fields that say nearly the same (payable and paid) are counted apart.
//!
//! # Invariant
//!
//! A ruling depends on the questions and on today, never on a value or an answer: a refusal that
//! depended on them would tell them. Every atom counts as if its own answer had been told, although
//! a formula tells less.

mod cut;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::{Digest, Field, Refusal};
use formula::{Comparison, months_from};
use serde::{Deserialize, Serialize};
use time::Date;

use crate::TypedAtom;
use crate::formula::{Asked, Number, band};
use crate::grid::next;
use crate::words::words;
use cut::{Cut, Line};

/// The most distinct thresholds, or sets of categories, of one field.
pub const MAX_THRESHOLDS: usize = 5;

/// The most matches of one subject.
pub const MAX_MATCHES: u8 = 10;

/// The fewest days between two thresholds that are days.
pub const NARROWEST_DAYS: i64 = 28;

/// The questions that one lender has asked about one subject in one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<Field, AskedOf>,
    #[serde(default)]
    matches: u8,
}

/// What was asked of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum AskedOf {
    Thresholds {
        cuts: BTreeSet<Cut>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<[Cut; 2]>,
    },
    Categories(BTreeSet<BTreeSet<Box<str>>>),
    Sealed(SealedOf),
}

/// One question with a number that cannot be read: all of it must come again to be a repetition, or
/// `>=` and `>` of one ciphertext would tell whether the value is the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedOf {
    came: Digest,
    /// Whether it divides above the number, as `<=` and `>` do.
    above: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
}

/// A question that would tell too much: [`Refusal::QueryBudget`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overasked {
    /// The field; none when it is the matches of the subject that are used up.
    pub field: Option<Field>,
    /// The rule.
    pub limit: Limit,
}

words! {
    /// The limit that a question would pass.
    Limit, "a limit of disclosure":
    /// Too many thresholds.
    Thresholds "thresholds"
        "five thresholds of this field were asked in this period" "该字段本期已问满五个阈值";
    /// Too near to one another.
    Cell "cell"
        "this threshold is too near to one that was asked in this period"
        "该阈值与本期已问的阈值过于接近";
    /// Another declared value.
    Declared "declared"
        "another declared value of this field was asked in this period"
        "该字段本期已核对过另一申报值";
    /// A sealed number beside another question.
    Sealed "sealed"
        "a sealed number is the only question about its field in a period"
        "密封数字须为该字段本期唯一的问题";
    /// Too many matches.
    Matches "matches"
        "ten matches of this subject were asked in this period" "该主体本期已比对十次";
}

impl Disclosed {
    /// What is disclosed once these atoms are answered too: all of them, or none is.
    ///
    /// `sealed` has the SHA-256 of what came encrypted for each slot of the formula; `today` is the
    /// day in Asia/Shanghai. Store what is returned before anything is answered.
    ///
    /// # Errors
    ///
    /// [`Overasked`], and then nothing was asked: what was kept stays as it is.
    pub fn asked<'a>(
        &self,
        atoms: impl IntoIterator<Item = &'a TypedAtom>,
        sealed: &[Digest],
        today: Date,
    ) -> Result<Self, Overasked> {
        let mut disclosed = self.clone();
        for atom in atoms {
            disclosed.ask(atom, sealed, today).map_err(|limit| {
                let of_field = limit != Limit::Matches;
                Overasked { field: atom.fields().first().filter(|_| of_field).cloned(), limit }
            })?;
        }
        Ok(disclosed)
    }

    fn ask(&mut self, atom: &TypedAtom, sealed: &[Digest], today: Date) -> Result<(), Limit> {
        let days = Line::Days { today: today.to_julian_day().into() };
        let day = |date: Date| Cut::at(date.to_julian_day().into());
        let Some(field) = atom.fields().first() else { return Ok(()) };
        match &atom.asked {
            Asked::True => Ok(()),
            Asked::Match(_) if self.matches >= MAX_MATCHES => Err(Limit::Matches),
            Asked::Match(_) => {
                self.matches += 1;
                Ok(())
            }
            Asked::Compare(comparison, Number::Clear(bound)) => {
                self.divide(field, &[Cut::of(*comparison, *bound)], None, Line::Numbers)
            }
            Asked::Between(low, high) => {
                self.divide(field, &Cut::around([*low, *high]), None, Line::Numbers)
            }
            Asked::Near(percent, Number::Clear(declared)) => {
                let band = Cut::around(band(*percent, *declared));
                self.divide(field, &band, Some(band), Line::Numbers)
            }
            Asked::Before(before) => self.divide(field, &[day(before.resolved(today))], None, days),
            Asked::After(after) => {
                self.divide(field, &[day(next(after.resolved(today)))], None, days)
            }
            Asked::WithinMonths(count) => {
                let first = months_from(today, -i32::from(*count));
                self.divide(field, &[day(first), day(next(today))], None, days)
            }
            Asked::OneOf(among) | Asked::Graded { among, .. } => self.categorise(field, among),
            Asked::Compare(comparison, Number::Sealed(slot)) => {
                let above = matches!(comparison, Comparison::AtMost | Comparison::MoreThan);
                let came = *sealed.get(usize::from(*slot)).ok_or(Limit::Sealed)?;
                self.seal(field, SealedOf { came, above, percent: None })
            }
            Asked::Near(percent, Number::Sealed(slot)) => {
                let came = *sealed.get(usize::from(*slot)).ok_or(Limit::Sealed)?;
                self.seal(field, SealedOf { came, above: false, percent: Some(*percent) })
            }
            // What is not known is not counted, so it may not be asked.
            Asked::Compare(_, Number::Claimed(_)) | Asked::Near(_, Number::Claimed(_)) => {
                Err(Limit::Declared)
            }
        }
    }

    /// Thresholds of a field; `declares` when they are the ends of a declared value's band.
    fn divide(
        &mut self,
        field: &Field,
        new: &[Cut],
        declares: Option<[Cut; 2]>,
        line: Line,
    ) -> Result<(), Limit> {
        let none = AskedOf::Thresholds { cuts: BTreeSet::new(), declared: None };
        let (cuts, declared) = match self.fields.get(field).unwrap_or(&none) {
            AskedOf::Thresholds { cuts, declared } => (cuts, *declared),
            AskedOf::Categories(_) | AskedOf::Sealed(_) => return Err(Limit::Sealed),
        };
        if declares.is_some() && declared.is_some() && declares != declared {
            return Err(Limit::Declared);
        }
        let declared = declared.or(declares);
        let all: BTreeSet<Cut> = cuts.iter().chain(new).copied().collect();
        if all.len() > MAX_THRESHOLDS {
            return Err(Limit::Thresholds);
        }
        // Cells that were there before stay: time makes days relatively nearer, nobody asked again.
        let is_new = |cut: &Cut| !cuts.contains(cut);
        let narrow = all.iter().zip(all.iter().skip(1)).any(|(low, high)| {
            let is_declared = declared == Some([*low, *high]);
            (is_new(low) || is_new(high)) && !is_declared && line.is_narrow(*low, *high)
        });
        if narrow {
            return Err(Limit::Cell);
        }
        self.fields.insert(field.clone(), AskedOf::Thresholds { cuts: all, declared });
        Ok(())
    }

    fn categorise(&mut self, field: &Field, among: &BTreeSet<Box<str>>) -> Result<(), Limit> {
        let none = || AskedOf::Categories(BTreeSet::new());
        match self.fields.entry(field.clone()).or_insert_with(none) {
            AskedOf::Categories(asked) if asked.contains(among) => Ok(()),
            AskedOf::Categories(asked) if asked.len() >= MAX_THRESHOLDS => Err(Limit::Thresholds),
            AskedOf::Categories(asked) => {
                asked.insert(among.clone());
                Ok(())
            }
            AskedOf::Thresholds { .. } | AskedOf::Sealed(_) => Err(Limit::Sealed),
        }
    }

    fn seal(&mut self, field: &Field, asked: SealedOf) -> Result<(), Limit> {
        let asked = AskedOf::Sealed(asked);
        let known = self.fields.entry(field.clone()).or_insert_with(|| asked.clone());
        if *known == asked { Ok(()) } else { Err(Limit::Sealed) }
    }
}

impl Overasked {
    /// The stable code.
    #[must_use]
    pub const fn refusal(&self) -> Refusal {
        Refusal::QueryBudget
    }
}

impl fmt::Display for Overasked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.refusal().code(), self.limit.en())?;
        self.field.as_ref().map_or(Ok(()), |field| write!(f, " (field {field})"))
    }
}

impl std::error::Error for Overasked {}
