//! Authorisations as their parties meet them: signed, registered, narrowed, shown, decided on.

mod chain;
mod decision;
mod life_cycle;
mod narrowing;
mod support;
