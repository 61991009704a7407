//! The lender's evaluation key as it computes: key switch and bootstrap.

use std::fmt;

use tfhe::core_crypto::prelude::{
    CiphertextModulus, CiphertextModulusLog, DecompositionBaseLog, DecompositionLevelCount,
    FourierLweBootstrapKeyOwned, GlweCiphertext, GlweDimension, LweCiphertext, LweDimension,
    LweKeyswitchKeyOwned, ModulusSwitchedLweCiphertext, PolynomialSize, SeededLweBootstrapKey,
    SeededLweKeyswitchKey, blind_rotate_assign, keyswitch_lwe_ciphertext_with_scalar_change,
    lwe_ciphertext_centered_binary_modulus_switch,
    par_convert_standard_lwe_bootstrap_key_to_fourier,
};

use crate::lwe::Lwe;
use crate::table::Table;
use crate::{BOOTSTRAP_BASE_BITS, PublicKey, RING, SMALL};

/// Bits of a position on the wheel of 2 · 2048 that a bootstrap turns.
const POSITION_BITS: usize = 12;

/// The lender's keys, expanded: 60 MB of bootstrapping key and 30 MB of key-switching key.
///
/// Everything in it is public. It computes on ciphertexts and opens none.
pub struct Evaluator {
    pub(crate) public: PublicKey,
    switch: LweKeyswitchKeyOwned<u32>,
    bootstrap: FourierLweBootstrapKeyOwned,
}

impl Evaluator {
    /// Expands what the lender uploaded.
    pub(crate) fn expand(
        public: PublicKey,
        switch: SeededLweKeyswitchKey<Vec<u32>>,
        seeded: SeededLweBootstrapKey<Vec<u64>>,
    ) -> Self {
        let standard = seeded.par_decompress_into_lwe_bootstrap_key();
        let mut bootstrap = FourierLweBootstrapKeyOwned::new(
            LweDimension(SMALL),
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(RING),
            DecompositionBaseLog(BOOTSTRAP_BASE_BITS),
            DecompositionLevelCount(1),
        );
        par_convert_standard_lwe_bootstrap_key_to_fourier(&standard, &mut bootstrap);
        Self { public, switch: switch.par_decompress_into_lwe_keyswitch_key(), bootstrap }
    }

    /// The lender's public key, under which the same lender key encrypts.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// What `table` says about the number in `input`, with the noise of a fresh bootstrap.
    ///
    /// Takes the same time for every input but for mask words that round to zero, which are public.
    pub(crate) fn bootstrap(&self, input: &Lwe, table: Table) -> Lwe {
        let wheel = self.wheel(input);
        let mut turned = vec![0; RING];
        turned.extend(table.coefficients());
        let mut turned = GlweCiphertext::from_container(
            turned,
            PolynomialSize(RING),
            CiphertextModulus::new_native(),
        );
        blind_rotate_assign(&wheel, &mut turned, &self.bootstrap);
        let words = turned.as_ref();
        let mut output = Lwe::extract(&words[..RING], words[RING], 0);
        output.shift(table.offset());
        output
    }

    /// The key switch, and the rounding of every word to a position on the wheel.
    pub(crate) fn wheel(&self, input: &Lwe) -> impl ModulusSwitchedLweCiphertext<usize> + use<> {
        let input = LweCiphertext::from_container(input.words(), CiphertextModulus::new_native());
        let mut small =
            LweCiphertext::from_container(vec![0u32; SMALL + 1], CiphertextModulus::new_native());
        keyswitch_lwe_ciphertext_with_scalar_change(&self.switch, &input, &mut small);
        lwe_ciphertext_centered_binary_modulus_switch(small, CiphertextModulusLog(POSITION_BITS))
    }
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evaluator({})", self.public.fingerprint())
    }
}
