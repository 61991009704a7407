//! Whole trainings.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]
#![expect(clippy::cast_possible_truncation, reason = "the tables of tests are small")]

mod cost;
mod edges;
mod engines;
mod golden;
mod honest;
mod points;
mod resumed;
mod support;
mod tampered;
mod transfers;
mod vectors;
mod views;
mod woe;
