//! Points from weights that stayed in shares.

mod card;
mod cost;
mod engines;
mod golden;
mod honest;
mod rules;
mod tampered;
mod terms;
mod vectors;
mod views;
