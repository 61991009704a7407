//! How a peer's keys succeed one another: its former signing key speaks for its new file, both count
//! until it shows the new certificate, and what it signed before holds afterwards.
//!
//! | in `peers/` | what it is |
//! |---|---|
//! | `NAME.party` | the pinned file |
//! | `next/NAME.party` | its successor, which the peer has not switched to yet |
//! | `former/NAME.FINGERPRINT.party` | what it succeeded: signatures of before are verified with it |

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use domain::PartyId;
use envelope::{Envelope, PublicKey, SigningKey};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use crate::Trouble;
use crate::generations::replace;
use crate::identity::{PEERS, Peer, PeerFile};

const NEXT: &str = "next";
pub(crate) const FORMER: &str = "former";

/// What a signing key says of the file that succeeds its own.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Succession {
    party: PartyId,
    /// Fingerprints, hexadecimal.
    from: String,
    to: String,
}

impl Succession {
    const TYPE: &'static str = "application/vnd.tacit.succession.v1+json";

    pub(crate) fn of(party: &PartyId, from: &[u8; 32], to: &[u8; 32]) -> Self {
        Self { party: party.clone(), from: hex::encode(from), to: hex::encode(to) }
    }

    /// JSON of the signed envelope.
    pub(crate) fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let payload = serde_json::to_vec(self).expect("three strings are plain JSON");
        Envelope::sign(Self::TYPE, payload, key).to_json()
    }

    /// Whether `file` is said to succeed `pinned`, by the key that is pinned.
    fn holds(file: &PeerFile, successor: &Peer, pinned: &Peer) -> bool {
        let said = Self::of(&pinned.name, &pinned.fingerprint(), &successor.fingerprint());
        let opened = file.succession().and_then(|envelope| {
            let envelope = Envelope::from_json(envelope.as_bytes()).ok()?;
            let payload = envelope.open(Self::TYPE, &pinned.signing_key).ok()?;
            serde_json::from_slice::<Self>(payload).ok()
        });
        opened == Some(said)
    }
}

/// Keeps a file that the pinned peer's own key says succeeds it; otherwise nothing, and `false`.
pub(crate) fn keep(
    dir: &Path,
    file: &PeerFile,
    successor: &Peer,
    pinned: &Peer,
    text: &str,
) -> Result<bool, Trouble> {
    // The fingerprint does not cover what a party does: that is no matter of its keys.
    if !Succession::holds(file, successor, pinned) || successor.duties != pinned.duties {
        return Ok(false);
    }
    let path = next(dir, &pinned.name);
    let folder = dir.join(PEERS).join(NEXT);
    fs::create_dir_all(&folder).map_err(|error| Trouble::file(&folder, &error))?;
    replace(&path, text.as_bytes())?;
    Ok(true)
}

/// What the pinned peer will switch to, if it has said so.
pub(crate) fn successor(dir: &Path, pinned: &Peer) -> Result<Option<Peer>, Trouble> {
    let path = next(dir, &pinned.name);
    if !path.exists() {
        return Ok(None);
    }
    let file = PeerFile::read(&path)?;
    let mut successor = file.parse(&path)?;
    successor.former = pinned.signing_keys();
    Ok(Succession::holds(&file, &successor, pinned).then_some(successor))
}

/// The signing keys that a peer had before.
pub(crate) fn former(dir: &Path, party: &PartyId) -> Result<Vec<PublicKey>, Trouble> {
    let folder = dir.join(PEERS).join(FORMER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| Trouble::file(&folder, &error))?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Trouble::file(&folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "party") {
            let peer = PeerFile::read(&path)?.parse(&path)?;
            if peer.name == *party && !keys.contains(&peer.signing_key) {
                keys.push(peer.signing_key);
            }
        }
    }
    Ok(keys)
}

/// Which peers have switched to their new keys since this party's start.
pub(crate) struct Successions {
    dir: PathBuf,
    /// Those that have, and whether the new file is pinned on disk.
    switched: Mutex<BTreeMap<PartyId, bool>>,
}

impl Successions {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), switched: Mutex::default() }
    }

    /// Whether a peer has switched.
    pub(crate) fn has_switched(&self, party: &PartyId) -> bool {
        self.locked().contains_key(party)
    }

    /// Takes note that the peer has shown the certificate of its successor: from now on that is the
    /// peer, in memory and on disk. What the disk does not take is tried again whenever it is shown.
    pub(crate) fn shown(&self, pinned: &Peer, successor: &Peer, certificate: &CertificateDer<'_>) {
        if *certificate != successor.certificate {
            return;
        }
        let mut switched = self.locked();
        let on_disk = switched.entry(pinned.name.clone()).or_insert_with(|| {
            tracing::info!(peer = %pinned.name, "the peer has switched to its new keys");
            false
        });
        if *on_disk {
            return;
        }
        match promote(&self.dir, pinned) {
            Ok(()) => *on_disk = true,
            Err(trouble) => {
                tracing::error!(peer = %pinned.name, "its new file cannot be pinned: {trouble}");
            }
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<PartyId, bool>> {
        self.switched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The successor's file takes the place of the pinned one, which is kept for what was signed before.
fn promote(dir: &Path, pinned: &Peer) -> Result<(), Trouble> {
    let folder = dir.join(PEERS).join(FORMER);
    fs::create_dir_all(&folder).map_err(|error| Trouble::file(&folder, &error))?;
    let (name, fingerprint) = (&pinned.name, hex::encode(&pinned.fingerprint()[..8]));
    let path = dir.join(PEERS).join(format!("{name}.party"));
    let bytes = fs::read(&path).map_err(|error| Trouble::file(&path, &error))?;
    replace(&folder.join(format!("{name}.{fingerprint}.party")), &bytes)?;
    fs::rename(next(dir, name), &path).map_err(|error| Trouble::file(&path, &error))
}

fn next(dir: &Path, party: &PartyId) -> PathBuf {
    dir.join(PEERS).join(NEXT).join(format!("{party}.party"))
}
