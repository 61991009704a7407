//! Authorisations as their parties meet them: signed, registered, narrowed, shown, decided on.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod chain;
mod decision;
mod life_cycle;
mod narrowing;
mod persons;
mod revocations;
mod second_look;
mod support;
