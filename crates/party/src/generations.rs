//! A party's own keys, generation after generation: prepared beside the present ones, switched to in
//! one step, wiped when they are succeeded.
//!
//! | in `identity/` | what it is |
//! |---|---|
//! | `generation` | the number of the present generation; replaced in one step |
//! | `N/` | the keys of generation N, and its `public.party`; of former ones the last alone |
//! | `untold` | the peers that have not seen the present generation yet |
//! | `pseudonym.key`, `protection.toml` | what no renewal touches |

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use domain::{Duty, PartyId};
use envelope::{PublicKey, SigningKey};
use scoring::{LenderKey, MaskKey, batch};

use crate::at_rest::DataKey;
use crate::config::Config;
use crate::identity::{FOLDER, Files, Identity, PeerFile, pinned};
use crate::succession::Succession;
use crate::whole_file::{Readers, write_bytes};
use crate::{Trouble, setup};

const PRESENT: &str = "generation";
const UNTOLD: &str = "untold";
/// A generation that is not whole yet.
const UNFINISHED: &str = "unfinished";

/// Which keys a renewal replaces beside the certificate, by which peers notice it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// The key that signs statements, receipts and checkpoints.
    pub signing: bool,
    /// The key that a holder agrees on masks with, and that opens claims.
    pub mask: bool,
    /// A lender's keys for scores, batches and verifications.
    pub scoring: bool,
    /// How long the new certificate is valid, in days.
    pub valid_days: u32,
}

/// A generation that waits for the switch.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The file to hand to every peer.
    pub peer_file: PathBuf,
    /// Of the new certificate and keys, to compare by telephone.
    pub fingerprint: String,
}

/// The folder of the present generation.
pub(crate) fn present(dir: &Path) -> Result<PathBuf, Trouble> {
    Ok(folder(dir, number(dir)?))
}

/// Begins the first generation of a new party.
pub(crate) fn begin(dir: &Path) -> Result<PathBuf, Trouble> {
    let first = folder(dir, 1);
    make(&first)?;
    replace(&dir.join(FOLDER).join(PRESENT), b"1\n")?;
    Ok(first)
}

