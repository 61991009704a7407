//! A pinned peer that proposes, exchanges, cancels, resets and sends anything, in any order: the party
//! of it answers its next honest question, and nothing of what was begun stays.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread;
use std::time::{Duration, Instant};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::{Duty, PartyId, Purpose, RunId, SubjectKind};
use hyper_util::rt::TokioIo;
use party::{NewParty, Protection};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Streaming};
use wire::control::member_change::Change;
use wire::control::node_client::NodeClient;
use wire::peer::peer_client::PeerClient;
use wire::peer::{self, Frame, frame, reply};
use wire::{Proposal, PsiOutput, PsiProtocol, PsiTerms, control};

use crate::script::Script;

/// Longer than anything honest takes here.
const PATIENCE: Duration = Duration::from_secs(30);
/// Runs at a time, and the numbers that a script has for them: more than there is room for.
const LIVE: usize = 4;
const NUMBERS: u8 = 6;

/// A tax office that serves in this process, and the bank that it has pinned and admitted.
pub struct World {
    runtime: Runtime,
    tax: PathBuf,
    address: String,
    bank: Arc<ClientConfig>,
    // Dropped last: a party must not outlive its folder.
    _root: tempfile::TempDir,
}

/// One connection of the bank's, with the exchanges that are open on it.
struct Caller {
    client: PeerClient<Channel>,
    open: Vec<(mpsc::Sender<Frame>, Option<Streaming<Frame>>)>,
}

impl World {
    /// Makes the two parties and serves the tax office.
    pub fn begun() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("it is bound").to_string();
        drop(free);
        let make = |name: &str, duty| {
            let dir = root.path().join(name);
            let new = NewParty {
                name: name.parse().expect("a name"),
                duties: vec![duty],
                listen: address.clone(),
                advertise: address.clone(),
                valid_days: 2,
                protection: Protection::Plain,
            };
            let made = party::init(&dir, &new).expect("a new folder");
            (dir, made.peer_file)
        };
        let ((tax, _), (bank, card)) = (make("tax", Duty::Holder), make("bank", Duty::Lender));
        party::add_peer(&tax, &card).expect("its own file");
        configure(&tax);
        let bank = Arc::new(bank_of(&bank));
        let (ready, started) = std_mpsc::channel();
        let dir = tax.clone();
        thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let serving = party::serve(&dir, |_| ready.send(()).expect("it is awaited"), async {
                std::future::pending::<()>().await;
            });
            runtime.expect("a runtime").block_on(serving).expect("it serves");
        });
        started.recv_timeout(PATIENCE).expect("it starts");
        let world = Self { runtime, tax, address, bank, _root: root };
        for (change, assessed_until) in [(Change::Assess, "2199-12-31"), (Change::Admit, "")] {
            let change = control::MemberChange {
                name: "bank".into(),
                change: change.into(),
                assessed_until: assessed_until.into(),
                reason: String::new(),
            };
            let changed = world
                .runtime
                .block_on(async { world.control().await.change_member(change).await.map(drop) });
            changed.expect("its operator may");
        }
        world
    }

    /// Plays a script, then asks as an honest peer would.
    ///
    /// # Panics
    ///
    /// When the party does not answer, or keeps what was begun.
    pub fn play(&self, script: &mut Script<'_>) {
        self.runtime.block_on(async {
            let mut caller = self.caller().await;
            while !script.is_over() {
                self.step(&mut caller, script).await;
            }
            drop(caller);
            // Whatever was begun has ended, or ends with the idle limit of a second.
            let began = Instant::now();
            loop {
                let status = self.control().await.status(control::StatusRequest {}).await;
                if status.expect("it answers").into_inner().live_runs == 0 {
                    break;
                }
                assert!(began.elapsed() < PATIENCE, "a run is kept though nobody has part in it");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut client = self.caller().await.client;
            let asked = timeout(PATIENCE, client.propose(proposal(RunId::from_bytes(fresh()), 3)));
            let answered = asked.await.expect("in time").expect("it is heard").into_inner();
            let agreed = matches!(answered.outcome, Some(reply::Outcome::Agreement(_)));
            assert!(agreed, "an honest proposal was refused: {:?}", answered.outcome);
        });
    }

    async fn step(&self, caller: &mut Caller, script: &mut Script<'_>) {
        let act = script.byte();
        let number = [script.byte() % NUMBERS; 16];
        match act % 12 {
            0..=2 => {
                let items = u64::from(script.byte() % 6);
                let asked = proposal(RunId::from_bytes(number), items);
                let _ = timeout(PATIENCE, caller.client.propose(asked)).await.expect("in time");
            }
            3..=4 => {
                let (outbox, outgoing) = mpsc::channel(8);
                let mut request = Request::new(ReceiverStream::new(outgoing));
                let run = MetadataValue::from_bytes(&number);
                request.metadata_mut().insert_bin(wire::RUN_KEY, run);
                let answered = timeout(PATIENCE, caller.client.exchange(request)).await;
                let answered = answered.expect("in time").ok().map(tonic::Response::into_inner);
                caller.open.push((outbox, answered));
            }
            5..=7 => {
                let frame = a_frame(script);
                if let Some((outbox, _)) = caller.open.last() {
                    let _ = outbox.try_send(frame);
                }
            }
            // The stream ends in order, or the call is dropped, which resets it.
            8 => drop(caller.open.pop().map(|(_, answers)| answers)),
            9 => *caller = self.caller().await,
            10 => {
                let run = number.to_vec().into();
                let asked = caller.client.receipts(peer::ReceiptsRequest { run });
                drop(timeout(Duration::from_millis(u64::from(script.byte() % 8)), asked).await);
            }
            _ => {
                let envelope = script.bytes(40).to_vec().into();
                let asked = caller.client.register(peer::RegisterRequest { envelope });
                drop(timeout(Duration::from_millis(u64::from(script.byte() % 8)), asked).await);
            }
        }
    }

    async fn caller(&self) -> Caller {
        let (address, config) = (self.address.clone(), Arc::clone(&self.bank));
        let endpoint = Endpoint::from_static("http://party.tacit");
        let connecting = endpoint.connect_with_connector(tower::service_fn(move |_| {
            let (address, config) = (address.clone(), Arc::clone(&config));
            async move {
                let stream = TcpStream::connect(address).await?;
                let name = ServerName::try_from("party.tacit").expect("a name");
                TlsConnector::from(config).connect(name, stream).await.map(TokioIo::new)
            }
        }));
        let channel = timeout(PATIENCE, connecting).await.expect("in time").expect("it is pinned");
        Caller { client: PeerClient::new(channel), open: Vec::new() }
    }

    async fn control(&self) -> NodeClient<Channel> {
        let socket = self.tax.join(party::CONTROL_SOCKET);
        let endpoint = Endpoint::from_shared(format!("unix://{}", socket.display()));
        let channel = endpoint.expect("a path").connect().await.expect("it serves");
        NodeClient::new(channel)
    }
}

