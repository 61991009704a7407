//! Whole systems, with real processes and real TLS: one module a subject, one binary for all.
//!
//! `cargo systems scoring::` runs the tests of one module, and the name of a test behind it that one
//! alone (`.cargo/config.toml` has the alias).

mod support;

mod batch;
mod canary;
mod demo;
mod failures;
mod governance;
mod matching;
mod offline;
mod own;
mod psi;
mod readme;
mod resilience;
mod scoring;
mod standing;
mod tokens;
mod train;
mod uploads;
mod verify;
