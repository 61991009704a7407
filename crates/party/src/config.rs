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

mod check;
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
mod guide_tests;
#[cfg(test)]
mod tests;
