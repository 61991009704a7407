//! What changed between two catalogues, for operators.

use std::collections::BTreeMap;
use std::fmt;

use domain::{ClassId, Field};

use crate::canonical::Fact;
use crate::{Catalogue, Class};

/// One difference between two catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where the difference is.
    pub place: Location,
    /// What differs, by its key in the document; `listed` when the place itself came or went.
    pub what: &'static str,
    /// What the first catalogue has.
    pub before: Option<String>,
    /// What the second catalogue has.
    pub after: Option<String>,
}

/// Where a difference is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In what the catalogue says of itself.
    Catalogue,
    /// In a department, by key.
    Department(String),
    /// In a class.
    Class(ClassId),
    /// In a field.
    Field(Field),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue => f.write_str("catalogue"),
            Self::Department(key) => write!(f, "department {key}"),
            Self::Class(id) => write!(f, "class {id}"),
            Self::Field(field) => write!(f, "field {field}"),
        }
    }
}

/// Lists what differs, by place; empty exactly when the two hashes are the same.
#[must_use]
pub fn diff(before: &Catalogue, after: &Catalogue) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old, new) = (before.contents(), after.contents());
    compare(&Location::Catalogue, &old.facts(), &new.facts(), &mut changes);
    for (key, [old, new]) in pairs(&old.departments, &new.departments) {
        let place = Location::Department(key.clone());
        both(&place, [old, new].map(|side| side.map(|d| (d.zh.as_str(), d.facts()))), &mut changes);
    }
    for (id, [old, new]) in pairs(&old.classes, &new.classes) {
        let place = Location::Class(*id);
        both(&place, [old, new].map(|side| side.map(|c| (c.zh(), c.facts()))), &mut changes);
        let (old, new) = (by_name(old), by_name(new));
        for (field, [old, new]) in pairs(&old, &new) {
            let place = Location::Field((*field).clone());
            both(&place, [old, new].map(|side| side.map(|f| (f.zh(), f.facts()))), &mut changes);
        }
    }
    changes
}

fn by_name(class: Option<&Class>) -> BTreeMap<&Field, &crate::FieldEntry> {
    class.into_iter().flat_map(Class::fields).map(|entry| (entry.field(), entry)).collect()
}

/// Every key of either map, with what each has under it.
fn pairs<'a, K: Ord, V>(
    old: &'a BTreeMap<K, V>,
    new: &'a BTreeMap<K, V>,
) -> BTreeMap<&'a K, [Option<&'a V>; 2]> {
    old.keys().chain(new.keys()).map(|key| (key, [old.get(key), new.get(key)])).collect()
}

fn both(place: &Location, sides: [Option<(&str, Vec<Fact>)>; 2], changes: &mut Vec<Change>) {
    match sides {
        [Some((_, old)), Some((_, new))] => compare(place, &old, &new, changes),
        [old, new] => {
            let [before, after] = [old, new].map(|side| side.map(|(zh, _)| zh.into()));
            changes.push(Change { place: place.clone(), what: "listed", before, after });
        }
    }
}

fn compare(place: &Location, old: &[Fact], new: &[Fact], changes: &mut Vec<Change>) {
    for ((what, before), (_, after)) in old.iter().zip(new).filter(|(old, new)| old.1 != new.1) {
        let [before, after] = [before, after].map(|text| Some(readable(text)));
        changes.push(Change { place: place.clone(), what, before, after });
    }
}

/// The list separator of the canonical form is no character for a screen.
fn readable(fact: &str) -> String {
    fact.trim_end_matches('\u{1f}').replace('\u{1f}', ", ").trim_start_matches('=').into()
}
