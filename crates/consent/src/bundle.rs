//! Many statements for a holder that cannot ask: a file of lines, read one by one.

use std::io::{BufRead, Read, Write};

use envelope::{Envelope, MAX_ENVELOPE};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::document::decode;
use crate::moment::written;
use crate::{Document, Error};

/// The most bytes of a line, its end included.
const MAX_LINE: usize = MAX_ENVELOPE + 2;

/// What the first line says of the file.
const KIND: &str = "tacit.authorisation-states.v1";

/// A bundle of signed statements as JSON lines: one line that says what it is and when it was
/// collected, then one envelope a line.
///
/// It holds one line at a time, whatever the size of the file. Nothing here is verified: each
/// statement is opened where it is used, and its own `issued_at` decides whether it is fresh, not
/// the time of collection, which nobody has signed. A bundle that was cut short lacks statements,
/// and what lacks one is refused.
#[derive(Debug)]
pub struct Bundle<R> {
    source: R,
    collected_at: OffsetDateTime,
    line: usize,
    ended: bool,
}

impl<R: BufRead> Bundle<R> {
    /// Reads the first line.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Line`] when the first line is not a bundle's.
    pub fn read(mut source: R) -> Result<Self, Error> {
        let refused = |source| Error::Line { line: 1, source: Box::new(source) };
        let document = Document::Bundle;
        let first = next_line(&mut source).map_err(refused)?.unwrap_or_default();
        let head: Head = decode(document, MAX_LINE, &first).map_err(refused)?;
        if head.bundle != KIND {
            let rule = "its first line names the kind of bundle that this version reads";
            return Err(refused(Error::Rule { document, rule }));
        }
        Ok(Self { source, collected_at: head.collected_at, line: 1, ended: false })
    }

    /// When it says that it was collected, for people to see.
    #[must_use]
    pub const fn collected_at(&self) -> OffsetDateTime {
        self.collected_at
    }
}

impl<R: BufRead> Iterator for Bundle<R> {
    type Item = Result<Envelope, Error>;

    /// The next envelope. A line that is not one is refused and the next goes on; a line too long
    /// or a source that fails ends the bundle.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.line += 1;
        let line = match next_line(&mut self.source) {
            Ok(Some(line)) => line,
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                self.ended = true;
                return Some(Err(Error::Line { line: self.line, source: Box::new(error) }));
            }
        };
        let document = Document::Statement;
        Some(Envelope::from_json(&line).map_err(|source| {
            let source = Box::new(Error::Envelope { document, source });
            Error::Line { line: self.line, source }
        }))
    }
}

/// Writes a bundle, line by line.
#[derive(Debug)]
pub struct BundleWriter<W> {
    target: W,
}

impl<W: Write> BundleWriter<W> {
    /// Writes the first line.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Malformed`] for a time outside 2000 to 2199.
    pub fn new(target: W, collected_at: OffsetDateTime) -> Result<Self, Error> {
        let head = Head { bundle: KIND.into(), collected_at };
        let mut writer = Self { target };
        writer.line(crate::document::encode(Document::Bundle, &head)?)?;
        Ok(writer)
    }

    /// Writes one statement.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn push(&mut self, statement: &Envelope) -> Result<(), Error> {
        self.line(statement.to_json())
    }

    /// Hands the target back, flushed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<W, Error> {
        self.target.flush().map_err(|error| Error::Io(error.kind()))?;
        Ok(self.target)
    }

    fn line(&mut self, mut bytes: Vec<u8>) -> Result<(), Error> {
        bytes.push(b'\n');
        self.target.write_all(&bytes).map_err(|error| Error::Io(error.kind()))
    }
}

/// The next line without its end; `None` after the last one. Never holds more than [`MAX_LINE`].
fn next_line(source: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let mut line = Vec::new();
    let most = MAX_LINE as u64;
    let read = source.take(most).read_until(b'\n', &mut line);
    let read = read.map_err(|error| Error::Io(error.kind()))?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && read == MAX_LINE {
        let (limit, found) = (MAX_ENVELOPE, read);
        return Err(Error::Oversized { document: Document::Bundle, limit, found });
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    Ok(Some(line))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    bundle: String,
    #[serde(with = "written")]
    collected_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use envelope::{Envelope, MAX_ENVELOPE, SigningKey};
    use proptest::prelude::{any, prop, proptest};
    use time::macros::datetime;

    use super::{Bundle, BundleWriter};
    use crate::{Blame, Document, Error};

    fn bundle(n: u8) -> Vec<u8> {
        let collected = datetime!(2026-03-02 08:00 UTC);
        let mut writer = BundleWriter::new(Vec::new(), collected).unwrap();
        for i in 0..n {
            let key = SigningKey::from_seed(&[1; 32]);
            writer.push(&Envelope::sign("t/v1", vec![i], &key)).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written() {
        let bytes = bundle(3);
        let read = Bundle::read(bytes.as_slice()).unwrap();
        assert_eq!(read.collected_at(), datetime!(2026-03-02 08:00 UTC));
        let payloads: Vec<_> =
            read.map(|item| item.unwrap().unverified("t/v1").unwrap().to_vec()).collect();
        assert_eq!(payloads, [[0], [1], [2]]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_next_one_is_read() {
        let text = String::from_utf8(bundle(2)).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines.insert(2, "{}");
        let spoiled = lines.join("\r\n");
        let items: Vec<_> = Bundle::read(spoiled.as_bytes()).unwrap().collect();
        assert!(items.len() == 3 && items[0].is_ok() && items[2].is_ok());
        let error = items[1].as_ref().unwrap_err();
        assert!(matches!(error, Error::Line { line: 3, .. }), "{error}");
        assert_eq!(error.blame(), Blame::Writer(Document::Statement));
    }

    #[test]
    fn a_line_without_end_is_given_up_after_its_bound() {
        struct Endless {
            head: Cursor<Vec<u8>>,
            given: usize,
        }
        impl std::io::Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let n = self.head.read(buffer)?;
                if n > 0 {
                    return Ok(n);
                }
                buffer.fill(b'x');
                self.given += buffer.len();
                Ok(buffer.len())
            }
        }
        let mut endless = Endless { head: Cursor::new(bundle(1)), given: 0 };
        let items: Vec<_> = Bundle::read(std::io::BufReader::new(&mut endless)).unwrap().collect();
        assert!(items.len() == 2 && items[0].is_ok());
        assert!(matches!(&items[1], Err(Error::Line { line: 3, source })
            if matches!(**source, Error::Oversized { .. })));
        assert!(endless.given < 2 * MAX_ENVELOPE, "{}", endless.given);
    }

    #[test]
    fn a_file_of_another_kind_is_refused_at_its_first_line() {
        for bad in ["", "\n", "{}", r#"{"bundle":"x","collected_at":"2026-03-02T08:00:00Z"}"#] {
            let error = Bundle::read(bad.as_bytes()).unwrap_err();
            assert!(matches!(error, Error::Line { line: 1, .. }), "{error}");
        }
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300), n in 0u8..2) {
            let mut bytes = if n == 0 { Vec::new() } else { bundle(n) };
            bytes.extend(noise);
            if let Ok(read) = Bundle::read(bytes.as_slice()) {
                assert!(read.count() <= 302);
            }
        }
    }
}
