//! What peers may call.

use std::future::Future;
use std::sync::Arc;

use consent::TallyQuestion;
use domain::{ClassId, PartyId, Refusal, RunId};
use tonic::{Request, Response, Status, Streaming};
use wire::peer::peer_server::Peer;
use wire::peer::{
    AttestReply, AttestRequest, DepositReply, DepositRequest, Frame, Greeting, JobReply,
    JobRequest, JobTaken, ModelReply, ModelRequest, ModelTaken, Proposal, ReceiptsReply,
    ReceiptsRequest, RegisterReply, RegisterRequest, Reply, TallyRequest, attest_reply,
    attest_request, deposit_reply, job_reply, model_reply, register_reply, reply,
};

use crate::clock::now_ms;
use crate::detached::detached;
use crate::drive::{Link, Outgoing};
use crate::governance::{deposits, jobs, models, proofs, registry, revocations};
use crate::node::Node;
use crate::shares::Rpc;
use crate::{Trouble, runs};

/// The peers' side of a party. Whatever may change a state is [`detached`]: a peer may reset its
/// stream at any moment.
pub(crate) struct PeerService(pub(crate) Arc<Node>);

impl PeerService {
    /// Does what a peer asks when its turn comes, and to its end once it has begun.
    async fn in_turn<T: Send + 'static>(
        &self,
        peer: &PartyId,
        rpc: Rpc,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let turn = self.0.shares.turn(peer, rpc).await?;
        detached(async move {
            let _turn = turn;
            work.await
        })
        .await
    }
}

/// Who is on the other end of a connection: proven by its certificate.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) PartyId);

#[tonic::async_trait]
impl Peer for PeerService {
    async fn greet(&self, request: Request<Greeting>) -> Result<Response<Greeting>, Status> {
        let peer = caller(&request)?;
        self.0.shares.spend(&peer, Rpc::Greet).await.map_err(|trouble| busy(&trouble))?;
        Ok(Response::new(greeting(&self.0)))
    }

    async fn propose(&self, request: Request<Proposal>) -> Result<Response<Reply>, Status> {
        let peer = caller(&request)?;
        let (node, from) = (Arc::clone(&self.0), peer.clone());
        let decided = async {
            let turn = self.0.shares.turn(&peer, Rpc::Propose).await?;
            detached(async move {
                // Whoever is refused too often waits, and takes no turn from other calls meanwhile.
                let decided = turn.begin(runs::accept(&node, &from, request.into_inner())).await;
                if decided.as_ref().is_err_and(|trouble| trouble.code.parse::<Refusal>().is_ok()) {
                    node.shares.refused(&from).await;
                }
                decided
            })
            .await
        };
        let outcome = match decided.await {
            Ok(agreement) => reply::Outcome::Agreement(agreement),
            Err(trouble) => {
                tracing::info!(%peer, code = trouble.code, "proposal refused");
                reply::Outcome::Refusal(trouble.to_refusal())
            }
        };
        Ok(Response::new(Reply { outcome: Some(outcome) }))
    }

    async fn attest(
        &self,
        request: Request<AttestRequest>,
    ) -> Result<Response<AttestReply>, Status> {
        let caller = caller(&request)?;
        let node = Arc::clone(&self.0);
        let (from, asked) = (caller.clone(), request.into_inner());
        let attested = self
            .in_turn(&caller, class_of(&asked), async move { attested(&node, &from, asked).await });
        let outcome = match attested.await {
            Ok(outcome) => outcome,
            Err(trouble) => attest_reply::Outcome::Refusal(trouble.to_refusal()),
        };
        Ok(Response::new(AttestReply { outcome: Some(outcome) }))
    }

