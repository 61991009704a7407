//! Distinct subjects in the order of their first rows, found by value.

use std::hash::{BuildHasher, RandomState};

use domain::Subject;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Distinct subjects in the order of their first rows.
///
/// Each subject is held once, and found by a table of places with half of its hash beside each: another
/// subject is seldom looked at, and none when the table grows. 1.5 million subjects take about 70 MB.
pub(crate) struct Index {
    subjects: Vec<Subject>,
    /// The line of each subject's first row.
    lines: Vec<u32>,
    slots: HashTable<Slot>,
    hasher: RandomState,
}

/// Where a subject stands in `subjects`.
struct Slot {
    hash: u32,
    place: u32,
}

impl Slot {
    /// What the table orders its slots by: their low bits, and the highest.
    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Where a subject's place is after [`Index::insert`].
pub(crate) enum Inserted {
    New,
    Known(usize),
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            subjects: Vec::new(),
            lines: Vec::new(),
            slots: HashTable::new(),
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
        let hash = self.hash(subject);
        let is_it =
            |slot: &Slot| slot.hash == hash && self.subjects[widened(slot.place)] == *subject;
        self.slots.find(Slot::spread(hash), is_it).map(|slot| widened(slot.place))
    }

    /// Adds a subject unless it is known. The caller has made sure that lines fit into u32, so
    /// that places, which are fewer, do too.
    pub(crate) fn insert(&mut self, subject: Subject, line: u32) -> Inserted {
        let hash = self.hash(&subject);
        let is_it =
            |slot: &Slot| slot.hash == hash && self.subjects[widened(slot.place)] == subject;
        match self.slots.entry(Slot::spread(hash), is_it, |slot| Slot::spread(slot.hash)) {
            Entry::Occupied(known) => Inserted::Known(widened(known.get().place)),
            Entry::Vacant(vacant) => {
                vacant.insert(Slot { hash, place: narrowed(self.subjects.len()) });
                self.subjects.push(subject);
                self.lines.push(line);
                Inserted::New
            }
        }
    }

    /// Keeps the subjects whose place is marked, in order.
    pub(crate) fn retain(&mut self, kept: &[bool]) {
        retain_marked(&mut self.subjects, kept);
        retain_marked(&mut self.lines, kept);
        self.slots.clear();
        for (place, subject) in self.subjects.iter().enumerate() {
            let (hash, place) = (self.hash(subject), narrowed(place));
            let slot = Slot { hash, place };
            self.slots.insert_unique(Slot::spread(hash), slot, |slot| Slot::spread(slot.hash));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash will do")]
    fn hash(&self, subject: &Subject) -> u32 {
        self.hasher.hash_one(subject) as u32
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

    use super::{Index, Inserted};

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
                    Inserted::New => assert_eq!(round, 0),
                    Inserted::Known(place) => assert_eq!((round, place), (1, number as usize)),
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
