//! Runs a party until it is told to stop.

use std::fs;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::Event;
use domain::PartyId;
use store::StoredRun;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::transport::Server;
use wire::CONTROL_SOCKET;
use wire::peer::peer_server::PeerServer;

use crate::caller::Socket;
use crate::clock::now_ms;
use crate::control::{Operator, sockets};
use crate::governance::{deposits, refusals, revocations};
use crate::meter::Metered;
use crate::node::Node;
use crate::peer_service::{Caller, PeerService};
use crate::runs::kind::Later;
use crate::shares::ConnectionPermit;
use crate::strangers::Strangers;
use crate::taken::Taken;
use crate::tls::{self, Pins};
use crate::{Trouble, doctor, generations, setup};

/// A party that has just come up.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its name.
    pub name: PartyId,
    /// SHA-256 of its certificate.
    pub fingerprint: String,
    /// Runs that an earlier process left unfinished, and that are now listed as failed.
    pub unfinished: u64,
}

/// How long a caller may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a refused caller may take to hang up.
const LAST_WORD: Duration = Duration::from_secs(1);
/// How long until a peer that was not there is told again of new keys.
const TELL_AGAIN: Duration = Duration::from_secs(10);
/// How long calls under way may take to end once the party stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// Runs the party in `dir` until `shutdown` resolves, or an operator stops it.
///
/// Calls `ready` once it can be reached.
///
/// # Errors
///
/// When the configuration, the keys, the store or the port do not allow it to start.
pub async fn serve(
    dir: &Path,
    ready: impl FnOnce(&Ready),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Trouble> {
    let own = sockets::own(dir).await?;
    let node = Node::open(dir.to_owned()).await?;
    let shared = sockets::shared(&node.config.control).await?;
    let listener = listen(&node.config.listen).await?;
    if let Err(trouble) = doctor::keys(&node) {
        // Peers will refuse us, each with its own words: say it once, here, before they do.
        tracing::warn!(code = trouble.code, "{trouble}");
    }
    let later = restarted(&node).await?;
    begin_log(&node).await?;
    let unfinished = node.store.fail_unfinished(&stopped().to_stored(), now_ms()).await?;
    ready(&Ready {
        listen: listener.local_addr().map_err(|error| Trouble::from_error("PORT", &error))?,
        name: node.config.name.clone(),
        fingerprint: setup::shown(&node.identity.fingerprint()),
        unfinished,
    });
    let depositing = tokio::spawn(deposits::daily(Arc::clone(&node)));
    let asking = tokio::spawn(revocations::keep_asking(Arc::clone(&node)));
    let counting = tokio::spawn(refusals::every_minute(Arc::clone(&node)));
    let telling = tokio::spawn(tell_of_new_keys(Arc::clone(&node)));
    let uploads = Arc::clone(&node);
    let sweeping = tokio::spawn(async move { uploads.uploads.sweep().await });
    let ending = tokio::spawn(async move {
        for work in later {
            work.await;
        }
    });
    let peers = tokio::spawn(serve_peers(Arc::clone(&node), listener)?);
    let staff = Operator(Arc::clone(&node));
    let operator = tokio::spawn(
        staff
            .services(Socket::Own)
            .serve_with_incoming_shutdown(UnixListenerStream::new(own), asked_to_stop(&node)),
    );
    let (held, connections) = mpsc::channel(16);
    let accepting = shared.map(|listener| tokio::spawn(sockets::accept(listener, held)));
    let others = tokio::spawn(
        staff
            .services(Socket::Shared)
            .serve_with_incoming_shutdown(ReceiverStream::new(connections), asked_to_stop(&node)),
    );
    tokio::select! {
        () = shutdown => {}
        () = asked_to_stop(&node) => {}
    }
    depositing.abort();
    asking.abort();
    counting.abort();
    telling.abort();
    ending.abort();
    sweeping.abort();
    node.stop.send_replace(true);
    // Whoever still talks is cut off after this; the next start lists the runs as failed.
    let _ = timeout(FAREWELL, async { (peers.await, operator.await, others.await) }).await;
    if let Some(accepting) = accepting {
        accepting.abort();
    }
    for socket in [Some(dir.join(CONTROL_SOCKET)), node.config.control.socket.clone()] {
        let _ = socket.map(fs::remove_file);
    }
    node.record_counted_refusals().await;
    node.store.close().await;
    Ok(())
}

/// Has every kind of run tidy up after what an earlier process left unfinished; returns what remains to
/// be done once peers can be reached.
async fn restarted(node: &Arc<Node>) -> Result<Vec<Later>, Trouble> {
    let unfinished = node.store.unfinished().await?;
    let mut later = Vec::new();
    for kind in node.kinds.0 {
        let own = unfinished.iter().filter(|run| run.kind == Some(kind.kind()));
        let own: Vec<StoredRun> = own.cloned().collect();
        later.extend(kind.restarted(node, &own).await?);
    }
    Ok(later)
}

/// Writes down by which rules this start decides.
async fn begin_log(node: &Node) -> Result<(), Trouble> {
    let (catalogue, profile) = (node.rules.catalogue.hash(), node.rules.profile.hash());
    node.record(node.first_duty(), Event::Configuration { catalogue, profile }).await?;
    Ok(())
}

/// Shows the present certificate to every peer that has not seen it: those that hold its file pinned
/// take it for ours from then on, as holders must whose masks hang on ours.
async fn tell_of_new_keys(node: Arc<Node>) {
    let mut untold = generations::untold(&node.dir);
    while !untold.is_empty() {
        let mut left = Vec::new();
        for peer in untold {
            let reached = match node.line(&peer) {
                Ok(line) => doctor::greet(&node, line).await.is_ok(),
                // Not pinned any more: there is nobody to tell.
                Err(_) => true,
            };
            if !reached {
                left.push(peer);
            }
        }
        if let Err(trouble) = generations::still_untold(&node.dir, &left) {
            tracing::error!("cannot note who knows our new keys: {trouble}");
        }
        if !left.is_empty() {
            tokio::time::sleep(TELL_AGAIN).await;
        }
        untold = left;
    }
}

/// Accepts peers, shakes hands, and serves those whose certificate is pinned.
pub(crate) fn serve_peers(
    node: Arc<Node>,
    listener: TcpListener,
) -> Result<impl Future<Output = ()>, Trouble> {
    let peers: Vec<_> = node.known().cloned().collect();
    let acceptor = TlsAcceptor::from(Arc::new(tls::server(&node.identity, &peers)?));
    let pins = Arc::new(tls::pins(&peers));
    let (accepted, incoming) = mpsc::channel(16);
    let stop = asked_to_stop(&node);
    let accepting = accept(Arc::clone(&node), listener, acceptor, pins, accepted);
    let serving = Server::builder()
        .initial_stream_window_size(2 << 20)
        .initial_connection_window_size(4 << 20)
        .http2_keepalive_interval(Some(Duration::from_secs(10)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_concurrent_streams(256)
        .add_service(
            PeerServer::new(PeerService(node))
                .max_decoding_message_size(wire::MAX_MESSAGE)
                .max_encoding_message_size(wire::MAX_MESSAGE),
        )
        .serve_with_incoming_shutdown(ReceiverStream::new(incoming), stop);
    Ok(async move {
        tokio::select! {
            served = serving => {
                if let Err(error) = served {
                    tracing::error!("the peers' port failed: {error}");
                }
            }
            () = accepting => {}
        }
    })
}

async fn accept(
    node: Arc<Node>,
    listener: TcpListener,
    acceptor: TlsAcceptor,
    pins: Arc<Pins>,
    accepted: mpsc::Sender<io::Result<Connection>>,
) {
    let strangers = Arc::new(Strangers::default());
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: it passes, or the operator reads this.
                tracing::error!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(handshake) = strangers.knock(address.ip()) else {
            if let Some(unsaid) = strangers.refused(Instant::now()) {
                tracing::warn!(%address, unsaid, "too many handshakes at once: connection dropped");
            }
            continue;
        };
        let (node, acceptor) = (Arc::clone(&node), acceptor.clone());
        let strangers = Arc::clone(&strangers);
        let (pins, accepted) = (Arc::clone(&pins), accepted.clone());
        tokio::spawn(async move {
            let shaken = shake_hands(&node, stream, &acceptor, &pins).await;
            drop(handshake);
            match shaken {
                // The server is gone when nobody takes it: we are stopping.
                Ok(connection) => drop(accepted.send(Ok(connection)).await),
                // Somebody who only looks whether the port is open: the doctor, a load balancer.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    tracing::debug!(%address, "connection closed before the handshake");
                }
                // A pinned peer that opens them without end shall not fill the log instead.
                Err(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
                    tracing::debug!(%address, "connection refused: {error}");
                }
                Err(error) => {
                    if let Some(unsaid) = strangers.refused(Instant::now()) {
                        tracing::warn!(%address, unsaid, "connection refused: {error}");
                    }
                }
            }
        });
    }
}

async fn shake_hands(
    node: &Node,
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    pins: &Pins,
) -> io::Result<Connection> {
    stream.set_nodelay(true)?;
    let metered = Metered::new(stream, Arc::clone(&node.meter));
    let stream = match timeout(HANDSHAKE, acceptor.accept(metered).into_fallible()).await? {
        Ok(stream) => stream,
        Err((error, mut refused)) => {
            // Closing at once would reset the connection, and the caller would never read the alert
            // that tells it why: let it hang up first.
            let _ = timeout(LAST_WORD, tokio::io::copy(&mut refused, &mut tokio::io::sink())).await;
            return Err(error);
        }
    };
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let caller = shown.and_then(|certificate| Some((certificate, pins.get(certificate)?)));
    let caller = caller.filter(|(certificate, caller)| node.shown(caller, certificate));
    let (_, caller) = caller.ok_or_else(|| io::Error::other("the certificate is not pinned"))?;
    let place = node.shares.connection(caller).ok_or_else(|| {
        let full = format!("{caller} has as many connections as it may");
        io::Error::new(io::ErrorKind::QuotaExceeded, full)
    })?;
    Ok(Taken::new(stream, Caller(caller.clone()), place))
}

/// A peer's connection, after the handshake.
type Connection = Taken<TlsStream<Metered<TcpStream>>, Caller, ConnectionPermit>;

async fn listen(address: &str) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).await.map_err(|error| {
        Trouble::us(
            "PORT",
            format!("cannot listen on {address}: {error}. Stop what uses the port, or change `listen` in party.toml (and tell the peers)."),
            format!("无法监听 {address}：{error}。请停止占用该端口的程序，或修改 party.toml 中的 listen（并告知各方）。"),
        )
    })
}

/// Resolves when the party is asked to stop.
fn asked_to_stop(node: &Node) -> impl Future<Output = ()> + Send + use<> {
    let mut stop = node.stop.subscribe();
    async move {
        // The sender lives as long as the node: an error means that all is over anyway.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

fn stopped() -> Trouble {
    Trouble::us(
        "STOPPED",
        "this party stopped while the run was under way. Run it again (`tacit runs again`): a batch or a training goes on where it stood, of anything else nothing was kept.",
        "运行过程中本节点停止。请重新运行（`tacit runs again`）：批量评分与训练从中断处继续，其他运行未保留任何中间结果。",
    )
}
