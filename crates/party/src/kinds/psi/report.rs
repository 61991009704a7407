//! What a private set intersection tells its operator.

use std::time::Instant;

use ::psi::{Learned, RECEIVER, SENDER};
use domain::PartyId;
use registers::LoadReport;
use serde::Serialize;
use session::Role;
use wire::PsiOutput;

use super::protocol::{RunTerms, Sizes};
use crate::Trouble;
use crate::node::Node;
use crate::runs::Run;

/// What a report is made from.
pub(crate) struct Account<'a> {
    pub(crate) node: &'a Node,
    pub(crate) run: &'a Run,
    pub(crate) role: Role,
    pub(crate) peer: &'a PartyId,
    pub(crate) their_register: &'a str,
    pub(crate) terms: &'a RunTerms,
    pub(crate) output: PsiOutput,
    pub(crate) loaded: &'a LoadReport,
    pub(crate) learned: &'a Learned,
    pub(crate) started: Instant,
}

/// One side's report; the same file on both sides but for whose side it is.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    run: String,
    protocol: &'static str,
    party: String,
    peer: String,
    role: &'static str,
    output: &'static str,
    register: String,
    /// Rows of our file, of which so many repeat another, so many were left out as bad.
    rows: u64,
    duplicates: u64,
    bad_rows: u64,
    items: u64,
    /// What each side put on the wire, padding included.
    items_sent: u64,
    peer_items_sent: u64,
    /// Not there where this side learns nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<u64>,
    we_learned: Sentence,
    peer_learned: Sentence,
    chunk_bytes_sent: u64,
    chunk_bytes_received: u64,
    wall_s: f64,
}

#[derive(Debug, Serialize)]
struct Sentence {
    en: String,
    zh: String,
}

impl Report {
    pub(crate) fn of(account: &Account<'_>) -> Self {
        let Account { node, run, role, peer, terms, loaded, learned, .. } = account;
        let (sent, received) = run.moved();
        let Sizes { receiver, sender } = terms.sizes();
        let (items_sent, peer_items_sent) =
            if *role == RECEIVER { (receiver, sender) } else { (sender, receiver) };
        let theirs = if *role == RECEIVER { SENDER } else { RECEIVER };
        Self {
            run: run.id.to_string(),
            protocol: terms.name(),
            party: node.config.name.to_string(),
            peer: peer.to_string(),
            role: if *role == RECEIVER { "receiver" } else { "sender" },
            output: name_of(account.output),
            register: account.their_register.into(),
            rows: loaded.rows,
            duplicates: loaded.duplicates.count,
            bad_rows: loaded.bad.count,
            items: loaded.distinct,
            items_sent,
            peer_items_sent,
            matches: match learned {
                Learned::Nothing => None,
                Learned::Count(count) => Some(*count),
                Learned::Items(items) => Some(items.len() as u64),
            },
            we_learned: learns(*role, account.output, "we", "本方", peer_items_sent),
            peer_learned: learns(
                theirs,
                account.output,
                peer.as_str(),
                &format!("{peer} "),
                items_sent,
            ),
            chunk_bytes_sent: sent,
            chunk_bytes_received: received,
            wall_s: account.started.elapsed().as_secs_f64(),
        }
    }

    pub(crate) fn to_json(&self) -> Result<String, Trouble> {
        serde_json::to_string_pretty(self).map_err(|error| Trouble::from_error("OURS", &error))
    }
}

/// What a role learns in a run with this output, and of how many items it saw.
fn learns(role: Role, output: PsiOutput, who: &str, wer: &str, other_size: u64) -> Sentence {
    let items = if other_size == 1 { "item" } else { "items" };
    let size_en = format!("that the other side sent {other_size} {items} (padding included)");
    let size_zh = format!("对方发送了 {other_size} 条（含填充）");
    match (role, output) {
        (RECEIVER, PsiOutput::OneSided | PsiOutput::TwoSided) | (_, PsiOutput::TwoSided) => {
            Sentence {
                en: format!(
                    "{who} learned which of the own items the other side has too, and {size_en}; nothing about any other item"
                ),
                zh: format!("{wer}得知自己的哪些标识对方也有，以及{size_zh}；对其他标识一无所知"),
            }
        }
        (RECEIVER, PsiOutput::Cardinality) => Sentence {
            en: format!("{who} learned how many items both sides have, not which, and {size_en}"),
            zh: format!("{wer}得知共有多少条（不知是哪些），以及{size_zh}"),
        },
        (_, PsiOutput::OneSided | PsiOutput::Cardinality) => Sentence {
            en: format!("{who} learned {size_en}, and nothing else"),
            zh: format!("{wer}仅得知{size_zh}"),
        },
    }
}

fn name_of(output: PsiOutput) -> &'static str {
    match output {
        PsiOutput::OneSided => "one-sided",
        PsiOutput::TwoSided => "two-sided",
        PsiOutput::Cardinality => "cardinality",
    }
}
