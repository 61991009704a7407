//! Rows of a table as numbers, in the order of a list.

use std::fmt;

use domain::Subject;
use ndarray::{Array2, ShapeBuilder as _};

use crate::column::{Cell, Column};
use crate::places::Places;
use crate::{Table, Unfit};

/// What stands in the place of a number that is not there: in an empty cell, and in every cell of a
/// subject that the table does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: the rows are refused.
    Refuse,
    /// The mean of the column's numbers.
    Mean,
    /// NaN: whoever takes the rows knows what to do with it.
    Keep,
}

/// Rows of a table as numbers, in the order of a list; all are finite (or, under [`Missing::Keep`], NaN
/// where there is none), and no column is constant.
///
/// Raw detail: it stays at home. It has no serde and a redacted `Debug`.
///
/// ```compile_fail
/// fn encoded<T: serde::Serialize>(_: &T) {}
/// fn never(rows: registers::Aligned) {
///     encoded(&rows); // `Aligned` does not implement `Serialize`
/// }
/// ```
pub struct Aligned {
    /// Rows by columns; column-major, so that a column is a slice.
    pub numbers: Array2<f64>,
    /// Which rows the table does not have.
    pub absent: Vec<bool>,
    /// How many rows it has.
    pub present: usize,
    /// How many cells of each column were empty in the rows that it has.
    pub filled: Vec<usize>,
}

/// Puts columns of a table into the order of a list of subjects.
///
/// # Errors
///
/// An [`Unfit`]: a subject is there twice, in the list or in the table; fewer than two of the list
/// are in the table; a column is not there or constant; a cell is no finite number. Under
/// [`Missing::Refuse`] also when a cell is empty or a subject is absent.
pub fn align(
    table: &Table,
    columns: &[String],
    rows: &[Subject],
    missing: Missing,
) -> Result<Aligned, Unfit> {
    let places = Places::of(table, rows)?;
    let absent: Vec<bool> = places.iter().map(|place| place.is_none()).collect();
    let present = places.present();
    match missing {
        Missing::Refuse if present < rows.len() => {
            return Err(Unfit::Absent { count: rows.len() - present });
        }
        Missing::Refuse | Missing::Mean | Missing::Keep if present < 2 => {
            return Err(Unfit::FewPresent { count: present });
        }
        Missing::Refuse | Missing::Mean | Missing::Keep => {}
    }
    let mut numbers = Array2::zeros((rows.len(), columns.len()).f());
    let mut filled = Vec::with_capacity(columns.len());
    for (name, mut numbers) in columns.iter().zip(numbers.columns_mut()) {
        let column = table.column(name).ok_or_else(|| Unfit::NoColumn { column: name.clone() })?;
        let numbers = numbers.as_slice_mut().expect("a column of column-major numbers is a slice");
        filled.push(fill(numbers, column, &places, missing)?);
    }
    Ok(Aligned { numbers, absent, present, filled })
}

impl Aligned {
    /// One more column: 1 where the table does not have the subject, else 0.
    ///
    /// # Errors
    ///
    /// [`Unfit::NoneAbsent`].
    pub fn absences(&self) -> Result<Vec<f64>, Unfit> {
        if self.present == self.absent.len() {
            return Err(Unfit::NoneAbsent);
        }
        Ok(self.absent.iter().map(|absent| f64::from(u8::from(*absent))).collect())
    }
}

impl fmt::Debug for Aligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = self.numbers.dim();
        write!(f, "Aligned({rows} rows, {} present, {columns} columns, redacted)", self.present)
    }
}

/// Writes a column's numbers, and says how many cells of present rows were empty.
fn fill(
    numbers: &mut [f64],
    column: &Column,
    places: &Places,
    missing: Missing,
) -> Result<usize, Unfit> {
    let (mut empty, mut not_finite, mut not_numbers) = (0, 0, 0);
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for (number, place) in numbers.iter_mut().zip(places.iter()) {
        *number = f64::NAN;
        let Some(place) = place else { continue };
        match column.cell(place) {
            Cell::Number(value) => {
                (least, most) = (least.min(value), most.max(value));
                *number = value;
            }
            Cell::Empty => empty += 1,
            Cell::NotFinite => not_finite += 1,
            Cell::NotNumber => not_numbers += 1,
        }
    }
    let column = || column.name().to_owned();
    if not_numbers > 0 {
        return Err(Unfit::NotNumbers { column: column(), count: not_numbers });
    }
    if not_finite > 0 {
        return Err(Unfit::NotFinite { column: column(), count: not_finite });
    }
    match missing {
        Missing::Refuse if empty > 0 => {
            return Err(Unfit::Empty { column: column(), count: empty });
        }
        Missing::Refuse | Missing::Mean if least >= most => {
            return Err(Unfit::Constant { column: column() });
        }
        // One number and no number are two things.
        Missing::Keep if least > most || (least == most && !numbers.iter().any(|x| x.is_nan())) => {
            return Err(Unfit::Constant { column: column() });
        }
        Missing::Keep => return Ok(empty),
        Missing::Refuse | Missing::Mean => {}
    }
    let mean = mean(numbers, (least, most));
    numbers.iter_mut().filter(|number| number.is_nan()).for_each(|number| *number = mean);
    Ok(empty)
}

/// The mean of the numbers that are not NaN, of which there is one at least.
fn mean(numbers: &[f64], (least, most): (f64, f64)) -> f64 {
    let present = || numbers.iter().filter(|number| !number.is_nan());
    #[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^53")]
    let count = present().count() as f64;
    // Divided first, a sum of the largest numbers is finite too.
    present().map(|number| number / count).sum::<f64>().clamp(least, most)
}
