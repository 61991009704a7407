//! What a party of a lab shall be, before it is one.

use std::collections::BTreeMap;

use domain::{Duty, PartyId};
use serde::Serialize;
use toml::{Table, Value};

use crate::Error;

/// A party to be made: its name, its duties, and what its configuration shall say.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Its name, and the name of its directory in the lab.
    pub name: PartyId,
    /// What it does.
    pub duties: Vec<Duty>,
    settings: Table,
}

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
    register: String,
    to: Vec<String>,
    outputs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<u64>,
}

impl Sketch {
    /// A party without registers or offers.
    ///
    /// # Errors
    ///
    /// When the name is no party's name.
    pub fn new(name: &str, duties: &[Duty]) -> Result<Self, Error> {
        let name = name.parse().map_err(Error::Name)?;
        Ok(Self { name, duties: duties.into(), settings: Table::new() })
    }

    /// Adds a register.
    #[must_use]
    pub fn with_register(self, register: &Register) -> Self {
        self.with("register", register)
    }

    /// Adds an offer.
    #[must_use]
    pub fn with_offer(self, offer: &Offer) -> Self {
        self.with("offer", offer)
    }

    /// Adds one `[[list]]` entry of any shape, a model for one.
    #[must_use]
    pub fn with(mut self, list: &str, entry: &impl Serialize) -> Self {
        let entry = Table::try_from(entry).expect("an entry is a struct of plain values");
        let list = self.settings.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        list.as_array_mut().expect("a list is made just above").push(Value::Table(entry));
        self
    }

    /// Sets one of the `[limits]`.
    #[must_use]
    pub fn with_limit(mut self, limit: &str, value: u32) -> Self {
        let limits = self.settings.entry("limits").or_insert_with(|| Value::Table(Table::new()));
        let limits = limits.as_table_mut().expect("a table is made just above");
        limits.insert(limit.into(), Value::Integer(value.into()));
        self
    }

    /// Says whose word on authorisations counts: a registry's, and an issuer's by name and key.
    #[must_use]
    pub fn governed(mut self, registry: &str, issuer: &(String, String)) -> Self {
        let (name, key) = issuer;
        let mut trusted = Table::new();
        trusted.insert("name".into(), name.as_str().into());
        trusted.insert("key".into(), key.as_str().into());
        let mut governance = Table::new();
        governance.insert("registry".into(), registry.into());
        governance.insert("issuer".into(), Value::Array(vec![Value::Table(trusted)]));
        self.settings.insert("governance".into(), Value::Table(governance));
        self
    }

    /// What the party's configuration shall say.
    #[must_use]
    pub fn settings(&self) -> &Table {
        &self.settings
    }
}

impl Register {
    /// A register in a CSV file with a header, checked strictly.
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
    pub fn psi(register: &str, to: &[&str]) -> Self {
        Self {
            protocol: "psi",
            register: register.into(),
            to: to.iter().map(|name| (*name).into()).collect(),
            outputs: vec!["one-sided", "two-sided", "cardinality"],
            max_items: None,
        }
    }

    /// At most this many items a run.
    #[must_use]
    pub fn up_to(self, max_items: u64) -> Self {
        Self { max_items: Some(max_items), ..self }
    }
}

#[cfg(test)]
mod tests {
    use domain::Duty;
    use toml::Table;

    use super::{Offer, Register, Sketch};
    use crate::settings::merge;

    #[test]
    fn a_sketch_completes_what_init_wrote_and_leaves_the_rest() {
        let mut configuration: Table =
            "name = \"tax\"\nlisten = \"127.0.0.1:7101\"\n[limits]\nidle_s = 60\nlive_runs = 64"
                .parse()
                .unwrap();
        let sketch = Sketch::new("tax", &[Duty::Holder])
            .unwrap()
            .with_register(&Register::new("taxpayers", "registers/tax.csv", "uscc", "uscc"))
            .with_offer(&Offer::psi("taxpayers", &["bank"]).up_to(9))
            .with_limit("idle_s", 600);
        merge(&mut configuration, sketch.settings());
        assert_eq!(configuration["listen"].as_str(), Some("127.0.0.1:7101"));
        assert_eq!(configuration["limits"]["idle_s"].as_integer(), Some(600));
        assert_eq!(configuration["limits"]["live_runs"].as_integer(), Some(64));
        assert_eq!(configuration["register"][0]["check"].as_str(), Some("strict"));
        assert_eq!(configuration["offer"][0]["max_items"].as_integer(), Some(9));
        assert_eq!(configuration["offer"][0]["to"][0].as_str(), Some("bank"));
    }
}
