//! Reaching a peer, hop by hop, with an error that names the hop.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::{AlertDescription, CertificateError, ClientConfig};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};
use wire::peer::peer_client::PeerClient;

use crate::Trouble;
use crate::identity::{Identity, Peer};
use crate::meter::{Meter, Metered};
use crate::succession::Successions;
use crate::tls::{self, Pins, SomebodyElse};

/// Where pings find out that a connection is dead.
const PING: Duration = Duration::from_secs(10);

/// A peer that can be called.
pub(crate) struct PeerChannel {
    pub(crate) peer: Peer,
    channel: Channel,
    /// Why the last connection failed, which gRPC would tell only as "transport error".
    last: LastTrouble,
    dialler: Dialler,
}

type LastTrouble = Arc<Mutex<Option<Trouble>>>;

/// All that a connection needs.
#[derive(Clone)]
struct Dialler {
    peer: Peer,
    /// What the peer will switch to.
    successor: Option<Peer>,
    successions: Arc<Successions>,
    tls: Arc<ClientConfig>,
    connect: Duration,
    meter: Arc<Meter>,
}

impl PeerChannel {
    /// A line to `peer`; connects at the first call, and again when the connection was lost.
    pub(crate) fn new(
        peer: Peer,
        successor: Option<Peer>,
        successions: Arc<Successions>,
        identity: &Identity,
        pins: Pins,
        connect: Duration,
        meter: Arc<Meter>,
    ) -> Result<Self, Trouble> {
        let tls = Arc::new(tls::client(identity, &peer, successor.as_ref(), pins)?);
        let dialler = Dialler { peer: peer.clone(), successor, successions, tls, connect, meter };
        let last = LastTrouble::default();
        let endpoint = Endpoint::from_shared(format!("http://{}", tls::SERVER_NAME))
            .map_err(|error| Trouble::from_error("TLS", &error))?
            .http2_keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .initial_stream_window_size(2 << 20)
            .initial_connection_window_size(4 << 20);
        let channel = endpoint.connect_with_connector_lazy(tower::service_fn({
            let (dialler, last) = (dialler.clone(), Arc::clone(&last));
            move |_: Uri| connected(dialler.clone(), Arc::clone(&last))
        }));
        Ok(Self { peer, channel, last, dialler })
    }

    /// A client for one call.
    pub(crate) fn client(&self) -> PeerClient<Channel> {
        PeerClient::new(self.channel.clone())
            .max_decoding_message_size(wire::MAX_MESSAGE)
            .max_encoding_message_size(wire::MAX_MESSAGE)
    }

    /// What a failed call means.
    pub(crate) fn trouble(&self, status: &tonic::Status) -> Trouble {
        let peer = &self.peer;
        let remembered = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(trouble) = remembered {
            return trouble;
        }
        match status.code() {
            tonic::Code::DeadlineExceeded => silent(peer),
            tonic::Code::Cancelled
            | tonic::Code::Unavailable
            | tonic::Code::Unknown
            | tonic::Code::Internal => lost(peer),
            code => Trouble::us(
                "PEER_FAILED",
                format!("{} answered the call with {code:?}: {}.", peer.name, status.message()),
                format!("{} 对调用返回 {code:?}：{}。", peer.name, status.message()),
            )
            .by(&peer.name),
        }
    }

    /// Resolves the peer's address.
    pub(crate) async fn resolve(&self) -> Result<Vec<SocketAddr>, Trouble> {
        self.dialler.resolve().await
    }

    /// Opens a TCP connection to the peer.
    pub(crate) async fn reach(&self) -> Result<TcpStream, Trouble> {
        self.dialler.reach().await
    }

    /// Opens a TLS connection to the peer.
    pub(crate) async fn greet_tls(&self) -> Result<(), Trouble> {
        self.dialler.secure(self.dialler.reach().await?).await.map(drop)
    }
}

