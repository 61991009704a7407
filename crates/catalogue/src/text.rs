//! The plain parts of every document: its schema, names, days and texts.

use time::Date;
use time::format_description::FormatItem;
use time::macros::format_description;
use toml::value::Datetime;

use crate::Error;

/// The form of document that this version reads.
const SCHEMA: u32 = 1;

/// The longest text, in bytes.
const MAX_TEXT: usize = 600;

const DATE: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]");

pub(crate) fn schema(found: u32) -> Result<(), Error> {
    if found == SCHEMA {
        return Ok(());
    }
    Err(Error::Document(format!("this version reads `schema = {SCHEMA}`, not {found}")))
}

pub(crate) fn day(stated: Datetime) -> Result<Date, Error> {
    date(&stated.to_string())
        .ok_or_else(|| Error::Document("`issued` is a day, like 2022-07-16".into()))
}

/// A day written like 2022-07-16.
pub(crate) fn date(text: &str) -> Option<Date> {
    Date::parse(text, DATE).ok()
}

/// The name of a catalogue, overlay or profile: `[a-z0-9][a-z0-9-]{0,39}`.
pub(crate) fn name(what: &str, found: String) -> Result<String, Error> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = found.len() <= 40
        && found.bytes().next().is_some_and(plain)
        && found.bytes().all(|byte| plain(byte) || byte == b'-');
    if fits {
        return Ok(found);
    }
    let rule = "is 1 to 40 lower-case letters, digits and hyphens, like `jiangsu-2022`";
    Err(Error::Document(format!("`{what}` {rule}")))
}

/// One line of text, not empty, of at most [`MAX_TEXT`] bytes.
pub(crate) fn text(what: &str, found: String) -> Result<String, String> {
    if found.is_empty() || found.len() > MAX_TEXT || found.chars().any(char::is_control) {
        return Err(format!("`{what}` is one line of 1 to {MAX_TEXT} bytes"));
    }
    Ok(found)
}

/// A plain word: `[a-z][a-z0-9_]{0,63}`.
pub(crate) fn word(what: &str, found: String) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = found.len() <= 64
        && found.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && found.bytes().all(plain);
    if fits { Ok(found) } else { Err(format!("{what} is a word like `tax_service`")) }
}
