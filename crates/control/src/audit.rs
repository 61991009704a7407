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
    ) -> Result<messages::Document, Error> {
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
    ) -> Result<messages::Document, Error> {
        Ok(self.audit.clone().self_report(request).await?.into_inner())
    }

    /// A question to the audit log.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn audit(
        &self,
        ask: messages::audit_request::Ask,
    ) -> Result<messages::Document, Error> {
        let request = messages::AuditRequest { ask: Some(ask) };
        Ok(self.audit.clone().audit(request).await?.into_inner())
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
    ) -> Result<messages::Document, Error> {
        let request = messages::ReceiptRequest { run, row: row.unwrap_or(0) };
        Ok(self.audit.clone().receipt(request).await?.into_inner())
    }
}
