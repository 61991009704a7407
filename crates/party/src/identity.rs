//! Who a party is: its certificate and keys, and what its peers know of it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audit::PseudonymKey;
use domain::{Duty, PartyId};
use envelope::{PublicKey, SigningKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use scoring::{Fingerprint, LenderKey, MaskKey, MaskPublicKey, batch};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use verification::EvaluationKey;
use zeroize::Zeroizing;

use crate::Trouble;
use crate::at_rest::DataKey;
use crate::{generations, succession};

/// Where the keys lie, inside the party's directory.
pub(crate) const FOLDER: &str = "identity";
/// The key that outlives every renewal, inside [`FOLDER`].
pub(crate) const PSEUDONYM_KEY: &str = "pseudonym.key";
/// Where the peers' files lie.
pub(crate) const PEERS: &str = "peers";

/// Everything that makes this party this party.
pub(crate) struct Identity {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) private_key: PrivateKeyDer<'static>,
    pub(crate) mask_key: Arc<MaskKey>,
    /// Signs statements, receipts and checkpoints.
    pub(crate) signing_key: Arc<SigningKey>,
    /// The public halves of the signing keys of before.
    pub(crate) former: Vec<PublicKey>,
    /// Lenders only.
    pub(crate) scoring_key: Option<Arc<LenderKey>>,
    /// Lenders only, and not those that were made before there were batches.
    pub(crate) batch_key: Option<Arc<batch::LenderKey>>,
    /// Lenders only, and not those that were made before there were verifications.
    pub(crate) verification_key: Option<Arc<verification::LenderKey>>,
}

/// What a party hands to its peers: nothing in it is secret, and everything in it is pinned.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerFile {
    pub(crate) name: PartyId,
    pub(crate) duties: Vec<Duty>,
    pub(crate) address: String,
    /// X25519, 64 hexadecimal digits: with it holders agree on masks behind the platform's back.
    mask_key: String,
    /// Under which statements, receipts and checkpoints of the party are verified.
    signing_key: PublicKey,
    /// SHA-256 of a lender's scoring key, 64 hexadecimal digits: holders answer under no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    scoring_key: Option<String>,
    /// The same of a lender's batch key, which holders try before they answer under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_key: Option<String>,
    /// The same of a lender's verification key: the platform computes under no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_key: Option<String>,
    /// PEM.
    certificate: String,
    /// What the party's former signing key says of this file, where it succeeds another: DSSE, JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    succession: Option<String>,
}

/// A peer as pinned: its file, parsed.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) name: PartyId,
    pub(crate) duties: Vec<Duty>,
    pub(crate) address: String,
    pub(crate) mask_key: MaskPublicKey,
    pub(crate) signing_key: PublicKey,
    pub(crate) scoring_key: Option<Fingerprint>,
    pub(crate) batch_key: Option<Fingerprint>,
    pub(crate) verification_key: Option<Fingerprint>,
    pub(crate) certificate: CertificateDer<'static>,
    /// Signing keys of before: documents that were signed then hold.
    pub(crate) former: Vec<PublicKey>,
}

/// The public halves of a party's keys, without that of its certificate.
pub(crate) struct PublicKeys {
    pub(crate) mask: MaskPublicKey,
    pub(crate) signing: PublicKey,
    pub(crate) scoring: Option<Fingerprint>,
    pub(crate) batch: Option<Fingerprint>,
    pub(crate) verification: Option<Fingerprint>,
}

/// The files of one generation of keys.
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) private_key: PathBuf,
    pub(crate) mask_key: PathBuf,
    pub(crate) signing_key: PathBuf,
    pub(crate) scoring_key: PathBuf,
    pub(crate) batch_key: PathBuf,
    pub(crate) verification_key: PathBuf,
    /// What others compute with under the verification key: 30 MB, and nothing of it secret.
    pub(crate) evaluation_key: PathBuf,
    /// The `.party` file that goes with these keys: all that stays of them once they are succeeded.
    pub(crate) public: PathBuf,
}

impl Files {
    /// Those of the present generation.
    pub(crate) fn of(dir: &Path) -> Result<Self, Trouble> {
        Ok(Self::in_folder(&generations::present(dir)?))
    }

    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            certificate: folder.join("certificate.pem"),
            private_key: folder.join("private.key"),
            mask_key: folder.join("mask.key"),
            signing_key: folder.join("signing.key"),
            scoring_key: folder.join("scoring.key"),
            batch_key: folder.join("batch.key"),
            verification_key: folder.join("verification.key"),
            evaluation_key: folder.join("evaluation.key"),
            public: folder.join("public.party"),
        }
    }

    /// What has to be kept from others.
    pub(crate) fn secrets(&self) -> [&Path; 6] {
        let Self { private_key, mask_key, signing_key, .. } = self;
        let Self { scoring_key, batch_key, verification_key, .. } = self;
        [private_key, mask_key, signing_key, scoring_key, batch_key, verification_key]
            .map(PathBuf::as_path)
    }
}

