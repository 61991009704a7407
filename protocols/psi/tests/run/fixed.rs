//! Randomness that is known.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// Randomness that is these bytes, once: the seed of a session, or a scalar's 64 bytes.
pub(crate) struct Fixed<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> TryRng for Fixed<N> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("it is asked for its bytes and nothing else")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("it is asked for its bytes and nothing else")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl<const N: usize> TryCryptoRng for Fixed<N> {}
