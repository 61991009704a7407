//! Where a party takes calls, and what shows who calls.

use std::path::{Path, PathBuf};

use crate::Token;

/// Where a party takes calls, and what shows it who calls.
#[derive(Clone, Debug)]
pub struct Address {
    dir: PathBuf,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) token: Option<Token>,
}

impl Address {
    /// The party of a directory, over the socket inside it.
    #[must_use]
    pub fn of(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), socket: None, token: None }
    }

    /// The same party, over the socket that it shares with other users of this machine.
    #[must_use]
    pub fn over(self, socket: Option<PathBuf>) -> Self {
        Self { socket, ..self }
    }

    /// The same, for whoever bears this token.
    #[must_use]
    pub fn bearing(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// Whether the party is called over a socket that it shares: then it shares no files with us.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.socket.is_some()
    }

    /// The party's directory; over a shared socket it says nothing of where that is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