impl Identity {
    /// Reads the identity of the party in `dir`.
    pub(crate) fn read(dir: &Path, at_rest: &DataKey) -> Result<Self, Trouble> {
        Self::read_from(&Files::of(dir)?, generations::former(dir)?, at_rest)
    }

    /// Reads the identity that lies in these files.
    pub(crate) fn read_from(
        files: &Files,
        former: Vec<PublicKey>,
        at_rest: &DataKey,
    ) -> Result<Self, Trouble> {
        let certificate =
            fs::read(&files.certificate).map_err(|e| Trouble::file(&files.certificate, &e))?;
        let private_key = read_secret(&files.private_key, at_rest)?;
        let mask_key = read_secret(&files.mask_key, at_rest)?;
        let signing_key = read_secret(&files.signing_key, at_rest)?;
        let scoring_key = lenders(&files.scoring_key, at_rest, LenderKey::from_secret_bytes)?;
        let batch_key = lenders(&files.batch_key, at_rest, batch::LenderKey::from_secret_bytes)?;
        let read = verification::LenderKey::from_secret_bytes;
        let verification_key = lenders(&files.verification_key, at_rest, read)?;
        Ok(Self {
            certificate: CertificateDer::from_pem_slice(&certificate)
                .map_err(|e| Trouble::damaged(&files.certificate, &e))?,
            private_key: PrivateKeyDer::from_pem_slice(&private_key)
                .map_err(|e| Trouble::damaged(&files.private_key, &e))?,
            mask_key: Arc::new(
                MaskKey::from_secret_bytes(&mask_key)
                    .map_err(|e| Trouble::damaged(&files.mask_key, &e))?,
            ),
            signing_key: Arc::new(SigningKey::from_seed(
                signing_key
                    .as_slice()
                    .try_into()
                    .map_err(|e| Trouble::damaged(&files.signing_key, &e))?,
            )),
            former,
            scoring_key,
            batch_key,
            verification_key,
        })
    }

    /// Under which our own documents are verified, those of before among them.
    pub(crate) fn signing_keys(&self) -> Vec<PublicKey> {
        let present = std::iter::once(self.signing_key.public());
        present.chain(self.former.iter().copied()).collect()
    }

    /// The same as its peers compute from its file.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.public_keys().fingerprint(&self.certificate)
    }

    pub(crate) fn public_keys(&self) -> PublicKeys {
        PublicKeys {
            mask: self.mask_key.public(),
            signing: self.signing_key.public(),
            scoring: self.scoring_key.as_ref().map(|key| key.public().fingerprint()),
            batch: self.batch_key.as_ref().map(|key| key.public().fingerprint()),
            verification: self.verification_key.as_ref().map(|key| key.public().fingerprint()),
        }
    }
}

impl PublicKeys {
    /// SHA-256 of the certificate and of every public key: whoever has compared it by telephone knows
    /// that none of them was exchanged.
    fn fingerprint(&self, certificate: &[u8]) -> [u8; 32] {
        let Self { mask, signing, scoring, batch, verification } = self;
        // A key that is not there is no key: 32 zeroes are nobody's hash.
        let lenders = [scoring.map(|key| key.0), batch.map(|key| key.0)];
        let mut hash = Sha256::new()
            .chain_update(b"tacit/party/v1/fingerprint")
            .chain_update((certificate.len() as u64).to_be_bytes())
            .chain_update(certificate)
            .chain_update(mask.0)
            .chain_update(signing.as_bytes());
        for key in lenders.into_iter().chain([verification.map(|key| key.0)]) {
            hash.update(key.unwrap_or_default());
        }
        hash.finalize().into()
    }
}

impl PeerFile {
    pub(crate) fn new(
        name: PartyId,
        duties: Vec<Duty>,
        address: String,
        certificate: String,
        keys: &PublicKeys,
    ) -> Self {
        let digits = |key: Option<Fingerprint>| key.map(|key| hex::encode(key.0));
        Self {
            name,
            duties,
            address,
            mask_key: hex::encode(keys.mask.0),
            signing_key: keys.signing,
            scoring_key: digits(keys.scoring),
            batch_key: digits(keys.batch),
            verification_key: keys.verification.map(|key| hex::encode(key.0)),
            certificate,
            succession: None,
        }
    }

    /// The same party under other keys.
    pub(crate) fn renewed(self, certificate: String, keys: &PublicKeys) -> Self {
        Self::new(self.name, self.duties, self.address, certificate, keys)
    }

    /// The same file with what the former signing key says of it.
    pub(crate) fn succeeding(self, succession: Vec<u8>) -> Self {
        Self { succession: String::from_utf8(succession).ok(), ..self }
    }

    /// What a former signing key says of this file, if it succeeds another.
    pub(crate) fn succession(&self) -> Option<&str> {
        self.succession.as_deref()
    }

