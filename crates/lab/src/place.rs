//! One party of a lab: its folder, the port that is kept for it, and its process while it runs.

use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};

use toml::Table;

use crate::port::Port;
use crate::settings;
use crate::{Error, Process, Program};

/// One party: its folder, the port that is kept for it, and its process while it runs.
#[derive(Debug)]
pub struct Party {
    pub(crate) program: Program,
    /// Its name, and the name of its folder.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Where it listens, `host:port`.
    pub address: String,
    /// Its port.
    port: Port,
    /// Its process, where it was started by what an operator types.
    pub process: Option<Process>,
}

impl Party {
    /// Keeps a place for a party in `root/name`, with a free port; nothing is in the folder yet.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn reserve(program: &Program, root: &Path, name: &str) -> Result<Self, Error> {
        let port = Port::keep().map_err(Error::NoPort)?;
        let (name, dir, address) = (name.to_owned(), root.join(name), port.address());
        Ok(Self { program: program.clone(), name, dir, address, port, process: None })
    }

    /// Lets the party's own process take the port.
    pub fn release_port(&mut self) {
        self.port.release();
    }

    /// The file that its peers pin.
    #[must_use]
    pub fn card(&self) -> PathBuf {
        self.dir.join(format!("{}.party", self.name))
    }

    /// Writes pieces of configuration over `party.toml`: tables merge, lists and values replace.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, understood or written.
    pub fn complete(&self, pieces: &Table) -> Result<(), Error> {
        settings::complete(&self.dir.join("party.toml"), pieces)
    }

    /// Makes this party dial another address for a peer that it has pinned.
    ///
    /// # Errors
    ///
    /// When the pinned file cannot be rewritten, or does not name the peer's address.
    pub fn redirect(&self, peer: &Self, address: &str) -> Result<(), Error> {
        let pinned = self.dir.join("peers").join(format!("{}.party", peer.name));
        let failed = |error| Error::file(&pinned, error);
        let text = fs::read_to_string(&pinned).map_err(failed)?;
        if !text.contains(&peer.address) {
            return Err(failed(IoError::new(ErrorKind::InvalidData, "another address is pinned")));
        }
        fs::write(&pinned, text.replace(&peer.address, address)).map_err(failed)
    }
}
