//! Mutual TLS with pinned certificates.
//!
//! A party's certificate is its identity. It is self-signed, exchanged by file and pinned: nothing
//! else in it (a name, an issuer) is trusted. The usual checks (signature, validity, key usage)
//! are left to webpki, with the pinned certificate as its only anchor; the byte-for-byte
//! comparison comes on top, so that a pinned party cannot vouch for another.

use std::collections::HashMap;
use std::sync::Arc;

use domain::PartyId;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::Trouble;
use crate::identity::{Identity, Peer};

/// The one name that every party's certificate carries; who it is, the pin decides.
pub(crate) const SERVER_NAME: &str = "party.tacit";

/// HTTP/2, which is what gRPC runs on.
const PROTOCOL: &[u8] = b"h2";

/// Who speaks, by certificate.
pub(crate) type Pins = HashMap<CertificateDer<'static>, PartyId>;

/// The pins of these peers.
pub(crate) fn pins<'a>(peers: impl IntoIterator<Item = &'a Peer>) -> Pins {
    peers.into_iter().map(|peer| (peer.certificate.clone(), peer.name.clone())).collect()
}

/// What we show and demand when a peer dials us: a certificate that is pinned and valid.
pub(crate) fn server(identity: &Identity, peers: &[Peer]) -> Result<ServerConfig, Trouble> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| Trouble::from_error("TLS", &error))?;
    let builder = if peers.is_empty() {
        // Nobody is pinned, so nobody gets in: an empty list of anchors is refused by webpki, and
        // an own self-signed certificate that no peer holds the key of admits nobody either.
        builder.with_client_cert_verifier(anchored(std::slice::from_ref(&identity.certificate))?)
    } else {
        let anchors: Vec<_> = peers.iter().map(|peer| peer.certificate.clone()).collect();
        builder.with_client_cert_verifier(anchored(&anchors)?)
    };
    let mut config = builder
        .with_single_cert(vec![identity.certificate.clone()], identity.private_key.clone_key())
        .map_err(|error| Trouble::from_error("TLS", &error))?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// What we show and demand when we dial `peer`: its pinned certificate, or that of its successor, and
/// no other.
pub(crate) fn client(
    identity: &Identity,
    peer: &Peer,
    successor: Option<&Peer>,
    pins: Pins,
) -> Result<ClientConfig, Trouble> {
    let said = |error: &dyn std::fmt::Display| Trouble::from_error("TLS", error);
    let expected: Vec<_> =
        [peer].into_iter().chain(successor).map(|peer| peer.certificate.clone()).collect();
    let webpki =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots(&expected)?), provider())
            .build()
            .map_err(|error| said(&error))?;
    let verifier = Pinned { expected, pins, webpki };
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| said(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(vec![identity.certificate.clone()], identity.private_key.clone_key())
        .map_err(|error| said(&error))?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// Marks, inside a rustls error, that another pinned party answered.
#[derive(Debug, thiserror::Error)]
#[error("the certificate is pinned for {0}")]
pub(crate) struct SomebodyElse(pub(crate) PartyId);

/// Accepts one peer's certificates.
#[derive(Debug)]
struct Pinned {
    expected: Vec<CertificateDer<'static>>,
    pins: Pins,
    webpki: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Certificates are public: there is nothing to learn from how long this takes.
        if !self.expected.contains(end_entity) {
            return Err(Error::InvalidCertificate(match self.pins.get(end_entity) {
                Some(name) => CertificateError::Other(rustls::OtherError(Arc::new(SomebodyElse(
                    name.clone(),
                )))),
                None => CertificateError::UnknownIssuer,
            }));
        }
        self.webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

fn anchored(
    anchors: &[CertificateDer<'static>],
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, Trouble> {
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots(anchors)?), provider())
        .build()
        .map_err(|error| Trouble::from_error("TLS", &error))
}

fn roots(anchors: &[CertificateDer<'static>]) -> Result<RootCertStore, Trouble> {
    let mut store = RootCertStore::empty();
    for anchor in anchors {
        store.add(anchor.clone()).map_err(|error| Trouble::from_error("TLS", &error))?;
    }
    Ok(store)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
