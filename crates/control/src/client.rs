//! An open line to one running party.

use std::time::Duration;

use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use wire::control::audit_client::AuditClient;
use wire::control::authorisations_client::AuthorisationsClient;
use wire::control::files_client::FilesClient;
use wire::control::models_client::ModelsClient;
use wire::control::node_client::NodeClient;
use wire::control::runs_client::RunsClient;
use wire::control::tokens_client::TokensClient;

use crate::socket::{not_running, reachable, shared};
use crate::token::Bearer;
use crate::{Address, Error};

/// A party on the same machine answers at once, or not at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a party may answer at most: a long list of runs with their reports.
const LARGEST_REPLY: usize = 64 << 20;

/// The line, which has every call bear the token of its caller.
type Line = InterceptedService<Channel, Bearer>;

/// An open line to one running party; cheap to clone.
///
/// Every method is one call; each says in its [`Error`] why the party did not do it, or why it could
/// not be asked.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) node: NodeClient<Line>,
    pub(crate) runs: RunsClient<Line>,
    pub(crate) models: ModelsClient<Line>,
    pub(crate) authorisations: AuthorisationsClient<Line>,
    pub(crate) audit: AuditClient<Line>,
    pub(crate) tokens: TokensClient<Line>,
    pub(crate) files: FilesClient<Line>,
}

impl Client {
    /// Opens the line to a party, over the socket inside its directory or the one that it shares.
    ///
    /// # Errors
    ///
    /// [`Error::NoParty`] when the directory holds none, [`Error::NotRunning`] when it does not run;
    /// when its socket may not be opened, or cannot have such a path.
    pub async fn open(party: &Address) -> Result<Self, Error> {
        let bearer = Bearer::of(party.token.as_ref())?;
        let uri = match &party.socket {
            Some(socket) => shared(socket)?,
            None => reachable(party.dir())?,
        };
        let endpoint = Endpoint::from_shared(uri)
            .map_err(|_| Error::NotUnicode { path: party.dir().into() })?
            .connect_timeout(PATIENCE);
        let channel = endpoint.connect().await.map_err(|_| not_running(party.dir()))?;
        Ok(Self::over(&channel, &bearer))
    }

    fn over(channel: &Channel, bearer: &Bearer) -> Self {
        macro_rules! of {
            ($client:ident) => {
                $client::with_interceptor(channel.clone(), bearer.clone())
                    .max_decoding_message_size(LARGEST_REPLY)
            };
        }
        Self {
            node: of!(NodeClient),
            runs: of!(RunsClient),
            models: of!(ModelsClient),
            authorisations: of!(AuthorisationsClient),
            audit: of!(AuditClient),
            tokens: of!(TokensClient),
            files: of!(FilesClient),
        }
    }
}
