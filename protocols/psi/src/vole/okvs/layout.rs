//! A party's keys in bins, and the decoding of a vector at all of them.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};
use vole::{FixedKey, Machine};
use zeroize::Zeroizing;

use super::{Shape, columns};

/// Keys that a core hashes at once.
const BATCH: usize = 1 << 12;

/// A party's keys, one bin after another.
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    /// Where each bin begins, and where the last ends.
    starts: Vec<usize>,
    /// Which key each is, as they were given.
    pub(crate) order: Vec<u32>,
    pub(crate) keys: Zeroizing<Vec<u128>>,
    /// The hashes that give each key its bin and its sparse columns.
    rows: Vec<u128>,
    /// The hashes that give each key its dense entries: h, h^2, …
    points: Vec<u128>,
}

/// The part of a layout that lies in one bin.
pub(crate) struct Bin<'a> {
    pub(crate) rows: &'a [u128],
    pub(crate) points: &'a [u128],
}

impl Layout {
    /// Puts `keys` into the bins that `seed` assigns them.
    pub(crate) fn new(machine: Machine, shape: Shape, seed: u128, keys: &[u128]) -> Self {
        let [row, point] = hash_keys(machine, seed);
        let mut hashes = vec![0; keys.len()];
        hash_all(&row, keys, &mut hashes);
        let mut starts = vec![0; shape.bins + 1];
        for hash in &hashes {
            starts[shape.bin(*hash) + 1] += 1;
        }
        for bin in 0..shape.bins {
            starts[bin + 1] += starts[bin];
        }
        let mut next = starts.clone();
        let (mut order, mut rows) = (vec![0; keys.len()], vec![0; keys.len()]);
        let mut binned = Zeroizing::new(vec![0; keys.len()]);
        for (index, (key, hash)) in (0..=u32::MAX).zip(keys.iter().zip(&hashes)) {
            let next = &mut next[shape.bin(*hash)];
            (order[*next], rows[*next], binned[*next]) = (index, *hash, *key);
            *next += 1;
        }
        let mut points = hashes;
        hash_all(&point, &binned, &mut points);
        Self { shape, starts, order, keys: binned, rows, points }
    }

    /// Cuts `values`, in the order of the keys here, into those of each bin.
    pub(crate) fn cut<'a, T>(&self, mut values: &'a mut [T]) -> Vec<&'a mut [T]> {
        self.starts
            .array_windows()
            .map(|[start, end]| values.split_off_mut(..end - start).expect("a value a key"))
            .collect()
    }

    pub(crate) fn bin(&self, bin: usize) -> Bin<'_> {
        let range = self.starts[bin]..self.starts[bin + 1];
        Bin { rows: &self.rows[range.clone()], points: &self.points[range] }
    }

    #[cfg(test)]
    pub(crate) fn rows_mut(&mut self) -> &mut [u128] {
        &mut self.rows
    }
}

/// Decodes `vector` at each of the layout's keys, in their order there.
pub(crate) fn decode(machine: Machine, layout: &Layout, vector: &[u128]) -> Zeroizing<Vec<u128>> {
    let mut values = Zeroizing::new(vec![0; layout.keys.len()]);
    layout.cut(&mut values).into_par_iter().enumerate().for_each(|(bin, values)| {
        let width = layout.shape.width();
        let vector = &vector[bin * width..(bin + 1) * width];
        let (sparse, dense) = vector.split_at(layout.shape.sparse);
        let bin = layout.bin(bin);
        for (value, row) in values.iter_mut().zip(bin.rows) {
            let [one, two, three] = columns(*row, sparse.len()).map(usize::from);
            *value = sparse[one] ^ sparse[two] ^ sparse[three];
        }
        machine.evaluate_add(dense, bin.points, values);
    });
    values
}

/// The keys of the two hashes, from the seed: blocks 0 and 1 of its stream.
fn hash_keys(machine: Machine, seed: u128) -> [FixedKey; 2] {
    let mut keys = [0; 2];
    FixedKey::new(machine, seed).stream(0, &mut keys);
    keys.map(|key| FixedKey::new(machine, key))
}

/// Hashes many keys, on all cores.
pub(crate) fn hash_all(hash: &FixedKey, keys: &[u128], hashes: &mut [u128]) {
    keys.par_chunks(BATCH)
        .zip(hashes.par_chunks_mut(BATCH))
        .for_each(|(keys, hashes)| hash.hash(keys, hashes));
}
