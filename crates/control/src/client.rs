//! An open line to one running party.

use std::path::Path;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use wire::control::audit_client::AuditClient;
use wire::control::authorisations_client::AuthorisationsClient;
use wire::control::models_client::ModelsClient;
use wire::control::node_client::NodeClient;
use wire::control::runs_client::RunsClient;

use crate::Error;
use crate::socket::{not_running, reachable};

/// A party on the same machine answers at once, or not at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a party may answer at most: a long list of runs with their reports.
const LARGEST_REPLY: usize = 64 << 20;

/// An open line to one running party; cheap to clone.
///
/// Every method is one call; each says in its [`Error`] why the party did not do it, or why it could
/// not be asked.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) node: NodeClient<Channel>,
    pub(crate) runs: RunsClient<Channel>,
    pub(crate) models: ModelsClient<Channel>,
    pub(crate) authorisations: AuthorisationsClient<Channel>,
    pub(crate) audit: AuditClient<Channel>,
}

impl Client {
    /// Opens the line to the party of a directory, over the socket inside it.
    ///
    /// # Errors
    ///
    /// [`Error::NoParty`] when the directory holds none, [`Error::NotRunning`] when it does not run;
    /// when its socket may not be opened, or cannot have such a path.
    pub async fn open(dir: &Path) -> Result<Self, Error> {
        let endpoint = Endpoint::from_shared(reachable(dir)?)
            .map_err(|_| Error::NotUnicode { path: dir.into() })?
            .connect_timeout(PATIENCE);
        Ok(Self::over(endpoint.connect().await.map_err(|_| not_running(dir))?))
    }

    fn over(channel: Channel) -> Self {
        macro_rules! of {
            ($client:ident) => {
                $client::new(channel.clone()).max_decoding_message_size(LARGEST_REPLY)
            };
        }
        Self {
            node: of!(NodeClient),
            runs: of!(RunsClient),
            models: of!(ModelsClient),
            authorisations: of!(AuthorisationsClient),
            audit: of!(AuditClient),
        }
    }
}
