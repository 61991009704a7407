//! The one place that prints: results on stdout, everything else on stderr.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use domain::Text;

use crate::Failure;
use crate::Language;
use crate::phrases;

/// Why stdout took no more, once it has not.
static STDOUT: OnceLock<ErrorKind> = OnceLock::new();

/// Speaks to the operator, in the operator's language.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    language: Language,
}

impl Voice {
    /// A voice that speaks this language.
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// The language that it speaks.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The words of a sentence in the operator's language.
    pub fn words(self, text: &Text) -> &str {
        self.language.words(text)
    }

    /// One sentence of the result.
    pub fn tell(self, text: &Text) {
        line(self.words(text));
    }

    /// One sentence beside the result: progress, a hint.
    pub fn note(self, text: &Text) {
        aside(self.words(text));
    }

    /// Failures of many things of one kind: each code is told once.
    pub fn complain_once_each(self, failures: &[Failure]) {
        let mut told = Vec::new();
        for failure in failures {
            if !told.contains(&failure.code()) {
                told.push(failure.code());
                self.complain(failure);
            }
        }
    }

    /// A failure: `code: sentence`, and under it what to do.
    pub fn complain(self, failure: &Failure) {
        aside(&format!("{}: {}", failure.code(), self.words(failure.what())));
        if let Some(advice) = failure.advice() {
            aside(self.words(advice));
        }
    }
}

/// One line of the result, as it is: a table, JSON.
///
/// A reader that has gone (`tacit runs | head -1`) ends the printing, not the command, so that what
/// the command has started is still put away in order.
pub fn line(line: &str) {
    if STDOUT.get().is_some() {
        return;
    }
    if let Err(error) = writeln!(io::stdout().lock(), "{line}") {
        STDOUT.get_or_init(|| error.kind());
    }
}

/// One line beside the result, as it is.
pub fn aside(line: &str) {
    // Nobody is left to be told that stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether somebody watches: progress may move.
pub fn watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether everything arrived that was printed.
///
/// # Errors
///
/// When stdout broke for another reason than a reader who had seen enough.
pub fn finish() -> Result<(), Failure> {
    match STDOUT.get() {
        None | Some(ErrorKind::BrokenPipe) => Ok(()),
        Some(kind) => Err(Failure::new("STDOUT", phrases::stdout_trouble(kind))),
    }
}
