//! Whole runs in memory: three roles, honest and not.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod cost;
mod dealer;
mod honest;
mod noise;
mod parities;
mod program;
mod residues;
mod resumed;
mod tampered;
mod upload;
mod vectors;
mod world;
