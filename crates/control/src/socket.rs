//! The socket of a party's directory, and whether something listens on it.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf, absolute};

use wire::CONTROL_SOCKET;

use crate::Error;

/// The longest path of a Unix socket on Linux, its closing zero left out.
const LONGEST_PATH: usize = 107;

/// The directory as a party shall know it: whole, so that the paths of its results hold wherever its
/// operator stands; as it was typed where only that leaves room for the socket.
#[must_use]
pub fn directory(typed: &Path) -> PathBuf {
    let fits = |dir: &PathBuf| dir.join(CONTROL_SOCKET).as_os_str().len() <= LONGEST_PATH;
    absolute(typed).ok().filter(fits).unwrap_or_else(|| typed.into())
}

/// Whether a party of this directory takes calls.
#[must_use]
pub fn is_running(dir: &Path) -> bool {
    reachable(dir).is_ok()
}

/// The socket of a directory's party, once something listens on it, as a URI.
pub(crate) fn reachable(dir: &Path) -> Result<String, Error> {
    if !dir.join("party.toml").exists() {
        return Err(Error::NoParty { dir: shown(dir) });
    }
    uri(&dir.join(CONTROL_SOCKET), || not_running(dir))
}

/// The socket that a party shares, once something listens on it, as a URI.
pub(crate) fn shared(socket: &Path) -> Result<String, Error> {
    uri(socket, || Error::NobodyAnswers { socket: shown(socket) })
}

fn uri(socket: &Path, nobody: impl FnOnce() -> Error) -> Result<String, Error> {
    let length = socket.as_os_str().len();
    if length > LONGEST_PATH {
        return Err(Error::SocketPath { length, longest: LONGEST_PATH });
    }
    // tonic's own error would not tell a missing socket from a forbidden one.
    match UnixStream::connect(socket) {
        Ok(_) => {}
        Err(error) if absent(&error) => return Err(nobody()),
        Err(error) => return Err(Error::Socket { path: socket.into(), error }),
    }
    let path = socket.to_str().ok_or_else(|| Error::NotUnicode { path: socket.into() })?;
    Ok(format!("unix://{path}"))
}

/// No party runs in a directory that has one.
pub(crate) fn not_running(dir: &Path) -> Error {
    Error::NotRunning { dir: shown(dir) }
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

/// A path as it can be typed anywhere.
fn shown(dir: &Path) -> String {
    absolute(dir).unwrap_or_else(|_| dir.into()).display().to_string()
}

#[cfg(test)]
mod tests {
    use domain::Explain;

    use super::*;

    #[test]
    fn a_party_knows_its_directory_whole_where_its_socket_fits() {
        assert!(directory(Path::new("tax")).is_absolute());
        let long = PathBuf::from("x".repeat(107));
        assert_eq!(directory(&long), long);
    }

    #[test]
    fn a_folder_without_a_party_and_a_party_that_does_not_run_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(reachable(dir.path()).unwrap_err().code(), "NO_PARTY");
        std::fs::write(dir.path().join("party.toml"), "").unwrap();
        let error = reachable(dir.path()).unwrap_err();
        assert_eq!(error.code(), "NOT_RUNNING");
        let next = error.next_step().unwrap();
        assert!(next.en.contains(dir.path().to_str().unwrap()), "{}", next.en);
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_refused_with_advice() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("x".repeat(120));
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("party.toml"), "").unwrap();
        let error = reachable(&dir).unwrap_err();
        assert_eq!(error.code(), "SOCKET_PATH");
        assert!(error.next_step().unwrap().zh.contains("--dir"));
    }
}
