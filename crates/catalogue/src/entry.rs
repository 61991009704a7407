//! Fields, as a catalogue lists them.

use std::collections::BTreeSet;

use domain::{Field, Output};
use formula::Quantity;

use crate::{FieldType, Openness, SharingMode};

/// A field of a class (共享内容).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldEntry {
    pub(crate) field: Field,
    pub(crate) zh: String,
    pub(crate) zh_printed: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) field_type: FieldType,
    pub(crate) parts: Vec<String>,
    pub(crate) mode: SharingMode,
    pub(crate) openness: Openness,
    pub(crate) personal: bool,
    pub(crate) grade: Option<u8>,
    pub(crate) feature: bool,
    pub(crate) outputs: BTreeSet<Output>,
    pub(crate) grid: Vec<Quantity>,
    pub(crate) ranks: Vec<String>,
}

impl FieldEntry {
    /// Its class and name.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// The name in Chinese, misprints corrected.
    #[must_use]
    pub fn zh(&self) -> &str {
        &self.zh
    }

    /// The name as the document prints it.
    #[must_use]
    pub fn zh_printed(&self) -> &str {
        self.zh_printed.as_deref().unwrap_or(&self.zh)
    }

    /// The overlay's document, when an overlay added or changed the field.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What it holds.
    #[must_use]
    pub const fn field_type(&self) -> FieldType {
        self.field_type
    }

    /// The names of its parts, when it is a record.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// How it is shared.
    #[must_use]
    pub const fn mode(&self) -> SharingMode {
        self.mode
    }

    /// What the catalogue says about its openness.
    #[must_use]
    pub const fn openness(&self) -> &Openness {
        &self.openness
    }

    /// Whether a department has declared it public.
    #[must_use]
    pub const fn is_declared_public(&self) -> bool {
        matches!(self.openness, Openness::Public { .. })
    }

    /// Whether it says who a natural person is.
    #[must_use]
    pub const fn is_personal(&self) -> bool {
        self.personal
    }

    /// Its grade, 1 to 5, where the catalogue grades its fields (分级).
    #[must_use]
    pub const fn grade(&self) -> Option<u8> {
        self.grade
    }

    /// Whether it may be a feature of a score (`allow_as_feature`).
    #[must_use]
    pub const fn is_feature(&self) -> bool {
        self.feature
    }

    /// What may come of it at all; its value is never among it.
    #[must_use]
    pub const fn outputs(&self) -> &BTreeSet<Output> {
        &self.outputs
    }

    /// The thresholds that may be asked about a number, ascending; days have one grid for all.
    #[must_use]
    pub fn grid(&self) -> &[Quantity] {
        &self.grid
    }

    /// Its categories in order, the best first, where the catalogue ranks them.
    #[must_use]
    pub fn ranks(&self) -> &[String] {
        &self.ranks
    }
}

/// Outputs that weigh a field in a score or a training: they need a feature.
pub(crate) const fn weighs(output: Output) -> bool {
    match output {
        Output::Score | Output::Display | Output::Train => true,
        Output::Verify | Output::Monitor | Output::Own => false,
    }
}
