//! The table `[control]`: over what the staff calls a party, and what callers may bring.

use std::path::PathBuf;

use serde::Deserialize;

/// Over what its staff calls this party, beside the socket in its own directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Control {
    /// A socket for other users of this machine: every call over it bears a token.
    pub(crate) socket: Option<PathBuf>,
    /// Who may connect to it.
    pub(crate) open_to: OpenTo,
    /// Mebibytes of files that callers bring and that wait for a request, or are read for one.
    pub(crate) uploads_mib: u32,
}

/// Which users of this machine may connect to the shared socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OpenTo {
    /// Those of the socket's group.
    #[default]
    Group,
    /// All of them.
    Everyone,
}

impl Default for Control {
    fn default() -> Self {
        Self { socket: None, open_to: OpenTo::default(), uploads_mib: 1024 }
    }
}

impl Control {
    /// Bytes of all files together that callers bring.
    pub(crate) fn most_uploads(&self) -> u64 {
        u64::from(self.uploads_mib) << 20
    }
}

impl OpenTo {
    /// The mode of the socket's file.
    pub(crate) const fn mode(self) -> u32 {
        match self {
            Self::Group => 0o660,
            Self::Everyone => 0o666,
        }
    }
}
