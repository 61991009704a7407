//! Whom this party's folder trusts, for papers that are read offline.

use std::fs;
use std::path::Path;

use documents::KnownParty;
use domain::PartyId;
use envelope::PublicKey;

use crate::Trouble;
use crate::config::{self, Config};
use crate::identity::PeerFile;
use crate::succession::FORMER;

/// The parties whose files lie in a folder. What peers signed under the keys of before holds too.
///
/// # Errors
///
/// `FILE`, `IDENTITY`.
pub fn known_parties(folder: &Path) -> Result<Vec<KnownParty>, Trouble> {
    let former = folder.join(FORMER);
    let mut known = if former.is_dir() { known_parties(&former)? } else { Vec::new() };
    let entries = fs::read_dir(folder).map_err(|error| Trouble::file(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Trouble::file(folder, &error))?.path();
        if path.extension().is_none_or(|extension| extension != "party") {
            continue;
        }
        let peer = PeerFile::read(&path)?.parse(&path)?;
        known.push(KnownParty { name: peer.name, duties: peer.duties, key: peer.signing_key });
    }
    Ok(known)
}

/// The identity issuers that the party in `dir` trusts; none where there is no party.
///
/// # Errors
///
/// `CONFIG` when there is a configuration that cannot be read.
pub fn issuers(dir: &Path) -> Result<Vec<(PartyId, PublicKey)>, Trouble> {
    if !dir.join(config::FILE).exists() {
        return Ok(Vec::new());
    }
    let issuers = Config::read(dir)?.governance.issuers;
    Ok(issuers.into_iter().map(|issuer| (issuer.name, issuer.key)).collect())
}
