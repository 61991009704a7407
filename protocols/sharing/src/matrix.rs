//! Shared matrices, column by column.

use crate::Vector;
use crate::words::Words;

/// A matrix of secret numbers with `F` fraction bits, of which this role holds shares.
///
/// Like [`Vector`], it has no encoding, no `Debug` and no `Clone`.
pub struct Matrix<const F: u32> {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<Words>,
}

impl<const F: u32> Matrix<F> {
    /// A matrix of these columns; their shares are moved, not copied.
    ///
    /// # Panics
    ///
    /// When the columns are not of the same length, or there is none.
    pub fn from_columns(columns: Vec<Vector<F>>) -> Self {
        let rows = columns.first().expect("a matrix has at least one column").len();
        assert!(columns.iter().all(|column| column.len() == rows), "columns have the same length");
        Self { rows, columns: columns.into_iter().map(Vector::take).collect() }
    }

    /// A matrix of `rows` rows from its numbers, column after column.
    ///
    /// # Panics
    ///
    /// When the numbers do not fill whole columns.
    pub fn from_vector(numbers: &Vector<F>, rows: usize) -> Self {
        assert!(rows > 0 && numbers.len().is_multiple_of(rows), "the numbers fill whole columns");
        let columns = numbers.len() / rows;
        let column = |j: usize| numbers.words.slice(j * rows..(j + 1) * rows);
        Self { rows, columns: (0..columns).map(column).collect() }
    }

    /// The symmetric matrix whose upper triangle is `packed`, as [`gram`](crate::Engine::gram)
    /// orders it: for each column, its rows down to the diagonal.
    ///
    /// # Panics
    ///
    /// When there are not `size (size + 1) / 2` numbers.
    pub fn from_triangle(packed: &Vector<F>, size: usize) -> Self {
        assert_eq!(packed.len(), size * (size + 1) / 2, "the triangle of a square matrix");
        let place = |i: usize, j: usize| i.min(j) + i.max(j) * (i.max(j) + 1) / 2;
        let column = |j: usize| {
            let pick = |words: &[u64]| (0..size).map(|i| words[place(i, j)]).collect();
            packed.words.arrange(size, pick)
        };
        Self { rows: size, columns: (0..size).map(column).collect() }
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// A column, copied.
    pub fn column(&self, index: usize) -> Vector<F> {
        Vector { words: self.columns[index].slice(0..self.rows) }
    }

    /// Appends a column; its shares are moved, not copied.
    ///
    /// # Panics
    ///
    /// When it is not as long as the others.
    pub fn push(&mut self, column: Vector<F>) {
        assert_eq!(column.len(), self.rows, "columns have the same length");
        self.columns.push(column.take());
    }

    /// All numbers, column after column, copied.
    pub fn to_vector(&self) -> Vector<F> {
        Vector { words: Words::concat(&self.columns) }
    }

    /// The numbers on the diagonal, copied.
    ///
    /// # Panics
    ///
    /// When the matrix is not square.
    pub fn diagonal(&self) -> Vector<F> {
        assert_eq!(self.rows, self.columns.len(), "a square matrix has a diagonal");
        let on = self.columns.iter().enumerate().map(|(j, column)| column.slice(j..j + 1));
        Vector { words: Words::concat(&on.collect::<Vec<_>>()) }
    }

    /// The rows at these places, copied, in this order.
    pub fn gather(&self, rows: &[u32]) -> Self {
        let columns = self.columns.iter().map(|column| column.gather(rows)).collect();
        Self { rows: rows.len(), columns }
    }

    /// The columns at these places, copied, in this order.
    pub fn select(&self, columns: &[usize]) -> Self {
        let copy = |&j: &usize| self.columns[j].slice(0..self.rows);
        Self { rows: self.rows, columns: columns.iter().map(copy).collect() }
    }

    /// A second copy of these shares, on purpose.
    pub fn duplicate(&self) -> Self {
        Self::from_vector(&self.to_vector(), self.rows)
    }

    /// The matrix with rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let (rows, columns) = (self.rows, self.columns.len());
        let numbers = self.to_vector();
        let row = |i: usize| {
            let pick = |words: &[u64]| (0..columns).map(|j| words[j * rows + i]).collect();
            numbers.words.arrange(columns, pick)
        };
        Self { rows: columns, columns: (0..rows).map(row).collect() }
    }
}
