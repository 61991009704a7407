//! The service `Audit`: questions to the log, and the receipts of releases.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use wire::control::audit_request::Ask;
use wire::control::{self, audit_server};

use crate::Trouble;
use crate::clock::now_ms;
use crate::control::{Operator, documented, parse};
use crate::governance::{deposits, proofs, reports, usage};

#[tonic::async_trait]
impl audit_server::Audit for Operator {
    async fn usage(
        &self,
        request: Request<control::UsageRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let control::UsageRequest { from_ms, until_ms } = request.into_inner();
        let until_ms = if until_ms == 0 { now_ms() } else { until_ms };
        // Logs begin no earlier than 2000.
        let from_ms = from_ms.max(946_684_800_000);
        let node = Arc::clone(&self.0);
        documented(async move {
            let (from, until) = (reports::time(from_ms)?, reports::time(until_ms)?);
            usage::used(&node, from, until).await
        })
        .await
    }

    async fn self_report(
        &self,
        request: Request<control::SelfReportRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let control::SelfReportRequest { kind, subject } = request.into_inner();
        let node = Arc::clone(&self.0);
        documented(async move { reports::own(&node, parse(&kind)?, &subject).await }).await
    }

    async fn audit(
        &self,
        request: Request<control::AuditRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let ask = request.into_inner().ask;
        documented(async move {
            match ask {
                Some(Ask::Verify(_)) => reports::verify(&node).await,
                Some(Ask::Prove(seq)) => reports::prove(&node, seq).await,
                Some(Ask::Trace(text)) => reports::trace_of(&node, &text).await,
                Some(Ask::Reconcile(_)) => reports::reconciled(&node).await,
                Some(Ask::Deposit(_)) => {
                    let (head, supervisor) = deposits::deposit(&node).await?;
                    Ok(serde_json::json!({
                        "size": head.size, "root": head.root, "supervisor": supervisor,
                    }))
                }
                Some(Ask::Deposits(_)) => deposits::report(&node).await,
                None => Err(Trouble::said("USAGE", &"nothing was asked")),
            }
        })
        .await
    }

    async fn receipt(
        &self,
        request: Request<control::ReceiptRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::ReceiptRequest { run, row } = request.into_inner();
        documented(async move {
            let proofs = proofs::collect(&node, parse(&run)?, (row > 0).then_some(row)).await?;
            let proofs: Vec<serde_json::Value> =
                proofs.iter().map(|proof| proof.as_str().into()).collect();
            Ok(serde_json::json!({ "proofs": proofs }))
        })
        .await
    }
}
