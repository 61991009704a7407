//! What peers may call.

use std::sync::Arc;

use domain::{PartyId, RunId};
use tonic::{Request, Response, Status, Streaming};
use wire::peer::peer_server::Peer;
use wire::peer::{Frame, Greeting, Proposal, Reply, reply};

use crate::clock::now_ms;
use crate::drive::Outgoing;
use crate::node::Node;
use crate::{Trouble, runs};

/// The peers' side of a party.
pub(crate) struct PeerService(pub(crate) Arc<Node>);

/// Who is on the other end of a connection: proven by its certificate.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) PartyId);

#[tonic::async_trait]
impl Peer for PeerService {
    async fn greet(&self, _request: Request<Greeting>) -> Result<Response<Greeting>, Status> {
        Ok(Response::new(greeting(&self.0)))
    }

    async fn propose(&self, request: Request<Proposal>) -> Result<Response<Reply>, Status> {
        let peer = caller(&request)?;
        let (node, from) = (Arc::clone(&self.0), peer.clone());
        // On a task of its own: a caller that goes away must not leave a record that nobody ends.
        let accepting =
            tokio::spawn(async move { runs::accept(&node, &from, request.into_inner()).await });
        let decided = accepting.await.unwrap_or_else(|error| Err(Trouble::said("OURS", &error)));
        let outcome = match decided {
            Ok(agreement) => reply::Outcome::Agreement(agreement),
            Err(trouble) => {
                tracing::info!(%peer, code = trouble.code, "proposal refused");
                reply::Outcome::Refusal(trouble.to_refusal())
            }
        };
        Ok(Response::new(Reply { outcome: Some(outcome) }))
    }

    type ExchangeStream = tokio_stream::adapters::Map<Outgoing, fn(Frame) -> Result<Frame, Status>>;

    async fn exchange(
        &self,
        request: Request<Streaming<Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let peer = caller(&request)?;
        let run = run_id(&request)?;
        let outgoing =
            runs::begin(&self.0, &peer, run, request.into_inner()).map_err(|trouble| {
                Status::failed_precondition(format!("{}: {trouble}", trouble.code))
            })?;
        let ok: fn(Frame) -> Result<Frame, Status> = Ok;
        Ok(Response::new(tokio_stream::StreamExt::map(outgoing, ok)))
    }
}

/// What this party says of itself.
pub(crate) fn greeting(node: &Node) -> Greeting {
    Greeting {
        version: wire::VERSION,
        software: env!("CARGO_PKG_VERSION").into(),
        name: node.config.name.to_string(),
        clock_ms: now_ms(),
    }
}

fn caller<T>(request: &Request<T>) -> Result<PartyId, Status> {
    let caller = request.extensions().get::<Caller>();
    // Every connection has passed the handshake; this is the second lock on the same door.
    caller.map(|Caller(peer)| peer.clone()).ok_or_else(|| Status::unauthenticated("who are you?"))
}

fn run_id<T>(request: &Request<T>) -> Result<RunId, Status> {
    let bytes = request.metadata().get_bin(wire::RUN_KEY).and_then(|value| value.to_bytes().ok());
    let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.as_ref().try_into().ok());
    bytes.map(RunId::from_bytes).ok_or_else(|| Status::invalid_argument("which run?"))
}
