//! Whole parties on one machine: folders, settings, ports, pins and real processes, for tests,
//! benches and demonstrations.
//!
//! A [`Party`] is a folder, a port that is kept for it, and its process while it runs; a [`Program`]
//! says which executable that is. There are two ways to operate one:
//!
//! * over the operator's calls, for benches and demonstrations. [`Lab::build`] makes all parties of a
//!   root folder and pins everybody with everybody; [`Lab::start`] starts them and hands out a
//!   [`PartyProcess`] each, with its line for the calls. What goes wrong is an [`Error`].
//! * by what an operator types, for tests: [`Party::make`], [`Party::pin`], [`Party::start`],
//!   [`Party::tacit`]. What goes wrong ends the test.
//!
//! Between two parties may stand a relay: [`Delayed`] holds every byte back, and a
//! [`Relay`](relay::Relay) has the certificates of both, reads along and breaks things.
//!
//! Every process is killed when its owner goes, and a party that runs on a leash ends by itself when
//! we are gone, whatever took us away.
//!
//! ```no_run
//! # use domain::Duty;
//! # use lab::{Lab, Offer, Register, Sketch};
//! # async fn two(root: &std::path::Path) -> Result<(), lab::Error> {
//! let tax = Sketch::new("tax", &[Duty::Holder])?
//!     .with_register(&Register::new("taxpayers", "/data/tax.csv", "uscc", "uscc"))
//!     .with_offer(&Offer::psi("taxpayers", &["bank"]));
//! let bank = Sketch::new("bank", &[Duty::Lender])?;
//! let mut lab = Lab::build(root, &[tax, bank])?;
//! let parties = lab.start().await?; // in the order of the sketches
//! println!("{}", parties[1].status().await?.name);
//! lab::stop(parties).await
//! # }
//! ```

mod build;
mod delay;
mod entries;
mod error;
mod files;
mod models;
mod place;
mod port;
mod process;
mod program;
pub mod relay;
mod running;
pub mod secrets;
mod settings;
mod sketch;
pub mod stand_in;
mod typed;

pub use build::{ASSESSED_UNTIL, Lab, admit_all};
pub use delay::Delayed;
pub use entries::{Model, Offer, Register, Route};
pub use error::Error;
pub use files::{envelopes, list};
pub use models::countersigned;
pub use place::Party;
pub use process::{PATIENCE, Process, Said, until};
pub use program::Program;
pub use running::{PartyProcess, stop};
pub use sketch::Sketch;
