//! The service `Audit`: questions to the log, and the receipts of releases.

use crate::{Client, Error, messages};

impl Client {
    /// Who used what of the party's data.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn usage(
        &self,
        request: messages::UsageRequest,
    ) -> Result<messages::UsageReply, Error> {
        Ok(self.audit.clone().usage(request).await?.into_inner())
    }

    /// Everything that the party's log says of one subject.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn self_report(
        &self,
        request: messages::SelfReportRequest,
    ) -> Result<messages::SelfReportReply, Error> {
        Ok(self.audit.clone().self_report(request).await?.into_inner())
    }

    /// Reads the whole log and checks every record, hash and checkpoint.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn verify_log(&self) -> Result<messages::VerifyLogReply, Error> {
        Ok(self.audit.clone().verify_log(messages::VerifyLogRequest {}).await?.into_inner())
    }

    /// Inclusion of the record with this sequence number, under a fresh checkpoint.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn prove(&self, seq: u64) -> Result<messages::InclusionProof, Error> {
        Ok(self.audit.clone().prove(messages::ProveRequest { seq }).await?.into_inner())
    }

    /// What a receipt, or a run, came from.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn trace(&self, id: String) -> Result<messages::Traced, Error> {
        Ok(self.audit.clone().trace(messages::TraceRequest { id }).await?.into_inner())
    }

    /// What left against what was written down.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn reconcile(&self) -> Result<messages::ReconcileReply, Error> {
        Ok(self.audit.clone().reconcile(messages::ReconcileRequest {}).await?.into_inner())
    }

    /// Deposits a fresh checkpoint with the supervisor.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn deposit(&self) -> Result<messages::DepositReply, Error> {
        Ok(self.audit.clone().deposit(messages::DepositRequest {}).await?.into_inner())
    }

    /// As a supervisor: the last checkpoint of every log, and every alarm about one.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn deposits(&self) -> Result<messages::DepositsReply, Error> {
        Ok(self.audit.clone().deposits(messages::DepositsRequest {}).await?.into_inner())
    }

    /// The proofs of what a run released; of a match, about the subject of one row, from 1.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn receipt(
        &self,
        run: String,
        row: Option<u64>,
    ) -> Result<messages::ReceiptReply, Error> {
        Ok(self
            .audit
            .clone()
            .receipt(messages::ReceiptRequest { run, row: row.unwrap_or(0) })
            .await?
            .into_inner())
    }
}
