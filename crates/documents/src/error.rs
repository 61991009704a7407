//! Why a paper cannot be made, read or relied on, for people.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use domain::{Explain, Text};

/// Why a paper cannot be made, read or relied on.
///
/// A sentence says what happened, where, and what to do, and carries no identifier of a firm or a
/// person. One struct instead of an enum: nobody matches on it, and each is shown to a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct Error {
    /// Stable, the same in every language.
    pub code: &'static str,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Error {
    pub(crate) fn new(code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { code, en: en.into(), zh: zh.into() }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        Self::new(
            "FILE",
            format!("{path}: {error}. Check the path and the permissions."),
            format!("{path}：{error}。请检查路径与权限。"),
        )
    }

    /// What another crate says, in its own words.
    pub(crate) fn from_error(code: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self::new(code, error.to_string(), error.to_string())
    }
}

impl Explain for Error {
    fn code(&self) -> Cow<'static, str> {
        self.code.into()
    }

    fn what(&self) -> Text {
        Text::new(&self.en, &self.zh)
    }
}
