//! The service `Authorisations`: submitted, changed by office, listed, carried to parties that are offline.

use std::sync::Arc;

use domain::PartyId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use wire::control::{self, authorisations_server};

use crate::control::{Events, Operator, answered, failed};
use crate::governance::{registry, reports, revocations, statements, submission};
use crate::request::parse;

#[tonic::async_trait]
impl authorisations_server::Authorisations for Operator {
    async fn submit(
        &self,
        request: Request<control::SubmitRequest>,
    ) -> Result<Response<control::Statement>, Status> {
        let node = Arc::clone(&self.0);
        let envelope = request.into_inner().envelope;
        answered(async move {
            let statement = submission::submit(&node, &envelope).await?;
            reports::stated(&node, &statement)
        })
        .await
    }

    async fn intervene(
        &self,
        request: Request<control::InterveneRequest>,
    ) -> Result<Response<control::Statement>, Status> {
        let node = Arc::clone(&self.0);
        let request = request.into_inner();
        answered(async move {
            let (id, change) = (&request.authorisation, request.change());
            let stated = registry::intervene(&node, id, change, &request.reason).await?;
            reports::stated(&node, &stated)
        })
        .await
    }

    async fn authorisations(
        &self,
        request: Request<control::AuthorisationsRequest>,
    ) -> Result<Response<control::AuthorisationsReply>, Status> {
        let limit = request.into_inner().limit;
        let limit = if limit == 0 { 50 } else { limit };
        let node = Arc::clone(&self.0);
        answered(async move { reports::authorisations(&node, limit).await }).await
    }

    async fn history(
        &self,
        request: Request<control::HistoryRequest>,
    ) -> Result<Response<control::HistoryReply>, Status> {
        let (node, id) = (Arc::clone(&self.0), request.into_inner().authorisation);
        answered(async move { reports::history(&node, &id).await }).await
    }

    type ExportBundleStream = Events<control::BundleLine>;

    async fn export_bundle(
        &self,
        request: Request<control::ExportBundleRequest>,
    ) -> Result<Response<Self::ExportBundleStream>, Status> {
        let lender = parse::<PartyId>(&request.into_inner().lender).map_err(|t| failed(&t))?;
        let (lines, told) = mpsc::channel(8);
        let node = Arc::clone(&self.0);
        tokio::spawn(async move {
            if let Err(trouble) = submission::export(&node, &lender, &lines).await {
                let _ = lines.send(Err(failed(&trouble))).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    async fn import_bundle(
        &self,
        request: Request<Streaming<control::BundleLine>>,
    ) -> Result<Response<control::ImportBundleReply>, Status> {
        let mut lines = request.into_inner();
        let mut bundle = statements::Import::default();
        while let Some(control::BundleLine { line }) = lines.message().await? {
            bundle.take(&self.0, &line).await.map_err(|trouble| failed(&trouble))?;
        }
        answered(async move { bundle.finish() }).await
    }

    async fn take_key_revocations(
        &self,
        request: Request<control::TakeKeyRevocationsRequest>,
    ) -> Result<Response<control::TakeKeyRevocationsReply>, Status> {
        let (node, envelope) = (Arc::clone(&self.0), request.into_inner().envelope);
        answered(async move { revocations::take(&node, &envelope).await }).await
    }

    async fn key_revocations(
        &self,
        _request: Request<control::KeyRevocationsRequest>,
    ) -> Result<Response<control::KeyRevocationsReply>, Status> {
        let node = Arc::clone(&self.0);
        answered(async move { revocations::report(&node).await }).await
    }
}
