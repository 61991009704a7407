//! What stands in lists of `party.toml`: registers, offers, models, routes.

use std::collections::BTreeMap;

use serde::Serialize;

/// A `[[register]]` of `party.toml`.
#[derive(Clone, Debug, Serialize)]
pub struct Register {
    name: String,
    /// Absolute, or relative to the party's directory.
    file: String,
    column: String,
    kind: String,
    check: &'static str,
    skip_bad: bool,
    /// Which catalogue field each column is.
    fields: BTreeMap<String, String>,
}

/// An `[[offer]]` of `party.toml`.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    protocol: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<u64>,
}

/// A `[[model]]` of a platform's `party.toml`.
#[derive(Clone, Debug, Serialize)]
pub struct Model {
    /// Absolute, or relative to the party's directory.
    file: String,
    lenders: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    research: bool,
    /// Which party fills which slot.
    holders: BTreeMap<String, String>,
}

/// A `[[route]]` of a platform's `party.toml`: who answers formulas about which classes.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    classes: Vec<u16>,
    holder: String,
}

impl Register {
    /// A register in a CSV file with a header, checked strictly.
    #[must_use]
    pub fn new(name: &str, file: &str, column: &str, kind: &str) -> Self {
        Self {
            name: name.into(),
            file: file.into(),
            column: column.into(),
            kind: kind.into(),
            check: "strict",
            skip_bad: false,
            fields: BTreeMap::new(),
        }
    }

    /// The same, with these columns bound to fields of the catalogue.
    #[must_use]
    pub fn bound(mut self, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(column, field)| ((*column).into(), (*field).into()));
        self.fields.extend(fields);
        self
    }
}

impl Offer {
    /// Intersections of one register with these peers, with every output.
    #[must_use]
    pub fn psi(register: &str, to: &[&str]) -> Self {
        let outputs = vec!["one-sided", "two-sided", "cardinality"];
        Self { register: Some(register.into()), outputs, ..Self::of("psi", to) }
    }

    /// Scores, verifications or matches from one register, asked by these lenders over a platform.
    #[must_use]
    pub fn over(protocol: &'static str, register: &str, platform: &str, to: &[&str]) -> Self {
        let (register, platform) = (Some(register.into()), Some(platform.into()));
        Self { register, platform, ..Self::of(protocol, to) }
    }

    /// Columns of one register for trainings that these lenders propose.
    #[must_use]
    pub fn train(register: &str, to: &[&str]) -> Self {
        Self { register: Some(register.into()), ..Self::of("train", to) }
    }

    /// A lender's keys for a platform.
    #[must_use]
    pub fn key(platform: &str) -> Self {
        Self::of("key", &[platform])
    }

    /// Only these outputs.
    #[must_use]
    pub fn giving(self, outputs: &[&'static str]) -> Self {
        Self { outputs: outputs.into(), ..self }
    }

    /// From this register; of a lender's keys, for a block of its own.
    #[must_use]
    pub fn from_register(self, register: &str) -> Self {
        Self { register: Some(register.into()), ..self }
    }

    /// At most this many items a run.
    #[must_use]
    pub fn up_to(self, max_items: u64) -> Self {
        Self { max_items: Some(max_items), ..self }
    }

    fn of(protocol: &'static str, to: &[&str]) -> Self {
        Self {
            protocol,
            register: None,
            platform: None,
            to: owned(to),
            outputs: Vec::new(),
            max_items: None,
        }
    }
}

impl Model {
    /// The card in a file, for these lenders, whose slots these parties fill.
    pub fn new(
        file: &str,
        lenders: &[&str],
        holders: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self {
            file: file.into(),
            lenders: owned(lenders),
            reference: None,
            research: false,
            holders: holders.into_iter().collect(),
        }
    }

    /// With the statistics of the rows that it was fitted on.
    #[must_use]
    pub fn with_reference(self, file: &str) -> Self {
        Self { reference: Some(file.into()), ..self }
    }

    /// Over research data, which is about nobody.
    #[must_use]
    pub fn of_research(self) -> Self {
        Self { research: true, ..self }
    }
}

impl Route {
    /// Formulas about these classes are answered by this holder.
    #[must_use]
    pub fn new(classes: &[u16], holder: &str) -> Self {
        Self { classes: classes.into(), holder: holder.into() }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
