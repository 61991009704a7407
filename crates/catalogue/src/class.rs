//! Classes, as a catalogue lists them.

use std::fmt;

use domain::ClassId;
use time::Date;

use crate::words::words;
use crate::{ClassMode, FieldEntry, OpennessRule};

words! {
    /// Whom the records of a class are about (信息主体).
    About, "a kind of subject":
    /// An enterprise.
    Enterprise "enterprise" "an enterprise" "企业";
    /// A natural person, who must consent in their own name.
    Person "natural_person" "a natural person" "自然人";
    /// A party to a lawsuit, either of the two.
    Litigant "litigant" "a party to a lawsuit" "当事人";
}

/// A department or body that answers for a class (责任单位).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Its name in Chinese, as the document prints it.
    pub zh: String,
    /// Its name in English.
    pub en: String,
}

/// By when a class is to be shared (完成时间).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// Shared when the document was issued (已共享).
    AlreadyShared,
    /// By the end of this day.
    By(Date),
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyShared => f.write_str("already_shared"),
            Self::By(day) => day.fmt(f),
        }
    }
}

/// Who asked for a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The State Council's plan, 国办发〔2021〕52号.
    StateCouncilPlan,
    /// The place that issued the catalogue or overlay, like `jiangsu`.
    AddedBy(String),
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StateCouncilPlan => f.write_str("state_council_plan"),
            Self::AddedBy(place) => write!(f, "added_by_{place}"),
        }
    }
}

/// An information class (信息类).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub(crate) id: ClassId,
    pub(crate) slug: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: String,
    pub(crate) mode_zh: Option<String>,
    pub(crate) responsible: Vec<String>,
    pub(crate) due: Due,
    pub(crate) basis: Basis,
    pub(crate) remark_zh: Option<String>,
    pub(crate) refresh_cycle: Option<String>,
    pub(crate) about: About,
    pub(crate) key: String,
    pub(crate) rule: OpennessRule,
    pub(crate) note: Option<String>,
    pub(crate) fields: Vec<FieldEntry>,
}

impl Class {
    /// The number.
    #[must_use]
    pub const fn id(&self) -> ClassId {
        self.id
    }

    /// A short English word for it, `[a-z][a-z0-9_]{0,63}`.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// The name as the document prints it.
    #[must_use]
    pub fn zh(&self) -> &str {
        &self.zh
    }

    /// The name in English.
    #[must_use]
    pub fn en(&self) -> &str {
        &self.en
    }

    /// The document that lists the class.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How it is shared: as a whole when all its fields are shared alike, else by field.
    #[must_use]
    pub fn mode(&self) -> ClassMode {
        let mut modes = self.fields.iter().map(FieldEntry::mode);
        match modes.next() {
            Some(first) if modes.all(|mode| mode == first) => ClassMode::Whole(first),
            Some(_) | None => ClassMode::Split,
        }
    }

    /// The document's own words about the mode, where they say more than a mode's name.
    #[must_use]
    pub fn mode_zh(&self) -> Option<&str> {
        self.mode_zh.as_deref()
    }

    /// Whether any field's mode demands the subject's authorisation.
    #[must_use]
    pub fn asks_authorisation(&self) -> bool {
        self.fields.iter().any(|entry| entry.mode().asks_authorisation())
    }

    /// The keys of the departments that answer for it.
    #[must_use]
    pub fn responsible(&self) -> &[String] {
        &self.responsible
    }

    /// By when it is to be shared.
    #[must_use]
    pub const fn due(&self) -> Due {
        self.due
    }

    /// Who asked for it.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// The document's remark.
    #[must_use]
    pub fn remark_zh(&self) -> Option<&str> {
        self.remark_zh.as_deref()
    }

    /// How often it is refreshed (共享周期), where the document says.
    #[must_use]
    pub fn refresh_cycle(&self) -> Option<&str> {
        self.refresh_cycle.as_deref()
    }

    /// Whom its records are about.
    #[must_use]
    pub const fn about(&self) -> About {
        self.about
    }

    /// The name of the field that says which subject a record is about.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What decides whether its records are public.
    #[must_use]
    pub const fn rule(&self) -> OpennessRule {
        self.rule
    }

    /// What was noticed about the document's wording: misprints and how they are read.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The fields, in the document's order.
    #[must_use]
    pub fn fields(&self) -> &[FieldEntry] {
        &self.fields
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldEntry> {
        self.fields.iter().find(|entry| entry.field.name() == name)
    }
}
