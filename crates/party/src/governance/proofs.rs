//! What proves a release: made by its holder, countersigned by its platform, kept by its receiver.

use std::sync::Arc;

use audit::{
    Answer, Checkpoint, Event, Note, Proof, Receipt, Salt, Shown, ShownQuestion, inclusion_needs,
    inclusion_proof,
};
use consent::SubjectSalt;
use domain::{Digest, Output, PartyId, RunId, RunKind, RunRole};
use envelope::Envelope;
use serde::{Deserialize, Serialize};
use store::{Log, StoredRelease};
use tokio::time::timeout;
use tonic::Request;
use wire::peer;

use crate::governance::authorise::Granted;
use crate::governance::questions::VerifiedQuestion;
use crate::governance::training_proofs;
use crate::identity::opened_by_one_of;
use crate::node::Node;
use crate::{Trouble, dial};

/// What a release rests on, as the store keeps it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Evidence {
    /// Of what a platform carried.
    Asked {
        /// Authorisations and statements.
        authorisations: Vec<(String, String)>,
        /// The question as its lender signed it.
        question: String,
        /// Opens the question's commitment to the subject, in hexadecimal.
        salt: String,
    },
    /// Authorisations and statements alone: of what the lender asked itself, or before lenders signed
    /// their questions.
    Authorised(Vec<(String, String)>),
}

impl Evidence {
    pub(crate) fn of(granted: &Granted, question: Option<&VerifiedQuestion>) -> Self {
        let text = |envelope: &Envelope| String::from_utf8_lossy(&envelope.to_json()).into_owned();
        let authorisations = granted.evidence().map(|(record, word)| (text(record), text(word)));
        let authorisations = authorisations.collect();
        match question {
            Some(VerifiedQuestion { signed, salt, .. }) => Self::Asked {
                authorisations,
                question: text(signed),
                salt: hex::encode(salt.as_bytes()),
            },
            None => Self::Authorised(authorisations),
        }
    }

    /// The question as a proof shows it: opened where an authorisation names its subject anyway.
    fn question(&self) -> Result<Option<ShownQuestion>, Trouble> {
        let Self::Asked { authorisations, question, salt } = self else { return Ok(None) };
        let signed = Envelope::from_json(question.as_bytes()).map_err(|error| garbled(&error))?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(salt, &mut bytes).map_err(|error| garbled(&error))?;
        let salt = (!authorisations.is_empty()).then_some(SubjectSalt::from_bytes(bytes));
        Ok(Some(ShownQuestion { signed, salt }))
    }

    fn shown(&self) -> Result<Vec<Shown>, Trouble> {
        let read = |text: &str| Envelope::from_json(text.as_bytes()).map_err(|e| garbled(&e));
        let pair = |(record, statement): &(String, String)| {
            Ok(Shown { record: read(record)?, statement: read(statement)? })
        };
        let (Self::Asked { authorisations, .. } | Self::Authorised(authorisations)) = self;
        authorisations.iter().map(pair).collect()
    }
}

/// A checkpoint of our log as it stands, written down and signed.
pub(crate) async fn checkpoint(node: &Node) -> Result<(Note, audit::Head), Trouble> {
    let head = node.store.head(Log::Audit).await?;
    let event = Event::Checkpoint { size: head.size, root: head.root };
    node.record(node.first_duty(), event).await?;
    let checkpoint = Checkpoint { origin: node.config.name.clone(), head };
    Ok((checkpoint.sign(&node.identity.signing_key), head))
}

/// A checkpoint that covers this record: the last one while it does, so that whoever asks for a proof
/// again, however often, has nothing written.
pub(super) async fn covering(node: &Node, seq: u64) -> Result<(Note, audit::Head), Trouble> {
    let mut last = node.checkpoint.lock().await;
    if let Some((note, head)) = last.as_ref().filter(|(_, head)| head.size > seq) {
        return Ok((note.clone(), *head));
    }
    let (note, head) = checkpoint(node).await?;
    *last = Some((note.clone(), head));
    Ok((note, head))
}

