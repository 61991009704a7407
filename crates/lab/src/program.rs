//! The executable that the processes of a lab run.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::Error;

/// The `tacit` executable that the processes of a lab run.
#[derive(Clone, Debug)]
pub struct Program(PathBuf);

impl Program {
    /// This very executable: a bench or a demonstration of `tacit` itself.
    ///
    /// # Errors
    ///
    /// When the system does not say where it is.
    pub fn this() -> Result<Self, Error> {
        env::current_exe().map(Self).map_err(Error::NoProgram)
    }

    /// The executable at a path: what was built together with a test.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }

    /// A command of it, without arguments.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::new(&self.0)
    }
}