fn proposal(run: RunId, items: u64) -> peer::Proposal {
    let party = |name: &str| name.parse::<PartyId>().expect("a name");
    let terms = PsiTerms {
        register: "sample".into(),
        subjects: SubjectKind::Opaque,
        output: PsiOutput::OneSided,
        items,
        pad_to: None,
        protocol: PsiProtocol::Ecdh,
    };
    let rules = wire::Rules {
        catalogue: catalogue::Catalogue::jiangsu().hash(),
        profile: catalogue::Profile::strictest().hash(),
        purpose: Purpose::PreLoan,
    };
    let (from, to) = (party("bank"), party("tax"));
    Proposal { from, to, run, rules, terms }.into()
}

fn a_frame(script: &mut Script<'_>) -> Frame {
    let act = script.byte();
    let kind = match act % 8 {
        0 => frame::Kind::Close(peer::Close {}),
        1 => {
            frame::Kind::Abort(peer::Refusal {
                code: "X".into(), en: "no".into(), zh: "否".into()
            })
        }
        _ => {
            let length = script.byte().into();
            let body = script.bytes(length).to_vec().into();
            let (round, last) = (u32::from(act >> 4), act & 8 != 0);
            frame::Kind::Chunk(peer::Chunk { round, last, body })
        }
    };
    Frame { kind: Some(kind) }
}

/// A number that no script has.
fn fresh() -> [u8; 16] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut number = [0xff; 16];
    number[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    number
}

fn configure(tax: &Path) {
    fs::write(tax.join("sample.csv"), "id\na\nb\nc\n").expect("its folder");
    let path = tax.join("party.toml");
    let text = fs::read_to_string(&path).expect("init made it");
    let text = text
        .replace("idle_s = 60", "idle_s = 1")
        .replace("live_runs = 64", &format!("live_runs = {LIVE}"));
    let offer = "[[register]]\nname = 'sample'\nfile = 'sample.csv'\ncolumn = 'id'\n\
                 kind = 'opaque'\n[[offer]]\nprotocol = 'psi'\nregister = 'sample'\n\
                 to = ['bank']\noutputs = ['one-sided']\n";
    fs::write(path, text + offer).expect("its folder");
}

/// How the bank shows itself: its certificate, and its key as the guide says that it lies on disk.
fn bank_of(dir: &Path) -> ClientConfig {
    let read = |name: &str| fs::read(dir.join("identity").join(name)).expect("init made it");
    let protection = String::from_utf8(read("protection.toml")).expect("TOML");
    let protection: toml::Table = protection.parse().expect("TOML");
    let key = hex::decode(protection["data_key"].as_str().expect("it is plain")).expect("digits");
    let sealed = read("1/private.key");
    let (nonce, sealed) = sealed[8..].split_first_chunk::<24>().expect("a nonce");
    let payload = Payload { msg: sealed, aad: b"tacit/party/v1/at-rest/private.key" };
    let cipher = XChaCha20Poly1305::new_from_slice(&key).expect("32 bytes");
    let pem = cipher.decrypt(&XNonce::from(*nonce), payload).expect("its own");
    let key = PrivateKeyDer::from_pem_slice(&pem).expect("a key");
    let certificate = CertificateDer::from_pem_slice(&read("1/certificate.pem")).expect("one");
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("it has TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_client_auth_cert(vec![certificate], key)
        .expect("its own key");
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// The bank of these scripts does not care who answers.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 alone".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