/// The proof of what this holder released in a run, for the platform of that run.
pub(crate) async fn of_release(
    node: &Node,
    run: RunId,
    caller: &PartyId,
) -> Result<Option<Proof>, Trouble> {
    let Some(StoredRelease { release, seq }) = node.store.release(run).await? else {
        return Ok(None);
    };
    if release.platform != *caller {
        return Ok(None);
    }
    let evidence: Evidence =
        serde_json::from_str(&release.evidence).map_err(|error| garbled(&error))?;
    let mut found = node.store.records(Log::Audit, seq, 1).await?;
    let record = found.pop().ok_or_else(|| garbled(&"the record of a release is missing"))?.bytes;
    let (checkpoint, head) = covering(node, seq).await?;
    let wanted = inclusion_needs(seq, head.size).map_err(|error| garbled(&error))?;
    let hashes = node.store.nodes(Log::Audit, &wanted).await?;
    Ok(Some(Proof {
        receipt: Envelope::from_json(&release.receipt).map_err(|error| garbled(&error))?,
        authorisations: evidence.shown()?,
        salt: Salt::from_bytes(release.salt),
        answer: shown(release.output, release.answer)?,
        record: String::from_utf8(record).map_err(|error| garbled(&error))?,
        inclusion: inclusion_proof(seq, head.size, &hashes).map_err(|error| garbled(&error))?,
        checkpoint,
        question: evidence.question()?,
    }))
}

/// The answer as a proof has it: atoms by their hash, which is all that is kept of them. The lender
/// would open each, and is to learn what they make together.
fn shown(output: Output, kept: Vec<u8>) -> Result<Answer, Trouble> {
    if output != Output::Verify {
        return Ok(Answer::Bytes(kept));
    }
    let hash = kept.try_into().map_err(|_| garbled(&"the hash of what was released"))?;
    Ok(Answer::Hash(Digest::from_bytes(hash)))
}

/// What a peer may have of a run: its holder's own proof, or those that a platform has gathered; of a
/// training, this party's own.
pub(crate) async fn for_peer(
    node: &Arc<Node>,
    caller: &PartyId,
    run: RunId,
) -> Result<Vec<Vec<u8>>, Trouble> {
    node.members.admitted(caller)?;
    if let Some(proof) = of_release(node, run, caller).await? {
        return Ok(vec![proof.to_json()]);
    }
    if let Some(proof) = training_proofs::of_training(node, run, caller).await? {
        return Ok(vec![proof.to_json()]);
    }
    let mut found = node.store.runs(&run.to_string(), 1).await?;
    let stored = found.pop().filter(|stored| {
        // The platform of a score or a verification, asked by the lender whose it was: the first of
        // its peers.
        matches!(stored.kind, Some(RunKind::Score | RunKind::Verify))
            && stored.role == Some(RunRole::Platform)
            && stored.peers.first() == Some(caller)
    });
    let Some(stored) = stored else { return Ok(Vec::new()) };
    let mut proofs = Vec::new();
    for holder in stored.peers.iter().skip(1) {
        for bytes in fetch(node, holder, run).await? {
            proofs.push(countersigned(node, holder, run, caller, &bytes)?.to_json());
        }
    }
    Ok(proofs)
}

