//! The lender's own block: the slot of a model that the lender itself fills.
//!
//! Its features come to it with the card, and their points in clear: they are about the lender's own
//! columns and nobody else's. It finds the bins in a register of its own, and adds their points to
//! the sum that it decrypts. Nothing about its values is in any message; the other holders, their
//! encrypted points and the protocol's terms are those of a model without this slot.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{PartyId, Slot, Subject, SubjectKind};
use scorecard::{Part, Scorecard};
use serde::{Deserialize, Serialize};

use crate::Trouble;
use crate::config::{Offer, Register};
use crate::data;
use crate::node::Node;
use crate::register_cache::{Loaded, RegisterCache};

/// The lender's own part of a model, with its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub(crate) struct Own {
    part: Part,
    points: Vec<Vec<u16>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    part: Part,
    points: Vec<Vec<u16>>,
}

impl Own {
    /// What the lender is told of its slot; `None` where the model has no such slot.
    pub(crate) fn of(scorecard: &Scorecard, slot: &Slot) -> Option<Self> {
        Some(Self { part: scorecard.part(slot)?, points: scorecard.points(slot)? })
    }

    pub(crate) fn part(&self) -> &Part {
        &self.part
    }

    /// The largest total that its points can reach, however large.
    pub(crate) fn most_points(&self) -> u64 {
        self.points
            .iter()
            .filter_map(|points| points.iter().max())
            .map(|most| u64::from(*most))
            .sum()
    }

    /// The points of a row, or of whoever is not in the register; `None` where a value has no bin.
    fn points_in(&self, register: &Loaded, row: Option<usize>) -> Option<u16> {
        let features = self.part.features().iter().zip(&self.points);
        let points = features.map(|(feature, points)| {
            let value =
                row.and_then(|row| register.value(row, feature.column(), data::kind(feature)));
            points.get(feature.binning().bin_of(value.as_ref())?).copied()
        });
        points.sum()
    }
}

impl TryFrom<Form> for Own {
    type Error = String;

    fn try_from(Form { part, points }: Form) -> Result<Self, String> {
        let bins = part.features().iter().map(|feature| feature.binning().len());
        if !bins.eq(points.iter().map(Vec::len)) {
            return Err("the points of the lender's own block are not one a bin".into());
        }
        Ok(Self { part, points })
    }
}

impl From<Own> for Form {
    fn from(Own { part, points }: Own) -> Self {
        Self { part, points }
    }
}

/// The points of everybody in the lender's register by its own block. Raw detail's like: they stay
/// in memory, at home.
pub(crate) struct OwnPoints {
    register: Arc<Loaded>,
    /// Of each row; last those of whoever is not in the register.
    points: Vec<Option<u16>>,
    kind: SubjectKind,
}

impl OwnPoints {
    /// What the block is worth over a register.
    fn over(own: &Own, register: Arc<Loaded>, kind: SubjectKind) -> Self {
        let rows = (0..register.subjects().len()).map(Some).chain([None]);
        let points = rows.map(|row| own.points_in(&register, row)).collect();
        Self { register, points, kind }
    }

    /// The points of a subject; one that falls into no bin has no answer.
    pub(crate) fn of(&self, subject: &Subject) -> Result<u16, Trouble> {
        self.points(subject)?.ok_or_else(no_answer)
    }

    /// The points of a subject; `None` where it falls into no bin.
    pub(crate) fn points(&self, subject: &Subject) -> Result<Option<u16>, Trouble> {
        if subject.kind() != self.kind {
            return Err(other_kind(self.kind, subject.kind()));
        }
        let row = self.register.row(subject).unwrap_or(self.register.subjects().len());
        Ok(self.points[row])
    }
}

/// What this lender's own blocks are worth, by publication.
#[derive(Default)]
pub(crate) struct OwnCache(Mutex<HashMap<[u8; 32], Arc<OwnPoints>>>);

impl OwnCache {
    /// The points of a publication's own block, read again when the register's file has changed.
    pub(crate) async fn points(
        &self,
        node: &Node,
        platform: &PartyId,
        digest: &[u8; 32],
        own: &Own,
    ) -> Result<Arc<OwnPoints>, Trouble> {
        let register = register(node, platform).ok_or_else(|| no_register(own))?;
        let loaded = loaded(&node.registers, register, own).await?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
        if let Some(kept) = kept.filter(|kept| kept.register.batch() == loaded.batch()) {
            return Ok(kept);
        }
        let (own, kind) = (own.clone(), register.kind);
        let made = tokio::task::spawn_blocking(move || OwnPoints::over(&own, loaded, kind)).await;
        let made = Arc::new(made.map_err(|error| Trouble::from_error("OURS", &error))?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(*digest, Arc::clone(&made));
        Ok(made)
    }
}

/// The register with the columns of a lender's own block.
async fn loaded(
    registers: &RegisterCache,
    register: &Register,
    own: &Own,
) -> Result<Arc<Loaded>, Trouble> {
    registers.loaded(register, &data::columns(own.part())).await
}

/// Sees to it that this lender can fill its own block of a platform's model: there is a register, and
/// it has the columns. The platform is told no more than that it cannot.
pub(crate) async fn can_fill(node: &Node, platform: &PartyId, own: &Own) -> Result<(), Trouble> {
    let register = register(node, platform).ok_or_else(|| no_register(own))?;
    loaded(&node.registers, register, own).await.map(drop).map_err(|trouble| {
        tracing::warn!("the register of the own block cannot be used: {trouble}");
        Trouble::us(
            "OWN_REGISTER",
            format!(
                "the lender's register cannot be read or lacks a column of its own block (`{}`); its log says which",
                own.part().holder()
            ),
            format!(
                "贷款方的登记表无法读取，或缺少其自有特征（`{}`）所需的列；详见其日志",
                own.part().holder()
            ),
        )
    })
}

/// The register that this lender fills its slot of a platform's models from.
fn register<'a>(node: &'a Node, platform: &PartyId) -> Option<&'a Register> {
    node.config.offers.iter().find_map(|offer| {
        let Offer::Key(offer) = offer else { return None };
        offer.own_register(platform).and_then(|register| node.config.register(register))
    })
}

