//! What an operator's request says: its words and numbers as ours, or refused.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use domain::{CheckMode, Purpose};
use wire::control;

use crate::Trouble;

/// A party or a model that may be named.
pub(crate) fn named<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>, Trouble> {
    (!name.is_empty()).then(|| parse(name)).transpose()
}

/// A path that may be named.
pub(crate) fn path_of(path: String) -> Option<PathBuf> {
    (!path.is_empty()).then(|| path.into())
}

/// A value of a call's enum as one of ours.
pub(crate) fn ours<T>(value: impl TryInto<T, Error = wire::Error>) -> Result<T, Trouble> {
    value.try_into().map_err(|error| Trouble::from_error("USAGE", &error))
}

/// A number of a call as its enum's; one that this version does not know stands for nothing else.
pub(crate) fn said<T: TryFrom<i32, Error: Display>>(value: i32) -> Result<T, Trouble> {
    value.try_into().map_err(|error| Trouble::from_error("USAGE", &error))
}

/// A name as it was typed.
pub(crate) fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, Trouble> {
    text.parse().map_err(|error| Trouble::from_error("USAGE", &error))
}

/// What something is for; an application for a loan when nothing is said.
pub(crate) fn purpose(purpose: i32) -> Result<Purpose, Trouble> {
    match said(purpose)? {
        control::Purpose::Unspecified => Ok(Purpose::PreLoan),
        named => ours(named),
    }
}

/// How much of an identifier must fit; strict when nothing is said.
pub(crate) fn check(check: i32) -> Result<CheckMode, Trouble> {
    match said(check)? {
        control::CheckMode::Unspecified => Ok(CheckMode::Strict),
        named => ours(named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_stands_for_none_of_ours() {
        let later = 99;
        assert_eq!(purpose(later).unwrap_err().code, "USAGE");
        assert_eq!(check(later).unwrap_err().code, "USAGE");
        assert_eq!(said::<control::PsiOutput>(later).unwrap_err().code, "USAGE");
        assert_eq!(said::<control::PsiProtocol>(later).unwrap_err().code, "USAGE");
    }

    #[test]
    fn a_request_that_says_nothing_is_for_an_application_and_checked_strictly() {
        assert_eq!(purpose(0).unwrap(), Purpose::PreLoan);
        assert_eq!(check(0).unwrap(), CheckMode::Strict);
        let said = control::Purpose::PostLoan.into();
        assert_eq!(purpose(said).unwrap(), Purpose::PostLoan);
    }
}
