//! Summands of whole numbers modulo a small power of two, for whoever encrypts them.

use zeroize::Zeroizing;

use crate::Vector;

impl Vector<0> {
    /// This role's summand of each whole number, modulo 2^`bits`: those of all roles add up to the
    /// numbers, modulo 2^`bits`. A dealer has none (SPEC §3.18).
    ///
    /// It is a share: for an encryption of this role's own, **never for a peer**. Only of a vector
    /// that came of a resharing: its summands say nothing but the numbers.
    ///
    /// # Panics
    ///
    /// When `bits` is over 16.
    pub fn residues(&self, bits: u32) -> Zeroizing<Vec<u16>> {
        assert!(bits <= 16, "a residue has at most 16 bits");
        let mask = (1u64 << bits) - 1;
        let residue = |word: &u64| u16::try_from(word & mask).unwrap_or_default();
        Zeroizing::new(self.words.a.iter().map(residue).collect())
    }
}
