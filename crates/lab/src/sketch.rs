//! What a party of a lab shall be, before it is one.

use domain::{Duty, PartyId};
use serde::Serialize;
use toml::{Table, Value};

use crate::{Error, Model, Offer, Register, Route};

/// A party to be made: its name, its duties, and what its configuration shall say.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Its name, and the name of its directory in the lab.
    pub name: PartyId,
    /// What it does.
    pub duties: Vec<Duty>,
    settings: Table,
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

    /// Adds a model, of a platform.
    #[must_use]
    pub fn with_model(self, model: &Model) -> Self {
        self.with("model", model)
    }

    /// Adds a route, of a platform.
    #[must_use]
    pub fn with_route(self, route: &Route) -> Self {
        self.with("route", route)
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

    /// Adds one `[[list]]` entry.
    fn with(mut self, list: &str, entry: &impl Serialize) -> Self {
        let entry = Table::try_from(entry).expect("an entry is a struct of plain values");
        let list = self.settings.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        list.as_array_mut().expect("a list is made just above").push(Value::Table(entry));
        self
    }

    /// What the party's configuration shall say.
    #[must_use]
    pub fn settings(&self) -> &Table {
        &self.settings
    }
}

#[cfg(test)]
mod tests {
    use domain::Duty;
    use toml::Table;

    use super::Sketch;
    use crate::settings::merge;
    use crate::{Offer, Register};

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
