//! What is random here: new keys and new numbers.

use rand::rngs::{StdRng, SysRng};
use rand::{SeedableRng, TryRng};
use zeroize::Zeroizing;

use crate::Error;

/// A generator seeded by the operating system.
pub(crate) fn chacha() -> Result<StdRng, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    SysRng
        .try_fill_bytes(seed.as_mut_slice())
        .map_err(|error| Error::from_error("RANDOM", &error))?;
    Ok(StdRng::from_seed(*seed))
}
