//! Whole countings.

mod cost;
mod honest;
mod ideal;
mod job;
mod tampered;
mod transfers;
mod vectors;
mod views;
