//! The lender's result: written block by block under another name, and renamed when it is whole.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::SubjectKind;
use scoring::batch::{BLOCK, Opened};

use crate::Trouble;
use crate::runs::batch::list::Subjects;
use crate::runs::card::Card;
use crate::runs::own::OwnPoints;

const HEAD: &str = "subject,points,score,probability,grade\n";

/// An unfinished result.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    subjects: Subjects,
    /// What the lender adds to a subject's sum itself.
    own: Option<Arc<OwnPoints>>,
    /// What stands behind a subject with so many points.
    readings: Vec<String>,
    blocks: u32,
    written: u64,
}

impl Part {
    /// Goes on with the result of a list after `blocks` blocks, which take `written` bytes: what
    /// stands behind them in the file never counted.
    pub(super) fn open(
        result: &Path,
        (list, kind): (&Path, SubjectKind),
        (card, own): (&Card, Option<Arc<OwnPoints>>),
        (blocks, written): (u32, u64),
    ) -> Result<Self, Trouble> {
        let path = part(result);
        let attempt = || {
            let mut file = File::options().read(true).append(true).create(true).open(&path)?;
            if blocks == 0 {
                file.set_len(0)?;
                file.write_all(HEAD.as_bytes())?;
            } else if file.metadata()?.len() < written {
                return Err(io::Error::other(
                    "it is shorter than what was written: it has been changed by somebody else",
                ));
            } else {
                file.set_len(written)?;
            }
            let written = file.metadata()?.len();
            let subjects = Subjects::open(list, kind, u64::from(blocks) * BLOCK as u64)?;
            Ok((file, subjects, written))
        };
        let (file, subjects, written) = attempt().map_err(|error| Trouble::file(&path, &error))?;
        let readings = (0..=card.most_total()).map(|points| reading(card, points)).collect();
        Ok(Self { path, file, subjects, own, readings, blocks, written })
    }

    /// How many blocks are in it, and in how many bytes.
    pub(super) fn reached(&self) -> (u32, u64) {
        (self.blocks, self.written)
    }

    /// Writes blocks and brings them to disk.
    pub(super) fn append(&mut self, opened: &[Opened]) -> Result<(), Trouble> {
        let mut text = String::new();
        let mut attempt = || {
            for Opened { block, points } in opened {
                if *block != self.blocks {
                    return Err(io::Error::other("blocks come in order"));
                }
                for points in points {
                    let subject = self.subjects.next();
                    let subject =
                        subject.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
                    let own = self.own.as_ref().map_or(Ok(0), |own| own.of(&subject));
                    let own = own.map_err(|trouble| io::Error::other(trouble.en))?;
                    quote(&mut text, subject.reveal());
                    let reading = self.readings.get(usize::from(points.0) + usize::from(own));
                    text.push_str(reading.ok_or_else(|| io::Error::other("too many points"))?);
                }
                self.blocks += 1;
            }
            self.file.write_all(text.as_bytes())?;
            self.file.sync_data()
        };
        attempt().map_err(|error| Trouble::file(&self.path, &error))?;
        self.written += text.len() as u64;
        Ok(())
    }

    /// Gives the result its name.
    pub(super) fn finish(self, result: &Path) -> Result<(), Trouble> {
        let attempt = || {
            self.file.sync_all()?;
            fs::rename(&self.path, result)
        };
        attempt().map_err(|error| Trouble::file(result, &error))
    }
}

/// Where a result stands while it is not whole.
pub(super) fn part(result: &Path) -> PathBuf {
    let mut part = result.as_os_str().to_owned();
    part.push(".part");
    part.into()
}

fn reading(card: &Card, points: u16) -> String {
    let read = card.read(points);
    let mut text = format!(",{},{},{},", read.points, read.score, read.probability);
    quote(&mut text, &read.grade.unwrap_or_default());
    text.push('\n');
    text
}

/// A field of CSV.
fn quote(into: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        write!(into, "\"{}\"", field.replace('"', "\"\"")).expect("text can always be appended to");
    } else {
        into.push_str(field);
    }
}

#[cfg(test)]
mod tests {
    use domain::{CheckMode, Scorecard, Subject};
    use scoring::Points;

    use super::*;
    use crate::runs::batch::list;

    fn card() -> Card {
        let card = "model = 'm'\nversion = 1\ntitle = 't'\noffset = 400\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
             [[grade]]\nname = 'A, good'\nfrom = 402\n\
             [[feature]]\ncolumn = 'x'\nholder = 'tax'\n\
             [[feature.bin]]\nbelow = 2\npoints = 0\n[[feature.bin]]\npoints = 3\n";
        Card::of(&Scorecard::from_toml(card).unwrap(), None)
    }

    #[test]
    fn a_result_goes_on_after_its_last_block_and_forgets_what_stood_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (own, result) = (folder.path().join("a.list"), folder.path().join("result.csv"));
        let codes = (0..5_000).map(|at| format!("{at:04},x"));
        let subject = |code: String| Subject::parse(SubjectKind::Opaque, &code, CheckMode::Report);
        let subjects = codes.map(|code| subject(code).unwrap().value).collect();
        list::write(&own, SubjectKind::Opaque, subjects).unwrap();
        let from = (own.as_path(), SubjectKind::Opaque);
        let opened = |block, subjects| Opened { block, points: vec![Points(2); subjects] };

        let mut first = Part::open(&result, from, (&card(), None), (0, 0)).unwrap();
        first.append(&[opened(0, BLOCK)]).unwrap();
        let reached = first.reached();
        first.append(&[opened(1, 904)]).unwrap();
        assert!(first.append(&[opened(9, 1)]).is_err(), "a block out of order");
        drop(first);

        let mut second = Part::open(&result, from, (&card(), None), reached).unwrap();
        second.append(&[opened(1, 904)]).unwrap();
        second.finish(&result).unwrap();
        assert!(!part(&result).exists());
        let text = fs::read_to_string(&result).unwrap();
        assert_eq!(text.lines().count(), 5_001);
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("\"4999,x\",2,402,0."), "{last}");
        assert!(last.ends_with(",\"A, good\""), "{last}");
    }

    #[test]
    fn a_part_that_somebody_has_cut_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let (own, result) = (folder.path().join("a.list"), folder.path().join("result.csv"));
        let one = Subject::parse(SubjectKind::Opaque, "a", CheckMode::Report).unwrap().value;
        list::write(&own, SubjectKind::Opaque, vec![one]).unwrap();
        let from = (own.as_path(), SubjectKind::Opaque);
        assert!(Part::open(&result, from, (&card(), None), (1, 900)).is_err());
    }
}
