//! Peers made of test code: they show a party's real certificate and speak the real protocol.
//!
//! [`host`] serves any implementation of the peer service under a party's certificate; [`call`] is a
//! client with one.

use std::net::{Shutdown, TcpStream as Socket};
use std::sync::{Arc, Mutex, MutexGuard};

use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::ServerName;
use tokio::io::{copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Server};
use tower::service_fn;
use wire::peer::peer_client::PeerClient;
use wire::peer::peer_server::{Peer, PeerServer};

use crate::Party;
use crate::secrets::identity;

/// Every connection of a stand-in, so that they can be broken as a dying process breaks them.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<Mutex<Vec<Socket>>>);

/// Serves `service` as `party`, with its certificate; returns where.
///
/// # Panics
///
/// When the party is not made, or there is no free port.
pub fn host(runtime: &Runtime, party: &Party, service: impl Peer, sockets: &Sockets) -> String {
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
///
/// # Panics
///
/// When one of them is not made.
pub fn call(
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
    pub(crate) fn cut(&self) {
        for socket in self.locked().drain(..) {
            // It may have been closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Socket>> {
        self.0.lock().expect("nothing panics while it is locked")
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
