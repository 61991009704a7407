//! What the two sides end with.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Machine;

/// The sender's side of the correlations: a secret D, and b of each `c = a D + b`.
///
/// It is wiped on drop, and neither printed, cloned nor sent:
///
/// ```compile_fail,E0277
/// fn printed(shares: vole::SenderShares) { println!("{shares:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(shares: vole::SenderShares) { shares.clone(); }
/// ```
/// ```compile_fail,E0277
/// fn sent(shares: vole::SenderShares) -> bytes::Bytes { shares.into() }
/// ```
#[derive(ZeroizeOnDrop)]
pub struct SenderShares {
    #[zeroize(skip)]
    machine: Machine,
    secret: u128,
    sums: Zeroizing<Vec<u128>>,
}

/// The receiver's side of the correlations: a and c of each `c = a D + b`.
///
/// It is wiped on drop, and neither printed, cloned nor sent:
///
/// ```compile_fail,E0277
/// fn printed(shares: vole::ReceiverShares) { println!("{shares:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(shares: vole::ReceiverShares) { shares.clone(); }
/// ```
pub struct ReceiverShares {
    factors: Zeroizing<Vec<u128>>,
    products: Zeroizing<Vec<u128>>,
}

impl SenderShares {
    pub(crate) fn new(machine: Machine, secret: u128, sums: Zeroizing<Vec<u128>>) -> Self {
        Self { machine, secret, sums }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The b of each correlation.
    pub fn sums(&self) -> &[u128] {
        &self.sums
    }

    /// Adds D times each of `by` to the correlations from `first` on: `b += by D`, so that the
    /// other side's `c` is now that of `a + by`.
    ///
    /// # Panics
    ///
    /// When there are not as many correlations.
    pub fn shift(&mut self, first: usize, by: &[u128]) {
        let sums = &mut self.sums[first..first + by.len()];
        self.machine.multiply_add(by, self.secret, sums);
    }

    /// Adds D times each of `values` to what lies at its place in `sums`.
    pub fn scale_add(&self, values: &[u128], sums: &mut [u128]) {
        self.machine.multiply_add(values, self.secret, sums);
    }

    /// Opens the secret D; with it the other side's values are open too.
    pub fn reveal_secret(&self) -> u128 {
        self.secret
    }
}

impl ReceiverShares {
    pub(crate) fn new(factors: Zeroizing<Vec<u128>>, products: Zeroizing<Vec<u128>>) -> Self {
        Self { factors, products }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.factors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.factors.is_empty()
    }

    /// The a of each correlation: a one-time pad, as long as nobody else learns it.
    pub fn factors(&self) -> &[u128] {
        &self.factors
    }

    /// The c of each correlation.
    pub fn products(&self) -> &[u128] {
        &self.products
    }

    /// Wipes the factors, once they have served.
    pub fn forget_factors(&mut self) {
        self.factors.zeroize();
    }
}
