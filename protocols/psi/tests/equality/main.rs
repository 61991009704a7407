//! Whole runs of both roles of the batch equality in memory.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod cheating;
#[path = "../run/fixed.rs"]
mod fixed;
mod honest;
mod noise;
mod tampered;
mod vectors;
mod views;

use psi::Lanes;
use psi::equality::{ASKER, Answer, Asker, Claims, HOLDER, Holder, Records, Terms};
use session::{Chunk, Fate, Network, NetworkError, Role};

use crate::fixed::Fixed;

/// A run that is set up and not begun; the same every time it is begun.
#[derive(Clone)]
struct Run {
    context: [u8; 32],
    rows: Vec<Row>,
    seeds: [[u8; 32]; 2],
    /// The asker's, then the holder's.
    lanes: [Lanes; 2],
}

/// What a row is about, what is claimed and what is so.
#[derive(Clone)]
struct Row {
    about: String,
    claim: String,
    record: Option<String>,
}

/// How a run ended.
struct End {
    result: Result<(), NetworkError>,
    answers: Option<Vec<Answer>>,
    answered: Option<()>,
}

impl Run {
    /// A run of so many rows: equal, unequal, unknown, equal ...
    fn new(rows: usize) -> Self {
        let row = |row: usize| Row {
            about: format!("uscc:{row} legal_rep"),
            claim: format!("name {row}"),
            record: match row % 3 {
                0 => Some(format!("name {row}")),
                1 => Some(format!("another {row}")),
                _ => None,
            },
        };
        Self {
            context: [7; 32],
            rows: (0..rows).map(row).collect(),
            seeds: [[1; 32], [2; 32]],
            lanes: [Lanes::detect(); 2],
        }
    }

    fn terms(&self) -> Terms {
        Terms { rows: self.rows.len() as u64, context: self.context }
    }

    fn asker(&self) -> Asker {
        let claims = Claims::new(self.rows.iter().map(|row| (&row.about, &row.claim))).unwrap();
        let [lanes, _] = self.lanes;
        Asker::with_lanes(self.terms(), claims, lanes, &mut Fixed(self.seeds[0])).unwrap()
    }

    fn holder(&self) -> Holder {
        let records = self.rows.iter().map(|row| (&row.about, row.record.as_ref()));
        let records = Records::new(records).unwrap();
        let [_, lanes] = self.lanes;
        Holder::with_lanes(self.terms(), records, lanes, &mut Fixed(self.seeds[1])).unwrap()
    }

    /// Runs it over a network that tampers.
    fn tampered(&self, mut tamper: impl FnMut(Role, &mut Chunk) -> Fate) -> End {
        let mut network = Network::new();
        let answers = network.join(ASKER, self.asker());
        let answered = network.join(HOLDER, self.holder());
        let result = network.run(|from, _, chunk| tamper(from, chunk));
        End { result, answers: answers.take(), answered: answered.take() }
    }

    /// Runs it, and gives what the asker learnt and all that passed.
    fn honest(&self) -> (Vec<Answer>, Vec<(Role, Chunk)>) {
        let mut passed = Vec::new();
        let end = self.tampered(|from, chunk| {
            passed.push((from, chunk.clone()));
            Fate::Deliver
        });
        end.result.unwrap();
        assert_eq!(end.answered, Some(()));
        (end.answers.unwrap(), passed)
    }

    /// What the asker must learn: the ideal functionality of SPEC §E1.
    fn ideal(&self) -> Vec<Answer> {
        let answer = |row: &Row| match &row.record {
            None => Answer::Unknown,
            Some(record) if *record == row.claim => Answer::Equal,
            Some(_) => Answer::Unequal,
        };
        self.rows.iter().map(answer).collect()
    }
}
