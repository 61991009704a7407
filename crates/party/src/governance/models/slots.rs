//! Who fills a model's slots.

use std::collections::BTreeMap;

use domain::{ModelId, PartyId, Slot};
use scorecard::Scorecard;

use crate::Trouble;
use crate::config;

/// Who fills a model's slots.
#[derive(Debug, PartialEq)]
pub(crate) struct Slots {
    /// Those of holders, each with its party, in the order of the model.
    pub(crate) holders: Vec<(Slot, PartyId)>,
    /// The one that the lender itself fills.
    pub(crate) own: Option<Slot>,
}

impl Slots {
    /// Binds the slots as a configuration says, where [`config::LENDER`] stands for the lender.
    pub(crate) fn of(
        bound: &BTreeMap<Slot, PartyId>,
        scorecard: &Scorecard,
    ) -> Result<Self, Trouble> {
        let model = scorecard.model();
        let (mut holders, mut own) = (Vec::<(Slot, PartyId)>::new(), None);
        for slot in scorecard.holders() {
            let party = bound.get(&slot).ok_or_else(|| no_slot(model, &slot))?;
            if party.as_str() != config::LENDER {
                if let Some((first, _)) = holders.iter().find(|(_, filled)| filled == party) {
                    return Err(two_of(model, party, first, &slot));
                }
                holders.push((slot, party.clone()));
            } else if let Some(first) = own.replace(slot.clone()) {
                return Err(two_own(model, &first, &slot));
            }
        }
        if holders.is_empty() {
            return Err(nobody_else(model));
        }
        Ok(Self { holders, own })
    }
}

pub(crate) fn no_slot(model: &ModelId, slot: &Slot) -> Trouble {
    Trouble::us(
        "MODEL",
        format!("no party fills the slot `{slot}` of {model}: name one under [model.holders]"),
        format!("模型 {model} 的位置 `{slot}` 没有指定参与方：请在 [model.holders] 中配置"),
    )
}

fn two_of(model: &ModelId, party: &PartyId, first: &Slot, second: &Slot) -> Trouble {
    Trouble::us(
        "MODEL",
        format!(
            "{party} would fill both `{first}` and `{second}` of {model}: put its features into one slot"
        ),
        format!("{party} 同时占用模型 {model} 的位置 `{first}` 与 `{second}`：请合并为一个位置"),
    )
}

fn two_own(model: &ModelId, first: &Slot, second: &Slot) -> Trouble {
    Trouble::us(
        "MODEL",
        format!(
            "the lender would fill both `{first}` and `{second}` of {model}: put its features into one slot"
        ),
        format!("贷款方同时占用模型 {model} 的位置 `{first}` 与 `{second}`：请合并为一个位置"),
    )
}

fn nobody_else(model: &ModelId) -> Trouble {
    Trouble::us(
        "MODEL",
        format!("the lender fills every slot of {model}: there is nobody to ask"),
        format!("模型 {model} 的所有位置都由贷款方自己填充：无可查询的数据方"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(holders: &[(&str, &str)]) -> Result<Slots, Trouble> {
        let card = "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
             [[feature]]\ncolumn = 'x'\nholder = 'tax'\nbin = [{points = 1}]\n\
             [[feature]]\ncolumn = 'y'\nholder = 'own'\nbin = [{points = 1}]\n";
        let card = Scorecard::from_toml(card).unwrap();
        let holders = holders
            .iter()
            .map(|(slot, party)| (slot.parse().expect("a slot"), party.parse().expect("a party")));
        Slots::of(&holders.collect(), &card)
    }

    #[test]
    fn the_lender_fills_the_slot_that_is_reserved_for_it() {
        let filled = slots(&[("tax", "tax-1"), ("own", "lender")]).unwrap();
        assert_eq!(filled.own.unwrap().as_str(), "own");
        let holders: Vec<_> = filled.holders.iter().map(|(_, party)| party.as_str()).collect();
        assert_eq!(holders, ["tax-1"]);
        let other = slots(&[("tax", "tax-1"), ("own", "bank")]).unwrap();
        assert_eq!((other.own, other.holders.len()), (None, 2));
    }

    #[test]
    fn a_slot_that_nobody_fills_a_lender_alone_and_a_party_twice_are_refused() {
        let refused = |holders: &[(&str, &str)]| slots(holders).unwrap_err().en;
        assert!(refused(&[("tax", "tax-1")]).contains("`own`"));
        assert!(refused(&[("tax", "lender"), ("own", "lender")]).contains("one slot"));
        let twice = refused(&[("tax", "tax-1"), ("own", "tax-1")]);
        assert!(twice.contains("tax-1 would fill both"), "{twice}");
    }
}
