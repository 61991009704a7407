//! Peers made of test code: they show real certificates and speak the real protocol, up to the point
//! where a test wants them to go wrong.
//!
//! [`Relay`] stands between two real parties with the certificates of both, sees every message in
//! clear and decides what becomes of it. [`host`] serves any implementation of the peer service
//! under a party's certificate; [`call`] is a client with one.

use std::fs;
use std::net::{Shutdown, TcpStream as Socket};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};
use tower::service_fn;
use wire::peer::peer_client::PeerClient;
use wire::peer::peer_server::{Peer, PeerServer};
use wire::peer::{
    AttestReply, AttestRequest, DepositReply, DepositRequest, Frame, Greeting, JobReply,
    JobRequest, ModelReply, ModelRequest, Proposal, ReceiptsReply, ReceiptsRequest, RegisterReply,
    RegisterRequest, Reply, frame,
};

use crate::support::Party;

/// Who speaks on a relayed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Asker,
    Answerer,
}

/// What passes a relay.
#[derive(Debug)]
pub(crate) enum Passing<'a> {
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
pub(crate) enum Fate {
    Pass,
    /// It is lost, and both connections break without a farewell.
    Cut,
}

type Judge = Arc<dyn Fn(&mut Passing<'_>) -> Fate + Send + Sync>;

/// A man in the middle with the keys of both sides.
pub(crate) struct Relay {
    judge: Judge,
    server: PeerClient<Channel>,
    sockets: Sockets,
    heard: Heard,
}

/// What has been said on a relayed line.
pub(crate) type Heard = Arc<Mutex<Said>>;

#[derive(Default)]
pub(crate) struct Said {
    /// Every proposal of the asker's and every frame, one by one.
    pub(crate) asked: Vec<Vec<u8>>,
    /// Every other request of the asker's, message by message.
    pub(crate) requests: Vec<u8>,
    /// Every byte that the answerer has sent, message by message, and the words of its errors.
    pub(crate) answered: Vec<u8>,
}

/// Every connection of a relay, so that they can be broken as a dying process breaks them.
#[derive(Clone, Default)]
pub(crate) struct Sockets(Arc<Mutex<Vec<Socket>>>);

impl Relay {
    /// Puts a relay between `asker` and `answerer`: the asker will dial it for the answerer.
    pub(crate) fn between(
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
        redirect(asker, answerer, &address);
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

/// Makes `asker` dial another address for `answerer`.
pub(crate) fn redirect(asker: &Party, answerer: &Party, address: &str) {
    let path = asker.dir.join("peers").join(format!("{}.party", answerer.name));
    let text = fs::read_to_string(&path).expect("the peer is pinned");
    assert!(text.contains(&answerer.address), "the peer's file names its address");
    fs::write(&path, text.replace(&answerer.address, address)).expect("it can be written");
}

/// Serves `service` as `party`, with its certificate; returns where.
pub(crate) fn host(
    runtime: &Runtime,
    party: &Party,
    service: impl Peer,
    sockets: &Sockets,
) -> String {
    let (certificate, key) = identity(&party.dir);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has them all")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the party's own certificate");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let (accepted, incoming) = mpsc::channel(4);
    let sockets = sockets.clone();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut tls) = acceptor.accept(sockets.keep(stream)).await else { continue };
            let (mut near, far) = duplex(1 << 20);
            tokio::spawn(async move { copy_bidirectional(&mut tls, &mut near).await });
            if accepted.send(Ok::<_, std::io::Error>(far)).await.is_err() {
                return;
            }
        }
    });
    let service = PeerServer::new(service).max_decoding_message_size(2 * wire::MAX_MESSAGE);
    let served =
        Server::builder().add_service(service).serve_with_incoming(ReceiverStream::new(incoming));
    runtime.spawn(served);
    address
}

/// A client that shows the certificate of `asker` and reaches `answerer`, connected when it is used.
pub(crate) fn call(
    runtime: &Runtime,
    asker: &Party,
    answerer: &Party,
    sockets: &Sockets,
) -> PeerClient<Channel> {
    let (certificate, key) = identity(&asker.dir);
    let mut roots = RootCertStore::empty();
    roots.add(identity(&answerer.dir).0).expect("a certificate");
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has them all")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![certificate], key)
        .expect("the party's own certificate");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    let (address, sockets) = (answerer.address.clone(), sockets.clone());
    let connect = service_fn(move |_| {
        let (connector, address, sockets) = (connector.clone(), address.clone(), sockets.clone());
        async move {
            let stream = sockets.keep(TcpStream::connect(address).await?);
            let name = ServerName::try_from("party.tacit").expect("a name");
            connector.connect(name, stream).await.map(TokioIo::new)
        }
    });
    let _inside = runtime.enter();
    let channel = Endpoint::from_static("http://party.tacit").connect_with_connector_lazy(connect);
    PeerClient::new(channel).max_decoding_message_size(2 * wire::MAX_MESSAGE)
}

impl Sockets {
    fn keep(&self, stream: TcpStream) -> TcpStream {
        let stream = stream.into_std().expect("an open connection");
        self.locked().push(stream.try_clone().expect("a descriptor can be copied"));
        TcpStream::from_std(stream).expect("an open connection")
    }

    /// Breaks every connection, as the end of a process does.
    fn cut(&self) {
        for socket in self.locked().drain(..) {
            // It may have been closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Socket>> {
        self.0.lock().expect("nothing panics while it is locked")
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

/// The rules that a party decides by where its configuration says nothing else.
pub(crate) fn rules() -> wire::Rules {
    wire::Rules {
        catalogue: catalogue::Catalogue::jiangsu().hash(),
        profile: catalogue::Profile::strictest().hash(),
        purpose: domain::Purpose::PreLoan,
    }
}

/// The round of a frame that is a chunk, and whether it is the round's last.
pub(crate) fn round_of(frame: &Frame) -> Option<(u32, bool)> {
    match &frame.kind {
        Some(frame::Kind::Chunk(chunk)) => Some((chunk.round, chunk.last)),
        Some(frame::Kind::Abort(_) | frame::Kind::Farewell(_)) | None => None,
    }
}

fn identity(dir: &Path) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let read = |name: &str| fs::read(dir.join("identity/1").join(name)).expect("init made it");
    let certificate = CertificateDer::from_pem_slice(&read("certificate.pem"));
    let key = PrivateKeyDer::from_pem_slice(&secret(dir, "private.key"));
    (certificate.expect("init made it"), key.expect("init made it"))
}

/// Opens a secret of a party whose keys are plain, from the format as the guide describes it.
pub(crate) fn secret(dir: &Path, name: &str) -> Vec<u8> {
    let sealed = fs::read(dir.join("identity/1").join(name)).expect("init made it");
    let rest = sealed.strip_prefix(b"tacit-s1").expect("a sealed secret");
    let (nonce, sealed) = rest.split_first_chunk::<24>().expect("a nonce");
    let associated = format!("tacit/party/v1/at-rest/{name}");
    let payload = Payload { msg: sealed, aad: associated.as_bytes() };
    data_key(dir).decrypt(&XNonce::from(*nonce), payload).expect("it is sealed under the data key")
}

/// The key under which a party whose keys are plain seals its secrets.
pub(crate) fn data_key(dir: &Path) -> XChaCha20Poly1305 {
    let text = fs::read_to_string(dir.join("identity/protection.toml")).expect("init made it");
    let table: toml::Table = text.parse().expect("TOML");
    let key = hex::decode(table["data_key"].as_str().expect("it is plain")).expect("digits");
    XChaCha20Poly1305::new_from_slice(&key).expect("32 bytes")
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
