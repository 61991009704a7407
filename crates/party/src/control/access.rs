//! Who may make a call, before it is made: by the socket over which it comes, and by the token that it
//! bears.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use audit::Event;
use bytes::Bytes;
use domain::{StaffRole, TokenName};
use http_body::Frame;
use store::StoredToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::header::AUTHORIZATION;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;
use tonic::transport::server::UdsConnectInfo;

use super::roles::{self, Call};
use crate::Trouble;
use crate::caller::{Caller, Socket};
use crate::control::failed;
use crate::node::Node;
use crate::tokens;

/// How a token is borne: RFC 6750, §2.1.
const BEARER: &[u8] = b"Bearer ";

/// A service behind the question whether its caller may make the call.
#[derive(Clone)]
pub(super) struct Guarded<S> {
    pub(super) service: S,
    pub(super) node: Arc<Node>,
    pub(super) socket: Socket,
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that has said it is ready makes the call, its copy waits for the next.
        let waiting = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, waiting);
        let (node, socket) = (Arc::clone(&self.node), self.socket);
        Box::pin(async move {
            // A call that nothing is said of is a call that is not there.
            let Some(call) = roles::find(request.uri().path()) else {
                return Ok(Status::unimplemented("there is no such call").into_http());
            };
            let shown = Shown::of(&request);
            let token = match admitted(&node, socket, call, shown).await {
                Ok(token) => token,
                Err(trouble) => return Ok(failed(&trouble).into_http()),
            };
            let Some(token) = token else {
                return Caller { token: None, socket }.does(service.call(request)).await;
            };
            tokens::note_use(&node, &token).await;
            let caller = Caller { token: Some(token.clone()), socket };
            let mut ended = Box::pin(async move { node.tokens.end_of(&token).await });
            tokio::select! {
                response = caller.does(service.call(request)) => {
                    Ok(response?.map(|body| Body::new(UntilRevoked { body, ended: Some(ended) })))
                }
                () = &mut ended => Ok(failed(&invalid()).into_http()),
            }
        })
    }
}

/// What is shown with a call: a token perhaps, and which user of this machine shows it.
struct Shown {
    token: Option<HeaderValue>,
    user: Option<u32>,
}

impl Shown {
    fn of(request: &Request<Body>) -> Self {
        let info = request.extensions().get::<UdsConnectInfo>();
        let user = info.and_then(|info| info.peer_cred).map(|credentials| credentials.uid());
        Self { token: request.headers().get(AUTHORIZATION).cloned(), user }
    }
}

/// Whether a call may be made; under which token, if under one.
async fn admitted(
    node: &Node,
    socket: Socket,
    call: Call,
    shown: Shown,
) -> Result<Option<TokenName>, Trouble> {
    let Some(header) = shown.token else {
        return match socket {
            Socket::Own => Ok(None),
            Socket::Shared => Err(needed()),
        };
    };
    let StoredToken { name, role, .. } = valid(node, shown.user, header.as_bytes())?;
    if role.covers(call.role) {
        return Ok(Some(name));
    }
    tracing::warn!(token = %name, %role, call = call.name, "call refused: role");
    if node.tokens.refused.once_more(name.clone(), Instant::now()) {
        let caller = Caller { token: Some(name.clone()), socket };
        caller.does(record(node, role, call)).await?;
    }
    Err(not_covered(&name, role, call))
}

/// The token that a user of this machine shows, if it counts.
fn valid(node: &Node, user: Option<u32>, header: &[u8]) -> Result<StoredToken, Trouble> {
    let wrong = &node.tokens.wrong;
    if wrong.is_enough(&user, Instant::now()) {
        return Err(Trouble::us(
            "TOO_MANY",
            "too many tokens that do not count were shown by this user of the machine: wait a minute",
            "本机该用户出示无效令牌次数过多：请一分钟后再试",
        ));
    }
    let secret = header.strip_prefix(BEARER).unwrap_or_default();
    node.tokens.find(secret).map_err(|(why, name)| {
        wrong.once_more(user, Instant::now());
        let name = name.as_ref().map_or("-", TokenName::as_str);
        tracing::warn!(?user, token = name, ?why, "call refused: token");
        invalid()
    })
}

/// Writes down that a role did not cover a call.
async fn record(node: &Node, role: StaffRole, call: Call) -> Result<(), Trouble> {
    let name = call.name.parse().map_err(|error| Trouble::from_error("OURS", &error))?;
    node.record(node.first_duty(), Event::CallRefused { role, call: name }).await?;
    Ok(())
}

fn needed() -> Trouble {
    Trouble::us(
        "TOKEN_NEEDED",
        "a call over this socket bears a token: give it with --token-file FILE or in TACIT_TOKEN. Who operates this party makes one with `tacit token new`.",
        "经此套接字的调用须出示令牌：请用 --token-file 文件 或环境变量 TACIT_TOKEN 提供。令牌由本参与方的操作员用 `tacit token new` 签发。",
    )
}

/// One sentence for every token that does not count: nobody learns which there were.
fn invalid() -> Trouble {
    Trouble::us(
        "TOKEN",
        "this token does not count here: it is unknown, has expired or was revoked. Who operates this party makes another with `tacit token new`.",
        "该令牌在此无效：未知、已过期或已吊销。请由本参与方的操作员用 `tacit token new` 另行签发。",
    )
}

fn not_covered(name: &TokenName, role: StaffRole, call: Call) -> Trouble {
    let (needed, Call { command, .. }) = (call.role, call);
    Trouble::us(
        "ROLE",
        format!("`{command}` takes the role {needed}, and the token {name} has the role {role}"),
        format!("`{command}` 需要{}角色，而令牌 {name} 的角色是{}", needed.zh(), role.zh()),
    )
}

/// What is answered under a token, until that ends: then the answer ends with the reason.
struct UntilRevoked<F> {
    body: Body,
    /// Nothing once it has come.
    ended: Option<F>,
}

impl<F: Future<Output = ()> + Send + Unpin> http_body::Body for UntilRevoked<F> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(ended) = &mut self.ended else { return Poll::Ready(None) };
        if Pin::new(ended).poll(context).is_ready() {
            (self.ended, self.body) = (None, Body::empty());
            let mut trailers = HeaderMap::new();
            let last = failed(&invalid()).add_header(&mut trailers);
            return Poll::Ready(Some(last.map(|()| Frame::trailers(trailers))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.ended.is_none() || self.body.is_end_stream()
    }
}
