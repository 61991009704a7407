//! Matches: a lender's claims about a whole list of subjects, put to one holder.
//!
//! The equality of values of `psi::equality`, a run for each stretch of the list. What travels with a
//! proposal is who is asked about, and each subject's authorisation; the claims come blinded, so that
//! the holder sees none. A claim is a tuple of fields of one class, compared as a whole after one
//! spelling was made of every part: what [`formula::matched`] does, as in a formula's `match`.
//!
//! | module | what it does |
//! |---|---|
//! | `lender` | reads a list, asks about it stretch by stretch, writes the answers down |
//! | `holder` | decides about every subject by itself, answers for those that it may |
//! | `offer` | what `party.toml` says of it |
//! | `request` | what an operator asks for |
//! | `release` | the second look, and one release a subject, before an answer leaves |
//! | `tables` | registers as texts, compared tuple by tuple |
//!
//! Each subject of a list has a number of its own ([`number`]), under which the holder keeps its
//! release and its receipt. A match counts like a formula's: ten a subject and period.

mod holder;
mod lender;
mod offer;
mod release;
mod request;
mod rounds;
mod tables;

use std::sync::Arc;

use domain::{PartyId, RunId};
use formula::matched;
use wire::MatchTerms;

pub(crate) use lender::{Ask, ask};
pub(crate) use offer::Offer;

use crate::Trouble;
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::agreed::Answer;
use crate::runs::kind::{Kind, Proposed};

/// What the hash of an agreed match is bound to.
const CONTEXT: &str = "tacit/party/v1/match-context";

/// Claims about the subjects of a list.
pub(crate) struct Match;

#[tonic::async_trait]
impl Kind for Match {
    type Terms = MatchTerms;

    fn row_number(&self, lender: &PartyId, list: RunId, place: u64) -> Option<RunId> {
        Some(number(lender, list, place))
    }

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, MatchTerms>,
    ) -> Result<Answer, Trouble> {
        holder::accept(node, proposed).await
    }
}

/// The number of a subject of a list: as if it had been asked about alone.
fn number(lender: &PartyId, list: RunId, place: u64) -> RunId {
    let place = place.to_be_bytes();
    let bytes = [list.as_bytes().as_slice(), &place, lender.as_str().as_bytes()].concat();
    let hash = hashed("tacit/party/v1/match-number", &bytes);
    let (number, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
    RunId::from_bytes(*number)
}

/// A claim, or what a register has, as the two are compared; nothing where a part of it is missing.
fn tuple<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> Option<Vec<u8>> {
    let mut tuple = Vec::new();
    for part in parts {
        let part = matched(part?);
        if part.is_empty() {
            return None;
        }
        tuple.extend_from_slice(&u64::try_from(part.len()).ok()?.to_be_bytes());
        tuple.extend_from_slice(part.as_bytes());
    }
    Some(tuple)
}

#[cfg(test)]
mod tests {
    use domain::RunId;

    use super::{number, tuple};

    #[test]
    fn a_subject_has_a_number_of_its_own() {
        let (bank, other) = ("bank".parse().unwrap(), "other".parse().unwrap());
        let list = RunId::from_bytes([1; 16]);
        let all = [
            number(&bank, list, 0),
            number(&bank, list, 1),
            number(&other, list, 0),
            number(&bank, RunId::from_bytes([2; 16]), 0),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|earlier| earlier != one));
        }
        assert_eq!(number(&bank, list, 0), all[0]);
    }

    #[test]
    fn parts_are_spelt_alike_and_do_not_run_into_one_another() {
        let of = |parts: &[&str]| tuple(parts.iter().map(|part| Some(*part)));
        assert_eq!(of(&["苏（2020） 0001", "Ａｂｃ"]), of(&["苏(2020)0001", "ABC"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", " "]), None);
        assert_eq!(tuple([Some("ab"), None]), None);
    }
}