async fn connected(dialler: Dialler, last: LastTrouble) -> io::Result<TokioIo<Watched>> {
    let connecting = async { dialler.secure(dialler.reach().await?).await };
    match connecting.await {
        Ok(stream) => Ok(TokioIo::new(Watched { stream, peer: dialler.peer, last })),
        Err(trouble) => {
            let error = io::Error::other(trouble.en.clone());
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
            Err(error)
        }
    }
}

impl Dialler {
    async fn resolve(&self) -> Result<Vec<SocketAddr>, Trouble> {
        let Peer { name, address, .. } = &self.peer;
        let unresolved = |reason: String| {
            Trouble::us(
                "DNS",
                format!("the address {address} of {name} cannot be resolved ({reason}). Check it in peers/{name}.party and in the name service."),
                format!("无法解析 {name} 的地址 {address}（{reason}）。请检查 peers/{name}.party 与域名解析。"),
            )
            .by_nobody()
        };
        let found = timeout(self.connect, lookup_host(address)).await;
        let found = found.map_err(|_| unresolved("no answer / 无应答".into()))?;
        let addresses: Vec<_> = found.map_err(|error| unresolved(error.to_string()))?.collect();
        if addresses.is_empty() {
            Err(unresolved("no address / 无地址".into()))
        } else {
            Ok(addresses)
        }
    }

    async fn reach(&self) -> Result<TcpStream, Trouble> {
        let Peer { name, address, .. } = &self.peer;
        let unreachable = |reason: &str| {
            Trouble::us(
                "UNREACHABLE",
                format!("{name} does not answer at {address} ({reason}). Is its party running (`tacit party run`)? Does a firewall stand between?"),
                format!("{name} 在 {address} 无应答（{reason}）。对方节点是否已启动（`tacit party run`）？中间是否有防火墙？"),
            )
            .by(name)
        };
        let mut reason = String::new();
        for address in self.resolve().await? {
            match timeout(self.connect, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A score is one small message each way: it must not wait for more.
                    stream.set_nodelay(true).map_err(|e| unreachable(&e.to_string()))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => reason = error.to_string(),
                Err(_) => reason = "no answer / 无应答".into(),
            }
        }
        Err(unreachable(&reason))
    }

    async fn secure(&self, stream: TcpStream) -> Result<TlsStream<Metered<TcpStream>>, Trouble> {
        let server = ServerName::try_from(tls::SERVER_NAME)
            .map_err(|error| Trouble::from_error("TLS", &error))?;
        let metered = Metered::new(stream, Arc::clone(&self.meter));
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        match timeout(self.connect, connector.connect(server, metered)).await {
            Ok(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let shown = session.peer_certificates().and_then(|chain| chain.first());
                if let (Some(successor), Some(shown)) = (&self.successor, shown) {
                    self.successions.shown(&self.peer, successor, shown);
                }
                Ok(stream)
            }
            Ok(Err(error)) => Err(handshake_failed(&self.peer, &error)),
            Err(_) => Err(silent(&self.peer)),
        }
    }
}

/// A connection that remembers why it broke.
struct Watched {
    stream: TlsStream<Metered<TcpStream>>,
    peer: Peer,
    last: LastTrouble,
}