    pub(crate) fn read(path: &Path) -> Result<Self, Trouble> {
        let text = fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))?;
        toml::from_str(&text).map_err(|error| Trouble::damaged(path, &error))
    }

    pub(crate) fn parse(&self, path: &Path) -> Result<Peer, Trouble> {
        let key = |text: &str| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes)
                .map_err(|error| Trouble::damaged(path, &error))?;
            Ok::<_, Trouble>(bytes)
        };
        Ok(Peer {
            name: self.name.clone(),
            duties: self.duties.clone(),
            address: self.address.clone(),
            mask_key: MaskPublicKey(key(&self.mask_key)?),
            signing_key: self.signing_key,
            scoring_key: self.scoring_key.as_deref().map(key).transpose()?.map(Fingerprint),
            batch_key: self.batch_key.as_deref().map(key).transpose()?.map(Fingerprint),
            verification_key: self
                .verification_key
                .as_deref()
                .map(key)
                .transpose()?
                .map(Fingerprint),
            certificate: CertificateDer::from_pem_slice(self.certificate.as_bytes())
                .map_err(|error| Trouble::damaged(path, &error))?,
            former: Vec::new(),
        })
    }
}

impl Peer {
    /// Under which its documents are verified, those of before among them.
    pub(crate) fn signing_keys(&self) -> Vec<PublicKey> {
        std::iter::once(self.signing_key).chain(self.former.iter().copied()).collect()
    }

    /// What its operator and ours compare by telephone.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let keys = PublicKeys {
            mask: MaskPublicKey(self.mask_key.0),
            signing: self.signing_key,
            scoring: self.scoring_key,
            batch: self.batch_key,
            verification: self.verification_key,
        };
        keys.fingerprint(&self.certificate)
    }

    /// Until when the certificate is valid, seconds since the Unix epoch.
    pub(crate) fn valid_until(&self) -> Option<i64> {
        let (_, certificate) = x509_parser::parse_x509_certificate(&self.certificate).ok()?;
        Some(certificate.validity().not_after.timestamp())
    }
}

/// Every peer that the party in `dir` has pinned, in the order of their names.
pub(crate) fn pinned(dir: &Path) -> Result<Vec<Peer>, Trouble> {
    let folder = dir.join(PEERS);
    let entries = fs::read_dir(&folder).map_err(|error| Trouble::file(&folder, &error))?;
    let mut peers = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Trouble::file(&folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "party") {
            let mut peer = PeerFile::read(&path)?.parse(&path)?;
            peer.former = succession::former(dir, &peer.name)?;
            peers.push(peer);
        }
    }
    peers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(peers)
}

/// What others compute with under this lender's verification key.
pub(crate) fn evaluation_key(dir: &Path) -> Result<EvaluationKey, Trouble> {
    let path = Files::of(dir)?.evaluation_key;
    let bytes = fs::read(&path).map_err(|error| Trouble::file(&path, &error))?;
    EvaluationKey::from_bytes(&bytes).map_err(|error| Trouble::damaged(&path, &error))
}

/// The key under which this party's log speaks of subjects.
pub(crate) fn pseudonym_key(dir: &Path, at_rest: &DataKey) -> Result<PseudonymKey, Trouble> {
    let path = dir.join(FOLDER).join(PSEUDONYM_KEY);
    let bytes = read_secret(&path, at_rest)?;
    let bytes = bytes.as_slice().try_into().map_err(|error| Trouble::damaged(&path, &error))?;
    Ok(PseudonymKey::from_bytes(bytes))
}

/// A key that lenders have and others do not.
fn lenders<K, E: std::fmt::Display>(
    path: &Path,
    at_rest: &DataKey,
    read: fn(&[u8]) -> Result<K, E>,
) -> Result<Option<Arc<K>>, Trouble> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read_secret(path, at_rest)?;
    Ok(Some(Arc::new(read(&bytes).map_err(|error| Trouble::damaged(path, &error))?)))
}

/// Reads a secret of this party.
fn read_secret(path: &Path, at_rest: &DataKey) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let sealed = fs::read(path).map_err(|error| Trouble::file(path, &error))?;
    let opened = at_rest.open_sealed(&secret_name(path), &sealed);
    opened.ok_or_else(|| Trouble::damaged(path, &"it is not sealed under this party's data key"))
}

/// What a file's secret is sealed as: one file cannot stand in another's place.
pub(crate) fn secret_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What one of several keys opens, or the complaint of the first.
///
/// # Errors
///
/// When none of them opens it.
pub(crate) fn opened_by_one_of<T, E>(
    keys: &[PublicKey],
    open: impl Fn(&PublicKey) -> Result<T, E>,
) -> Result<T, E> {
    let (first, others) = keys.split_first().expect("every party has a signing key");
    open(first).or_else(|error| others.iter().find_map(|key| open(key).ok()).ok_or(error))
}

/// Writes a secret, sealed, into a file that only this user may read; never over another one.
pub(crate) fn write_secret(path: &Path, bytes: &[u8], at_rest: &DataKey) -> Result<(), Trouble> {
    let bytes = &at_rest.seal(&secret_name(path), bytes)?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Trouble::file(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| Trouble::file(path, &e))
}
