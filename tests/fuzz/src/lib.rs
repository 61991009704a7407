//! What the targets share: a script read from the fuzzer's bytes, a peer that acts by it, and the bodies
//! that ordinary tests of the workspace drive as well.

#[cfg(feature = "party")]
pub mod party;
pub mod psi;
pub mod script;
pub mod terms;
pub mod training;
#[cfg(feature = "verification")]
pub mod verification;

pub use script::{Script, provoke};
