//! The service `Authorisations`: submitted, changed by office, listed, carried to parties that are offline.

use tokio_stream::Stream;

use crate::{Client, Error, Replies, messages};

impl Client {
    /// Hands an authorisation, or a change to one, to the registry.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn submit(&self, envelope: Vec<u8>) -> Result<messages::Document, Error> {
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
    ) -> Result<messages::Document, Error> {
        Ok(self.authorisations.clone().intervene(request).await?.into_inner())
    }

    /// All authorisations that the party knows, or the history of one.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn authorisations(
        &self,
        request: messages::AuthorisationsRequest,
    ) -> Result<messages::Document, Error> {
        Ok(self.authorisations.clone().authorisations(request).await?.into_inner())
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
    ) -> Result<messages::Document, Error> {
        Ok(self.authorisations.clone().import_bundle(lines).await?.into_inner())
    }

    /// Takes in a list of revoked keys; those that count where there is none.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn key_revocations(&self, envelope: Vec<u8>) -> Result<messages::Document, Error> {
        let request = messages::KeyRevocationsRequest { envelope: envelope.into() };
        Ok(self.authorisations.clone().key_revocations(request).await?.into_inner())
    }
}
