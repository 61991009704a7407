//! How a lender's loans ended, in the order of a list.

use std::fmt;

use domain::Subject;

use crate::column::{Cell, Column};
use crate::places::Places;
use crate::{Table, Unfit};

/// Which columns say how loans ended, and what they must hold.
#[derive(Clone, Copy, Debug)]
pub struct LabelSpec<'a> {
    /// The column that is 1 where the loan was not repaid and 0 where it was.
    pub label: &'a str,
    /// The column that says how much a row counts; without it, each counts 1.
    pub weight: Option<&'a str>,
    /// Whether the list covers the customers with subjects that are none.
    pub cover: bool,
    /// How many customers must be in each of the two classes.
    pub least: usize,
}

/// One row of a list, as the lender knows it.
///
/// Raw detail: no serde, and a redacted `Debug`.
#[derive(Clone, Copy, PartialEq)]
pub enum Label {
    /// The lender's register does not have the subject.
    Stranger,
    /// A customer who repaid, and how much the row counts.
    Good(f64),
    /// A customer who did not, and how much the row counts.
    Bad(f64),
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Label(redacted)")
    }
}

/// Puts the labels of a table into the order of a list of subjects.
///
/// # Errors
///
/// An [`Unfit`]: a subject is there twice, in the list or in the table; a column is not there; a
/// label is missing or neither 0 nor 1; a weight is missing, negative or no finite number; a class
/// has too few customers; or a subject is no customer and the list is no cover.
pub fn labels(table: &Table, spec: LabelSpec<'_>, rows: &[Subject]) -> Result<Vec<Label>, Unfit> {
    let places = Places::of(table, rows)?;
    let strangers = places.len() - places.present();
    if strangers > 0 && !spec.cover {
        return Err(Unfit::Strangers { count: strangers });
    }
    let named =
        |name: &str| table.column(name).ok_or_else(|| Unfit::NoColumn { column: name.to_owned() });
    let label = named(spec.label)?;
    let weight = spec.weight.map(named).transpose()?;
    let mut read = Read::default();
    let labels: Vec<_> = places.iter().map(|place| read.label(place, label, weight)).collect();
    read.check(spec)?;
    Ok(labels)
}

/// What was found in the rows so far.
#[derive(Default)]
struct Read {
    bad: usize,
    good: usize,
    no_labels: usize,
    other_labels: usize,
    other_weights: usize,
}

impl Read {
    /// One row; counted and no matter what it is where something is wrong with it.
    fn label(&mut self, place: Option<usize>, label: &Column, weight: Option<&Column>) -> Label {
        let Some(place) = place else { return Label::Stranger };
        let weight = match weight.map(|weight| weight.cell(place)) {
            None => 1.0,
            Some(Cell::Number(weight)) if weight >= 0.0 => weight,
            Some(Cell::Number(_) | Cell::Empty | Cell::NotFinite | Cell::NotNumber) => {
                self.other_weights += 1;
                1.0
            }
        };
        match label.cell(place) {
            Cell::Number(1.0) => {
                self.bad += 1;
                Label::Bad(weight)
            }
            Cell::Number(0.0) => {
                self.good += 1;
                Label::Good(weight)
            }
            Cell::Empty => {
                self.no_labels += 1;
                Label::Stranger
            }
            Cell::Number(_) | Cell::NotFinite | Cell::NotNumber => {
                self.other_labels += 1;
                Label::Stranger
            }
        }
    }

    fn check(self, spec: LabelSpec<'_>) -> Result<(), Unfit> {
        let Self { bad, good, no_labels, other_labels, other_weights } = self;
        let LabelSpec { label, weight, cover: _, least } = spec;
        let column = label.to_owned();
        if other_labels > 0 {
            return Err(Unfit::OtherLabels { column, count: other_labels });
        }
        if no_labels > 0 {
            return Err(Unfit::NoLabels { column, count: no_labels });
        }
        if other_weights > 0 {
            let column = weight.unwrap_or_default().to_owned();
            return Err(Unfit::Weights { column, count: other_weights });
        }
        match (bad, good) {
            (0, 0) => Err(Unfit::FewPresent { count: 0 }),
            (0, _) | (_, 0) => Err(Unfit::OneClass { column }),
            (bad, good) if bad < least || good < least => {
                Err(Unfit::FewOfAClass { column, bad, good, least })
            }
            (_, _) => Ok(()),
        }
    }
}
