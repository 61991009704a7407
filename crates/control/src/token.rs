//! What shows a party who of its staff calls.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::str::FromStr;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};
use zeroize::Zeroizing;

use crate::Error;

/// The longest text that is taken for a token.
const LONGEST: usize = 128;

/// The secret that shows a party who of its staff calls; wiped when it goes, and never printed.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Reads a token from a file that other users of this machine cannot read.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::OpenToken`], [`Error::NoToken`] where something else stands in it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |error| Error::File { path: path.into(), error };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(Error::OpenToken { path: path.into() });
        }
        let mut text = Zeroizing::new(String::with_capacity(2 * LONGEST));
        file.take(2 * LONGEST as u64).read_to_string(&mut text).map_err(failed)?;
        text.parse()
    }
}

impl FromStr for Token {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || text.len() > LONGEST {
            return Err(Error::NoToken);
        }
        Ok(Self(Zeroizing::new(text.into())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Has every call bear the token, where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    pub(crate) fn of(token: Option<&Token>) -> Result<Self, Error> {
        let value = |token: &Token| {
            let text = Zeroizing::new(format!("Bearer {}", *token.0));
            let mut value = text.parse::<MetadataValue<Ascii>>().map_err(|_| Error::NoToken)?;
            // Not shown where a request is, and in no table of headers.
            value.set_sensitive(true);
            Ok(value)
        };
        token.map(value).transpose().map(Self)
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use domain::Explain;

    use super::*;

    #[test]
    fn a_token_is_read_from_a_file_that_others_cannot_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "tacit-0a1b\n").unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o604);
        assert_eq!(Token::read(&path).unwrap_err().code(), "TOKEN_OPEN");
        mode(0o600);
        let token = Token::read(&path).unwrap();
        assert_eq!(**token.0, *"tacit-0a1b");
        assert_eq!(format!("{token:?} {:?}", Bearer::of(Some(&token)).unwrap()).find("0a1b"), None);
        for none in ["", "two words", "税", &"x".repeat(200)] {
            fs::write(&path, none).unwrap();
            assert_eq!(Token::read(&path).unwrap_err().code(), "TOKEN", "{none}");
        }
        assert_eq!(Token::read(&folder.path().join("none")).unwrap_err().code(), "FILE");
    }
}
