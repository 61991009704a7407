//! The service `Authorisations`: submitted, changed by office, listed, carried to parties that are offline.

use std::sync::Arc;

use domain::PartyId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use wire::control::{self, authorisations_server};

use crate::control::{Events, Operator, documented, failed, parse};
use crate::governance::{registry, reports, revocations, statements, submission};

#[tonic::async_trait]
impl authorisations_server::Authorisations for Operator {
    async fn submit(
        &self,
        request: Request<control::SubmitRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let envelope = request.into_inner().envelope;
        documented(async move {
            let statement = submission::submit(&node, &envelope).await?;
            reports::stated(&node, &statement)
        })
        .await
    }

    async fn intervene(
        &self,
        request: Request<control::InterveneRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::InterveneRequest { authorisation, change, reason } = request.into_inner();
        documented(async move {
            let stated = registry::intervene(&node, &authorisation, &change, &reason).await?;
            reports::stated(&node, &stated)
        })
        .await
    }

    async fn authorisations(
        &self,
        request: Request<control::AuthorisationsRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let control::AuthorisationsRequest { authorisation, limit } = request.into_inner();
        let limit = if limit == 0 { 50 } else { limit };
        let node = Arc::clone(&self.0);
        documented(async move { reports::authorisations(&node, &authorisation, limit).await }).await
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
    ) -> Result<Response<control::Document>, Status> {
        let mut lines = request.into_inner();
        let mut bundle = statements::Import::default();
        while let Some(control::BundleLine { line }) = lines.message().await? {
            bundle.take(&self.0, &line).await.map_err(|trouble| failed(&trouble))?;
        }
        documented(async move { bundle.finish() }).await
    }

    async fn key_revocations(
        &self,
        request: Request<control::KeyRevocationsRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let envelope = request.into_inner().envelope;
        let node = Arc::clone(&self.0);
        documented(async move {
            match envelope.is_empty() {
                true => revocations::report(&node).await,
                false => revocations::take(&node, &envelope).await,
            }
        })
        .await
    }
}