/// As the receiver: fetches the proofs of a run over its platform, and keeps them.
///
/// Of a run that asked about a list, as a match, `row` says which of its subjects, from 1. Nobody stood
/// between the holder and us then, so that we countersign ourselves.
pub(crate) async fn collect(
    node: &Arc<Node>,
    run: RunId,
    row: Option<u64>,
) -> Result<Vec<String>, Trouble> {
    let (asked, us) = (run, &node.config.name);
    let mut found = node.store.runs(&asked.to_string(), 1).await?;
    let found = found.pop();
    if let Some(training) = found.as_ref().filter(|it| training_proofs::is_led(it) && row.is_none())
    {
        return training_proofs::collect(node, training).await;
    }
    let place = row.map(|row| row.saturating_sub(1));
    let kind = found.as_ref().and_then(|stored| node.kinds.find(stored.kind?));
    let of_row = kind.and_then(|kind| kind.row_number(us, asked, place.unwrap_or_default()));
    let run = of_row.filter(|_| place.is_some()).unwrap_or(asked);
    let kept = node.store.proofs(run).await?;
    if !kept.is_empty() {
        return Ok(kept);
    }
    let found = found.filter(|_| of_row.is_some() == row.is_some());
    let platform = found.and_then(|stored| stored.peers.into_iter().next());
    let platform = platform.ok_or_else(|| {
        Trouble::us(
            "NO_SUCH_RUN",
            "this party knows no such run: `tacit runs` lists them, and a match wants the --row of its result as well",
            "本方没有该运行：`tacit runs` 可列出；批量核对还须用 --row 指明结果中的行号",
        )
    })?;
    for bytes in fetch(node, &platform, run).await? {
        let proof = match place {
            Some(_) => countersigned(node, &platform, run, us, &bytes)?,
            None => Proof::from_json(&bytes).map_err(|error| unfit(&platform, &error))?,
        };
        let receipt =
            Receipt::unverified(&proof.receipt).map_err(|error| unfit(&platform, &error))?;
        let holder = receipt.holder;
        let text = String::from_utf8(proof.to_json()).map_err(|error| unfit(&platform, &error))?;
        node.store.keep_proof(run, holder.as_str(), &text).await?;
    }
    Ok(node.store.proofs(run).await?)
}

pub(super) async fn fetch(
    node: &Arc<Node>,
    party: &PartyId,
    run: RunId,
) -> Result<Vec<Vec<u8>>, Trouble> {
    let line = node.line(party)?;
    let request = Request::new(peer::ReceiptsRequest { run: run.to_bytes().to_vec().into() });
    let reply = timeout(node.config.limits.connect(), line.client().receipts(request))
        .await
        .map_err(|_| dial::silent(&line.peer))?
        .map_err(|status| line.trouble(&status))?;
    Ok(reply.into_inner().proofs.into_iter().map(Into::into).collect())
}

/// Countersigns what a holder of this run says that it released to this lender.
fn countersigned(
    node: &Node,
    holder: &PartyId,
    run: RunId,
    lender: &PartyId,
    bytes: &[u8],
) -> Result<Proof, Trouble> {
    let mut proof = Proof::from_json(bytes).map_err(|error| unfit(holder, &error))?;
    let receipt = Receipt::unverified(&proof.receipt).map_err(|error| unfit(holder, &error))?;
    let asked = &receipt.release.asked;
    let ours = receipt.holder == *holder
        && asked.run == run
        && asked.receiver == *lender
        && asked.platform == node.config.name;
    if !ours {
        return Err(unfit(holder, &"the receipt is of another run, holder or receiver"));
    }
    // A receipt of before its holder's keys were renewed is as good as one of today.
    let (keys, ours) = (node.line(holder)?.peer.signing_keys(), &node.identity.signing_key);
    let sealed = proof.receipt;
    proof.receipt = opened_by_one_of(&keys, |key| Receipt::countersign(sealed.clone(), key, ours))
        .map_err(|error| unfit(holder, &error))?;
    Ok(proof)
}

pub(super) fn unfit(party: &PartyId, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "RECEIPT",
        format!("the receipt that {party} sent cannot be used: {error}. Ask its operator for `tacit audit verify`."),
        format!("{party} 的回执不可用：{error}。请对方运行 `tacit audit verify`。"),
    )
    .by(party)
}

pub(super) fn garbled(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::from_error("STORE", error)
}
