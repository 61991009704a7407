//! Why a command failed: a stable code, a sentence, what to do, and the exit code.
//!
//! One struct instead of an enum: nothing in a command matches on an error, and every one of them
//! is shown to a person in one of two languages, or counted by its code.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use control::{messages, text};
use domain::{Explain, Text};

use crate::phrases;

/// Why a command failed.
#[derive(Clone, Debug)]
pub struct Failure {
    code: Cow<'static, str>,
    what: Text,
    /// Boxed: a failure travels in every result.
    advice: Option<Box<Text>>,
    exit: Exit,
}

/// What a command leaves to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A run, a check or a call failed.
    Failed = 1,
    /// The command was not understood.
    Usage = 2,
    /// Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl Failure {
    /// A failure with its code, the same in every language.
    pub fn new(code: impl Into<Cow<'static, str>>, what: Text) -> Self {
        Self { code: code.into(), what, advice: None, exit: Exit::Failed }
    }

    /// The command was understood by the shell and not by us.
    pub fn usage(what: Text) -> Self {
        Self { exit: Exit::Usage, ..Self::new("USAGE", what) }
    }

    /// Ctrl-C or SIGTERM came.
    pub fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, ..Self::new("INTERRUPTED", phrases::interrupted()) }
    }

    /// A file or folder could not be used.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Self::new("FILE", phrases::file_trouble(path.display(), error))
    }

    /// What a party says went wrong.
    pub fn from_party(trouble: messages::Trouble) -> Self {
        Self::new(trouble.code, text(trouble.text))
    }

    /// Says also what to do about it.
    #[must_use]
    pub fn advise(self, advice: Text) -> Self {
        Self { advice: Some(Box::new(advice)), ..self }
    }

    /// The stable word for the kind of failure.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What happened.
    pub fn what(&self) -> &Text {
        &self.what
    }

    /// What to do about it, where more is known than `what` says.
    pub fn advice(&self) -> Option<&Text> {
        self.advice.as_deref()
    }

    /// What the shell is told.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        let failure = Self::new(error.code(), error.what());
        match error.next_step() {
            Some(next) => failure.advise(next),
            None => failure,
        }
    }
}
