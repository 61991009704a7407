//! The service `Runs`: asked for, followed, listed, run again.

use crate::{Client, Error, Replies, messages};

impl Client {
    /// Runs a private set intersection.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn psi(
        &self,
        request: messages::PsiRequest,
    ) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.runs.clone().psi(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Puts a list of claims to a holder.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn matching(
        &self,
        request: messages::MatchRequest,
    ) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.runs.clone().r#match(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Trains the model of a job.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn train(
        &self,
        request: messages::TrainRequest,
    ) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.runs.clone().train(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Scores firms one after another.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn score(
        &self,
        request: messages::ScoreRequest,
    ) -> Result<Replies<messages::ScoreReply>, Error> {
        let reply = self.runs.clone().score(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Scores a whole list in one run.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn batch(
        &self,
        request: messages::BatchRequest,
    ) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.runs.clone().batch(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Asks one formula about firms, one after another.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn verify(
        &self,
        request: messages::VerifyRequest,
    ) -> Result<Replies<messages::VerifyReply>, Error> {
        let reply = self.runs.clone().verify(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Hands our verification key over ahead of the first question.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn prepare_verification(
        &self,
        request: messages::PrepareRequest,
    ) -> Result<messages::PrepareReply, Error> {
        Ok(self.runs.clone().prepare_verification(request).await?.into_inner())
    }

    /// Earlier and present runs, newest first.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn runs(&self, request: messages::RunsRequest) -> Result<Vec<messages::Run>, Error> {
        let reply = self.runs.clone().runs(request).await;
        Ok(reply?.into_inner().runs)
    }

    /// Runs a failed run anew.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn again(&self, id: &str) -> Result<Replies<messages::RunEvent>, Error> {
        let request = messages::AgainRequest { id: id.into() };
        let reply = self.runs.clone().again(request).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Follows a run until it ends, whoever has begun it.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn watch_run(&self, id: String) -> Result<Replies<messages::RunEvent>, Error> {
        let reply = self.runs.clone().watch_run(messages::WatchRunRequest { id }).await;
        Ok(Replies(reply?.into_inner()))
    }

    /// Ends a run that is asked or under way, and returns its record so far.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn cancel_run(&self, id: String) -> Result<messages::Run, Error> {
        Ok(self.runs.clone().cancel_run(messages::CancelRunRequest { id }).await?.into_inner())
    }
}
