//! The service `Node`: what a party is, who its peers are, and whether all is well.

use crate::client::PATIENCE;
use crate::{Client, Error, Replies, messages};

impl Client {
    /// What the party is, and what it has used so far.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn status(&self) -> Result<messages::StatusReply, Error> {
        let mut request = tonic::Request::new(messages::StatusRequest {});
        request.set_timeout(PATIENCE);
        let reply = self.node.clone().status(request).await;
        Ok(reply?.into_inner())
    }

    /// Checks the party and every peer, hop by hop.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn doctor(&self) -> Result<Replies<messages::Finding>, Error> {
        let reply = self.node.clone().doctor(messages::DoctorRequest {}).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// The members that the party has pinned.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn members(&self) -> Result<Vec<messages::Member>, Error> {
        let reply = self.node.clone().members(messages::MembersRequest {}).await;
        Ok(reply?.into_inner().members)
    }

    /// Assesses, admits, suspends, resumes or removes a member.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn change_member(
        &self,
        change: messages::MemberChange,
    ) -> Result<messages::Member, Error> {
        let reply = self.node.clone().change_member(change).await;
        Ok(reply?.into_inner())
    }

    /// Coverage of the catalogue, and the rules in force.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn catalogue(&self) -> Result<messages::CatalogueReply, Error> {
        Ok(self.node.clone().catalogue(messages::CatalogueRequest {}).await?.into_inner())
    }

    /// Asks the party to stop when its present turn is over.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn stop(&self) -> Result<(), Error> {
        let mut request = tonic::Request::new(messages::StopRequest {});
        request.set_timeout(PATIENCE);
        self.node.clone().stop(request).await?;
        Ok(())
    }
}
