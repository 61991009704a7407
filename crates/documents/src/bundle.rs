//! Bundles of a registry's statements, for parties without a line to it.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use consent::{Bundle, Error};
use envelope::MAX_ENVELOPE;
use time::OffsetDateTime;

use crate::file::{Replacement, next_line};
use crate::refused::refused;

/// A bundle that is being written, line by line; it takes the place of an older one when it is
/// whole.
pub struct BundleFile {
    file: Replacement,
    path: PathBuf,
    lines: u64,
}

impl BundleFile {
    /// Begins a bundle at `path`.
    ///
    /// # Errors
    ///
    /// `FILE`.
    pub fn begin(path: &Path) -> Result<Self, crate::Error> {
        Ok(Self { file: Replacement::begin(path)?, path: path.into(), lines: 0 })
    }

    /// Writes one line; whether the party ends it or not.
    ///
    /// # Errors
    ///
    /// `BUNDLE` for what is no line of a bundle, `FILE`.
    pub fn push(&mut self, line: &[u8]) -> Result<(), crate::Error> {
        let line = line.trim_ascii_end();
        if line.is_empty() || line.len() > MAX_ENVELOPE || line.contains(&b'\n') {
            return Err(no_bundle(&self.path, self.lines + 1));
        }
        self.lines += 1;
        self.file.write(line)?;
        self.file.write(b"\n")
    }

    /// Puts the bundle in its place and says how many statements it holds.
    ///
    /// # Errors
    ///
    /// `BUNDLE` when not even its first line came, `FILE`.
    pub fn finish(self) -> Result<u64, crate::Error> {
        let statements = self.lines.checked_sub(1).ok_or_else(|| no_bundle(&self.path, 1))?;
        self.file.finish()?;
        Ok(statements)
    }
}

/// The lines of a bundle, one at a time, after the whole of it was looked at once.
///
/// Nothing in it is verified but its form.
pub struct BundleLines {
    source: BufReader<File>,
    path: PathBuf,
    collected_at: OffsetDateTime,
    statements: u64,
}

impl BundleLines {
    /// Looks at a bundle from its first line to its last, so that nothing is handed on of a file
    /// that cannot be read to its end. A line that is no statement is left for the party to count.
    ///
    /// # Errors
    ///
    /// `BUNDLE` with the line, `FILE`.
    pub fn open(path: &Path) -> Result<Self, crate::Error> {
        let open = || File::open(path).map_err(|error| crate::Error::file(path, &error));
        let bundle = Bundle::read(BufReader::new(open()?)).map_err(refused)?;
        let collected_at = bundle.collected_at();
        let mut statements = 0;
        for statement in bundle {
            match statement {
                Err(Error::Line { source, line }) if breaks_off(&source) => {
                    return Err(refused(Error::Line { source, line }));
                }
                Ok(_) | Err(_) => statements += 1,
            }
        }
        let source = BufReader::new(open()?);
        Ok(Self { source, path: path.into(), collected_at, statements })
    }

    /// When it says that it was collected.
    #[must_use]
    pub const fn collected_at(&self) -> OffsetDateTime {
        self.collected_at
    }

    /// How many lines it has after its first.
    #[must_use]
    pub const fn statements(&self) -> u64 {
        self.statements
    }
}

impl Iterator for BundleLines {
    type Item = Result<Vec<u8>, crate::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        next_line(&mut self.source, &self.path, MAX_ENVELOPE).transpose()
    }
}

/// Whether nothing can be read after this line.
fn breaks_off(error: &Error) -> bool {
    matches!(error, Error::Io(_) | Error::Oversized { .. })
}

fn no_bundle(path: &Path, line: u64) -> crate::Error {
    let path = path.display();
    crate::Error::new(
        "BUNDLE",
        format!(
            "what was to be line {line} of {path} is no line of a bundle: the party is of another version than this command. Start it again with this program."
        ),
        format!(
            "{path} 第 {line} 行的内容不属于授权状态包：参与方与本命令版本不同。请用本程序重新启动。"
        ),
    )
}
