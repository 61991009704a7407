//! Whole runs of both roles in memory.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

#[path = "../run/fixed.rs"]
mod fixed;
mod honest;
mod noise;
mod others;
mod tampered;
mod vectors;
mod views;

use std::sync::Arc;

use psi::cached::{ASKER, Answer, Asker, HOLDER, Holder, List, Period, Register, Terms};
use psi::{Items, Lanes};
use session::{Chunk, Fate, Network, NetworkError, Role};

use crate::fixed::Fixed;

/// A run that is set up and not begun; the same every time it is begun.
#[derive(Clone)]
struct Run {
    terms: Terms,
    entries: Vec<String>,
    items: Vec<String>,
    /// The asker's of the run, then the register's of the period.
    seeds: [[u8; 32]; 2],
    /// The asker's, then the holder's.
    lanes: [Lanes; 2],
}

/// How a run ended.
struct End {
    result: Result<(), NetworkError>,
    answer: Option<Answer>,
    answered: Option<()>,
}

impl Run {
    /// A run that asks for `uscc:skip`, `uscc:skip + 1` ... of a register of `uscc:0`, `uscc:1` ...
    fn new(entries: u64, skip: u64, items: u64) -> Self {
        let set = |from, length| (from..from + length).map(|item| format!("uscc:{item}")).collect();
        let period = Period { items: entries, queries: 1 << 14, context: [7; 32] };
        Self {
            terms: Terms { period, delivers: true, queries: items, context: [8; 32] },
            entries: set(0, entries),
            items: set(skip, items),
            seeds: [[1; 32], [2; 32]],
            lanes: [Lanes::detect(); 2],
        }
    }

    /// The same, padded by so many tags and so many queries.
    fn padded(mut self, entries: u64, items: u64) -> Self {
        self.terms.period.items += entries;
        self.terms.queries += items;
        self
    }

    /// The same, by an asker that keeps the list from an earlier run.
    fn kept(mut self) -> Self {
        self.terms.delivers = false;
        self
    }

    fn register(&self) -> Arc<Register> {
        let [_, lanes] = self.lanes;
        let entries = Items::new(&self.entries).unwrap();
        let register = Register::with_lanes(self.terms.period, &self.seeds[1], &entries, lanes);
        Arc::new(register.unwrap())
    }

    fn list(&self) -> Option<Arc<List>> {
        (!self.terms.delivers).then(|| Arc::new(self.register().list().clone()))
    }

    fn asker(&self) -> Asker {
        let [lanes, _] = self.lanes;
        let (items, mut rng) = (Items::new(&self.items).unwrap(), Fixed(self.seeds[0]));
        Asker::with_lanes(self.terms, self.list(), items, lanes, &mut rng).unwrap()
    }

    fn holder(&self) -> Holder {
        Holder::new(self.terms, self.register()).unwrap()
    }

    /// Runs it over a network that tampers.
    fn tampered(&self, mut tamper: impl FnMut(Role, &mut Chunk) -> Fate) -> End {
        let mut network = Network::new();
        let answer = network.join(ASKER, self.asker());
        let answered = network.join(HOLDER, self.holder());
        let result = network.run(|from, _, chunk| tamper(from, chunk));
        End { result, answer: answer.take(), answered: answered.take() }
    }

    /// Runs it, and gives what the asker learnt and all that passed.
    fn honest(&self) -> (Answer, Vec<(Role, Chunk)>) {
        let mut passed = Vec::new();
        let end = self.tampered(|from, chunk| {
            passed.push((from, chunk.clone()));
            Fate::Deliver
        });
        end.result.unwrap();
        assert_eq!(end.answered, Some(()));
        (end.answer.unwrap(), passed)
    }

    /// Which of its items the asker must find: the ideal functionality of SPEC §C1.
    fn ideal(&self) -> Vec<u32> {
        let entries: std::collections::BTreeSet<_> = self.entries.iter().collect();
        let items = (0..).zip(&self.items);
        items.filter_map(|(place, item)| entries.contains(item).then_some(place)).collect()
    }
}

/// The tags of a list, one by one.
fn tags(list: &List) -> Vec<Vec<u8>> {
    list.as_bytes().chunks(list.period().tag_length()).map(<[u8]>::to_vec).collect()
}