    async fn register(
        &self,
        request: Request<RegisterRequest>,
    ) -> Result<Response<RegisterReply>, Status> {
        let caller = caller(&request)?;
        let envelope = request.into_inner().envelope;
        let (node, from) = (Arc::clone(&self.0), caller.clone());
        let taken = self.in_turn(&caller, Rpc::Register, async move {
            node.members.admitted(&from)?;
            registry::take(&node, &envelope).await
        });
        let outcome = match taken.await {
            Ok(statement) => register_reply::Outcome::Statement(statement.to_json().into()),
            Err(trouble) => register_reply::Outcome::Refusal(trouble.to_refusal()),
        };
        Ok(Response::new(RegisterReply { outcome: Some(outcome) }))
    }

    async fn receipts(
        &self,
        request: Request<ReceiptsRequest>,
    ) -> Result<Response<ReceiptsReply>, Status> {
        let caller = caller(&request)?;
        let run: Result<[u8; 16], _> = request.into_inner().run.as_ref().try_into();
        let run = run.map_err(|_| Status::invalid_argument("which run?"))?;
        let (node, from) = (Arc::clone(&self.0), caller.clone());
        let proofs = self.in_turn(&caller, Rpc::Receipts, async move {
            proofs::for_peer(&node, &from, RunId::from_bytes(run)).await
        });
        let proofs = proofs.await.map_err(|trouble| {
            tracing::warn!(%caller, code = trouble.code, "no receipts: {trouble}");
            Status::failed_precondition(trouble.code)
        })?;
        Ok(Response::new(ReceiptsReply { proofs: proofs.into_iter().map(Into::into).collect() }))
    }

    async fn model(&self, request: Request<ModelRequest>) -> Result<Response<ModelReply>, Status> {
        let caller = caller(&request)?;
        let (node, from) = (Arc::clone(&self.0), caller.clone());
        let heard = self.in_turn(&caller, Rpc::Model, async move {
            models::hear(&node, &from, request.into_inner()).await
        });
        let outcome = match heard.await {
            Ok(()) => model_reply::Outcome::Taken(ModelTaken {}),
            Err(trouble) => {
                tracing::info!(%caller, code = trouble.code, "word on a model not taken");
                model_reply::Outcome::Refusal(trouble.to_refusal())
            }
        };
        Ok(Response::new(ModelReply { outcome: Some(outcome) }))
    }

    async fn job(&self, request: Request<JobRequest>) -> Result<Response<JobReply>, Status> {
        let caller = caller(&request)?;
        let (node, from) = (Arc::clone(&self.0), caller.clone());
        let heard = self.in_turn(&caller, Rpc::Model, async move {
            jobs::hear(&node, &from, request.into_inner()).await
        });
        let outcome = match heard.await {
            Ok(()) => job_reply::Outcome::Taken(JobTaken {}),
            Err(trouble) => {
                tracing::info!(%caller, code = trouble.code, "word on a training job not taken");
                job_reply::Outcome::Refusal(trouble.to_refusal())
            }
        };
        Ok(Response::new(JobReply { outcome: Some(outcome) }))
    }

    async fn deposit(
        &self,
        request: Request<DepositRequest>,
    ) -> Result<Response<DepositReply>, Status> {
        let caller = caller(&request)?;
        let (node, from) = (Arc::clone(&self.0), caller.clone());
        let accepted = self.in_turn(&caller, Rpc::Deposit, async move {
            deposits::accept(&node, &from, request.into_inner()).await
        });
        let reply = match accepted.await {
            Ok(reply) => reply,
            Err(trouble) => {
                let outcome = Some(deposit_reply::Outcome::Refusal(trouble.to_refusal()));
                DepositReply { size: 0, outcome }
            }
        };
        Ok(Response::new(reply))
    }

    type ExchangeStream = tokio_stream::adapters::Map<Outgoing, fn(Frame) -> Result<Frame, Status>>;

