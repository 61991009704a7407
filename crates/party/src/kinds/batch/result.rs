//! The lender's result: written block by block beside the list, in the party's own folder, and moved to
//! its place when it is whole. A row of whom some party has no bin for has a note and no score.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::SubjectKind;
use scoring::batch::{BLOCK, Opened};
use wire::WithoutBin;

use crate::Trouble;
use crate::kinds::issue::card::Card;
use crate::kinds::issue::own::OwnPoints;
use crate::runs::list::Subjects;
use crate::runs::result_file;

const HEAD: &str = "subject,points,score,probability,grade,note\n";

/// What stands behind a subject that has no score, because some party has no bin for it.
const NO_BIN: &str = ",,,,,no bin\n";

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
    /// How many subjects have no score.
    without_bin: u64,
}

impl Part {
    /// Goes on with the result of a list after `blocks` blocks, which take `written` bytes: what
    /// stands behind them in the file never counted.
    pub(super) fn open(
        path: PathBuf,
        (list, kind): (&Path, SubjectKind),
        (card, own): (&Card, Option<Arc<OwnPoints>>),
        (blocks, written): (u32, u64),
    ) -> Result<Self, Trouble> {
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
            Ok((file, subjects, written, noted(File::open(&path)?)?))
        };
        let (file, subjects, written, without_bin) =
            attempt().map_err(|error| Trouble::file(&path, &error))?;
        let readings = (0..=card.most_total()).map(|points| reading(card, points)).collect();
        Ok(Self { path, file, subjects, own, readings, blocks, written, without_bin })
    }

    /// How many blocks are in it, and in how many bytes.
    pub(super) fn reached(&self) -> (u32, u64) {
        (self.blocks, self.written)
    }

    /// How many subjects have no score.
    pub(super) fn without_bin(&self) -> u64 {
        self.without_bin
    }

    /// Writes blocks and brings them to disk. `marked` are the subjects that some holder has no bin for,
    /// and the place on the list from which they are counted.
    pub(super) fn append(
        &mut self,
        opened: &[Opened],
        (place, marked): (usize, &WithoutBin),
    ) -> Result<(), Trouble> {
        let mut text = String::new();
        let mut attempt = || {
            for Opened { block, points } in opened {
                if *block != self.blocks {
                    return Err(io::Error::other("blocks come in order"));
                }
                let before = usize::try_from(*block).map_err(io::Error::other)? * BLOCK;
                for (at, points) in (before..).zip(points) {
                    let subject = self.subjects.next();
                    let subject =
                        subject.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
                    let own = self.own.as_ref().map_or(Ok(Some(0)), |own| own.points(&subject));
                    let own = own.map_err(|trouble| io::Error::other(trouble.en))?;
                    quote(&mut text, subject.reveal());
                    let Some(own) =
                        own.filter(|_| !at.checked_sub(place).is_some_and(|at| marked.has(at)))
                    else {
                        text.push_str(NO_BIN);
                        self.without_bin += 1;
                        continue;
                    };
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
        self.file.sync_all().map_err(|error| Trouble::file(&self.path, &error))?;
        result_file::rename(&self.path, result)
    }
}

/// How many subjects have no score in a whole result; `None` when somebody has taken it away.
pub(super) fn without_bin(result: &Path) -> Result<Option<u64>, Trouble> {
    match File::open(result).and_then(noted) {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::file(result, &error)),
    }
}

fn noted(result: File) -> io::Result<u64> {
    let noted = |line: &io::Result<String>| {
        line.as_ref().map_or(true, |line| line.ends_with(NO_BIN.trim_end()))
    };
    BufReader::new(result).lines().filter(noted).map(|line| line.map(|_| 1)).sum()
}

/// Where the result of a list stands while it is not whole: beside the list, and forgotten with it.
pub(super) fn part(list: &Path) -> PathBuf {
    list.with_extension("csv")
}

fn reading(card: &Card, points: u16) -> String {
    let read = card.read(points);
    let mut text = format!(",{},{},{},", read.points, read.score, read.probability);
    quote(&mut text, &read.grade.unwrap_or_default());
    text.push_str(",\n");
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
    use std::fs;

    use domain::{CheckMode, Subject};
    use scorecard::Scorecard;
    use scoring::Points;

    use super::*;
    use crate::runs::list;

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
        let unfinished = || part(&own);
        let mut marks = WithoutBin::default();
        [1, 900].into_iter().for_each(|at| marks.mark(at));
        let (nobody, some) = ((0, &WithoutBin::default()), (BLOCK, &marks));
        let opened = |block, subjects| Opened { block, points: vec![Points(2); subjects] };

        let mut first = Part::open(unfinished(), from, (&card(), None), (0, 0)).unwrap();
        first.append(&[opened(0, BLOCK)], nobody).unwrap();
        let reached = first.reached();
        first.append(&[opened(1, 904)], nobody).unwrap();
        assert!(first.append(&[opened(9, 1)], nobody).is_err(), "a block out of order");
        drop(first);

        let mut second = Part::open(unfinished(), from, (&card(), None), reached).unwrap();
        second.append(&[opened(1, 904)], some).unwrap();
        assert_eq!(second.without_bin(), 2);
        second.finish(&result).unwrap();
        assert!(!unfinished().exists());
        assert_eq!(without_bin(&result).unwrap(), Some(2), "also once it is whole");
        assert_eq!(without_bin(&unfinished()).unwrap(), None, "it was taken away");
        let text = fs::read_to_string(&result).unwrap();
        assert_eq!(text.lines().count(), 5_001);
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("\"4999,x\",2,402,0."), "{last}");
        assert!(last.ends_with(",\"A, good\","), "{last}");
        let noted = text.lines().filter(|line| line.ends_with("no bin"));
        assert_eq!(noted.collect::<Vec<_>>(), ["\"4097,x\",,,,,no bin", "\"4996,x\",,,,,no bin"]);
    }

    #[test]
    fn a_part_that_somebody_has_cut_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("a.list");
        let one = Subject::parse(SubjectKind::Opaque, "a", CheckMode::Report).unwrap().value;
        list::write(&own, SubjectKind::Opaque, vec![one]).unwrap();
        let from = (own.as_path(), SubjectKind::Opaque);
        assert!(Part::open(part(&own), from, (&card(), None), (1, 900)).is_err());
    }
}
