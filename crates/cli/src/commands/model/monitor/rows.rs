//! Scores and outcomes, read and brought together by their identifiers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use ndarray::Array1;
use scorecard::CsvTable;
use terminal::Failure;

use super::figures::{Measures, Segment};
use crate::arguments::MonitorArguments;
use crate::commands::model::check::outcome;
use crate::commands::model::{text_of, unusable};
use crate::phrases;

/// Scores as `tacit score --batch` writes them.
pub(super) struct Scores {
    of: HashMap<String, Scored>,
    /// How many rows have a note instead of a score.
    pub(super) without_score: u64,
}

#[derive(Clone, Copy)]
struct Scored {
    score: f64,
    /// Of bad.
    probability: Option<f64>,
}

impl Scores {
    /// Reads the columns `subject` and `score`, and `probability` where there is one.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let sheet = CsvTable::read(&text_of(file)?).map_err(|error| unusable(file, &error))?;
        let [subject, score] = ["subject", "score"].map(|name| column(&sheet, file, name));
        let (subject, score) = (subject?, score?);
        let probability = sheet.find("probability");
        let (mut of, mut without_score) = (HashMap::new(), 0);
        for (index, row) in sheet.rows().iter().enumerate() {
            let number = |at: usize| {
                let number = row[at].trim().parse().ok().filter(|number: &f64| number.is_finite());
                let fault = || phrases::no_number(file.display(), index + 1, row[at].trim());
                number.ok_or_else(|| Failure::new("DATA", fault()))
            };
            if row[score].trim().is_empty() {
                without_score += 1;
                continue;
            }
            let scored =
                Scored { score: number(score)?, probability: probability.map(number).transpose()? };
            if of.insert(row[subject].trim().to_owned(), scored).is_some() {
                let what = phrases::key_twice(file.display(), index + 1, "subject");
                return Err(Failure::new("DATA", what));
            }
        }
        Ok(Self { of, without_score })
    }

    pub(super) fn len(&self) -> u64 {
        self.of.len() as u64
    }

    pub(super) fn all(&self) -> Array1<f64> {
        self.of.values().map(|scored| scored.score).collect()
    }
}

/// Rows of whom score and outcome are known, in the order of the outcomes.
pub(super) struct Joined {
    subjects: Vec<String>,
    pub(super) score: Array1<f64>,
    /// Of bad; nothing where the scores come without it.
    pub(super) probability: Option<Array1<f64>>,
    pub(super) bad: Array1<bool>,
    segment: Option<Vec<String>>,
    /// Scored, and nothing is known of their outcome.
    pub(super) without_outcome: u64,
    /// Not scored, and their outcome is known.
    pub(super) unknown: u64,
}

/// Rows that two models have scored.
pub(super) struct Pair {
    pub(super) champion: Array1<f64>,
    pub(super) challenger: Array1<f64>,
    pub(super) bad: Array1<bool>,
}

impl Joined {
    pub(super) fn of(scores: &Scores, monitor: &MonitorArguments) -> Result<Self, Failure> {
        let MonitorArguments { outcomes: file, key, label, segment, .. } = monitor;
        let sheet = CsvTable::read(&text_of(file)?).map_err(|error| unusable(file, &error))?;
        let named = |name: &str| column(&sheet, file, name);
        let (key_at, label_at) = (named(key)?, named(label)?);
        let segment = segment.as_deref().map(named).transpose()?;
        let (mut known, mut segments) = (HashSet::new(), Vec::new());
        let (mut subjects, mut rows, mut unknown) = (Vec::new(), Vec::new(), 0);
        for (index, row) in sheet.rows().iter().enumerate() {
            let subject = row[key_at].trim();
            if !known.insert(subject) {
                let what = phrases::key_twice(file.display(), index + 1, key);
                return Err(Failure::new("DATA", what));
            }
            let bad = outcome(&row[label_at]).ok_or_else(|| {
                Failure::new("DATA", phrases::odd_label(file.display(), index + 1, label))
            })?;
            let Some(scored) = scores.of.get(subject) else {
                unknown += 1;
                continue;
            };
            subjects.push(subject.to_owned());
            rows.push((*scored, bad));
            segments.extend(segment.map(|at| row[at].trim().to_owned()));
        }
        let probability: Option<Vec<f64>> =
            rows.iter().map(|(scored, _)| scored.probability).collect();
        Ok(Self {
            without_outcome: scores.len() - rows.len() as u64,
            subjects,
            score: rows.iter().map(|(scored, _)| scored.score).collect(),
            probability: probability.map(Array1::from),
            bad: rows.iter().map(|(_, bad)| *bad).collect(),
            segment: segment.map(|_| segments),
            unknown,
        })
    }

    /// The rows that a challenger has scored too.
    pub(super) fn with(&self, challenger: &Scores, file: &Path) -> Result<Pair, Failure> {
        let both = self.subjects.iter().zip(&self.score).zip(&self.bad);
        let both: Vec<(f64, f64, bool)> = both
            .filter_map(|((subject, score), bad)| {
                Some((*score, challenger.of.get(subject)?.score, *bad))
            })
            .collect();
        if both.is_empty() {
            return Err(Failure::new("DATA", phrases::nobody_in_both(file.display())));
        }
        Ok(Pair {
            champion: both.iter().map(|(score, ..)| *score).collect(),
            challenger: both.iter().map(|(_, score, _)| *score).collect(),
            bad: both.iter().map(|(.., bad)| *bad).collect(),
        })
    }

    /// The figures of each value of the segment's column, in the order of the values.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut values: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, value) in self.segment.iter().flatten().enumerate() {
            values.entry(value).or_default().push(row);
        }
        let segment = |(value, rows): (&str, Vec<usize>)| {
            let score: Array1<f64> = rows.iter().map(|row| self.score[*row]).collect();
            let bad: Array1<bool> = rows.iter().map(|row| self.bad[*row]).collect();
            Segment {
                value: value.to_owned(),
                rows: rows.len() as u64,
                bad: bad.iter().filter(|bad| **bad).count() as u64,
                measures: Measures::of(&score, &bad),
            }
        };
        values.into_iter().map(segment).collect()
    }
}

fn column(sheet: &CsvTable, file: &Path, name: &str) -> Result<usize, Failure> {
    let missing = || Failure::new("DATA", phrases::no_column(file.display(), name));
    sheet.find(name).ok_or_else(missing)
}
