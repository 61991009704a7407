//! Makes a party: its directory, keys, certificate, configuration, and the file that its peers pin.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use domain::{Duty, PartyId};
use envelope::SigningKey;
use rand::rngs::SysRng;
use rand::{Rng, SeedableRng, TryRng};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use scoring::{LenderKey, MaskKey, batch};
use zeroize::Zeroizing;

use crate::at_rest::{DataKey, Protection};
use crate::identity::{self, FOLDER, Files, PEERS, PSEUDONYM_KEY, PeerFile, PublicKeys};
use crate::kinds::verify::forget_unpinned;
use crate::{Trouble, config, generations, succession, tls};

/// What `init` needs to know.
#[derive(Clone, Debug)]
pub struct NewParty {
    /// The party's name, the same at every peer.
    pub name: PartyId,
    /// What it does.
    pub duties: Vec<Duty>,
    /// Where it listens, `host:port`.
    pub listen: String,
    /// What peers are told to dial, `host:port`.
    pub advertise: String,
    /// How long the certificate is valid, in days.
    pub valid_days: u32,
    /// How its keys lie on disk.
    pub protection: Protection,
}

/// What `init` made.
#[derive(Clone, Debug)]
pub struct MadeParty {
    /// The configuration to edit.
    pub config: PathBuf,
    /// The file to hand to every peer.
    pub peer_file: PathBuf,
    /// SHA-256 of the certificate, to compare by telephone.
    pub fingerprint: String,
}

/// A peer as its file describes it.
#[derive(Clone, Debug)]
pub struct PinnedPeer {
    /// Its name.
    pub name: PartyId,
    /// What it does.
    pub duties: Vec<Duty>,
    /// Where it is dialled, `host:port`.
    pub address: String,
    /// SHA-256 of its certificate.
    pub fingerprint: String,
    /// Until when its certificate is valid, seconds since the Unix epoch.
    pub valid_until: Option<i64>,
    /// Whether its own former key speaks for it, and it counts once the peer has switched.
    pub succeeds: bool,
}

/// Makes a party in `dir`: keys that only this user can read, a certificate, a commented
/// configuration, and the file to hand to peers.
///
/// # Errors
///
/// When there is a party in `dir` already, or a file cannot be written.
pub fn init(dir: &Path, new: &NewParty) -> Result<MadeParty, Trouble> {
    let config = dir.join(config::FILE);
    if config.exists() || dir.join(FOLDER).exists() {
        let dir = dir.display();
        return Err(Trouble::us(
            "EXISTS",
            format!(
                "there is a party in {dir} already. Choose another folder; its keys are not replaced."
            ),
            format!("{dir} 中已有参与方。请选择其他目录；已有密钥不会被替换。"),
        ));
    }
    if new.name.as_str() == config::LENDER {
        return Err(Trouble::us(
            "RESERVED",
            "`lender` is no party's name: models call the lender itself so. Choose another name.",
            "`lender` 是模型中对贷款方自身的称呼，不能用作参与方名称。请另选名称。",
        ));
    }
    for folder in [dir.to_owned(), dir.join(FOLDER), dir.join(PEERS), dir.join("results")] {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| Trouble::file(&folder, &error))?;
    }
    let at_rest = DataKey::make(dir, &new.protection)?;
    let peer = make_identity(dir, new, &at_rest)?;
    let peer_file = dir.join(format!("{}.party", new.name));
    write(&peer_file, &peer_text(&peer)?)?;
    write(&config, &commented(new))?;
    let fingerprint = shown(&peer.parse(&peer_file)?.fingerprint());
    Ok(MadeParty { config, peer_file, fingerprint })
}

