//! What the party's own staff may call, a file a service of `proto/control`; `roles` says who may call
//! what, and `access` holds every call to it.

mod access;
mod audit;
mod authorisations;
mod files;
mod models;
mod node;
mod roles;
mod runs;
pub(crate) mod sockets;
mod tokens;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio_stream::Stream;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic::{Response, Status};
use wire::control::audit_server::AuditServer;
use wire::control::authorisations_server::AuthorisationsServer;
use wire::control::files_server::FilesServer;
use wire::control::models_server::ModelsServer;
use wire::control::node_server::NodeServer;
use wire::control::runs_server::RunsServer;
use wire::control::tokens_server::TokensServer;

use self::access::Guarded;
use crate::Trouble;
use crate::caller::Socket;
use crate::detached::detached;
use crate::node::Node;

/// The operator's side of a party: each service of `proto/control` is implemented for it.
#[derive(Clone)]
pub(crate) struct Operator(pub(crate) Arc<Node>);

/// The largest message of an operator's: a hundred thousand codes with their authorisations.
const LARGEST_MESSAGE: usize = 512 << 20;

impl Operator {
    /// Every service that the staff calls over a socket, ready to be served.
    pub(crate) fn services(&self, socket: Socket) -> Router {
        macro_rules! of {
            ($server:ident) => {
                Guarded {
                    service: $server::new(self.clone())
                        .max_decoding_message_size(LARGEST_MESSAGE)
                        .max_encoding_message_size(LARGEST_MESSAGE),
                    node: Arc::clone(&self.0),
                    socket,
                }
            };
        }
        Server::builder()
            .add_service(of!(NodeServer))
            .add_service(of!(RunsServer))
            .add_service(of!(ModelsServer))
            .add_service(of!(AuthorisationsServer))
            .add_service(of!(AuditServer))
            .add_service(of!(TokensServer))
            .add_service(of!(FilesServer))
    }
}

type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// An answer, worked out to its end whether or not the operator waits for it.
async fn answered<T: Send + 'static>(
    asked: impl Future<Output = Result<T, Trouble>> + Send + 'static,
) -> Result<Response<T>, Status> {
    detached(asked).await.map(Response::new).map_err(|trouble| failed(&trouble))
}

/// A reason for the record and for others, of a bounded length.
fn reason_of(reason: String) -> Result<String, Trouble> {
    if reason.trim().is_empty() || reason.len() > wire::MAX_REASON {
        return Err(Trouble::us(
            "USAGE",
            format!("a reason is needed, of at most {} bytes: --reason", wire::MAX_REASON),
            format!("须用 --reason 说明原因，不超过 {} 字节", wire::MAX_REASON),
        ));
    }
    Ok(reason)
}

/// A call that fails as a whole: the trouble travels in the details.
fn failed(trouble: &Trouble) -> Status {
    wire::to_status(&trouble.to_control())
}
