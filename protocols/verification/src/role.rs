//! The roles of this protocol.

use session::Role;

/// Asks, and opens the answer with its own key.
pub const LENDER: Role = Role(0);

/// Combines the holders' atoms, and opens nothing.
pub const PLATFORM: Role = Role(1);

/// The holder at place `index` (from 0) of the ordered set of holders.
///
/// # Panics
///
/// When `index` is 254 or more; terms allow 32 holders.
pub const fn holder(index: usize) -> Role {
    assert!(index < 254, "terms allow 32 holders");
    #[expect(clippy::cast_possible_truncation, reason = "the line above bounds it")]
    Role(2 + index as u8)
}
