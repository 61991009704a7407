//! Encoding: peel the rows off one by one, and solve the few that are left with the dense columns.

use std::collections::BTreeSet;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use vole::Machine;
use zeroize::Zeroizing;

use super::layout::{Bin, Layout};
use super::{Shape, columns};

/// No vector decodes to the wanted values: a bin is too full, or too many rows depend on one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unencodable;

/// A vector that decodes to `values`, in the order of the layout's keys.
///
/// Columns that nothing needs are 0: the vector must be masked before it is sent.
pub(crate) fn encode(
    machine: Machine,
    layout: &Layout,
    mut values: Zeroizing<Vec<u128>>,
) -> Result<Zeroizing<Vec<u128>>, Unencodable> {
    let width = layout.shape.width();
    let mut vector = Zeroizing::new(vec![0; layout.shape.bins * width]);
    let bins: Vec<_> = layout.cut(&mut values).into_iter().zip(vector.chunks_mut(width)).collect();
    bins.into_par_iter().enumerate().try_for_each(|(place, (values, vector))| {
        encode_bin(machine, &layout.shape, &layout.bin(place), values, vector)
    })?;
    Ok(vector)
}

fn encode_bin(
    machine: Machine,
    shape: &Shape,
    bin: &Bin<'_>,
    values: &mut [u128],
    vector: &mut [u128],
) -> Result<(), Unencodable> {
    if values.len() > shape.most {
        return Err(Unencodable);
    }
    let rows: Vec<[u16; 3]> = bin.rows.iter().map(|row| columns(*row, shape.sparse)).collect();
    let peeled = Peeled::new(&rows, shape.sparse);
    let (sparse, dense) = vector.split_at_mut(shape.sparse);
    if !peeled.gaps.is_empty() {
        if peeled.gaps.len() > shape.dense {
            return Err(Unencodable);
        }
        let solution = solve_gaps(machine, &rows, &peeled, bin.points, values)?;
        dense[..solution.len()].copy_from_slice(&solution);
        // What the dense columns give is taken from every value; the sparse ones give the rest.
        machine.evaluate_add(dense, bin.points, values);
    }
    for (row, column) in peeled.stack.iter().rev() {
        let row = usize::from(*row);
        let [one, two, three] = rows[row].map(usize::from);
        // The column itself is still 0.
        sparse[usize::from(*column)] = values[row] ^ sparse[one] ^ sparse[two] ^ sparse[three];
    }
    Ok(())
}

/// The rows in the order in which they came off, and the rows that did not.
struct Peeled {
    /// Each row with a column that no later row of the stack has.
    stack: Vec<(u16, u16)>,
    gaps: Vec<u16>,
}

impl Peeled {
    /// > §V3.12 A column that one row alone has takes that row off; where there is none, a column of
    /// > the fewest rows takes one off and leaves the others to the dense columns.
    fn new(rows: &[[u16; 3]], sparse: usize) -> Self {
        let mut graph = Graph::new(rows, sparse);
        let mut peeled = Self { stack: Vec::with_capacity(rows.len()), gaps: Vec::new() };
        loop {
            while let Some(column) = graph.single.pop() {
                if graph.degrees[usize::from(column)] == 1 {
                    let row = graph.sums[usize::from(column)];
                    peeled.stack.push((row, column));
                    graph.remove(row);
                }
            }
            let off = peeled.stack.len() + peeled.gaps.len();
            if off == rows.len() {
                return peeled;
            }
            let left = peeled.left(rows.len());
            let degree = |column: &u16| graph.degrees[usize::from(*column)];
            let fewest = left.iter().flat_map(|row| rows[usize::from(*row)]).min_by_key(degree);
            let column = fewest.expect("some rows are left");
            let mut having = left.iter().filter(|row| rows[usize::from(**row)].contains(&column));
            let first = *having.next().expect("a column of some row");
            peeled.stack.push((first, column));
            graph.remove(first);
            for row in having {
                peeled.gaps.push(*row);
                graph.remove(*row);
            }
        }
    }

    /// The rows that have not come off.
    fn left(&self, rows: usize) -> Vec<u16> {
        let mut off = vec![false; rows];
        self.stack.iter().for_each(|(row, _)| off[usize::from(*row)] = true);
        self.gaps.iter().for_each(|row| off[usize::from(*row)] = true);
        (0..=u16::MAX).zip(off).filter_map(|(row, off)| (!off).then_some(row)).collect()
    }
}