impl Watched {
    fn note(&self, error: &io::Error) {
        // Only an alert says more than "the connection is gone", and an alert is never noise.
        if let Some(rustls::Error::AlertReceived(_)) = tls_error(error) {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(handshake_failed(&self.peer, error));
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Err(error)) = &polled {
            self.note(error);
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// What a failed handshake, or an alert after it, means.
fn handshake_failed(peer: &Peer, error: &io::Error) -> Trouble {
    let Peer { name, address, .. } = peer;
    let trouble = match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(bad)) => bad_certificate(peer, bad),
        Some(rustls::Error::AlertReceived(AlertDescription::CertificateExpired)) => Trouble::us(
            "OUR_CERTIFICATE_EXPIRED",
            format!(
                "{name} refuses our certificate: it has expired. Make a new one and hand its file to every peer."
            ),
            format!("{name} 拒绝本方证书：证书已过期。请重新生成并交给各对方。"),
        ),
        Some(rustls::Error::AlertReceived(alert)) => Trouble::us(
            "PEER_REFUSES_US",
            format!(
                "{name} refuses our certificate ({alert:?}): it does not know us. Hand our .party file to its operator (`tacit peer add`), and compare fingerprints."
            ),
            format!(
                "{name} 拒绝本方证书（{alert:?}）：对方未登记本方。请把本方 .party 文件交给对方运维（`tacit peer add`），并核对指纹。"
            ),
        ),
        Some(_) | None => Trouble::us(
            "TLS",
            format!(
                "what answers for {name} at {address} does not speak our TLS ({error}). Is this the party's own port?"
            ),
            format!(
                "{address} 上应答 {name} 的服务无法建立 TLS（{error}）。该端口是否为参与方端口？"
            ),
        ),
    };
    match trouble.code {
        "OUR_CERTIFICATE_EXPIRED" => trouble,
        _ => trouble.by(name),
    }
}

fn bad_certificate(peer: &Peer, bad: &CertificateError) -> Trouble {
    let Peer { name, address, .. } = peer;
    match bad {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Trouble::us(
            "CERTIFICATE_EXPIRED",
            format!(
                "the certificate of {name} has expired. Ask its operator for a new .party file; check this machine's clock too."
            ),
            format!("{name} 的证书已过期。请向对方索取新的 .party 文件；同时检查本机时钟。"),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Trouble::us(
            "CERTIFICATE_NOT_YET_VALID",
            format!(
                "the certificate of {name} is not valid yet. Compare the clocks of both machines."
            ),
            format!("{name} 的证书尚未生效。请核对双方时钟。"),
        ),
        CertificateError::Other(other) => match other.0.downcast_ref::<SomebodyElse>() {
            Some(SomebodyElse(who)) => Trouble::us(
                "WRONG_PARTY",
                format!(
                    "at {address}, where {name} should be, {who} answers. Check the address in peers/{name}.party."
                ),
                format!(
                    "{address} 应为 {name}，应答者却是 {who}。请检查 peers/{name}.party 中的地址。"
                ),
            ),
            None => unknown_certificate(peer),
        },
        _ => unknown_certificate(peer),
    }
}

fn unknown_certificate(peer: &Peer) -> Trouble {
    let Peer { name, address, .. } = peer;
    Trouble::us(
        "UNKNOWN_CERTIFICATE",
        format!(
            "what answers at {address} does not show the certificate pinned for {name}. If {name} has a new one, compare its fingerprint by telephone and add its new .party file; otherwise somebody stands between."
        ),
        format!(
            "{address} 出示的证书与登记的 {name} 证书不符。若 {name} 已换证书，请电话核对指纹后重新登记；否则可能有人冒充。"
        ),
    )
}

/// A peer that takes calls and does not answer.
pub(crate) fn silent(peer: &Peer) -> Trouble {
    let Peer { name, address, .. } = peer;
    Trouble::us(
        "SILENT",
        format!("{name} at {address} took the call and does not answer. Ask its operator to look at its log; then run this again."),
        format!("{name}（{address}）已接通但没有应答。请对方运维查看日志，然后重试。"),
    )
    .by(&peer.name)
}

/// A connection that went away.
pub(crate) fn lost(peer: &Peer) -> Trouble {
    let Peer { name, address, .. } = peer;
    Trouble::us(
        "LOST",
        format!("the connection to {name} at {address} was lost. Its party may have stopped; when it is back, run this again."),
        format!("与 {name}（{address}）的连接中断。对方节点可能已停止；恢复后请重试。"),
    )
    .by(&peer.name)
}
