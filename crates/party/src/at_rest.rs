//! How a party's secrets lie on disk: always sealed under a data key, which is itself sealed under a
//! key-encryption key, or stands there plainly where the operator has said so.
//!
//! | file | what it holds |
//! |---|---|
//! | `identity/protection.toml` | how the data key is protected, and the data key so protected |
//! | every other secret of `identity/`, run seeds in the store | XChaCha20-Poly1305 under the data key |
//!
//! The key-encryption key is Argon2id of a passphrase (RFC 9106, the second recommended choice of
//! parameters), read from a file outside the party's folder or from a systemd credential. To change
//! the passphrase is to replace one file, all or nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::generations::replace;
use crate::identity::FOLDER;
use crate::{Trouble, setup};

/// The file inside the folder of the identity.
const FILE: &str = "protection.toml";
/// Where systemd puts a unit's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// What a sealed secret begins with.
const MAGIC: &[u8; 8] = b"tacit-s1";
const NONCE: usize = 24;
const DOMAIN: &str = "tacit/party/v1/at-rest/";
/// What seals the data key itself.
const DATA_KEY: &str = "data key";
/// RFC 9106 §4, the second recommended option: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The fewest bytes of a passphrase.
const SHORTEST: usize = 12;

/// From where the key-encryption key of a party comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// There is none: whoever reads the folder has the keys.
    Plain,
    /// A file with a passphrase, outside the party's folder.
    PassphraseFile(PathBuf),
    /// A systemd credential of this name that holds a passphrase.
    Credential(String),
}

/// The key under which every secret of a party lies on disk; wiped when it goes.
pub(crate) struct DataKey(Zeroizing<[u8; 32]>);

/// `protection.toml`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "protection", rename_all = "kebab-case", deny_unknown_fields)]
enum Protected {
    Plain { data_key: Hexadecimal },
    PassphraseFile { path: PathBuf, salt: Hexadecimal, data_key: Hexadecimal },
    Credential { name: String, salt: Hexadecimal, data_key: Hexadecimal },
}

/// Bytes as a file shows them; wiped when they go.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hexadecimal(Zeroizing<Vec<u8>>);

impl Clone for Hexadecimal {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl TryFrom<String> for Hexadecimal {
    type Error = hex::FromHexError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        let digits = Zeroizing::new(digits);
        hex::decode(digits.as_bytes()).map(|bytes| Self(bytes.into()))
    }
}

impl From<Hexadecimal> for String {
    fn from(bytes: Hexadecimal) -> Self {
        hex::encode(bytes.0.as_slice())
    }
}

impl DataKey {
    /// Makes the data key of a new party and writes it into its folder, protected.
    pub(crate) fn make(dir: &Path, protection: &Protection) -> Result<Self, Trouble> {
        let mut key = Zeroizing::new([0; 32]);
        setup::chacha()?.fill_bytes(key.as_mut_slice());
        let key = Self(key);
        key.protect(dir, protection)?;
        Ok(key)
    }

    /// Opens the data key of the party in `dir`.
    pub(crate) fn open(dir: &Path) -> Result<Self, Trouble> {
        let path = dir.join(FOLDER).join(FILE);
        match read(&path)? {
            Protected::Plain { data_key } => Self::from_slice(&data_key.0, &path),
            Protected::PassphraseFile { path: source, salt, data_key } => {
                let kek = key_encryption_key(dir, &passphrase_file(dir, &source)?, &salt.0)?;
                Self::unwrapped(&kek, &data_key.0, &path)
            }
            Protected::Credential { name, salt, data_key } => {
                let kek = key_encryption_key(dir, &credential(&name)?, &salt.0)?;
                Self::unwrapped(&kek, &data_key.0, &path)
            }
        }
    }

    /// Writes the data key into the folder of the party in `dir`, protected so, in place of what is
    /// there.
    pub(crate) fn protect(&self, dir: &Path, protection: &Protection) -> Result<(), Trouble> {
        let mut salt = vec![0; 16];
        setup::chacha()?.fill_bytes(&mut salt);
        let wrapped = |passphrase: &[u8]| {
            let kek = key_encryption_key(dir, passphrase, &salt)?;
            Ok::<_, Trouble>(Hexadecimal(kek.seal(DATA_KEY, self.0.as_slice())?.into()))
        };
        let protected = match protection {
            Protection::Plain => Protected::Plain { data_key: Hexadecimal(self.0.to_vec().into()) },
            Protection::PassphraseFile(given) => {
                let path = given.canonicalize().map_err(|error| Trouble::file(given, &error))?;
                let data_key = wrapped(&passphrase_file(dir, &path)?)?;
                Protected::PassphraseFile { path, salt: Hexadecimal(salt.into()), data_key }
            }
            Protection::Credential(name) => {
                let data_key = wrapped(&credential(name)?)?;
                let salt = Hexadecimal(salt.into());
                Protected::Credential { name: name.clone(), salt, data_key }
            }
        };
        write(&dir.join(FOLDER).join(FILE), &protected)
    }

