//! The service `Authorisations`: submitted, changed by office, listed, carried to parties that are offline.

use tokio_stream::Stream;

use crate::{Client, Error, Replies, messages};

impl Client {
    /// Hands an authorisation, or a change to one, to the registry: a DSSE envelope, as JSON.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn submit(&self, envelope: Vec<u8>) -> Result<messages::Statement, Error> {
        Ok(self
            .authorisations
            .clone()
            .submit(messages::SubmitRequest { envelope: envelope.into() })
            .await?
            .into_inner())
    }

    /// Suspends, resumes or voids an authorisation by office.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn intervene(
        &self,
        request: messages::InterveneRequest,
    ) -> Result<messages::Statement, Error> {
        Ok(self.authorisations.clone().intervene(request).await?.into_inner())
    }

    /// The authorisations that the party knows, newest first, at most so many.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn authorisations(&self, limit: u32) -> Result<messages::AuthorisationsReply, Error> {
        Ok(self
            .authorisations
            .clone()
            .authorisations(messages::AuthorisationsRequest { limit })
            .await?
            .into_inner())
    }

    /// One authorisation, and everything that happened to it.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn history(&self, authorisation: String) -> Result<messages::HistoryReply, Error> {
        Ok(self
            .authorisations
            .clone()
            .history(messages::HistoryRequest { authorisation })
            .await?
            .into_inner())
    }

    /// The lines of a bundle of a lender's authorisations.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn export_bundle(
        &self,
        lender: String,
    ) -> Result<Replies<messages::BundleLine>, Error> {
        let request = messages::ExportBundleRequest { lender };
        let reply = self.authorisations.clone().export_bundle(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Takes in the lines of a bundle.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn import_bundle(
        &self,
        lines: impl Stream<Item = messages::BundleLine> + Send + 'static,
    ) -> Result<messages::ImportBundleReply, Error> {
        Ok(self.authorisations.clone().import_bundle(lines).await?.into_inner())
    }

    /// Takes in a list of revoked keys: a DSSE envelope, as JSON.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn take_key_revocations(
        &self,
        envelope: Vec<u8>,
    ) -> Result<messages::TakeKeyRevocationsReply, Error> {
        Ok(self
            .authorisations
            .clone()
            .take_key_revocations(messages::TakeKeyRevocationsRequest { envelope: envelope.into() })
            .await?
            .into_inner())
    }

    /// The lists of revoked keys that count at the party.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn key_revocations(&self) -> Result<messages::KeyRevocationsReply, Error> {
        Ok(self
            .authorisations
            .clone()
            .key_revocations(messages::KeyRevocationsRequest {})
            .await?
            .into_inner())
    }
}
