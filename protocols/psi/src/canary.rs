//! Items that both sides put beside their own, and that whoever learns must find (SPEC §2.1).

use session::Role;

use crate::Error;

/// How many canaries each side adds to its set.
///
/// They follow from the run's salt, in a domain of their own, so that no item is one of them; they
/// count in no size, no output and no limit.
pub const CANARIES: u64 = 16;

/// The same as a count in memory.
pub(crate) const COUNT: usize = 16;

const _: () = assert!(COUNT as u64 == CANARIES);

/// Expects that every canary was found in what `from` has sent.
pub(crate) fn expect_all(found: &[bool], from: Role) -> Result<(), Error> {
    debug_assert_eq!(found.len(), COUNT);
    if found.iter().all(|found| *found) { Ok(()) } else { Err(Error::SelfCheck { from }) }
}