    /// Seals a secret of this name.
    pub(crate) fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, Trouble> {
        let mut nonce = [0; NONCE];
        setup::chacha()?.fill_bytes(&mut nonce);
        let associated = format!("{DOMAIN}{name}");
        let payload = Payload { msg: secret, aad: associated.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|error| Trouble::from_error("OURS", &error))?;
        Ok([MAGIC.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens a sealed secret of this name; nothing when it is not one, or not under this key.
    pub(crate) fn open_sealed(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let rest = sealed.strip_prefix(MAGIC)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let associated = format!("{DOMAIN}{name}");
        let payload = Payload { msg: sealed, aad: associated.as_bytes() };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().try_into().expect("32 bytes"))
    }

    fn from_slice(bytes: &[u8], path: &Path) -> Result<Self, Trouble> {
        let bytes = bytes.try_into().map_err(|error| Trouble::damaged(path, &error))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    fn unwrapped(kek: &Self, sealed: &[u8], path: &Path) -> Result<Self, Trouble> {
        let bytes = kek.open_sealed(DATA_KEY, sealed).ok_or_else(|| {
            let path = path.display();
            Trouble::us(
                "PASSPHRASE",
                format!("the passphrase does not open the keys that {path} protects. Check that it is this party's; a lost one cannot be replaced."),
                format!("该口令无法打开 {path} 所保护的密钥。请确认口令属于本参与方；口令遗失无法找回。"),
            )
        })?;
        Self::from_slice(&bytes, path)
    }
}

/// How the keys of the party in `dir` are protected.
///
/// # Errors
///
/// When the party's folder has no readable protection file.
pub fn protection(dir: &Path) -> Result<Protection, Trouble> {
    Ok(match read(&dir.join(FOLDER).join(FILE))? {
        Protected::Plain { .. } => Protection::Plain,
        Protected::PassphraseFile { path, .. } => Protection::PassphraseFile(path),
        Protected::Credential { name, .. } => Protection::Credential(name),
    })
}

/// Protects the keys of the party in `dir` in another way; the party need not stop.
///
/// # Errors
///
/// When the present passphrase is not to be had, or the new one is too short, readable by others or
/// inside the party's folder.
pub fn protect(dir: &Path, protection: &Protection) -> Result<(), Trouble> {
    DataKey::open(dir)?.protect(dir, protection)
}

fn read(path: &Path) -> Result<Protected, Trouble> {
    let text = fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))?;
    toml::from_str(&Zeroizing::new(text)).map_err(|error| Trouble::damaged(path, &error.message()))
}

fn write(path: &Path, protected: &Protected) -> Result<(), Trouble> {
    let text = toml::to_string(protected).map_err(|error| Trouble::from_error("OURS", &error))?;
    replace(path, Zeroizing::new(text).as_bytes())
}

/// The passphrase in a file that nobody else can read and that does not lie beside the keys.
fn passphrase_file(dir: &Path, path: &Path) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let inside = dir.canonicalize().is_ok_and(|dir| path.starts_with(dir));
    if inside {
        let path = path.display();
        return Err(Trouble::us(
            "PASSPHRASE_PLACE",
            format!(
                "{path} lies in the party's own folder, where a copy of the keys would take it along. Keep it elsewhere."
            ),
            format!("{path} 位于参与方自己的目录中，复制密钥时会一并带走。请放到别处。"),
        ));
    }
    let mode = fs::metadata(path).map_err(|error| Trouble::file(path, &error))?;
    if mode.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        return Err(Trouble::us(
            "PASSPHRASE_OPEN",
            format!(
                "{path} can be read by others: `chmod 600 {path}`, and change the passphrase if they may have."
            ),
            format!(
                "其他用户可以读取 {path}：请执行 `chmod 600 {path}`；若可能已被读取，请更换口令。"
            ),
        ));
    }
    let bytes = fs::read(path).map_err(|error| Trouble::file(path, &error))?;
    Ok(Zeroizing::new(bytes))
}

/// The passphrase that systemd hands to this unit under `name`.
fn credential(name: &str) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let plain = Path::new(name).components().count() == 1 && !name.starts_with('.');
    let folder = std::env::var_os(CREDENTIALS).filter(|_| plain).ok_or_else(|| {
        Trouble::us(
            "CREDENTIAL",
            format!("there is no systemd credential `{name}` here: write `LoadCredentialEncrypted={name}` (or `LoadCredential=`) into the unit, and run other commands of this party with `systemd-run -p LoadCredentialEncrypted={name}`."),
            format!("此处没有 systemd 凭据 `{name}`：请在单元文件中写入 `LoadCredentialEncrypted={name}`（或 `LoadCredential=`），本参与方的其他命令用 `systemd-run -p LoadCredentialEncrypted={name}` 运行。"),
        )
    })?;
    let path = Path::new(&folder).join(name);
    let bytes = fs::read(&path).map_err(|error| Trouble::file(&path, &error))?;
    Ok(Zeroizing::new(bytes))
}