fn no_register(own: &Own) -> Trouble {
    let (model, slot) = (own.part().model(), own.part().holder());
    Trouble::us(
        "OWN_REGISTER",
        format!(
            "{model} has a block of the lender's own (`{slot}`), and the lender has no register for it: name one in its party.toml, in the offer with protocol = \"key\" (register = \"customers\")"
        ),
        format!(
            "模型 {model} 含贷款方自有特征（`{slot}`），而贷款方没有相应的登记表：请在其 party.toml 的 protocol = \"key\" 条目中指定 register"
        ),
    )
}

fn no_answer() -> Trouble {
    Trouble::us(
        "NO_ANSWER",
        "the model has no bin for what this lender's own register has, or has not, on the subject; nobody was asked",
        "该模型没有适用于本方自有登记数据（或缺失）的分箱；未向任何一方查询",
    )
}

fn other_kind(own: SubjectKind, asked: SubjectKind) -> Trouble {
    Trouble::us(
        "OWN_REGISTER",
        format!(
            "this lender's own register has identifiers of kind {own}, and {asked} was asked about"
        ),
        format!("本方自有登记表的标识类型为 {own}，而查询的是 {asked}"),
    )
}

#[cfg(test)]
mod tests {
    use domain::CheckMode;

    use super::*;

    const CARD: &str = "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
         [[feature]]\ncolumn = 'x'\nholder = 'tax'\nbin = [{points = 9}]\n\
         [[feature]]\ncolumn = 'limit'\nholder = 'own'\n\
         bin = [{below = 11, points = 1}, {points = 2}]\n\
         [[feature]]\ncolumn = 'state'\nholder = 'own'\nmissing = 5\nbin = [{values = ['a'], points = 10}]\n";

    fn own() -> Own {
        let card = Scorecard::from_toml(CARD).unwrap();
        Own::of(&card, &"own".parse().unwrap()).unwrap()
    }

    fn subject(text: &str) -> Subject {
        Subject::parse(SubjectKind::Opaque, text, CheckMode::Report).unwrap().value
    }

    #[tokio::test]
    async fn points_are_those_of_the_bins_and_what_has_no_bin_has_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("own.csv");
        std::fs::write(&file, "id,limit,state\n1,7,a\n2,11,\n3,,a\n4,3,b\n").unwrap();
        let register: Register = toml::from_str(&format!(
            "name = 'own'\nfile = '{}'\ncolumn = 'id'\nkind = 'opaque'",
            file.display()
        ))
        .unwrap();
        let registers = RegisterCache::new(|content| *content);
        let read = loaded(&registers, &register, &own()).await.unwrap();
        let points = OwnPoints::over(&own(), read, register.kind);
        assert_eq!(points.of(&subject("1")).unwrap(), 11);
        assert_eq!(points.of(&subject("2")).unwrap(), 7);
        // No value, one in no list, and no row, where no bin is for what is missing.
        for none in ["3", "4", "5"] {
            assert_eq!(points.of(&subject(none)).unwrap_err().code, "NO_ANSWER", "{none}");
            assert_eq!(points.points(&subject(none)).unwrap(), None, "{none}");
        }
        let firm = Subject::parse(SubjectKind::Uscc, "91320100PDY00001XR", CheckMode::Report);
        assert_eq!(points.of(&firm.unwrap().value).unwrap_err().code, "OWN_REGISTER");
        std::fs::write(&file, "id,limit\n1,7\n").unwrap();
        assert!(loaded(&registers, &register, &own()).await.is_err(), "a column is missing");
    }

    #[test]
    fn points_that_are_not_one_a_bin_are_refused() {
        let written = serde_json::to_string(&own()).unwrap();
        assert_eq!(serde_json::from_str::<Own>(&written).unwrap(), own());
        for (from, to) in [("[1,2]", "[1]"), ("[1,2],", ""), ("[1,2]", "[1,70000]")] {
            let changed = written.replace(from, to);
            assert_ne!(changed, written);
            assert!(serde_json::from_str::<Own>(&changed).is_err(), "{from}");
        }
    }
}
