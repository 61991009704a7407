//! What a catalogue holds, counted.

use std::collections::BTreeMap;

use domain::{ClassId, Digest};

use crate::{
    About, Basis, Catalogue, Class, ClassMode, Due, FieldEntry, OpennessRule, SharingMode,
};

/// A catalogue in figures; every figure is counted, none is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The catalogue's name.
    pub catalogue: String,
    /// The documents it stands on.
    pub documents: Vec<String>,
    /// Its hash.
    pub hash: Digest,
    /// How many classes it lists.
    pub classes: usize,
    /// How many fields.
    pub fields: usize,
    /// Classes by sharing mode.
    pub by_mode: BTreeMap<ClassMode, usize>,
    /// Fields by sharing mode.
    pub fields_by_mode: BTreeMap<SharingMode, usize>,
    /// Classes by the day that they are due.
    pub by_due: BTreeMap<Due, usize>,
    /// Classes by who asked for them.
    pub by_basis: BTreeMap<Basis, usize>,
    /// Classes by responsible department's key; a class may count under several.
    pub by_department: BTreeMap<String, usize>,
    /// Classes by openness rule.
    pub by_rule: BTreeMap<OpennessRule, usize>,
    /// Classes by whom they are about.
    pub by_about: BTreeMap<About, usize>,
    /// One line a class, by number.
    pub rows: Vec<Row>,
}

/// One class of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: ClassId,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// How it is shared.
    pub mode: ClassMode,
    /// By when.
    pub due: Due,
    /// The keys of the departments that answer for it.
    pub responsible: Vec<String>,
    /// How many fields it has.
    pub fields: usize,
    /// How many of them may be features.
    pub features: usize,
    /// How many are declared public.
    pub declared_public: usize,
}

impl Catalogue {
    /// The catalogue in figures.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            catalogue: self.name().into(),
            documents: self.documents().to_vec(),
            hash: self.hash(),
            classes: self.classes().len(),
            fields: self.fields().count(),
            by_mode: tally(self.classes().map(Class::mode)),
            fields_by_mode: tally(self.fields().map(FieldEntry::mode)),
            by_due: tally(self.classes().map(Class::due)),
            by_basis: tally(self.classes().map(|class| class.basis().clone())),
            by_department: tally(self.classes().flat_map(Class::responsible).cloned()),
            by_rule: tally(self.classes().map(Class::rule)),
            by_about: tally(self.classes().map(Class::about)),
            rows: self.classes().map(Row::of).collect(),
        }
    }
}

impl Report {
    /// The figures under the keys of a document's `counts`, like `mode_split`.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let keyed = |prefix: &str, word: &dyn ToString| {
            format!("{prefix}_{}", word.to_string().replace('-', "_"))
        };
        let totals = [("classes".into(), self.classes), ("fields".into(), self.fields)];
        let modes = self.by_mode.iter().map(|(mode, n)| (keyed("mode", mode), *n));
        let dues = self.by_due.iter().map(|(due, n)| (keyed("due", due), *n));
        let bases = self.by_basis.iter().map(|(basis, n)| (keyed("basis", basis), *n));
        let all = totals.into_iter().chain(modes).chain(dues).chain(bases);
        all.map(|(key, n)| (key, n as u64)).collect()
    }
}

impl Row {
    fn of(class: &Class) -> Self {
        let count = |counted: fn(&FieldEntry) -> bool| {
            class.fields().iter().filter(|entry| counted(entry)).count()
        };
        Self {
            id: class.id(),
            zh: class.zh().into(),
            en: class.en().into(),
            mode: class.mode(),
            due: class.due(),
            responsible: class.responsible().to_vec(),
            fields: class.fields().len(),
            features: count(FieldEntry::is_feature),
            declared_public: count(FieldEntry::is_declared_public),
        }
    }
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    keys.fold(BTreeMap::new(), |mut tally, key| {
        *tally.entry(key).or_default() += 1;
        tally
    })
}
