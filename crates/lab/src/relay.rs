//! A relay between two real parties: it shows the certificates of both, sees every message in clear
//! and decides what becomes of it.

use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use wire::peer::peer_client::PeerClient;
use wire::peer::peer_server::Peer;
use wire::peer::{
    AttestReply, AttestRequest, DepositReply, DepositRequest, Frame, Greeting, JobReply,
    JobRequest, ModelReply, ModelRequest, Proposal, ReceiptsReply, ReceiptsRequest, RegisterReply,
    RegisterRequest, Reply, frame,
};

use crate::Party;
use crate::stand_in::{Sockets, call, host};

/// Who speaks on a relayed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who has dialled.
    Asker,
    /// Who was dialled.
    Answerer,
}

/// What passes a relay.
#[derive(Debug)]
pub enum Passing<'a> {
    /// The asker proposes.
    Proposal,
    /// The answerer has answered the proposal; the reply is not yet with the asker.
    Reply,
    /// A frame of an exchange.
    Frame(Side, &'a mut Frame),
    /// The answerer has answered what a registry is asked.
    Attested(&'a mut AttestReply),
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on as it is now.
    Pass,
    /// It is lost, and both connections break without a closing frame.
    Cut,
}

type Judge = Arc<dyn Fn(&mut Passing<'_>) -> Fate + Send + Sync>;

/// A man in the middle with the keys of both sides.
pub struct Relay {
    judge: Judge,
    server: PeerClient<Channel>,
    sockets: Sockets,
    heard: Heard,
}

/// What has been said on a relayed line.
pub type Heard = Arc<Mutex<Captured>>;

/// What a relay has seen.
#[derive(Debug, Default)]
pub struct Captured {
    /// Every proposal of the asker's and every frame, one by one.
    pub asked: Vec<Vec<u8>>,
    /// Every other request of the asker's, message by message.
    pub requests: Vec<u8>,
    /// Every byte that the answerer has sent, message by message, and the words of its errors.
    pub answered: Vec<u8>,
}

impl Relay {
    /// Puts a relay between `asker` and `answerer`: the asker will dial it for the answerer.
    ///
    /// # Panics
    ///
    /// When one of them is not made, or has not pinned the other.
    pub fn between(
        runtime: &Runtime,
        asker: &Party,
        answerer: &Party,
        judge: impl Fn(&mut Passing<'_>) -> Fate + Send + Sync + 'static,
    ) -> Heard {
        let sockets = Sockets::default();
        let server = call(runtime, asker, answerer, &sockets);
        let heard = Heard::default();
        let (judge, sockets_of_relay) = (Arc::new(judge), sockets.clone());
        let relay = Self { judge, server, sockets: sockets_of_relay, heard: Arc::clone(&heard) };
        let address = host(runtime, answerer, relay, &sockets);
        asker.redirect(answerer, &address).expect("the peer is pinned");
        heard
    }

    fn pass(&self, mut passing: Passing<'_>) -> Result<(), Status> {
        match (self.judge)(&mut passing) {
            Fate::Pass => Ok(()),
            Fate::Cut => Err(self.cut()),
        }
    }

    fn cut(&self) -> Status {
        self.sockets.cut();
        Status::unavailable("the relay has cut the line")
    }
}

#[tonic::async_trait]
impl Peer for Relay {
    async fn greet(&self, request: Request<Greeting>) -> Result<Response<Greeting>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().greet(request).await)
    }

    async fn propose(&self, request: Request<Proposal>) -> Result<Response<Reply>, Status> {
        let proposal = request.into_inner();
        self.tell(&proposal);
        self.pass(Passing::Proposal)?;
        let reply = self.server.clone().propose(proposal).await;
        let reply = self.reply(reply).map_err(|_| self.cut())?;
        self.pass(Passing::Reply)?;
        Ok(reply)
    }

    async fn attest(
        &self,
        request: Request<AttestRequest>,
    ) -> Result<Response<AttestReply>, Status> {
        let request = self.request(request);
        let mut reply = self.reply(self.server.clone().attest(request).await)?;
        self.pass(Passing::Attested(reply.get_mut()))?;
        Ok(reply)
    }

    async fn register(
        &self,
        request: Request<RegisterRequest>,
    ) -> Result<Response<RegisterReply>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().register(request).await)
    }

    async fn receipts(
        &self,
        request: Request<ReceiptsRequest>,
    ) -> Result<Response<ReceiptsReply>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().receipts(request).await)
    }

    async fn model(&self, request: Request<ModelRequest>) -> Result<Response<ModelReply>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().model(request).await)
    }

    async fn job(&self, request: Request<JobRequest>) -> Result<Response<JobReply>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().job(request).await)
    }

    async fn deposit(
        &self,
        request: Request<DepositRequest>,
    ) -> Result<Response<DepositReply>, Status> {
        let request = self.request(request);
        self.reply(self.server.clone().deposit(request).await)
    }

    type ExchangeStream = ReceiverStream<Result<Frame, Status>>;

    async fn exchange(
        &self,
        request: Request<Streaming<Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        let (metadata, _, from_asker) = request.into_parts();
        let (to_answerer, outgoing) = mpsc::channel(1);
        let (to_asker, told) = mpsc::channel(1);
        let mut call = Request::new(ReceiverStream::new(outgoing));
        *call.metadata_mut() = metadata;
        // The answerer answers before it has heard anything.
        let from_answerer = self.server.clone().exchange(call).await.map_err(|_| self.cut())?;
        tokio::spawn(self.here().carry(Side::Asker, from_asker, to_answerer, |frame| frame));
        tokio::spawn(self.here().carry(Side::Answerer, from_answerer.into_inner(), to_asker, Ok));
        Ok(Response::new(ReceiverStream::new(told)))
    }
}

