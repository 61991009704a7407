//! Distinct subjects in the order of their first rows, found by value.

use std::hash::{BuildHasher, RandomState};

use domain::Subject;

/// Distinct subjects in the order of their first rows.
///
/// Each subject is held once: the index is a table of row numbers with open addressing, 4 bytes a
/// slot and at most half full, so that 1.5 million subjects take about 60 MB in all.
pub(crate) struct Index {
    subjects: Vec<Subject>,
    /// The line of each subject's first row.
    lines: Vec<u32>,
    /// Places in `subjects`, [`VACANT`] where there is none; the length is a power of two.
    slots: Vec<u32>,
    hasher: RandomState,
}

/// Where a subject's place is after [`Index::insert`].
pub(crate) enum Place {
    New,
    Known(usize),
}

const VACANT: u32 = u32::MAX;

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            subjects: Vec::new(),
            lines: Vec::new(),
            slots: vec![VACANT; 64],
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    pub(crate) fn into_subjects(self) -> Vec<Subject> {
        self.subjects
    }

    /// The line of the first row of the subject at `place`.
    pub(crate) fn line(&self, place: usize) -> u64 {
        self.lines[place].into()
    }

    pub(crate) fn find(&self, subject: &Subject) -> Option<usize> {
        let found = self.slots[self.probe(subject)];
        (found != VACANT).then(|| widened(found))
    }

    /// Adds a subject unless it is known. The caller has made sure that lines fit into u32, so
    /// that places, which are fewer, do too.
    pub(crate) fn insert(&mut self, subject: Subject, line: u32) -> Place {
        let slot = self.probe(&subject);
        if self.slots[slot] != VACANT {
            return Place::Known(widened(self.slots[slot]));
        }
        self.slots[slot] = narrowed(self.subjects.len());
        self.subjects.push(subject);
        self.lines.push(line);
        if 2 * self.subjects.len() > self.slots.len() {
            self.rebuild(2 * self.slots.len());
        }
        Place::New
    }

    /// Keeps the subjects whose place is marked, in order.
    pub(crate) fn retain(&mut self, kept: &[bool]) {
        retain_marked(&mut self.subjects, kept);
        retain_marked(&mut self.lines, kept);
        self.rebuild(self.slots.len());
    }

    fn rebuild(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, VACANT);
        for place in 0..self.subjects.len() {
            let slot = self.probe(&self.subjects[place]);
            self.slots[slot] = narrowed(place);
        }
    }

    /// The slot that holds the subject, or the vacant one where it belongs.
    fn probe(&self, subject: &Subject) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "the low bits of a hash will do")]
        let mut slot = self.hasher.hash_one(subject) as usize & mask;
        while self.slots[slot] != VACANT && self.subjects[widened(self.slots[slot])] != *subject {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Keeps the elements whose mark is set.
pub(crate) fn retain_marked<T>(elements: &mut Vec<T>, kept: &[bool]) {
    let mut marks = kept.iter();
    elements.retain(|_| marks.next().is_some_and(|mark| *mark));
}

fn narrowed(place: usize) -> u32 {
    u32::try_from(place).expect("there are fewer subjects than lines, and lines fit into u32")
}

fn widened(place: u32) -> usize {
    usize::try_from(place).expect("usize has at least 32 bits")
}

#[cfg(test)]
mod tests {
    use domain::{CheckMode, Subject, SubjectKind};

    use super::{Index, Place};

    fn subject(number: u32) -> Subject {
        let text = number.to_string();
        Subject::parse(SubjectKind::Opaque, &text, CheckMode::Strict).unwrap().value
    }

    #[test]
    fn subjects_are_found_at_the_place_of_their_first_row() {
        let mut index = Index::new();
        for round in 0..2 {
            for number in 0..5000 {
                match index.insert(subject(number), number + 2) {
                    Place::New => assert_eq!(round, 0),
                    Place::Known(place) => assert_eq!((round, place), (1, number as usize)),
                }
            }
        }
        assert_eq!(index.find(&subject(4999)), Some(4999));
        assert_eq!(index.find(&subject(5000)), None);
        assert_eq!(index.line(7), 9);
    }

    #[test]
    fn what_is_not_retained_is_not_found_and_the_rest_moves_up() {
        let mut index = Index::new();
        for number in 0..100 {
            index.insert(subject(number), number);
        }
        let kept: Vec<bool> = (0..100).map(|number| number % 3 != 0).collect();
        index.retain(&kept);
        assert_eq!(index.find(&subject(3)), None);
        assert_eq!(index.find(&subject(4)), Some(2));
        assert_eq!(index.subjects().len(), 66);
    }
}