/// Pins a peer: copies its file into the party's directory. What a lender has handed over under
/// another verification key is forgotten.
///
/// # Errors
///
/// When the file is not a peer's, is our own, or another certificate or key is pinned under that name.
pub fn add_peer(dir: &Path, file: &Path) -> Result<PinnedPeer, Trouble> {
    let own = config::Config::read(dir)?.name;
    let text = fs::read_to_string(file).map_err(|error| Trouble::file(file, &error))?;
    let read = PeerFile::read(file)?;
    let peer = read.parse(file)?;
    if peer.name == own {
        return Err(Trouble::us(
            "OWN_FILE",
            format!(
                "{} is this party's own file: hand it to the peers, and add theirs here.",
                file.display()
            ),
            format!("{} 是本方自己的文件：请把它交给对方，在此添加对方的文件。", file.display()),
        ));
    }
    let pinned = dir.join(PEERS).join(format!("{}.party", peer.name));
    let fingerprint = peer.fingerprint();
    if pinned.exists() {
        let before = PeerFile::read(&pinned)?.parse(&pinned)?;
        if before.fingerprint() != fingerprint {
            if succession::keep(dir, &read, &peer, &before, &text)? {
                return Ok(PinnedPeer { succeeds: true, ..peer.into() });
            }
            return Err(already_pinned(&peer.name, &pinned));
        }
    }
    write(&pinned, &text)?;
    forget_unpinned(dir, &identity::pinned(dir)?)?;
    Ok(peer.into())
}

fn already_pinned(name: &PartyId, pinned: &Path) -> Trouble {
    let path = pinned.display();
    Trouble::us(
        "ALREADY_PINNED",
        format!(
            "another certificate, or another key, is pinned for {name}, and no key of {name}'s that is pinned speaks for this one. Ask {name} by telephone whether it has changed; if so, remove {path} first."
        ),
        format!(
            "{name} 已登记了另一张证书或另一把密钥，且其已登记的密钥未为本文件背书。请电话向 {name} 核实是否更换；若属实，请先删除 {path}。"
        ),
    )
}

/// The peers that the party in `dir` has pinned.
///
/// # Errors
///
/// When a file among them is damaged.
pub fn peers(dir: &Path) -> Result<Vec<PinnedPeer>, Trouble> {
    Ok(identity::pinned(dir)?.into_iter().map(Into::into).collect())
}

/// A hash as people compare it: upper-case hexadecimal in groups of four.
pub(crate) fn shown(hash: &[u8]) -> String {
    let digits = hex::encode_upper(hash);
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).map(|g| str::from_utf8(g).unwrap_or("")).collect();
    groups.join(" ")
}

impl From<identity::Peer> for PinnedPeer {
    fn from(peer: identity::Peer) -> Self {
        let (fingerprint, valid_until) = (shown(&peer.fingerprint()), peer.valid_until());
        let identity::Peer { name, duties, address, .. } = peer;
        Self { name, duties, address, fingerprint, valid_until, succeeds: false }
    }
}

fn make_identity(dir: &Path, new: &NewParty, at_rest: &DataKey) -> Result<PeerFile, Trouble> {
    let files = Files::in_folder(&generations::begin(dir)?);
    let mut rng = chacha()?;
    let certificate = make_certificate(&new.name, new.valid_days, &files, at_rest)?;
    let write_secret = |path: &Path, bytes: &[u8]| identity::write_secret(path, bytes, at_rest);
    let mask_key = MaskKey::generate(&mut rng);
    write_secret(&files.mask_key, mask_key.to_secret_bytes().as_slice())?;
    let signing_key = SigningKey::generate(&mut rng);
    write_secret(&files.signing_key, signing_key.reveal_seed().as_slice())?;
    let mut pseudonym_key = Zeroizing::new([0; 32]);
    rng.fill_bytes(pseudonym_key.as_mut_slice());
    write_secret(&dir.join(FOLDER).join(PSEUDONYM_KEY), pseudonym_key.as_slice())?;
    let (mut scoring, mut batch, mut verification) = (None, None, None);
    if new.duties.contains(&Duty::Lender) {
        let key = LenderKey::generate(&mut rng);
        write_secret(&files.scoring_key, &key.to_secret_bytes())?;
        scoring = Some(key.public().fingerprint());
        let key = batch::LenderKey::generate(&mut rng);
        write_secret(&files.batch_key, &key.to_secret_bytes())?;
        batch = Some(key.public().fingerprint());
        let (key, uploaded) = verification::LenderKey::generate(&mut rng);
        write_secret(&files.verification_key, &key.to_secret_bytes())?;
        fs::write(&files.evaluation_key, verification::Encode::to_bytes(&uploaded))
            .map_err(|error| Trouble::file(&files.evaluation_key, &error))?;
        verification = Some(key.public().fingerprint());
    }
    let (mask, signing) = (mask_key.public(), signing_key.public());
    let peer = PeerFile::new(
        new.name.clone(),
        new.duties.clone(),
        new.advertise.clone(),
        certificate,
        &PublicKeys { mask, signing, scoring, batch, verification },
    );
    write(&files.public, &peer_text(&peer)?)?;
    Ok(peer)
}

