//! The service `Runs`: asked for, followed, listed, run again.

use std::sync::Arc;
use std::time::Instant;

use domain::SubjectKind;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wire::control::{self, runs_server, score_reply, verify_reply};

use crate::Trouble;
use crate::control::watch::{followed, shown, watched};
use crate::control::{Events, Operator, answered, failed};
use crate::kinds::{batch, matching, psi, score, train, verify};
use crate::request::{self, named, ours, parse, path_of};
use crate::runs::letters::Letters;
use crate::runs::{again, cancel};

#[tonic::async_trait]
impl runs_server::Runs for Operator {
    type PsiStream = Events<control::RunEvent>;

    async fn psi(
        &self,
        request: Request<control::PsiRequest>,
    ) -> Result<Response<Self::PsiStream>, Status> {
        let node = Arc::clone(&self.0);
        let ask = psi::Ask::read(&node, request.into_inner());
        Ok(watched(move |watcher| async move { psi::ask(&node, ask?, watcher).await }))
    }

    type ScoreStream = Events<control::ScoreReply>;

    async fn score(
        &self,
        request: Request<control::ScoreRequest>,
    ) -> Result<Response<Self::ScoreStream>, Status> {
        let request = request.into_inner();
        let (kind, purpose) = (request.kind(), request.purpose);
        let control::ScoreRequest { model, subjects, authorisations, .. } = request;
        let node = Arc::clone(&self.0);
        let opened = async {
            let kind: SubjectKind = ours(kind)?;
            let letters = Letters::new(request::purpose(purpose)?, authorisations)?;
            Ok((score::ModelView::open(&node, &parse(&model)?).await?, kind, letters))
        };
        let (view, kind, letters) = opened.await.map_err(|trouble: Trouble| failed(&trouble))?;
        let (replies, told) = mpsc::channel(8);
        let node = Arc::clone(&self.0);
        tokio::spawn(async move {
            for subject in subjects {
                let asked = Instant::now();
                let (run, outcome) = view.score(&node, kind, &subject, &letters).await;
                let latency_us = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
                let reply = control::ScoreReply {
                    subject,
                    run: run.map(|run| run.to_string()).unwrap_or_default(),
                    outcome: Some(match outcome {
                        Ok(reading) => score_reply::Outcome::Score(control::Score {
                            points: reading.points.into(),
                            score: reading.score.into(),
                            probability: reading.probability,
                            grade: reading.grade.unwrap_or_default(),
                        }),
                        Err(trouble) => score_reply::Outcome::Failed(trouble.to_control()),
                    }),
                    latency_us,
                };
                if replies.send(Ok(reply)).await.is_err() {
                    // The operator has gone: nobody waits for the rest.
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    type BatchStream = Events<control::RunEvent>;

    async fn batch(
        &self,
        request: Request<control::BatchRequest>,
    ) -> Result<Response<Self::BatchStream>, Status> {
        let node = Arc::clone(&self.0);
        let ask = batch::Ask::read(request.into_inner());
        Ok(watched(move |watcher| async move { batch::ask(&node, ask?, watcher).await }))
    }

    type VerifyStream = Events<control::VerifyReply>;

    async fn verify(
        &self,
        request: Request<control::VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        let kind = request.get_ref().kind();
        let control::VerifyRequest { formula, sealed, subjects, authorisations, .. } =
            request.get_ref();
        let opened = || {
            let platform = named(&request.get_ref().platform)?;
            let purpose = request::purpose(request.get_ref().purpose)?;
            let letters = Letters::new(purpose, authorisations.clone())?;
            verify::PreparedFormula::open(
                &self.0,
                (formula, sealed),
                platform,
                ours(kind)?,
                letters,
            )
        };
        let (replies, told) = mpsc::channel(8);
        let view = match opened() {
            Ok(view) => view,
            Err(verify::NotAsked::Trouble(trouble)) => return Err(failed(&trouble)),
            Err(verify::NotAsked::Mistake { at, en, zh }) => {
                let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let text = Some(control::Text { en, zh });
                let (start, end) = (place(at.start), place(at.end));
                let mistake = control::Mistake { text, start, end };
                let outcome = Some(verify_reply::Outcome::Mistake(mistake));
                // The channel has room, and its other end is here.
                let _ =
                    replies.try_send(Ok(control::VerifyReply { outcome, ..Default::default() }));
                return Ok(Response::new(Box::pin(ReceiverStream::new(told))));
            }
        };
        let (node, subjects) = (Arc::clone(&self.0), subjects.clone());
        tokio::spawn(async move {
            for subject in subjects {
                let asked = Instant::now();
                let (run, outcome) = view.verify(&node, &subject).await;
                let latency_us = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
                let reply = control::VerifyReply {
                    subject,
                    run: run.map(|run| run.to_string()).unwrap_or_default(),
                    outcome: Some(match outcome {
                        Ok(answer) => {
                            verify_reply::Outcome::Answer(control::Answer::from(answer).into())
                        }
                        Err(trouble) => verify_reply::Outcome::Failed(trouble.to_control()),
                    }),
                    latency_us,
                };
                if replies.send(Ok(reply)).await.is_err() {
                    // The operator has gone: nobody waits for the rest.
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    async fn prepare_verification(
        &self,
        request: Request<control::PrepareRequest>,
    ) -> Result<Response<control::PrepareReply>, Status> {
        let node = Arc::clone(&self.0);
        let platform = request.into_inner().platform;
        answered(async move { verify::prepare(&node, named(&platform)?).await }).await
    }

    type MatchStream = Events<control::RunEvent>;

    async fn r#match(
        &self,
        request: Request<control::MatchRequest>,
    ) -> Result<Response<Self::MatchStream>, Status> {
        let node = Arc::clone(&self.0);
        let ask = matching::Ask::read(request.into_inner());
        Ok(watched(move |watcher| async move { matching::ask(&node, ask?, watcher).await }))
    }

    type TrainStream = Events<control::RunEvent>;

    async fn train(
        &self,
        request: Request<control::TrainRequest>,
    ) -> Result<Response<Self::TrainStream>, Status> {
        let node = Arc::clone(&self.0);
        let control::TrainRequest { job, result, proposer } = request.into_inner();
        let result = path_of(result);
        Ok(watched(move |watcher| async move {
            let job = (parse(&job)?, named(&proposer)?);
            train::train(&node, job, result, watcher).await
        }))
    }

    async fn runs(
        &self,
        request: Request<control::RunsRequest>,
    ) -> Result<Response<control::RunsReply>, Status> {
        let control::RunsRequest { limit, id } = request.into_inner();
        let limit = if limit == 0 { 50 } else { limit };
        let runs = self.0.store.runs(&id, limit).await.map_err(|error| failed(&error.into()))?;
        Ok(Response::new(control::RunsReply { runs: runs.into_iter().map(shown).collect() }))
    }

    type AgainStream = Events<control::RunEvent>;

    async fn again(
        &self,
        request: Request<control::AgainRequest>,
    ) -> Result<Response<Self::AgainStream>, Status> {
        let node = Arc::clone(&self.0);
        let id = request.into_inner().id;
        Ok(watched(move |watcher| async move { again::again(&node, &id, watcher).await }))
    }

    type WatchRunStream = Events<control::RunEvent>;

    async fn watch_run(
        &self,
        request: Request<control::WatchRunRequest>,
    ) -> Result<Response<Self::WatchRunStream>, Status> {
        let run = again::found(&self.0, &request.get_ref().id).await;
        let run = run.map_err(|trouble| failed(&trouble))?;
        Ok(followed(Arc::clone(&self.0), run))
    }

    async fn cancel_run(
        &self,
        request: Request<control::CancelRunRequest>,
    ) -> Result<Response<control::Run>, Status> {
        let (node, id) = (Arc::clone(&self.0), request.into_inner().id);
        answered(async move { Ok(shown(cancel::cancel(&node, &id).await?)) }).await
    }
}