/// For each column, how many rows have it and the XOR of their numbers: the number of the last one.
struct Graph<'a> {
    rows: &'a [[u16; 3]],
    degrees: Vec<u16>,
    sums: Vec<u16>,
    /// Columns that had one row when they were put here.
    single: Vec<u16>,
}

impl<'a> Graph<'a> {
    fn new(rows: &'a [[u16; 3]], sparse: usize) -> Self {
        let (mut degrees, mut sums) = (vec![0; sparse], vec![0; sparse]);
        for (number, row) in (0..=u16::MAX).zip(rows) {
            for column in row.map(usize::from) {
                degrees[column] += 1;
                sums[column] ^= number;
            }
        }
        let single = (0..=u16::MAX).zip(&degrees).filter(|(_, degree)| **degree == 1);
        let single = single.map(|(column, _)| column).collect();
        Self { rows, degrees, sums, single }
    }

    #[inline(always)]
    fn remove(&mut self, row: u16) {
        for column in self.rows[usize::from(row)] {
            let place = usize::from(column);
            self.degrees[place] -= 1;
            self.sums[place] ^= row;
            if self.degrees[place] == 1 {
                self.single.push(column);
            }
        }
    }
}

/// The dense entries that give the rows left over their values.
///
/// Each is added to rows of the stack until its sparse columns cancel; what the sum says of the
/// dense columns alone is an equation. A row of the stack has no earlier one's column, so the
/// earliest is always cancelled first, and each is at most once.
fn solve_gaps(
    machine: Machine,
    rows: &[[u16; 3]],
    peeled: &Peeled,
    points: &[u128],
    values: &[u128],
) -> Result<Zeroizing<Vec<u128>>, Unencodable> {
    let count = peeled.gaps.len();
    let mut place_of = vec![None; usize::from(u16::MAX) + 1];
    for (place, (_, column)) in peeled.stack.iter().enumerate() {
        place_of[usize::from(*column)] = Some(place);
    }
    let mut equations = Vec::with_capacity(count);
    for gap in &peeled.gaps {
        let mut equation = Zeroizing::new(vec![0; count + 1]);
        let mut open = BTreeSet::new();
        let mut next = Some(*gap);
        while let Some(row) = next {
            let row = usize::from(row);
            let mut power = 1;
            for entry in &mut equation[..count] {
                power = machine.multiply(power, points[row]);
                *entry ^= power;
            }
            equation[count] ^= values[row];
            for place in rows[row].iter().filter_map(|column| place_of[usize::from(*column)]) {
                if !open.remove(&place) {
                    open.insert(place);
                }
            }
            next = open.first().map(|place| peeled.stack[*place].0);
        }
        equations.push(equation);
    }
    solve(machine, equations)
}

/// Solves as many equations as unknowns, each with its right side last (Gauss, Jordan).
fn solve(
    machine: Machine,
    mut equations: Vec<Zeroizing<Vec<u128>>>,
) -> Result<Zeroizing<Vec<u128>>, Unencodable> {
    for pivot in 0..equations.len() {
        let found = (pivot..equations.len()).find(|row| equations[*row][pivot] != 0);
        equations.swap(pivot, found.ok_or(Unencodable)?);
        let inverse = invert(machine, equations[pivot][pivot]);
        for entry in equations[pivot].iter_mut() {
            *entry = machine.multiply(*entry, inverse);
        }
        let solved = equations[pivot].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(row, _)| *row != pivot) {
            let factor = equation[pivot];
            machine.multiply_add(&solved, factor, equation);
        }
    }
    let solution: Vec<u128> =
        equations.iter().filter_map(|equation| equation.last().copied()).collect();
    Ok(Zeroizing::new(solution))
}

/// The inverse of an element that is not 0: its power 2^128 - 2.
fn invert(machine: Machine, value: u128) -> u128 {
    let (mut inverse, mut power) = (1, value);
    for _ in 1..128 {
        power = machine.multiply(power, power);
        inverse = machine.multiply(inverse, power);
    }
    inverse
}
