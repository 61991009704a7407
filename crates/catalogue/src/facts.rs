//! What a catalogue says, fact by fact.
//!
//! Every structure is taken apart in full: a new member that is forgotten here does not compile.

use std::collections::BTreeMap;

use domain::{Digest, Output};

use crate::canonical::{Canonical, Fact, list, optional};
use crate::catalogue::Contents;
use crate::{Class, Department, FieldEntry, Openness};

const DOMAIN: &str = "tacit/catalogue/v1/catalogue";

impl Contents {
    pub(crate) fn hash(&self) -> Digest {
        let mut canonical = Canonical::new(DOMAIN);
        canonical.facts(&self.facts());
        canonical.length(self.departments.len());
        for (key, department) in &self.departments {
            canonical.text(key);
            canonical.facts(&department.facts());
        }
        canonical.length(self.classes.len());
        for (id, class) in &self.classes {
            canonical.text(&id.to_string());
            canonical.facts(&class.facts());
            // By name: the order of fields is layout.
            let fields: BTreeMap<_, _> = class.fields.iter().map(|f| (f.field.name(), f)).collect();
            canonical.length(fields.len());
            for (name, entry) in fields {
                canonical.text(name);
                canonical.facts(&entry.facts());
            }
        }
        canonical.finish()
    }

    /// What the catalogue says of itself.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let Self { name, documents, issued, departments: _, classes: _ } = self;
        vec![
            ("catalogue", name.clone()),
            ("document", list(documents)),
            ("issued", issued.to_string()),
        ]
    }
}

impl Department {
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let Self { zh, en } = self;
        vec![("zh", zh.clone()), ("en", en.clone())]
    }
}

impl Class {
    /// What the class says of itself, its fields left out.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let Self {
            id: _,
            slug,
            zh,
            en,
            source,
            mode_zh,
            responsible,
            due,
            basis,
            remark_zh,
            refresh_cycle,
            about,
            key,
            rule,
            note,
            fields: _,
        } = self;
        vec![
            ("slug", slug.clone()),
            ("name_zh", zh.clone()),
            ("name_en", en.clone()),
            ("source", source.clone()),
            ("sharing_mode_zh", optional(mode_zh.as_deref())),
            ("responsible", list(responsible)),
            ("due", due.to_string()),
            ("basis", basis.to_string()),
            ("remark_zh", optional(remark_zh.as_deref())),
            ("refresh_cycle", optional(refresh_cycle.as_deref())),
            ("subject_kind", about.to_string()),
            ("subject_key", key.clone()),
            ("openness_rule", rule.to_string()),
            ("note", optional(note.as_deref())),
        ]
    }
}

impl FieldEntry {
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let Self {
            field: _,
            zh,
            zh_printed,
            source,
            field_type,
            parts,
            mode,
            openness,
            personal,
            grade,
            feature,
            outputs,
            grid,
            ranks,
        } = self;
        vec![
            ("zh", zh.clone()),
            ("zh_printed", optional(zh_printed.as_deref())),
            ("source", optional(source.as_deref())),
            ("type", field_type.to_string()),
            ("parts", list(parts)),
            ("sharing_mode", mode.to_string()),
            ("openness", openness.to_string()),
            ("personal", personal.to_string()),
            ("grade", grade.map_or_else(String::new, |grade| grade.to_string())),
            ("allow_as_feature", feature.to_string()),
            ("outputs", list(outputs.iter().map(|output: &Output| output.code()))),
            ("grid", list(grid.iter().map(ToString::to_string))),
            ("ranks", list(ranks)),
        ]
    }
}

impl std::fmt::Display for Openness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByRule => f.write_str("by_rule"),
            Self::Public { declared_by } => write!(f, "public, declared by {declared_by}"),
            Self::NonPublic => f.write_str("non_public"),
        }
    }
}
