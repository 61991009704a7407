//! The typed client of the control API: what an operator, a page or a script asks a party.
//!
//! [`Client`] holds an open line to one running party and has a method for each call of
//! `proto/control/`, a file a service. [`messages`] are what goes back and forth; an [`Error`] says
//! what went wrong by its code, where, and what to do next, in both languages.
//!
//! ```no_run
//! # async fn ask() -> Result<(), control::Error> {
//! let party = control::Client::open(&control::Address::of("parties/tax")).await?;
//! for member in party.members().await? {
//!     println!("{}: {}", member.name, member.reason);
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod audit;
mod authorisations;
mod client;
mod error;
mod files;
mod models;
mod node;
mod replies;
mod runs;
mod socket;
mod text;
mod token;
mod tokens;

pub use wire::control as messages;

pub use address::Address;
pub use client::Client;
pub use error::Error;
pub use replies::Replies;
pub use socket::{directory, is_running};
pub use text::text;
pub use token::Token;
