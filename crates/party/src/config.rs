//! `party.toml`: what this party is, what it holds, and what it offers to whom.
//!
//! Nothing is offered that is not written there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{CheckMode, ClassId, Duty, Field, PartyId, RunKind, Slot, SubjectKind};
use envelope::PublicKey;
use serde::Deserialize;

pub(crate) use self::control::Control;
pub(crate) use self::offers::Offer;
use crate::Trouble;

mod control;
mod offers;

/// The configuration's file name inside the party's directory.
pub(crate) const FILE: &str = "party.toml";

/// What [`Model::holders`] calls the lender itself, whichever lender it is; no party's name.
pub(crate) const LENDER: &str = "lender";

/// A party's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) name: PartyId,
    pub(crate) duties: Vec<Duty>,
    pub(crate) listen: String,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) control: Control,
    #[serde(default)]
    pub(crate) governance: Governance,
    #[serde(default, rename = "register")]
    pub(crate) registers: Vec<Register>,
    #[serde(default, rename = "offer")]
    pub(crate) offers: Vec<Offer>,
    #[serde(default, rename = "model")]
    pub(crate) models: Vec<Model>,
    #[serde(default, rename = "route")]
    pub(crate) routes: Vec<Route>,
}

/// What a run may cost.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Seconds that a peer may say nothing before a run ends.
    idle_s: u64,
    /// Seconds to reach a peer.
    connect_s: u64,
    /// Runs at a time.
    pub(crate) live_runs: usize,
    /// Calls a second that one peer may make; heavier ones count for several.
    pub(crate) calls_per_s: u32,
    /// The largest set that this party sends or accepts.
    pub(crate) max_items: u64,
    /// Lenders' evaluation keys that are kept expanded at a time.
    pub(crate) expanded_keys: usize,
}

/// By which rules this party decides, and whose word it takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Governance {
    /// A policy profile: `national`, `jiangsu`, `nanjing`, `qinghai`, `strictest`, or a file.
    pub(crate) profile: String,
    /// A catalogue in place of the built-in one, relative to the configuration's folder.
    pub(crate) catalogue: Option<PathBuf>,
    /// A city's overlay of the catalogue, likewise.
    pub(crate) overlay: Option<PathBuf>,
    /// The party whose statements of authorisations count; this party's own when it is named.
    pub(crate) registry: Option<PartyId>,
    /// Where checkpoints of the audit log are deposited.
    pub(crate) supervisor: Option<PartyId>,
    /// Who binds subjects to their keys.
    #[serde(rename = "issuer")]
    pub(crate) issuers: Vec<Issuer>,
    /// Seconds that a statement fetched from the registry counts.
    statement_max_age_s: u32,
    /// Seconds that a statement taken in from a bundle counts, for parties that are offline.
    bundle_max_age_s: u32,
    /// The fewest subjects that an aggregate is made of.
    pub(crate) min_cohort: u32,
    /// Questions that one lender may ask about one subject in the period.
    pub(crate) questions_per_subject: u32,
    /// Models through which one lender may score one subject in the period: several cards together
    /// tell more of a field than each does.
    pub(crate) models_per_subject: u32,
    /// Items that one peer may bring into intersections with one register in the period, for each
    /// subject that has authorised it.
    pub(crate) items_per_authorisation: u32,
    /// Counts that one peer may take of one governed register in the period.
    pub(crate) aggregates_per_register: u32,
    /// The period, in days.
    pub(crate) period_days: u16,
}

/// An authority that binds subjects to their keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuer {
    pub(crate) name: PartyId,
    pub(crate) key: PublicKey,
}

/// A table of this party's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    pub(crate) name: String,
    /// Relative to the configuration's folder.
    pub(crate) file: PathBuf,
    pub(crate) column: String,
    pub(crate) kind: SubjectKind,
    #[serde(default)]
    pub(crate) check: CheckMode,
    #[serde(default)]
    pub(crate) skip_bad: bool,
    /// Which catalogue field each column is. Registers of firms and persons must say so before
    /// they are offered; research data has none.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Field>,
}

/// A scorecard that this platform publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Relative to the configuration's folder.
    pub(crate) file: PathBuf,
    /// Statistics of the model over a population: what `tacit model check --reference` writes.
    pub(crate) reference: Option<PathBuf>,
    pub(crate) lenders: Vec<PartyId>,
    /// Which party fills which slot; [`LENDER`] for the lender itself, whichever it is.
    pub(crate) holders: BTreeMap<Slot, PartyId>,
    /// Whether it may be used on research data alone (opaque identifiers): then the rules of
    /// admission are told to the holders, and not enforced.
    #[serde(default)]
    pub(crate) research: bool,
}

/// Which holder this platform asks about some classes of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) classes: BTreeSet<ClassId>,
    pub(crate) holder: PartyId,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_s: 60,
            connect_s: 10,
            live_runs: 64,
            calls_per_s: 200,
            max_items: 2_000_000,
            expanded_keys: 4,
        }
    }
}

