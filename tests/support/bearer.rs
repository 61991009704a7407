//! Staff who bear tokens, and what they type.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use lab::{Party, Process, Said};
use tempfile::TempDir;

use crate::support::spawn;

/// A token in a file of its own.
pub(crate) struct Bearer(pub(crate) PathBuf);

impl Bearer {
    /// Has a token made, as the party's own user does.
    pub(crate) fn new(party: &Party, root: &TempDir, role: &str, name: &str) -> Self {
        let said = party.tacit(&["token", "new", "--role", role, "--name", name]).done();
        Self::holding(root, name, &said.out)
    }

    pub(crate) fn holding(root: &TempDir, name: &str, secret: &str) -> Self {
        let file = root.path().join(format!("{name}.token"));
        fs::write(&file, secret).expect("it can be written");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
        Self(file)
    }

    pub(crate) fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [&["--token-file", self.0.to_str().expect("a plain path")], words].concat()
    }

    /// Types a command over the party's own socket.
    pub(crate) fn types(&self, party: &Party, words: &[&str]) -> Said {
        party.tacit(&self.words(words))
    }

    /// Starts one over the socket that the party shares.
    pub(crate) fn starts(&self, socket: &Path, words: &[&str]) -> Process {
        over(socket, &self.words(words))
    }
}

/// Starts a command over a shared socket, from a folder with no party in it.
pub(crate) fn over(socket: &Path, words: &[&str]) -> Process {
    let nowhere = socket.parent().expect("a folder");
    let socket = ["--socket", socket.to_str().expect("a plain path")];
    spawn(nowhere, &[&socket, words].concat())
}
