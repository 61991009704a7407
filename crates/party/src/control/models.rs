//! The service `Models`: models and the jobs that train them.

use std::path::Path;
use std::sync::Arc;

use domain::{ModelId, PartyId};
use tonic::{Request, Response, Status};
use wire::control::{self, models_server};

use crate::Trouble;
use crate::control::watch::watched;
use crate::control::{Events, Operator, answered, failed, reason_of};
use crate::governance::jobs::party::{Judgement, RowsTable};
use crate::governance::{jobs, models};
use crate::kinds::issue;
use crate::node::Node;
use crate::request::{check, named, parse};

#[tonic::async_trait]
impl models_server::Models for Operator {
    async fn register_model(
        &self,
        request: Request<control::RegisterModelRequest>,
    ) -> Result<Response<control::ModelReply>, Status> {
        let node = Arc::clone(&self.0);
        let model = request.into_inner().model;
        answered(async move { models::platform::register(&node, &parse(&model)?).await }).await
    }

    async fn judge_model(
        &self,
        request: Request<control::JudgeModelRequest>,
    ) -> Result<Response<control::ModelReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::JudgeModelRequest { model, platform, countersign, reason } =
            request.into_inner();
        answered(async move {
            let refusal = (!countersign).then(|| reason_of(reason)).transpose()?;
            let platform = named(&platform)?;
            models::holder::judge(&node, &parse(&model)?, platform.as_ref(), refusal).await
        })
        .await
    }

    async fn retire_model(
        &self,
        request: Request<control::RetireModelRequest>,
    ) -> Result<Response<control::ModelReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::RetireModelRequest { model, reason } = request.into_inner();
        answered(async move {
            models::platform::retire(&node, &parse(&model)?, reason_of(reason)?).await
        })
        .await
    }

    async fn registrations(
        &self,
        request: Request<control::RegistrationsRequest>,
    ) -> Result<Response<control::RegistrationsReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::RegistrationsRequest { model, platform } = request.into_inner();
        answered(async move {
            let (model, platform) = (named(&model)?, named(&platform)?);
            models::show::registrations(&node, model.as_ref(), platform.as_ref()).await
        })
        .await
    }

    type PublishStream = Events<control::RunEvent>;

    async fn publish(
        &self,
        request: Request<control::PublishRequest>,
    ) -> Result<Response<Self::PublishStream>, Status> {
        let node = Arc::clone(&self.0);
        let control::PublishRequest { model, lender } = request.into_inner();
        Ok(watched(move |watcher| async move {
            let (model, lender) = (parse::<ModelId>(&model)?, parse::<PartyId>(&lender)?);
            issue::publish(&node, &model, &lender, watcher).await
        }))
    }

    async fn models(
        &self,
        _request: Request<control::ModelsRequest>,
    ) -> Result<Response<control::ModelsReply>, Status> {
        let models = self.0.store.models().await.map_err(|error| failed(&error.into()))?;
        let models = models.into_iter().map(|model| control::Model {
            model: model.model.to_string(),
            digest: hex::encode(model.digest),
            part: models::show::part(model.part).into(),
            lender: model.lender.to_string(),
            platform: model.platform.to_string(),
            holders: model.holders.iter().map(ToString::to_string).collect(),
            retired: model.retired,
        });
        Ok(Response::new(control::ModelsReply { models: models.collect() }))
    }

    async fn propose_job(
        &self,
        request: Request<control::ProposeJobRequest>,
    ) -> Result<Response<control::JobReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::ProposeJobRequest { job, folder } = request.into_inner();
        answered(async move { jobs::proposer::propose(&node, &job, Path::new(&folder)).await })
            .await
    }

    async fn jobs(
        &self,
        request: Request<control::JobsRequest>,
    ) -> Result<Response<control::JobsReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::JobsRequest { job, proposer } = request.into_inner();
        answered(async move {
            let (job, proposer) = (named(&job)?, named(&proposer)?);
            jobs::show::jobs(&node, job.as_ref(), proposer.as_ref()).await
        })
        .await
    }

    async fn judge_job(
        &self,
        request: Request<control::JudgeJobRequest>,
    ) -> Result<Response<control::JobReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::JudgeJobRequest { job, proposer, accept, reason, rows } = request.into_inner();
        answered(async move {
            let judgement = match (accept, rows) {
                (true, rows) => {
                    Judgement::Accept(rows.map(|rows| rows_table(&node, rows)).transpose()?)
                }
                (false, _) => Judgement::Refuse(reason_of(reason)?),
            };
            let proposer = named(&proposer)?;
            jobs::party::judge(&node, &parse(&job)?, proposer.as_ref(), judgement).await
        })
        .await
    }

    async fn withdraw_job(
        &self,
        request: Request<control::WithdrawJobRequest>,
    ) -> Result<Response<control::JobReply>, Status> {
        let node = Arc::clone(&self.0);
        let control::WithdrawJobRequest { job, reason } = request.into_inner();
        answered(
            async move { jobs::proposer::withdraw(&node, &parse(&job)?, reason_of(reason)?).await },
        )
        .await
    }
}

/// Where the lender of a platform's job has its rows.
fn rows_table(node: &Node, rows: control::JobRowsTable) -> Result<RowsTable, Trouble> {
    let check = check(rows.check)?;
    Ok(RowsTable { file: node.uploads.input(rows.file)?, column: rows.column, check })
}