impl Limits {
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_s)
    }

    pub(crate) fn connect(&self) -> Duration {
        Duration::from_secs(self.connect_s)
    }
}

impl Default for Governance {
    fn default() -> Self {
        Self {
            profile: "strictest".into(),
            catalogue: None,
            overlay: None,
            registry: None,
            supervisor: None,
            issuers: Vec::new(),
            statement_max_age_s: 60,
            bundle_max_age_s: 86_400,
            min_cohort: 10,
            questions_per_subject: 6,
            models_per_subject: 2,
            items_per_authorisation: 2,
            aggregates_per_register: 3,
            period_days: 90,
        }
    }
}

impl Governance {
    pub(crate) fn statement_max_age(&self) -> Duration {
        Duration::from_secs(self.statement_max_age_s.into())
    }

    /// How many items a peer may bring into intersections in the period that so many have authorised.
    pub(crate) fn items_for(&self, tally: u64) -> u64 {
        tally.saturating_mul(self.items_per_authorisation.into())
    }

    pub(crate) fn bundle_max_age(&self) -> Duration {
        Duration::from_secs(self.bundle_max_age_s.into())
    }
}

impl Register {
    /// Whether the register is about firms or persons, so that authorisation rules it.
    pub(crate) fn is_governed(&self) -> bool {
        self.kind != SubjectKind::Opaque
    }

    /// Says which field two columns are bound to, if one is: a score may read both.
    pub(crate) fn binds_each_field_once(&self) -> Result<(), String> {
        let mut columns: BTreeMap<&Field, &str> = BTreeMap::new();
        for (column, field) in &self.fields {
            if let Some(other) = columns.insert(field, column) {
                return Err(format!(
                    "the register `{}` has {field} in two columns, `{other}` and `{column}`, \
                     and would not know which of them answers: give formulas, matches and trainings a register \
                     in which each field is bound once (it may read the same file)",
                    self.name
                ));
            }
        }
        Ok(())
    }

    /// The catalogue's classes that its columns belong to.
    pub(crate) fn classes(&self) -> BTreeSet<ClassId> {
        self.fields.values().map(Field::class).collect()
    }
}

