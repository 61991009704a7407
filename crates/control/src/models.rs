//! The service `Models`: models and the jobs that train them.

use crate::{Client, Error, Replies, messages};

impl Client {
    /// Lays a model of the configuration before its holders.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn register_model(&self, model: String) -> Result<messages::ModelReply, Error> {
        Ok(self
            .models
            .clone()
            .register_model(messages::RegisterModelRequest { model })
            .await?
            .into_inner())
    }

    /// Countersigns a model, or refuses it.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn judge_model(
        &self,
        request: messages::JudgeModelRequest,
    ) -> Result<messages::ModelReply, Error> {
        Ok(self.models.clone().judge_model(request).await?.into_inner())
    }

    /// Takes a model out of use.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn retire_model(
        &self,
        request: messages::RetireModelRequest,
    ) -> Result<messages::ModelReply, Error> {
        Ok(self.models.clone().retire_model(request).await?.into_inner())
    }

    /// Registered models.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn registrations(
        &self,
        request: messages::RegistrationsRequest,
    ) -> Result<messages::RegistrationsReply, Error> {
        Ok(self.models.clone().registrations(request).await?.into_inner())
    }

    /// Encrypts a model's points for a lender.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn publish(
        &self,
        request: messages::PublishRequest,
    ) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.models.clone().publish(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// The models that the party knows.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn models(&self) -> Result<Vec<messages::Model>, Error> {
        let reply = self.models.clone().models(messages::ModelsRequest {}).await;
        Ok(reply?.into_inner().models)
    }

    /// Lays a training job before its parties.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn propose_job(
        &self,
        request: messages::ProposeJobRequest,
    ) -> Result<messages::JobReply, Error> {
        Ok(self.models.clone().propose_job(request).await?.into_inner())
    }

    /// Training jobs.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn jobs(&self, request: messages::JobsRequest) -> Result<messages::JobsReply, Error> {
        Ok(self.models.clone().jobs(request).await?.into_inner())
    }

    /// Accepts a training job, or refuses it.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn judge_job(
        &self,
        request: messages::JudgeJobRequest,
    ) -> Result<messages::JobReply, Error> {
        Ok(self.models.clone().judge_job(request).await?.into_inner())
    }

    /// Withdraws a training job.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn withdraw_job(
        &self,
        request: messages::WithdrawJobRequest,
    ) -> Result<messages::JobReply, Error> {
        Ok(self.models.clone().withdraw_job(request).await?.into_inner())
    }
}
