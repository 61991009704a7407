//! Runs: proposed, agreed, driven, recorded.
//!
//! What kinds of runs there are, `kinds` lists; each is a [`Kind`](kind::Kind). [`Run`] is a run's record:
//! every step is in the store before the party acts on it.

pub(crate) mod again;
pub(crate) mod agreed;
pub(crate) mod asking;
pub(crate) mod cancel;
pub(crate) mod diagnosis;
pub(crate) mod driving;
pub(crate) mod journal;
pub(crate) mod kind;
pub(crate) mod letters;
pub(crate) mod list;
pub(crate) mod observed;
pub(crate) mod offer;
pub(crate) mod phase;
pub(crate) mod record;
pub(crate) mod result_file;

use std::sync::Arc;

use domain::PartyId;
use sha2::{Digest, Sha256};
use wire::peer;

pub(crate) use record::{Progress, Run, Watcher};

use crate::Trouble;
use crate::drive::{Link, Outgoing};
use crate::node::Node;

/// Decides on a peer's proposal, and prepares the run.
pub(crate) async fn accept(
    node: &Arc<Node>,
    peer: &PartyId,
    message: peer::Proposal,
) -> Result<peer::Agreement, Trouble> {
    let proposed = node.kinds.read(message)?;
    let (from, to) = proposed.parties();
    if from != peer {
        return Err(Trouble::us(
            "WRONG_NAME",
            "the proposal names another party than the certificate does: names and certificates must agree",
            "提议中的名称与证书所属的参与方不一致：名称与证书必须相符",
        )
        .by(peer));
    }
    if *to != node.config.name {
        return Err(Trouble::us(
            "WRONG_PARTY",
            format!("this is {}, not {}: check the peer's address", node.config.name, to),
            format!("这里是 {}，不是 {}：请检查对方地址", node.config.name, to),
        )
        .by(peer));
    }
    node.members.admitted(peer)?;
    node.rules.agree(proposed.rules())?;
    let lender = proposed.lender();
    let permits = (node.shares.proposed_run(peer, lender)?, node.shares.pending_run(peer, lender)?);
    let run = proposed.run();
    let (agreed, agreement) = proposed.accept(node, peer).await?;
    // Where nothing flows there is no exchange.
    if let Some(agreed) = agreed {
        node.await_exchange(run, peer.clone(), agreed, permits);
    }
    Ok(agreement)
}

/// Begins an agreed run on the streams that its proposer has opened.
pub(crate) fn begin<S>(
    node: &Arc<Node>,
    peer: &PartyId,
    run: domain::RunId,
    inbox: S,
) -> Result<Outgoing, Trouble>
where
    S: tokio_stream::Stream<Item = Result<peer::Frame, tonic::Status>> + Send + 'static,
{
    let Some((agreed, permit)) = node.take_pending(run, peer) else {
        return Err(Trouble::us(
            "NO_SUCH_RUN",
            "no run of this number is agreed with you: propose it first; an agreed run waits for the idle limit only",
            "没有与贵方约定的该编号运行：请先提议；已约定的运行只保留到静默时限",
        ));
    };
    let (link, outgoing) = Link::new(agreed.proposer(), inbox);
    let node = Arc::clone(node);
    let peer = peer.clone();
    tokio::spawn(async move {
        let _permit = permit;
        agreed.drive(&node, peer, link).await;
    });
    Ok(outgoing)
}

/// What is not offered, not there, or not for this peer: one answer for all, so that a refusal
/// tells nothing about what there is.
pub(crate) fn not_offered() -> Trouble {
    Trouble::us(
        "NOT_OFFERED",
        "this party does not offer that to you: ask its operator for an [[offer]]",
        "本方未向贵方提供此项：请联系本方运维配置 [[offer]]",
    )
}

/// One hash of all that two parties agreed on in a run between them, and of who they are.
pub(crate) fn context(
    domain: &str,
    (proposal, agreement): (&peer::Proposal, &peer::Agreement),
    proposer: &[u8; 32],
    acceptor: &[u8; 32],
) -> [u8; 32] {
    Sha256::new()
        .chain_update(domain)
        .chain_update(proposer)
        .chain_update(acceptor)
        .chain_update(wire::agreed_bytes(proposal, agreement))
        .finalize()
        .into()
}

pub(crate) fn unreadable(error: &wire::Error) -> Trouble {
    match error {
        wire::Error::Version { ours, theirs } => Trouble::us(
            "VERSION",
            format!(
                "this party speaks version {ours} of the protocol, the proposer version {theirs}: bring both programs to the same version"
            ),
            format!("本方协议版本为 {ours}，对方为 {theirs}：请将双方程序升级到同一版本"),
        ),
        error => Trouble::us(
            "UNREADABLE",
            format!(
                "the proposal cannot be read: {error}. Bring both programs to the same version"
            ),
            format!("提议无法解析：{error}。请将双方程序升级到同一版本"),
        ),
    }
}