impl Config {
    /// Reads the configuration of the party in `dir`.
    pub(crate) fn read(dir: &Path) -> Result<Self, Trouble> {
        let path = dir.join(FILE);
        let text = fs::read_to_string(&path).map_err(|error| {
            let (dir, error) = (dir.display(), error.to_string());
            Trouble::us(
                "NO_PARTY",
                format!("there is no party in {dir} ({error}). Make one with `tacit init`, or name its folder with --dir."),
                format!("{dir} 中没有参与方（{error}）。请先运行 `tacit init`，或用 --dir 指定其目录。"),
            )
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| bad(&path, &error))?;
        for register in &mut config.registers {
            register.file = dir.join(&register.file);
        }
        for model in &mut config.models {
            model.file = dir.join(&model.file);
            model.reference = model.reference.as_ref().map(|file| dir.join(file));
        }
        let Governance { catalogue, overlay, .. } = &mut config.governance;
        for file in [catalogue, overlay, &mut config.control.socket].into_iter().flatten() {
            *file = dir.join(&*file);
        }
        config.check().map_err(|reason| bad(&path, &reason))?;
        Ok(config)
    }

    /// The register of this name.
    pub(crate) fn register(&self, name: &str) -> Option<&Register> {
        self.registers.iter().find(|register| register.name == name)
    }

    /// The registers from which runs of this kind are offered to whom one of the offers serves.
    pub(crate) fn offered<'a>(
        &'a self,
        kind: RunKind,
        to: &'a PartyId,
    ) -> impl Iterator<Item = &'a Register> {
        let offers = self.offers.iter().filter(move |offer| offer.kind() == kind);
        let offered = offers.map(Offer::offered).filter(|offered| offered.serves(to));
        offered.filter_map(|offered| offered.register()).filter_map(|name| self.register(name))
    }

    /// Which holder this platform asks about a class.
    pub(crate) fn route(&self, class: ClassId) -> Option<&PartyId> {
        let route = self.routes.iter().find(|route| route.classes.contains(&class));
        route.map(|route| &route.holder)
    }

    fn check(&self) -> Result<(), String> {
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

fn bad(path: &Path, error: &dyn std::fmt::Display) -> Trouble {
    let path = path.display();
    Trouble::us(
        "CONFIG",
        format!(
            "{path} is not a party's configuration: {error}. Mend that line; `tacit init` writes a commented example."
        ),
        format!("{path} 不是有效的配置：{error}。请修改该行；`tacit init` 会生成带注释的示例。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Trouble> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        Config::read(folder.path())
    }

    #[test]
    fn an_offer_of_a_register_that_is_not_there_is_refused() {
        let refused = read(
            "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\noutputs = ['one-sided']",
        );
        assert!(refused.unwrap_err().en.contains("`x`"));
    }

    #[test]
    fn an_offer_by_no_protocol_that_gives_its_outputs_is_refused() {
        let offered = |protocols: &str, output: &str| {
            read(&format!(
                "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
                 [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\nkind = 'opaque'\n\
                 [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\n\
                 outputs = ['{output}']\nprotocols = {protocols}"
            ))
        };
        for (protocols, output) in [("['vole']", "cardinality"), ("[]", "one-sided")] {
            let refused = offered(protocols, output).unwrap_err();
            assert!(refused.en.contains("\"ecdh\""), "{}", refused.en);
        }
        assert!(offered("['ecdh']", "cardinality").is_ok());
        assert!(offered("['vole']", "two-sided").is_ok());
        assert!(offered("['dh']", "two-sided").is_err());
    }

    #[test]
    fn a_register_of_firms_is_not_offered_before_it_is_bound_to_the_catalogue() {
        let text = "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\noutputs = ['one-sided']\n\
             [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n";
        let bound = "[register.fields]\nvat = '1.vat_paid_12m_cny'\n";
        let refused = read(&format!("{text}kind = 'uscc'\n")).unwrap_err();
        assert!(refused.en.contains("[register.fields]"), "{}", refused.en);
        let config = read(&format!("{text}kind = 'uscc'\n{bound}")).unwrap();
        assert_eq!(config.registers[0].classes().len(), 1);
        let research = read(&format!("{text}kind = 'opaque'\n{bound}")).unwrap_err();
        assert!(research.en.contains("opaque"), "{}", research.en);
        assert!(read(&format!("{text}kind = 'opaque'\n")).is_ok());
    }

    #[test]
    fn a_lenders_own_register_must_be_there_and_need_not_be_bound() {
        let text = "name = 'bank'\nduties = ['lender']\nlisten = '127.0.0.1:1'\n\
             [[offer]]\nprotocol = 'key'\nregister = 'customers'\nto = ['platform']\n";
        assert!(read(text).unwrap_err().en.contains("`customers`"));
        let register =
            "[[register]]\nname = 'customers'\nfile = 'x.csv'\ncolumn = 'id'\nkind = 'uscc'\n";
        assert!(read(&format!("{text}{register}")).is_ok());
    }

    #[test]
    fn no_party_is_called_lender() {
        let refused = read("name = 'lender'\nduties = ['lender']\nlisten = '127.0.0.1:1'");
        assert!(refused.unwrap_err().en.contains("no party's name"));
    }

    #[test]
    fn a_formula_is_answered_from_a_governed_register_and_a_class_has_one_holder() {
        let verify = "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [[offer]]\nprotocol = 'verify'\nregister = 'x'\nplatform = 'p'\nto = ['bank']\n\
             [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n";
        let bound = "kind = 'uscc'\n[register.fields]\nvat = '1.vat_paid_12m_cny'\n";
        assert!(read(&format!("{verify}{bound}")).is_ok());
        let twice = read(&format!("{verify}{bound}growth = '1.vat_paid_12m_cny'\n")).unwrap_err();
        assert!(twice.en.contains("`growth` and `vat`"), "{}", twice.en);
        let research = read(&format!("{verify}kind = 'opaque'\n")).unwrap_err();
        assert!(research.en.contains("research data"), "{}", research.en);
        let routes = |second: &str| {
            read(&format!(
                "name = 'p'\nduties = ['platform']\nlisten = '127.0.0.1:1'\n\
                 [[route]]\nclasses = [1, 2]\nholder = 'tax'\n\
                 [[route]]\nclasses = [{second}]\nholder = 'social'\n"
            ))
        };
        let config = routes("10").unwrap();
        let holder = |class: &str| config.route(class.parse().unwrap()).map(PartyId::as_str);
        assert_eq!([holder("2"), holder("10"), holder("3")], [Some("tax"), Some("social"), None]);
        assert!(routes("2").unwrap_err().en.contains("class 2"));
        assert!(routes("0").is_err());
    }

    #[test]
    fn claims_about_firms_are_answered_under_letters_over_a_platform() {
        let offer = |more: &str, register: &str| {
            read(&format!(
                "name = 'estate'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
                 [[offer]]\nprotocol = 'match'\nregister = 'x'\nto = ['bank']\n{more}\
                 [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n{register}"
            ))
        };
        let firms = "kind = 'uscc'\n[register.fields]\nholder = '27.right_holder_name'\n";
        assert!(offer("platform = 'p'\n", firms).is_ok());
        assert!(offer("", firms).unwrap_err().en.contains("`platform`"));
        assert!(offer("", "kind = 'opaque'\n").is_ok());
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let refused = read("name = 'tax'\nduties = ['holder']\nlistn = '127.0.0.1:1'").unwrap_err();
        assert!(refused.en.contains("listn") && refused.en.contains("line 3"), "{}", refused.en);
    }

    #[test]
    fn a_folder_without_a_party_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::read(folder.path()).unwrap_err().en.contains("tacit init"));
    }
}

#[cfg(test)]
#[path = "config_guide_tests.rs"]
mod guide_tests;