    async fn exchange(
        &self,
        request: Request<Streaming<Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let peer = caller(&request)?;
        self.0.shares.spend(&peer, Rpc::Exchange).await.map_err(|trouble| busy(&trouble))?;
        let ok: fn(Frame) -> Result<Frame, Status> = Ok;
        if let Some(run) = named(&request, wire::GIVEN_UP_KEY) {
            let node = Arc::clone(&self.0);
            let given_up = detached(async move {
                node.given_up(run, &peer).await;
                Ok(())
            });
            given_up.await.map_err(|trouble| Status::internal(trouble.code))?;
            let (_, outgoing) = Link::outbox();
            return Ok(Response::new(tokio_stream::StreamExt::map(outgoing, ok)));
        }
        let run = named(&request, wire::RUN_KEY);
        let run = run.ok_or_else(|| Status::invalid_argument("which run?"))?;
        let outgoing =
            runs::begin(&self.0, &peer, run, request.into_inner()).map_err(|trouble| {
                Status::failed_precondition(format!("{}: {trouble}", trouble.code))
            })?;
        Ok(Response::new(tokio_stream::StreamExt::map(outgoing, ok)))
    }
}

/// What a call is that asks for a registry's word.
fn class_of(asked: &AttestRequest) -> Rpc {
    match asked.about {
        Some(attest_request::About::KeyRevocations(_)) => Rpc::KeyRevocations,
        Some(attest_request::About::Authorisation(_) | attest_request::About::Tally(_)) | None => {
            Rpc::Attest
        }
    }
}

/// The registry's answer to a member.
async fn attested(
    node: &Node,
    caller: &PartyId,
    request: AttestRequest,
) -> Result<attest_reply::Outcome, Trouble> {
    node.members.admitted(caller)?;
    match request.about {
        Some(attest_request::About::Authorisation(id)) => {
            let statement = registry::statement_for(node, caller, &id).await?;
            Ok(attest_reply::Outcome::Statement(statement.to_json().into()))
        }
        Some(attest_request::About::KeyRevocations(asked)) => {
            revocations::served(node, &asked).await
        }
        Some(attest_request::About::Tally(request)) => {
            let question = tally_question(node, caller, request).ok_or_else(|| {
                Trouble::from_error("UNREADABLE", &"the count asked for cannot be read")
            })?;
            let tally = registry::tally(node, question).await?;
            Ok(attest_reply::Outcome::Tally(tally.to_json().into()))
        }
        None => Err(Trouble::from_error("UNREADABLE", &"nothing was asked")),
    }
}

/// A question about a count, from the caller of the connection.
fn tally_question(node: &Node, caller: &PartyId, request: TallyRequest) -> Option<TallyQuestion> {
    let TallyRequest { lender, classes, nonce } = request;
    let class = |number: u32| ClassId::new(u16::try_from(number).ok()?).ok();
    Some(TallyQuestion {
        registry: node.config.name.clone(),
        holder: caller.clone(),
        lender: lender.parse().ok()?,
        // There are no more classes than that.
        classes: classes.into_iter().take(999).map(class).collect::<Option<_>>()?,
        nonce: nonce.as_ref().try_into().ok()?,
    })
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

/// A call without a reply in which a refusal could stand.
fn busy(trouble: &Trouble) -> Status {
    Status::resource_exhausted(format!("{}: {trouble}", trouble.code))
}

/// The run that a call names under a key.
fn named<T>(request: &Request<T>, key: &str) -> Option<RunId> {
    let bytes = request.metadata().get_bin(key)?.to_bytes().ok()?;
    Some(RunId::from_bytes(bytes.as_ref().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use wire::peer::KeyRevocationsRequest;

    use super::*;

    #[test]
    fn a_list_of_revoked_keys_is_asked_for_at_a_rate_of_its_own() {
        let asked = |about| AttestRequest { about };
        let list = attest_request::About::KeyRevocations(KeyRevocationsRequest::default());
        assert_eq!(class_of(&asked(Some(list))), Rpc::KeyRevocations);
        let word = attest_request::About::Authorisation("AU-1".into());
        let tally = attest_request::About::Tally(TallyRequest::default());
        for about in [Some(word), Some(tally), None] {
            assert_eq!(class_of(&asked(about)), Rpc::Attest);
        }
    }
}
