//! What the parts of a `party.toml` must be to one another.

use domain::ClassId;

use super::{Config, LENDER, Limits, Model, Offer};

impl Config {
    /// Says which of its parts do not go together, if some do not.
    pub(super) fn check(&self) -> Result<(), String> {
        let Limits { idle_s, connect_s, live_runs, calls_per_s, max_items: _, expanded_keys } =
            self.limits;
        let none = idle_s == 0 || connect_s == 0 || calls_per_s == 0;
        if none || live_runs == 0 || expanded_keys == 0 {
            return Err("limits must be at least 1".into());
        }
        if self.name.as_str() == LENDER {
            return Err("`lender` is no party's name: models call the lender itself so".into());
        }
        for (at, route) in self.routes.iter().enumerate() {
            let twice = |class: &&ClassId| {
                self.routes[..at].iter().any(|other| other.classes.contains(class))
            };
            if let Some(class) = route.classes.iter().find(twice) {
                return Err(format!("two routes name the class {class}: one holder answers it"));
            }
        }
        for (at, register) in self.registers.iter().enumerate() {
            if self.registers[..at].iter().any(|other| other.name == register.name) {
                return Err(format!("two registers are called `{}`", register.name));
            }
        }
        for Model { lenders, holders, .. } in &self.models {
            if let Some(lender) =
                lenders.iter().find(|lender| holders.values().any(|h| h == *lender))
            {
                return Err(format!(
                    "a model has the slot of its lender {lender} filled by name: write `{LENDER}`, \
                     whichever lender it is published to"
                ));
            }
        }
        for offer in self.offers.iter().map(Offer::offered) {
            let Some(register) = offer.register() else { continue };
            let Some(found) = self.register(register) else {
                return Err(format!(
                    "an offer names the register `{register}`, which is not there"
                ));
            };
            if !offer.opens_register() {
                continue;
            }
            offer.check(found)?;
            if found.is_governed() && found.fields.is_empty() {
                return Err(format!(
                    "the register `{register}` is offered and not bound to the catalogue: name its \
                     columns under [register.fields], like `vat = \"1.vat_paid_12m_cny\"`"
                ));
            }
            if !found.is_governed() && !found.fields.is_empty() {
                return Err(format!(
                    "the register `{register}` has opaque identifiers, which no authorisation can \
                     name: it cannot be bound to the catalogue"
                ));
            }
        }
        Ok(())
    }
}
