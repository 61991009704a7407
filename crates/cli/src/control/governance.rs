//! The calls about members, authorisations, the catalogue, the log and receipts.

use tokio_stream::Stream;
use tonic::Streaming;
use wire::control;

use super::{Control, refused};
use crate::document::Document;
use crate::failure::Failure;

impl Control {
    /// The members that the party has pinned.
    pub(crate) async fn members(&self) -> Result<Vec<control::Member>, Failure> {
        let reply = self.node.clone().members(control::MembersRequest {}).await;
        Ok(reply.map_err(refused)?.into_inner().members)
    }

    /// Assesses, admits, suspends, resumes or removes a member.
    pub(crate) async fn change_member(
        &self,
        change: control::MemberChange,
    ) -> Result<control::Member, Failure> {
        let reply = self.node.clone().change_member(change).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Lays a model of the configuration before its holders.
    pub(crate) async fn register_model(&self, model: String) -> Result<Document, Failure> {
        document(self.models.clone().register_model(control::ModelName { model }).await)
    }

    /// Countersigns a model, or refuses it.
    pub(crate) async fn judge_model(
        &self,
        request: control::JudgeModelRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().judge_model(request).await)
    }

    /// Takes a model out of use.
    pub(crate) async fn retire_model(
        &self,
        request: control::RetireModelRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().retire_model(request).await)
    }

    /// Registered models.
    pub(crate) async fn registrations(
        &self,
        request: control::RegistrationsRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().registrations(request).await)
    }

    /// Lays a training job before its parties.
    pub(crate) async fn propose_job(
        &self,
        request: control::ProposeJobRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().propose_job(request).await)
    }

    /// Training jobs.
    pub(crate) async fn jobs(&self, request: control::JobsRequest) -> Result<Document, Failure> {
        document(self.models.clone().jobs(request).await)
    }

    /// Accepts a training job, or refuses it.
    pub(crate) async fn judge_job(
        &self,
        request: control::JudgeJobRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().judge_job(request).await)
    }

    /// Withdraws a training job.
    pub(crate) async fn withdraw_job(
        &self,
        request: control::WithdrawJobRequest,
    ) -> Result<Document, Failure> {
        document(self.models.clone().withdraw_job(request).await)
    }

    /// Hands our verification key over ahead of the first question.
    pub(crate) async fn prepare_verification(
        &self,
        request: control::PrepareRequest,
    ) -> Result<Document, Failure> {
        document(self.runs.clone().prepare_verification(request).await)
    }

    /// Hands an authorisation, or a change to one, to the registry.
    pub(crate) async fn submit(&self, envelope: Vec<u8>) -> Result<Document, Failure> {
        document(
            self.authorisations
                .clone()
                .submit(control::SubmitRequest { envelope: envelope.into() })
                .await,
        )
    }

    /// Suspends, resumes or voids an authorisation by office.
    pub(crate) async fn intervene(
        &self,
        request: control::InterveneRequest,
    ) -> Result<Document, Failure> {
        document(self.authorisations.clone().intervene(request).await)
    }

    /// All authorisations that the party knows, or the history of one.
    pub(crate) async fn authorisations(
        &self,
        request: control::AuthorisationsRequest,
    ) -> Result<Document, Failure> {
        document(self.authorisations.clone().authorisations(request).await)
    }

    /// The lines of a bundle of a lender's authorisations.
    pub(crate) async fn export_bundle(
        &self,
        lender: String,
    ) -> Result<Streaming<control::BundleLine>, Failure> {
        let request = control::ExportBundleRequest { lender };
        let reply = self.authorisations.clone().export_bundle(request).await;
        Ok(reply.map_err(refused)?.into_inner())
    }

    /// Takes in the lines of a bundle.
    pub(crate) async fn import_bundle(
        &self,
        lines: impl Stream<Item = control::BundleLine> + Send + 'static,
    ) -> Result<Document, Failure> {
        document(self.authorisations.clone().import_bundle(lines).await)
    }

    /// Coverage of the catalogue, and the rules in force.
    pub(crate) async fn catalogue(&self) -> Result<Document, Failure> {
        document(self.node.clone().catalogue(control::CatalogueRequest {}).await)
    }

    /// Who used what of the party's data.
    pub(crate) async fn usage(&self, request: control::UsageRequest) -> Result<Document, Failure> {
        document(self.audit.clone().usage(request).await)
    }

    /// Everything that the party's log says of one subject.
    pub(crate) async fn self_report(
        &self,
        request: control::SelfReportRequest,
    ) -> Result<Document, Failure> {
        document(self.audit.clone().self_report(request).await)
    }

    /// Takes in a list of revoked keys; those that count where there is none.
    pub(crate) async fn key_revocations(&self, envelope: Vec<u8>) -> Result<Document, Failure> {
        let request = control::KeyRevocationsRequest { envelope: envelope.into() };
        document(self.authorisations.clone().key_revocations(request).await)
    }

    /// A question to the audit log.
    pub(crate) async fn audit(
        &self,
        ask: control::audit_request::Ask,
    ) -> Result<Document, Failure> {
        let request = control::AuditRequest { ask: Some(ask) };
        document(self.audit.clone().audit(request).await)
    }

    /// The proofs of what a run released; of a match, about the subject of one row, from 1.
    pub(crate) async fn receipt(&self, run: String, row: Option<u64>) -> Result<Document, Failure> {
        let request = control::ReceiptRequest { run, row: row.unwrap_or(0) };
        document(self.audit.clone().receipt(request).await)
    }
}

fn document(
    reply: Result<tonic::Response<control::Document>, tonic::Status>,
) -> Result<Document, Failure> {
    Document::read(reply.map_err(refused)?.into_inner().json)
}
