//! `tacit`: the operator's command.
//!
//! Reads what was typed ([`arguments`]), does it over the party's control socket ([`commands`]), and
//! speaks Chinese or English ([`phrases`], [`terminal`]). A party itself is `tacit party run`.
//!
//! Invariants: a command can do nothing that `proto/control/` cannot, but for what concerns
//! files only (`init`, `peer`, `data check`, what a subject or an identity issuer signs, the checks
//! of a party that does not run); only [`say`] prints; nothing heavy happens before the arguments
//! are parsed.

mod arguments;
mod commands;
mod phrases;

use std::process::ExitCode;

use clap::Parser;
use terminal::{Language, Voice, say};

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let voice = Voice::new(arguments.lang.unwrap_or_else(Language::of_locale));
    match commands::carry_out(arguments, voice).and_then(|()| say::finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            voice.complain(&failure);
            failure.exit().into()
        }
    }
}
