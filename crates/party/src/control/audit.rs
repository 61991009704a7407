//! The service `Audit`: questions to the log, and the receipts of releases.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use wire::control::{self, audit_server};

use crate::clock::now_ms;
use crate::control::{Operator, answered};
use crate::governance::{deposits, proofs, reports, usage};
use crate::request::{ours, parse};

#[tonic::async_trait]
impl audit_server::Audit for Operator {
    async fn usage(
        &self,
        request: Request<control::UsageRequest>,
    ) -> Result<Response<control::UsageReply>, Status> {
        let control::UsageRequest { from_ms, until_ms } = request.into_inner();
        let until_ms = if until_ms == 0 { now_ms() } else { until_ms };
        // Logs begin no earlier than 2000.
        let from_ms = from_ms.max(946_684_800_000);
        let node = Arc::clone(&self.0);
        answered(async move {
            let (from, until) = (reports::time(from_ms)?, reports::time(until_ms)?);
            usage::used(&node, from, until).await
        })
        .await
    }

    async fn self_report(
        &self,
        request: Request<control::SelfReportRequest>,
    ) -> Result<Response<control::SelfReportReply>, Status> {
        let node = Arc::clone(&self.0);
        let request = request.into_inner();
        answered(async move { reports::own(&node, ours(request.kind())?, &request.subject).await })
            .await
    }

    async fn verify_log(
        &self,
        _request: Request<control::VerifyLogRequest>,
    ) -> Result<Response<control::VerifyLogReply>, Status> {
        let node = Arc::clone(&self.0);
        answered(async move { reports::verify(&node).await }).await
    }

    async fn prove(
        &self,
        request: Request<control::ProveRequest>,
    ) -> Result<Response<control::InclusionProof>, Status> {
        let (node, seq) = (Arc::clone(&self.0), request.into_inner().seq);
        answered(async move { reports::prove(&node, seq).await }).await
    }

    async fn trace(
        &self,
        request: Request<control::TraceRequest>,
    ) -> Result<Response<control::Traced>, Status> {
        let (node, id) = (Arc::clone(&self.0), request.into_inner().id);
        answered(async move { reports::trace_of(&node, &id).await }).await
    }

    async fn reconcile(
        &self,
        _request: Request<control::ReconcileRequest>,
    ) -> Result<Response<control::ReconcileReply>, Status> {
        let node = Arc::clone(&self.0);
        answered(async move { reports::reconciled(&node).await }).await
    }

    async fn deposit(
        &self,
        _request: Request<control::DepositRequest>,
    ) -> Result<Response<control::DepositReply>, Status> {
        let node = Arc::clone(&self.0);
        answered(async move {
            let (head, supervisor) = deposits::deposit(&node).await?;
            let (root, supervisor) = (head.root.to_string(), supervisor.to_string());
            Ok(control::DepositReply { size: head.size, root, supervisor })
        })
        .await
    }

    async fn deposits(
        &self,
        _request: Request<control::DepositsRequest>,
    ) -> Result<Response<control::DepositsReply>, Status> {
        let node = Arc::clone(&self.0);
        answered(async move { deposits::report(&node).await }).await
    }

    async fn receipt(
        &self,
        request: Request<control::ReceiptRequest>,
    ) -> Result<Response<control::ReceiptReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::ReceiptRequest { run, row } = request.into_inner();
        answered(async move {
            let proofs = proofs::collect(&node, parse(&run)?, (row > 0).then_some(row)).await?;
            Ok(control::ReceiptReply { proofs })
        })
        .await
    }
}
