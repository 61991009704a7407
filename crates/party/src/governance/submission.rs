//! Authorisations on their way to the registry, and the registry's word on its way out.

use std::sync::Arc;

use consent::{Authorisation, BundleWriter, Change};
use domain::{PartyId, Refusal};
use envelope::Envelope;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;
use tonic::{Request, Status};
use wire::control::BundleLine;
use wire::peer::{RegisterRequest, register_reply};

use crate::clock::now;
use crate::governance::registry;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// Authorisations read at a time.
const PAGE: u32 = 500;

/// Hands an authorisation, or a change to one, to its registry: this party, or a peer. Returns the
/// registry's statement.
pub(crate) async fn submit(node: &Node, envelope: &[u8]) -> Result<Envelope, Trouble> {
    let sealed = Envelope::from_json(envelope).map_err(|error| unfit(&error))?;
    let registry = match Authorisation::unverified(&sealed) {
        Ok(record) => record.registry().clone(),
        // A change does not say whose registry it is for: ours, or the one that we decide by.
        Err(_) if sealed.unverified(Change::TYPE).is_ok() => {
            node.rules.governance.registry.clone().unwrap_or_else(|| node.config.name.clone())
        }
        Err(error) => return Err(unfit(&error)),
    };
    if registry == node.config.name {
        return registry::take(node, envelope).await;
    }
    let line = node.line(&registry)?;
    let request = Request::new(RegisterRequest { envelope: envelope.to_vec().into() });
    let reply = timeout(node.config.limits.connect(), line.client().register(request))
        .await
        .map_err(|_| dial::silent(&line.peer))?
        .map_err(|status| line.trouble(&status))?;
    match reply.into_inner().outcome {
        Some(register_reply::Outcome::Statement(bytes)) => {
            Envelope::from_json(&bytes).map_err(|error| unfit(&error))
        }
        Some(register_reply::Outcome::Refusal(refusal)) => Err(refused(&registry, refusal)),
        None => Err(dial::silent(&line.peer)),
    }
}

/// Tells every statement for one lender, as the lines of a bundle.
pub(crate) async fn export(
    node: &Arc<Node>,
    lender: &PartyId,
    lines: &Sender<Result<BundleLine, Status>>,
) -> Result<(), Trouble> {
    let writer = BundleWriter::new(Vec::new(), now()).map_err(|error| unfit(&error))?;
    let head = writer.finish().map_err(|error| unfit(&error))?;
    let gone = |_| Trouble::refused(Refusal::AuthUnregistered);
    let told = |line: Vec<u8>| Ok(BundleLine { line: line.into() });
    lines.send(told(head.trim_ascii_end().to_vec())).await.map_err(gone)?;
    let mut after = String::new();
    loop {
        let page = node.store.authorisations(Some(lender), &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.id);
        for stored in &page {
            let statement = registry::statement(node, &stored.id).await?;
            lines.send(told(statement.to_json())).await.map_err(gone)?;
        }
    }
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "AUTHORISATION",
        format!("this is no authorisation or change to one that can be read: {error}"),
        format!("无法读取的授权或变更文件：{error}"),
    )
}