/// The signing keys of the generations of before.
pub(crate) fn former(dir: &Path) -> Result<Vec<PublicKey>, Trouble> {
    let mut keys = Vec::new();
    for before in (1..number(dir)?).rev() {
        let public = Files::in_folder(&folder(dir, before)).public;
        let key = PeerFile::read(&public)?.parse(&public)?.signing_key;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Prepares the next generation of keys, beside the present one, which stays in use.
///
/// # Errors
///
/// `RENEWAL_PENDING` when one is prepared already; when a file cannot be read or written.
pub fn renew(dir: &Path, renewal: &Renewal) -> Result<Prepared, Trouble> {
    let config = Config::read(dir)?;
    let next = number(dir)?.saturating_add(1);
    let place = folder(dir, next);
    if place.exists() {
        return Err(Trouble::us(
            "RENEWAL_PENDING",
            "a renewal is prepared already. Hand its file to the peers and switch with `tacit keys switch`, or give it up with `tacit keys abandon`.",
            "已有一次更换在等待。请把其文件交给各方并用 `tacit keys switch` 切换，或用 `tacit keys abandon` 放弃。",
        ));
    }
    let at_rest = DataKey::open(dir)?;
    let identity = Identity::read(dir, &at_rest)?;
    let files = Files::of(dir)?;
    let unfinished = dir.join(FOLDER).join(UNFINISHED);
    remove(&unfinished)?;
    make(&unfinished)?;
    let made = Files::in_folder(&unfinished);
    for (from, to) in files.secrets().into_iter().zip(made.secrets()) {
        copy(from, to)?;
    }
    copy(&files.evaluation_key, &made.evaluation_key)?;
    let certificate = setup::make_certificate(&config.name, renewal.valid_days, &made, &at_rest)?;
    let mut rng = setup::chacha()?;
    if renewal.signing {
        let key = SigningKey::generate(&mut rng);
        rewrite(&made.signing_key, key.reveal_seed().as_slice(), &at_rest)?;
    }
    if renewal.mask {
        let key = MaskKey::generate(&mut rng);
        rewrite(&made.mask_key, key.to_secret_bytes().as_slice(), &at_rest)?;
    }
    if renewal.scoring && config.duties.contains(&Duty::Lender) {
        let key = LenderKey::generate(&mut rng);
        rewrite(&made.scoring_key, &key.to_secret_bytes(), &at_rest)?;
        let key = batch::LenderKey::generate(&mut rng);
        rewrite(&made.batch_key, &key.to_secret_bytes(), &at_rest)?;
        let (key, uploaded) = verification::LenderKey::generate(&mut rng);
        rewrite(&made.verification_key, &key.to_secret_bytes(), &at_rest)?;
        replace(&made.evaluation_key, &verification::Encode::to_bytes(&uploaded))?;
    }
    let renewed = Identity::read_from(&made, Vec::new(), &at_rest)?;
    let before = PeerFile::read(&files.public)?;
    let succession = Succession::of(&config.name, &identity.fingerprint(), &renewed.fingerprint());
    let peer = before
        .renewed(certificate, &renewed.public_keys())
        .succeeding(succession.sign(&identity.signing_key));
    let text = setup::peer_text(&peer)?;
    replace(&made.public, text.as_bytes())?;
    let peer_file = dir.join(next_name(&config.name));
    replace_public(&peer_file, text.as_bytes())?;
    fs::rename(&unfinished, &place).map_err(|error| Trouble::file(&place, &error))?;
    Ok(Prepared { peer_file, fingerprint: setup::shown(&renewed.fingerprint()) })
}

/// Makes the prepared generation the present one, and wipes the secrets of the former. The party must
/// not be running.
///
/// # Errors
///
/// `NO_RENEWAL` when none is prepared; when a file cannot be read or written.
pub fn switch(dir: &Path) -> Result<(), Trouble> {
    let number = number(dir)?;
    let next = folder(dir, number.saturating_add(1));
    if !next.exists() {
        // One that was broken off after its one step is finished.
        return if is_unfinished(dir, number) { finish(dir, number) } else { Err(no_renewal()) };
    }
    let untold: String = pinned(dir)?.iter().map(|peer| format!("{}\n", peer.name)).collect();
    replace(&dir.join(FOLDER).join(UNTOLD), untold.as_bytes())?;
    replace(&dir.join(FOLDER).join(PRESENT), format!("{}\n", number + 1).as_bytes())?;
    finish(dir, number + 1)
}

/// What follows the one step of a switch to this generation, as often as it takes: the public file
/// in its place, the secrets of before wiped.
fn finish(dir: &Path, number: u32) -> Result<(), Trouble> {
    let config = Config::read(dir)?;
    let public = Files::in_folder(&folder(dir, number)).public;
    let text = fs::read(&public).map_err(|error| Trouble::file(&public, &error))?;
    replace_public(&dir.join(format!("{}.party", config.name)), &text)?;
    remove_file(&dir.join(next_name(&config.name)))?;
    let before = Files::in_folder(&folder(dir, number.saturating_sub(1)));
    remove_file(&before.evaluation_key)?;
    // The signing key last: as long as it is there, there is something left to do.
    let signing = before.signing_key.as_path();
    for secret in before.secrets().into_iter().filter(|secret| *secret != signing) {
        remove_file(secret)?;
    }
    remove_file(signing)
}

/// Whether a switch to this generation was broken off before the secrets of the former were wiped.
fn is_unfinished(dir: &Path, number: u32) -> bool {
    number > 1 && Files::in_folder(&folder(dir, number - 1)).signing_key.exists()
}

/// Finishes a switch that was broken off, before a party starts under its keys.
pub(crate) fn finish_switch(dir: &Path) -> Result<(), Trouble> {
    let number = number(dir)?;
    if is_unfinished(dir, number) { finish(dir, number) } else { Ok(()) }
}

/// Gives up a prepared generation. Peers that have pinned its file go on with the present one.
///
/// # Errors
///
/// `NO_RENEWAL` when none is prepared; when a file cannot be removed.
pub fn abandon(dir: &Path) -> Result<(), Trouble> {
    let config = Config::read(dir)?;
    let next = folder(dir, number(dir)?.saturating_add(1));
    if !next.exists() {
        return Err(no_renewal());
    }
    remove(&next)?;
    remove_file(&dir.join(next_name(&config.name)))
}

/// The peers that have not seen the present generation of keys.
pub(crate) fn untold(dir: &Path) -> Vec<PartyId> {
    let text = fs::read_to_string(dir.join(FOLDER).join(UNTOLD)).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Notes that these peers alone are still to be told.
pub(crate) fn still_untold(dir: &Path, peers: &[PartyId]) -> Result<(), Trouble> {
    let path = dir.join(FOLDER).join(UNTOLD);
    if peers.is_empty() {
        return remove_file(&path);
    }
    let text: String = peers.iter().map(|peer| format!("{peer}\n")).collect();
    replace(&path, text.as_bytes())
}

fn number(dir: &Path) -> Result<u32, Trouble> {
    let path = dir.join(FOLDER).join(PRESENT);
    let text = fs::read_to_string(&path).map_err(|error| Trouble::file(&path, &error))?;
    text.trim().parse().map_err(|error| Trouble::damaged(&path, &error))
}

fn folder(dir: &Path, number: u32) -> PathBuf {
    dir.join(FOLDER).join(number.to_string())
}

fn next_name(party: &PartyId) -> String {
    format!("{party}.next.party")
}

fn make(folder: &Path) -> Result<(), Trouble> {
    let made = fs::DirBuilder::new().mode(0o700).create(folder);
    made.map_err(|error| Trouble::file(folder, &error))
}

/// Copies a file where there is one.
fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    match fs::copy(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::file(from, &error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn rewrite(path: &Path, secret: &[u8], at_rest: &DataKey) -> Result<(), Trouble> {
    remove_file(path)?;
    crate::identity::write_secret(path, secret, at_rest)
}

/// Writes a file that only this user may read in place of what is there, all or nothing, even if the
/// power fails.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    write_bytes(path, Readers::Owner, bytes)
}

/// The same of a file to hand out.
fn replace_public(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    write_bytes(path, Readers::Anybody, bytes)
}

fn remove_file(path: &Path) -> Result<(), Trouble> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::file(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn remove(folder: &Path) -> Result<(), Trouble> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::file(folder, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn no_renewal() -> Trouble {
    Trouble::us(
        "NO_RENEWAL",
        "no renewal is prepared: `tacit keys renew` prepares one.",
        "没有等待中的更换：可用 `tacit keys renew` 准备。",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::{NewParty, init};
    use crate::{Protection, add_peer};

    fn new(name: &str) -> NewParty {
        NewParty {
            name: name.parse().unwrap(),
            duties: vec![Duty::Holder],
            listen: "127.0.0.1:1".into(),
            advertise: "127.0.0.1:1".into(),
            valid_days: 30,
            protection: Protection::Plain,
        }
    }

    fn fingerprint(dir: &Path) -> [u8; 32] {
        Identity::read(dir, &DataKey::open(dir).unwrap()).unwrap().fingerprint()
    }

    #[test]
    fn a_switch_that_is_broken_off_anywhere_is_finished_and_its_keys_are_whole() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("tax");
        init(&dir, &new("tax")).unwrap();
        let before = fingerprint(&dir);
        let renewal = Renewal { signing: true, mask: true, valid_days: 30, ..Renewal::default() };
        renew(&dir, &renewal).unwrap();
        assert_eq!(fingerprint(&dir), before, "what is prepared is not in use");
        // The one step, and nothing after it.
        replace(&dir.join(FOLDER).join(PRESENT), b"2\n").unwrap();
        let after = fingerprint(&dir);
        assert_ne!(after, before);
        finish_switch(&dir).unwrap();
        finish_switch(&dir).unwrap();
        assert_eq!(fingerprint(&dir), after);
        let former = Files::in_folder(&folder(&dir, 1));
        assert!(former.secrets().iter().all(|secret| !secret.exists()) && former.public.exists());
        let handed = dir.join("tax.party");
        assert_eq!(PeerFile::read(&handed).unwrap().parse(&handed).unwrap().fingerprint(), after);
        assert!(!dir.join("tax.next.party").exists());
        assert_eq!(switch(&dir).unwrap_err().code, "NO_RENEWAL");
        assert_eq!(super::former(&dir).unwrap().len(), 1);
    }

    #[test]
    fn a_peer_keeps_the_former_keys_of_whoever_it_has_seen_switch() {
        let root = tempfile::tempdir().unwrap();
        let [tax, bank] = ["tax", "bank"].map(|name| root.path().join(name));
        let made = init(&tax, &new("tax")).unwrap();
        init(&bank, &new("bank")).unwrap();
        add_peer(&bank, &made.peer_file).unwrap();
        let renewal = Renewal { signing: true, valid_days: 30, ..Renewal::default() };
        let prepared = renew(&tax, &renewal).unwrap();
        assert!(add_peer(&bank, &prepared.peer_file).unwrap().succeeds);
        let pinned = pinned(&bank).unwrap().remove(0);
        let next = crate::succession::successor(&bank, &pinned).unwrap().unwrap();
        assert_eq!(next.signing_keys(), [next.signing_key, pinned.signing_key]);
        let seen = crate::succession::Successions::new(&bank);
        seen.shown(&pinned, &next, &pinned.certificate);
        assert!(!seen.has_switched(&pinned.name), "it shows its present certificate");
        seen.shown(&pinned, &next, &next.certificate);
        assert!(seen.has_switched(&pinned.name));
        let now = super::pinned(&bank).unwrap().remove(0);
        assert_eq!(now.fingerprint(), next.fingerprint());
        assert_eq!(now.signing_keys(), [next.signing_key, pinned.signing_key]);
        // A second renewal is spoken for by the second key.
        switch(&tax).unwrap();
        let third = renew(&tax, &renewal).unwrap();
        assert!(add_peer(&bank, &third.peer_file).unwrap().succeeds);
    }
}
