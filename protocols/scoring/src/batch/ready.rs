//! A holder's table as blocks use it: transformed once, for all blocks of all runs.

use crate::batch::public_key::polynomials;
use crate::batch::ring::Values;
use crate::batch::{PublicKey, Table};
use crate::{RING, TableTerms};

/// A batch table ready for answers.
///
/// A block's subjects fall into one bin each of a feature, so for bin 0 nothing needs to be
/// multiplied: `sum of T[b]·M[b] = T[0]·(all subjects) + sum of (T[b] - T[0])·M[b]` over b > 0. The
/// identity is exact, so the ciphertext, its noise and its points are those of the plain sum.
pub struct ReadyTable {
    terms: TableTerms,
    key: PublicKey,
    /// The entries of bin 0 of all features, added; and that times a full block.
    base: Glwe,
    full: Glwe,
    /// `T[b] - T[0]` of every feature and bin b > 0, in order.
    differences: Vec<Glwe>,
}

/// A ciphertext by its values: mask and body.
#[derive(Clone)]
pub(crate) struct Glwe {
    pub(crate) mask: Values,
    pub(crate) body: Values,
}

impl ReadyTable {
    /// Transforms `table`: four transforms an entry, and 128 KiB of memory.
    pub fn new(table: &Table) -> Self {
        let mut polynomials = polynomials(table.entries());
        let mut entry = || {
            let mut half = || polynomials.next().expect("a table has all entries").transformed();
            Glwe { mask: half(), body: half() }
        };
        let mut base = Glwe::zero();
        let mut differences = Vec::new();
        for &bins in table.terms().shape().bins() {
            let first = entry();
            base.mask.add(&first.mask);
            base.body.add(&first.body);
            for _ in 1..bins {
                let mut other = entry();
                other.mask.subtract(&first.mask);
                other.body.subtract(&first.body);
                differences.push(other);
            }
        }
        let mut full = Glwe::zero();
        let mut all = Values::zero();
        all.set(&[1; RING]);
        full.add_product(&all, &base);
        Self { terms: table.terms().clone(), key: table.key().clone(), base, full, differences }
    }

    /// What the table is made for.
    pub fn terms(&self) -> &TableTerms {
        &self.terms
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The ciphertext of a block of so many subjects that all fall into bin 0.
    pub(crate) fn all_in_first_bin(&self, subjects: usize) -> Glwe {
        if subjects == RING {
            return self.full.clone();
        }
        let mut coefficients = [0; RING];
        coefficients[..subjects].fill(1);
        let mut present = Values::zero();
        present.set(&coefficients);
        let mut glwe = Glwe::zero();
        glwe.add_product(&present, &self.base);
        glwe
    }

    /// `T[b] - T[0]` of every feature's bins but the first.
    pub(crate) fn differences(&self) -> &[Glwe] {
        &self.differences
    }
}

impl Glwe {
    fn zero() -> Self {
        Self { mask: Values::zero(), body: Values::zero() }
    }

    /// Adds the product of a polynomial and a ciphertext.
    pub(crate) fn add_product(&mut self, polynomial: &Values, glwe: &Self) {
        self.mask.add_product(polynomial, &glwe.mask);
        self.body.add_product(polynomial, &glwe.body);
    }
}
