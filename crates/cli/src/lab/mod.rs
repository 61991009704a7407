//! Whole parties on one machine, for benches and demonstrations.
//!
//! [`Lab::build`] makes the directories: keys, certificates, free loopback ports, and everybody
//! pinned with everybody. [`Lab::start`] starts one real process a party, of this very executable,
//! and hands out a [`PartyProcess`] each, with its line for the operator's calls. Dropping a
//! [`PartyProcess`] ends its process; a process also ends by itself when we are gone, whatever took
//! us away.
//!
//! ```ignore
//! let tax = Sketch::new("tax", &[Duty::Holder])?
//!     .with_register(Register::new("taxpayers", "/data/tax.csv", "uscc", "uscc"))
//!     .with_offer(Offer::psi("taxpayers", &["bank"]));
//! let bank = Sketch::new("bank", &[Duty::Lender])?;
//! let mut lab = Lab::build(root, &[tax, bank])?;
//! let parties = lab.start().await?;            // in the order of the sketches
//! let events = parties[1].control().psi(request).await?;
//! lab::stop(parties).await?;
//! ```

mod build;
mod delay;
mod models;
mod process;
mod sketch;

pub(crate) use build::{ASSESSED_UNTIL, Lab, admit_all};
pub(crate) use models::countersigned;
pub(crate) use process::{PartyProcess, leash, stop};
pub(crate) use sketch::{Offer, Register, Sketch};