impl Relay {
    fn here(&self) -> Self {
        let Self { judge, server, sockets, heard } = self;
        Self {
            judge: Arc::clone(judge),
            server: server.clone(),
            sockets: sockets.clone(),
            heard: Arc::clone(heard),
        }
    }

    /// Notes what the answerer has said, if only why it does not answer.
    fn reply<T: prost::Message>(
        &self,
        reply: Result<Response<T>, Status>,
    ) -> Result<Response<T>, Status> {
        match &reply {
            Ok(reply) => self.hear(reply.get_ref()),
            Err(status) => self.hear_error(status),
        }
        reply
    }

    fn hear(&self, said: &impl prost::Message) {
        let mut heard = self.heard.lock().expect("nothing panics while it is locked");
        heard.answered.extend_from_slice(&said.encode_to_vec());
    }

    fn hear_error(&self, status: &Status) {
        let mut heard = self.heard.lock().expect("nothing panics while it is locked");
        heard.answered.extend_from_slice(status.message().as_bytes());
        heard.answered.extend_from_slice(status.details());
    }

    /// Notes a request that is neither a proposal nor a frame.
    fn request<T: prost::Message>(&self, request: Request<T>) -> T {
        let request = request.into_inner();
        let mut heard = self.heard.lock().expect("nothing panics while it is locked");
        heard.requests.extend_from_slice(&request.encode_to_vec());
        request
    }

    /// Notes what the asker has said.
    fn tell(&self, told: &impl prost::Message) {
        let mut heard = self.heard.lock().expect("nothing panics while it is locked");
        heard.asked.push(told.encode_to_vec());
    }

    /// Carries one direction of an exchange to its end.
    async fn carry<T>(
        self,
        side: Side,
        mut from: Streaming<Frame>,
        to: mpsc::Sender<T>,
        wrapped: fn(Frame) -> T,
    ) {
        loop {
            let passed = match from.message().await {
                Ok(Some(mut frame)) => {
                    match side {
                        Side::Asker => self.tell(&frame),
                        Side::Answerer => self.hear(&frame),
                    }
                    match self.pass(Passing::Frame(side, &mut frame)) {
                        Ok(()) => to.send(wrapped(frame)).await.is_ok(),
                        Err(_) => false,
                    }
                }
                Ok(None) => return,
                Err(status) => {
                    if side == Side::Answerer {
                        self.hear_error(&status);
                    }
                    self.cut();
                    false
                }
            };
            if !passed {
                // Nothing more is said, and nothing is closed in order either.
                std::future::pending::<()>().await;
            }
        }
    }
}

/// The round of a frame that is a chunk, and whether it is the round's last.
pub fn round_of(frame: &Frame) -> Option<(u32, bool)> {
    match &frame.kind {
        Some(frame::Kind::Chunk(chunk)) => Some((chunk.round, chunk.last)),
        Some(frame::Kind::Abort(_) | frame::Kind::Close(_)) | None => None,
    }
}
