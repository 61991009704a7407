//! Whole trainings.

mod golden;
mod support;