/// Argon2id of a passphrase, without the end of its line.
fn key_encryption_key(dir: &Path, passphrase: &[u8], salt: &[u8]) -> Result<DataKey, Trouble> {
    let passphrase = passphrase.trim_ascii_end();
    if passphrase.len() < SHORTEST {
        return Err(Trouble::us(
            "PASSPHRASE_SHORT",
            format!(
                "a passphrase has at least {SHORTEST} characters; `openssl rand -hex 32` makes a good one."
            ),
            format!("口令至少 {SHORTEST} 个字符；可用 `openssl rand -hex 32` 生成。"),
        ));
    }
    let path = dir.join(FOLDER).join(FILE);
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).expect("RFC 9106's own");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = Zeroizing::new([0; 32]);
    argon2
        .hash_password_into(passphrase, salt, key.as_mut_slice())
        .map_err(|error| Trouble::damaged(&path, &error))?;
    Ok(DataKey(key))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A party's folder, and a file with a passphrase beside it.
    fn world() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("tax");
        fs::create_dir_all(dir.join(FOLDER)).unwrap();
        let file = passphrase(root.path(), "first", "correct horse battery");
        (root, dir, file)
    }

    fn passphrase(root: &Path, name: &str, text: &str) -> PathBuf {
        let path = root.join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    #[test]
    fn the_key_encryption_key_is_argon2id_as_others_compute_it() {
        // RFC 9106 fixes the function; these bytes were computed with argon2-cffi 25.1:
        // hash_secret_raw(b"correct horse battery", bytes(range(16)), 3, 65536, 4, 32, Type.ID)
        let salt: Vec<u8> = (0..16).collect();
        let key = key_encryption_key(Path::new("."), b"correct horse battery\n", &salt).unwrap();
        assert_eq!(hex::encode(key.0.as_slice()), ARGON2_CFFI);
    }

    const ARGON2_CFFI: &str = "5995fc5ddabdb7f10fae2ad796270c269821d70b0efb8fb60262a81f1b6f0eb8";

    #[test]
    fn a_sealed_secret_opens_under_its_own_name_and_key_alone() {
        let (_root, dir, file) = world();
        let protection = Protection::PassphraseFile(file);
        let key = DataKey::make(&dir, &protection).unwrap();
        let sealed = key.seal("mask.key", b"secret").unwrap();
        assert_eq!(key.open_sealed("mask.key", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open_sealed("signing.key", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open_sealed("mask.key", &altered).is_none(), "{at}");
            assert!(key.open_sealed("mask.key", &sealed[..at]).is_none(), "{at}");
        }
        let other = DataKey::make(&dir, &Protection::Plain).unwrap();
        assert!(other.open_sealed("mask.key", &sealed).is_none());
        assert_ne!(sealed, key.seal("mask.key", b"secret").unwrap(), "never twice the same nonce");
    }

    #[test]
    fn nothing_in_the_folder_opens_the_keys_without_the_passphrase() {
        let (root, dir, file) = world();
        let key = DataKey::make(&dir, &Protection::PassphraseFile(file.clone())).unwrap();
        let kept = fs::read_to_string(dir.join(FOLDER).join(FILE)).unwrap();
        assert!(!kept.contains(&hex::encode(key.0.as_slice())), "{kept}");
        assert_eq!(*DataKey::open(&dir).unwrap().0, *key.0);
        fs::write(&file, "another passphrase").unwrap();
        assert_eq!(DataKey::open(&dir).err().unwrap().code, "PASSPHRASE");
        fs::remove_file(&file).unwrap();
        assert_eq!(DataKey::open(&dir).err().unwrap().code, "FILE");
        drop(root);
    }

    #[test]
    fn another_passphrase_protects_the_same_keys() {
        let (root, dir, first) = world();
        let key = DataKey::make(&dir, &Protection::PassphraseFile(first.clone())).unwrap();
        let second = passphrase(root.path(), "second", "staple, and much else");
        protect(&dir, &Protection::PassphraseFile(second.clone())).unwrap();
        fs::remove_file(&first).unwrap();
        assert_eq!(*DataKey::open(&dir).unwrap().0, *key.0);
        let second = second.canonicalize().unwrap();
        assert_eq!(protection(&dir).unwrap(), Protection::PassphraseFile(second));
        protect(&dir, &Protection::Plain).unwrap();
        assert_eq!(*DataKey::open(&dir).unwrap().0, *key.0);
        let mode = fs::metadata(dir.join(FOLDER).join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_passphrase_that_protects_nothing_is_refused() {
        let (root, dir, file) = world();
        let code = |path: &Path| {
            let made = DataKey::make(&dir, &Protection::PassphraseFile(path.into()));
            made.err().map(|trouble| trouble.code)
        };
        assert_eq!(
            code(&passphrase(root.path(), "short", "eleven char")),
            Some("PASSPHRASE_SHORT")
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(code(&file), Some("PASSPHRASE_OPEN"));
        let inside = passphrase(&dir, "passphrase", "correct horse battery");
        assert_eq!(code(&inside), Some("PASSPHRASE_PLACE"));
        let absent = Protection::Credential("../etc/passwd".into());
        assert_eq!(DataKey::make(&dir, &absent).err().unwrap().code, "CREDENTIAL");
    }
}
