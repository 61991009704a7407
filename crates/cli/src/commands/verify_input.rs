//! Words of `tacit verify` that do not stand on the command line, where every user of the machine sees them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use terminal::Failure;
use zeroize::Zeroizing;

use crate::arguments::VerifyArguments;
use crate::phrases;

/// What stands for standard input.
const STANDARD: &str = "-";

/// More than any formula and all of its numbers take.
const LONGEST: u64 = 64 << 10;

/// A formula and its numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) formula: String,
    pub(super) sealed: Vec<String>,
}

/// The formula as it was given, and every number that `--sealed` gives, from where it lies.
pub(super) fn typed(formula: &str, verify: &VerifyArguments) -> Result<Typed, Failure> {
    typed_from(formula, verify, &mut io::stdin().lock())
}

fn typed_from(
    formula: &str,
    verify: &VerifyArguments,
    standard: &mut dyn Read,
) -> Result<Typed, Failure> {
    let words = verify.codes.iter().chain(&verify.sealed).map(String::as_str);
    if words.chain([formula]).filter(|word| *word == STANDARD).count() > 1 {
        return Err(Failure::usage(phrases::standard_input_twice()));
    }
    let formula = match elsewhere(formula, standard)? {
        Some(text) => text.trim_start_matches('\u{feff}').trim().to_owned(),
        None => formula.to_owned(),
    };
    let mut sealed = Vec::with_capacity(verify.sealed.len());
    for word in &verify.sealed {
        match elsewhere(word, standard)? {
            Some(text) => {
                let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
                sealed.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
            }
            None => sealed.push(word.clone()),
        }
    }
    Ok(Typed { formula, sealed })
}

/// What a word stands for, if it does not stand for itself.
fn elsewhere(word: &str, standard: &mut dyn Read) -> Result<Option<Zeroizing<String>>, Failure> {
    if word == STANDARD {
        return read(standard, Path::new(STANDARD)).map(Some);
    }
    let Some(path) = word.strip_prefix('@').map(Path::new) else { return Ok(None) };
    let mut file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    read(&mut file, path).map(Some)
}

fn read(from: &mut dyn Read, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = from.take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::file(path, &error))?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::usage(phrases::input_too_long(path.display())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;
    use terminal::Failure;

    use super::{Typed, typed_from};
    use crate::arguments::{Arguments, Command};

    fn typed(words: &[&str], standard: &[u8]) -> Result<Typed, Failure> {
        let words = [&["tacit", "verify"][..], words].concat();
        let command = Arguments::try_parse_from(words).unwrap().command;
        let Command::Verify(verify) = command else { panic!("verify") };
        let formula = verify.that.clone().unwrap();
        typed_from(&formula, &verify, &mut &*standard)
    }

    #[test]
    fn numbers_come_from_the_line_from_standard_input_or_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers");
        fs::write(&path, "\u{feff}7\r\n\n 8 \n").unwrap();
        let file = format!("@{}", path.display());
        let words = ["a", "--that", "x", "--sealed", "5", "--sealed", &file, "--sealed", "-"];
        let found = typed(&words, b"-6\n").unwrap();
        assert_eq!(
            found,
            Typed { formula: "x".into(), sealed: ["5", "7", "8", "-6"].map(Into::into).into() }
        );
        let found = typed(&["a", "--that", &file], b"").unwrap();
        assert_eq!(found.formula, "7\r\n\n 8");
    }

    #[test]
    fn standard_input_is_read_once_and_not_without_end() {
        for words in [
            &["-", "--that", "x", "--sealed", "-"][..],
            &["a", "--that", "-", "--sealed", "-"],
            &["a", "--that", "x", "--sealed", "-", "--sealed", "-"],
        ] {
            let refused = typed(words, b"1").unwrap_err();
            assert!(refused.what().en.contains("read once"), "{words:?}");
        }
        let long = vec![b'1'; 1 << 20];
        let refused = typed(&["a", "--that", "-"], &long).unwrap_err();
        assert!(refused.what().zh.contains("64 KiB"));
        assert!(typed(&["a", "--that", "@/nowhere/at/all"], b"").is_err());
    }
}
