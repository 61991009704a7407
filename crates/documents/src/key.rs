//! Keys that sign: a seed in a file of its owner's.

use std::path::Path;

use envelope::{PublicKey, SigningKey};
use zeroize::Zeroizing;

use crate::Error;
use crate::file;
use crate::random::chacha;

/// More than a seed in text with whatever an editor leaves around it.
const MAX_KEY: usize = 256;

/// Makes a new signing key and writes its seed as 64 hexadecimal digits, mode 0600, never over
/// another file. The public half goes to an identity issuer, or into `party.toml` as an issuer's.
///
/// # Errors
///
/// `EXISTS`, `FILE`, `RANDOM`.
pub fn make_key(path: &Path) -> Result<PublicKey, Error> {
    let key = SigningKey::generate(&mut chacha()?);
    let mut text = Zeroizing::new([b'\n'; 65]);
    hex::encode_to_slice(key.reveal_seed().as_slice(), &mut text[..64])
        .map_err(|error| Error::from_error("KEY_FILE", &error))?;
    file::write_new(path, text.as_slice())?;
    Ok(key.public())
}

/// Reads a key that [`make_key`] has made.
///
/// # Errors
///
/// `FILE`; `KEY_FILE` when it holds anything but 64 hexadecimal digits.
pub fn read_key(path: &Path) -> Result<SigningKey, Error> {
    let text = Zeroizing::new(file::read(path, MAX_KEY)?);
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), seed.as_mut_slice()).map_err(|_| {
        let path = path.display();
        Error::new(
            "KEY_FILE",
            format!("{path} holds no key: 64 hexadecimal digits were expected. Name the file that `tacit subject key` has made."),
            format!("{path} 中没有密钥：应为 64 位十六进制数字。请指定由 `tacit subject key` 生成的文件。"),
        )
    })?;
    Ok(SigningKey::from_seed(&seed))
}