/// Makes a certificate and its key, in place of what is there; returns the certificate.
pub(crate) fn make_certificate(
    name: &PartyId,
    valid_days: u32,
    files: &Files,
    at_rest: &DataKey,
) -> Result<String, Trouble> {
    let key = KeyPair::generate().map_err(|error| Trouble::from_error("KEYS", &error))?;
    let certificate = certificate(name, valid_days, &key)?;
    write(&files.certificate, &certificate)?;
    let secret = Zeroizing::new(key.serialize_pem());
    let sealed = at_rest.seal(&identity::secret_name(&files.private_key), secret.as_bytes())?;
    generations::replace(&files.private_key, &sealed)?;
    Ok(certificate)
}

fn certificate(name: &PartyId, valid_days: u32, key: &KeyPair) -> Result<String, Trouble> {
    let make = || {
        let mut params = CertificateParams::new(vec![tls::SERVER_NAME.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name.as_str());
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let now = time::OffsetDateTime::now_utc();
        // An hour for clocks that are behind.
        params.not_before = now - time::Duration::hours(1);
        params.not_after = now + time::Duration::days(valid_days.into());
        Ok(params.self_signed(key)?.pem())
    };
    make().map_err(|error: rcgen::Error| Trouble::from_error("KEYS", &error))
}

/// A generator seeded by the operating system.
pub(crate) fn chacha() -> Result<rand::rngs::StdRng, Trouble> {
    let mut seed = Zeroizing::new([0; 32]);
    SysRng
        .try_fill_bytes(seed.as_mut_slice())
        .map_err(|error| Trouble::from_error("RANDOM", &error))?;
    Ok(rand::rngs::StdRng::from_seed(*seed))
}

pub(crate) fn peer_text(peer: &PeerFile) -> Result<String, Trouble> {
    let body = toml::to_string(peer).map_err(|error| Trouble::from_error("IDENTITY", &error))?;
    Ok(format!(
        "# A party, as its peers pin it. Nothing in this file is secret, and all of it matters:\n\
         # compare the fingerprint by telephone before you add it (`tacit peer add`).\n{body}"
    ))
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(|error| Trouble::file(path, &error))
}

fn commented(new: &NewParty) -> String {
    let duties: Vec<String> = new.duties.iter().map(|duty| format!("\"{duty}\"")).collect();
    include_str!("party.example.toml")
        .replace("@name@", new.name.as_str())
        .replace("@duties@", &duties.join(", "))
        .replace("@listen@", &new.listen)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn new(name: &str, duty: Duty) -> NewParty {
        NewParty {
            name: name.parse().unwrap(),
            duties: vec![duty],
            listen: "127.0.0.1:7101".into(),
            advertise: "127.0.0.1:7101".into(),
            valid_days: 30,
            protection: Protection::Plain,
        }
    }

    #[test]
    fn two_parties_exchange_their_files_and_keep_their_secrets() {
        let root = tempfile::tempdir().unwrap();
        let (tax, bank) = (root.path().join("tax"), root.path().join("bank"));
        let made = init(&tax, &new("tax", Duty::Holder)).unwrap();
        init(&bank, &new("bank", Duty::Lender)).unwrap();
        let pinned = add_peer(&bank, &made.peer_file).unwrap();
        assert_eq!((pinned.name.as_str(), &pinned.fingerprint), ("tax", &made.fingerprint));
        assert_eq!(peers(&bank).unwrap().len(), 1);
        let files = Files::of(&bank).unwrap();
        let pseudonyms = bank.join(FOLDER).join(PSEUDONYM_KEY);
        for secret in files.secrets().into_iter().chain([pseudonyms.as_path()]) {
            assert_eq!(fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let uploaded = identity::evaluation_key(&bank).unwrap().fingerprint();
        let at_rest = DataKey::open(&bank).unwrap();
        let key = Identity::read(&bank, &at_rest).unwrap().verification_key.unwrap();
        assert_eq!(key.public().fingerprint(), uploaded);
        let files = Files::of(&tax).unwrap();
        assert!(!files.scoring_key.exists() && !files.batch_key.exists());
        config::Config::read(&bank).unwrap();
    }

    #[test]
    fn a_key_that_was_exchanged_shows_in_the_fingerprint_and_is_not_taken_silently() {
        let root = tempfile::tempdir().unwrap();
        let (tax, bank) = (root.path().join("tax"), root.path().join("bank"));
        init(&tax, &new("tax", Duty::Holder)).unwrap();
        let made = init(&bank, &new("bank", Duty::Lender)).unwrap();
        let pinned = add_peer(&tax, &made.peer_file).unwrap();
        let file = fs::read_to_string(&made.peer_file).unwrap();
        for key in ["mask_key", "signing_key", "scoring_key", "batch_key", "verification_key"] {
            let line = file.lines().find(|line| line.starts_with(key)).expect("a lender has all");
            // The same but for its last digit.
            let (start, _) = line.trim_end_matches('"').split_at(line.len() - 2);
            let last = if line.ends_with("0\"") { '1' } else { '0' };
            let exchanged = root.path().join(format!("{key}.party"));
            fs::write(&exchanged, file.replace(line, &format!("{start}{last}\""))).unwrap();
            let read = PeerFile::read(&exchanged).and_then(|read| read.parse(&exchanged));
            // Not every digit makes a point of the curve: then the file is refused as it is.
            let Ok(read) = read else { continue };
            assert_ne!(shown(&read.fingerprint()), pinned.fingerprint, "{key}");
            assert_eq!(add_peer(&tax, &exchanged).unwrap_err().code, "ALREADY_PINNED", "{key}");
        }
    }

    use crate::identity::Identity;

    #[test]
    fn a_party_is_not_made_twice_and_a_changed_certificate_is_not_taken_silently() {
        let root = tempfile::tempdir().unwrap();
        let (old, again, bank) =
            (root.path().join("a"), root.path().join("b"), root.path().join("c"));
        let first = init(&old, &new("tax", Duty::Holder)).unwrap();
        assert_eq!(init(&old, &new("tax", Duty::Holder)).unwrap_err().code, "EXISTS");
        let second = init(&again, &new("tax", Duty::Holder)).unwrap();
        let own = init(&bank, &new("bank", Duty::Lender)).unwrap();
        add_peer(&bank, &first.peer_file).unwrap();
        add_peer(&bank, &first.peer_file).unwrap();
        assert_eq!(add_peer(&bank, &second.peer_file).unwrap_err().code, "ALREADY_PINNED");
        assert_eq!(add_peer(&bank, &own.peer_file).unwrap_err().code, "OWN_FILE");
        let reserved = init(&root.path().join("d"), &new("lender", Duty::Lender));
        assert_eq!(reserved.unwrap_err().code, "RESERVED");
    }
}
