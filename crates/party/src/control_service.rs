//! What the party's own operator may call.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CheckMode, MemberChange, ModelId, PartyId, Purpose, SubjectKind};
use nix::sys::resource::{UsageWho, getrusage};
use store::StoredRun;
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use wire::control::audit_request::Ask;
use wire::control::control_server::Control;
use wire::control::{self, run_event, score_reply, verify_reply};

use crate::clock::{now_ms, today};
use crate::config::{Output, PsiProtocol};
use crate::detached::detached;
use crate::governance::{
    deposits, jobs, members, models, proofs, registry, reports, revocations, statements,
    submission, usage,
};
use crate::identity::Peer;
use crate::node::Node;
use crate::runs::letters::Letters;
use crate::runs::{Progress, Watcher, again, batch, issue, matching, psi, score, train, verify};
use crate::{Trouble, doctor, setup};

/// The operator's side of a party.
pub(crate) struct ControlService(pub(crate) Arc<Node>);

type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// How often a run's progress is told.
const TELL: Duration = Duration::from_millis(200);

#[tonic::async_trait]
impl Control for ControlService {
    async fn status(
        &self,
        _request: Request<control::StatusRequest>,
    ) -> Result<Response<control::StatusReply>, Status> {
        Ok(Response::new(status(&self.0)))
    }

    type DoctorStream = Events<control::Finding>;

    async fn doctor(
        &self,
        _request: Request<control::DoctorRequest>,
    ) -> Result<Response<Self::DoctorStream>, Status> {
        let (findings, told) = mpsc::channel(8);
        let node = Arc::clone(&self.0);
        tokio::spawn(async move { doctor::examine(&node, &findings).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    type PsiStream = Events<control::RunEvent>;

    async fn psi(
        &self,
        request: Request<control::PsiRequest>,
    ) -> Result<Response<Self::PsiStream>, Status> {
        let node = Arc::clone(&self.0);
        let ask = understood(&node, request.into_inner());
        Ok(watched(move |watcher| async move { psi::ask(&node, ask?, watcher).await }))
    }

    async fn register_model(
        &self,
        request: Request<control::ModelName>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let model = request.into_inner().model;
        documented(async move { models::platform::register(&node, &parse(&model)?).await }).await
    }

    async fn judge_model(
        &self,
        request: Request<control::JudgeModelRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::JudgeModelRequest { model, platform, countersign, reason } =
            request.into_inner();
        documented(async move {
            let refusal = (!countersign).then(|| reason_of(reason)).transpose()?;
            let platform = named(&platform)?;
            models::holder::judge(&node, &parse(&model)?, platform.as_ref(), refusal).await
        })
        .await
    }

    async fn retire_model(
        &self,
        request: Request<control::RetireModelRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::RetireModelRequest { model, reason } = request.into_inner();
        documented(async move {
            models::platform::retire(&node, &parse(&model)?, reason_of(reason)?).await
        })
        .await
    }

    async fn registrations(
        &self,
        request: Request<control::RegistrationsRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::RegistrationsRequest { model, platform } = request.into_inner();
        documented(async move {
            let model = if model.is_empty() { None } else { Some(parse::<ModelId>(&model)?) };
            let platform = named(&platform)?;
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
            part: model.part.to_string(),
            lender: model.lender.to_string(),
            platform: model.platform.to_string(),
            holders: model.holders.iter().map(ToString::to_string).collect(),
            retired: model.retired,
        });
        Ok(Response::new(control::ModelsReply { models: models.collect() }))
    }

    type ScoreStream = Events<control::ScoreReply>;

    async fn score(
        &self,
        request: Request<control::ScoreRequest>,
    ) -> Result<Response<Self::ScoreStream>, Status> {
        let control::ScoreRequest { model, kind, subjects, authorisations, purpose } =
            request.into_inner();
        let node = Arc::clone(&self.0);
        let opened = async {
            let kind = parse::<SubjectKind>(&kind)?;
            let letters = Letters::new(purpose_of(&purpose)?, authorisations)?;
            Ok((score::Desk::open(&node, &parse(&model)?).await?, kind, letters))
        };
        let (desk, kind, letters) = opened.await.map_err(|trouble: Trouble| failed(&trouble))?;
        let (replies, told) = mpsc::channel(8);
        let node = Arc::clone(&self.0);
        tokio::spawn(async move {
            for subject in subjects {
                let asked = Instant::now();
                let (run, outcome) = desk.score(&node, kind, &subject, &letters).await;
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
        let ask = list_asked(request.into_inner());
        Ok(watched(move |watcher| async move { batch::ask(&node, ask?, watcher).await }))
    }

    type MatchStream = Events<control::RunEvent>;

    async fn r#match(
        &self,
        request: Request<control::MatchRequest>,
    ) -> Result<Response<Self::MatchStream>, Status> {
        let node = Arc::clone(&self.0);
        let ask = claims_asked(request.into_inner());
        Ok(watched(move |watcher| async move { matching::ask(&node, ask?, watcher).await }))
    }

    type VerifyStream = Events<control::VerifyReply>;

    async fn verify(
        &self,
        request: Request<control::VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        let control::VerifyRequest { formula, sealed, kind, subjects, authorisations, .. } =
            request.get_ref();
        let opened = || {
            let platform = named(&request.get_ref().platform)?;
            let purpose = purpose_of(&request.get_ref().purpose)?;
            let letters = Letters::new(purpose, authorisations.clone())?;
            verify::Desk::open(&self.0, (formula, sealed), platform, parse(kind)?, letters)
        };
        let (replies, told) = mpsc::channel(8);
        let desk = match opened() {
            Ok(desk) => desk,
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
                let (run, outcome) = desk.verify(&node, &subject).await;
                let latency_us = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
                let reply = control::VerifyReply {
                    subject,
                    run: run.map(|run| run.to_string()).unwrap_or_default(),
                    outcome: Some(match outcome {
                        Ok(answer) => verify_reply::Outcome::Answer(answer.code().into()),
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
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let platform = request.into_inner().platform;
        documented(async move { verify::prepare(&node, named(&platform)?).await }).await
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

    async fn propose_job(
        &self,
        request: Request<control::ProposeJobRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::ProposeJobRequest { job, folder } = request.into_inner();
        documented(
            async move { jobs::proposer::propose(&node, &job, &PathBuf::from(folder)).await },
        )
        .await
    }

    async fn jobs(
        &self,
        request: Request<control::JobsRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::JobsRequest { job, proposer } = request.into_inner();
        documented(async move {
            let job = if job.is_empty() { None } else { Some(parse::<ModelId>(&job)?) };
            jobs::show::jobs(&node, job.as_ref(), named(&proposer)?.as_ref()).await
        })
        .await
    }

    async fn judge_job(
        &self,
        request: Request<control::JudgeJobRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::JudgeJobRequest { job, proposer, accept, reason } = request.into_inner();
        documented(async move {
            let refusal = (!accept).then(|| reason_of(reason)).transpose()?;
            let proposer = named(&proposer)?;
            jobs::party::judge(&node, &parse(&job)?, proposer.as_ref(), refusal).await
        })
        .await
    }

    async fn withdraw_job(
        &self,
        request: Request<control::WithdrawJobRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        let control::WithdrawJobRequest { job, reason } = request.into_inner();
        documented(async move {
            jobs::proposer::withdraw(&node, &parse(&job)?, reason_of(reason)?).await
        })
        .await
    }

    type TrainStream = Events<control::RunEvent>;

    async fn train(
        &self,
        request: Request<control::TrainRequest>,
    ) -> Result<Response<Self::TrainStream>, Status> {
        let node = Arc::clone(&self.0);
        let control::TrainRequest { job, result } = request.into_inner();
        let result = (!result.is_empty()).then(|| PathBuf::from(result));
        Ok(watched(move |watcher| async move {
            train::train(&node, parse(&job)?, result, watcher).await
        }))
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

    async fn members(
        &self,
        _request: Request<control::MembersRequest>,
    ) -> Result<Response<control::MembersReply>, Status> {
        let node = &self.0;
        let members = node.lines.values().map(|line| member(node, &line.peer)).collect();
        Ok(Response::new(control::MembersReply { members }))
    }

    async fn change_member(
        &self,
        request: Request<control::MemberChange>,
    ) -> Result<Response<control::Member>, Status> {
        let node = Arc::clone(&self.0);
        let control::MemberChange { name, change, assessed_until, reason } = request.into_inner();
        let changed = detached(async move {
            let name = parse::<PartyId>(&name)?;
            let change = match change.as_str() {
                "assess" => MemberChange::Assess(members::day(&assessed_until)?),
                "admit" => MemberChange::Admit,
                "suspend" => MemberChange::Suspend,
                "resume" => MemberChange::Resume,
                "remove" => MemberChange::Remove,
                _ => {
                    return Err(Trouble::us(
                        "USAGE",
                        "the change is assess, admit, suspend, resume or remove",
                        "操作应为 assess、admit、suspend、resume 或 remove",
                    ));
                }
            };
            members::change(&node, &name, change, reason).await?;
            Ok(member(&node, &node.line(&name)?.peer))
        });
        Ok(Response::new(changed.await.map_err(|trouble| failed(&trouble))?))
    }

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

    async fn catalogue(
        &self,
        _request: Request<control::CatalogueRequest>,
    ) -> Result<Response<control::Document>, Status> {
        let node = Arc::clone(&self.0);
        documented(async move { Ok(reports::catalogue(&node)) }).await
    }

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

    async fn stop(
        &self,
        _request: Request<control::StopRequest>,
    ) -> Result<Response<control::StopReply>, Status> {
        self.0.stop.send_replace(true);
        Ok(Response::new(control::StopReply {}))
    }
}

/// A party that may be named.
fn named(name: &str) -> Result<Option<PartyId>, Trouble> {
    if name.is_empty() { Ok(None) } else { parse(name).map(Some) }
}

/// A reason for the record and for others, of a bounded length.
fn reason_of(reason: String) -> Result<String, Trouble> {
    if reason.trim().is_empty() || reason.len() > wire::MAX_REASON {
        return Err(Trouble::us(
            "USAGE",
            format!("a reason is needed, of at most {} bytes: --reason", wire::MAX_REASON),
            format!("须用 --reason 说明原因，不超过 {} 字节", wire::MAX_REASON),
        ));
    }
    Ok(reason)
}

/// An answer as a JSON document, worked out to its end whether or not the operator waits for it.
async fn documented(
    asked: impl Future<Output = Result<serde_json::Value, Trouble>> + Send + 'static,
) -> Result<Response<control::Document>, Status> {
    let document = detached(asked).await.map_err(|trouble| failed(&trouble))?;
    Ok(Response::new(control::Document { json: document.to_string() }))
}

/// A pinned peer as a member.
fn member(node: &Node, peer: &Peer) -> control::Member {
    let standing = node.members.standing(&peer.name);
    let decided = node.members.of(&peer.name);
    control::Member {
        name: peer.name.to_string(),
        state: standing.state().to_string(),
        assessed_until: standing.assessed_until().map(|day| day.to_string()).unwrap_or_default(),
        admitted: standing.admits(today()),
        duties: peer.duties.iter().map(ToString::to_string).collect(),
        changed_ms: decided.as_ref().map_or(0, |member| member.changed_ms),
        reason: decided.map(|member| member.reason).unwrap_or_default(),
    }
}

/// Starts a run and tells its progress until it ends. The run goes on when nobody listens.
fn watched<F>(run: impl FnOnce(Watcher) -> F) -> Response<Events<control::RunEvent>>
where
    F: Future<Output = Result<StoredRun, Trouble>> + Send + 'static,
{
    let watcher = Watcher::new(watch::Sender::new(Progress::default()));
    let mut progress = watcher.subscribe();
    let running = tokio::spawn(run(watcher));
    let (events, shown_events) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut running = running;
        let mut told = None;
        let ended = loop {
            tokio::select! {
                ended = &mut running => break ended,
                () = tokio::time::sleep(TELL) => {
                    if progress.has_changed().unwrap_or(false) {
                        let seen = progress.borrow_and_update().clone();
                        if seen.run != told {
                            told = seen.run;
                            let _ = events.try_send(Ok(started_event(&seen)));
                        }
                        // A full channel loses an intermediate state, which nobody misses.
                        let _ = events.try_send(Ok(progress_event(&seen)));
                    }
                }
            }
        };
        let kind = match ended {
            Ok(Ok(run)) => run_event::Kind::Finished(shown(run)),
            Ok(Err(trouble)) => run_event::Kind::Failed(trouble.to_control()),
            Err(error) => run_event::Kind::Failed(Trouble::said("OURS", &error).to_control()),
        };
        let _ = events.send(Ok(control::RunEvent { kind: Some(kind) })).await;
    });
    Response::new(Box::pin(ReceiverStream::new(shown_events)))
}

/// Tells the number of a run that has just been recorded.
fn started_event(progress: &Progress) -> control::RunEvent {
    let id = progress.run.map(|run| run.to_string()).unwrap_or_default();
    let run = control::Run { id, ours: true, ..control::Run::default() };
    control::RunEvent { kind: Some(run_event::Kind::Started(run)) }
}

fn progress_event(progress: &Progress) -> control::RunEvent {
    let Progress { run, phase, done, total, sent, received } = progress;
    control::RunEvent {
        kind: Some(run_event::Kind::Progress(control::Progress {
            run: run.map(|run| run.to_string()).unwrap_or_default(),
            phase: Some(control::Text { en: phase.en.clone(), zh: phase.zh.clone() }),
            done: *done,
            total: *total,
            sent_bytes: *sent,
            received_bytes: *received,
        })),
    }
}

/// What the operator's request means.
fn understood(node: &Node, request: control::PsiRequest) -> Result<psi::Ask, Trouble> {
    let (file, column, kind, check, skip_bad) = if request.register.is_empty() {
        let check = if request.check.is_empty() { "strict" } else { &request.check };
        let kind = parse::<SubjectKind>(&request.kind)?;
        let check = parse::<CheckMode>(check)?;
        (PathBuf::from(request.file), request.column, kind, check, request.skip_bad)
    } else {
        let register = node.config.register(&request.register).ok_or_else(|| {
            let name = &request.register;
            Trouble::us(
                "REGISTER",
                format!("there is no [[register]] called {name} in party.toml"),
                format!("party.toml 中没有名为 {name} 的 [[register]]"),
            )
        })?;
        let column = register.column.clone();
        (register.file.clone(), column, register.kind, register.check, register.skip_bad)
    };
    Ok(psi::Ask {
        peer: parse(&request.peer)?,
        their_register: request.their_register,
        file,
        column,
        kind,
        check,
        skip_bad,
        output: match request.output.as_str() {
            "" | "one-sided" => Output::OneSided,
            "two-sided" => Output::TwoSided,
            "cardinality" => Output::Cardinality,
            _ => {
                return Err(Trouble::us(
                    "USAGE",
                    "the output is one-sided, two-sided or cardinality",
                    "输出应为 one-sided、two-sided 或 cardinality",
                ));
            }
        },
        pad_to: (request.pad_to > 0).then_some(request.pad_to),
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose: purpose_of(&request.purpose)?,
        protocol: match request.protocol.as_str() {
            "" | "auto" => PsiProtocol::Auto,
            "ecdh" => PsiProtocol::Ecdh,
            "vole" => PsiProtocol::Vole,
            _ => {
                return Err(Trouble::us(
                    "USAGE",
                    "the protocol is auto, ecdh or vole",
                    "协议应为 auto、ecdh 或 vole",
                ));
            }
        },
    })
}

/// What the operator's claims mean.
fn claims_asked(request: control::MatchRequest) -> Result<matching::Ask, Trouble> {
    let check = if request.check.is_empty() { "strict" } else { &request.check };
    Ok(matching::Ask {
        peer: parse(&request.peer)?,
        their_register: request.their_register,
        file: PathBuf::from(request.file),
        column: request.column,
        kind: parse(&request.kind)?,
        check: parse(check)?,
        skip_bad: request.skip_bad,
        claims: request.claims.into_iter().map(|claim| (claim.column, claim.field)).collect(),
        letters: Letters::new(purpose_of(&request.purpose)?, request.authorisations)?,
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
    })
}

/// What the operator's list means.
fn list_asked(request: control::BatchRequest) -> Result<batch::Ask, Trouble> {
    let check = if request.check.is_empty() { "strict" } else { &request.check };
    Ok(batch::Ask {
        model: parse(&request.model)?,
        file: PathBuf::from(request.file),
        column: (!request.column.is_empty()).then_some(request.column),
        kind: parse(&request.kind)?,
        check: parse(check)?,
        skip_bad: request.skip_bad,
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose: purpose_of(&request.purpose)?,
    })
}

/// What something is for; an application for a loan when nothing is said.
fn purpose_of(text: &str) -> Result<Purpose, Trouble> {
    if text.is_empty() { Ok(Purpose::PreLoan) } else { parse(text) }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Trouble> {
    text.parse().map_err(|error| Trouble::said("USAGE", &error))
}

fn shown(run: StoredRun) -> control::Run {
    control::Run {
        id: run.id.to_string(),
        protocol: run.protocol,
        role: run.role,
        peers: run.peers.iter().map(ToString::to_string).collect(),
        state: run.state.to_string(),
        phase: Some(control::Text { en: run.phase.en, zh: run.phase.zh }),
        created_ms: run.created_ms,
        updated_ms: run.updated_ms,
        trouble: run.trouble.map(|trouble| control::Trouble {
            code: trouble.code,
            text: Some(control::Text { en: trouble.en, zh: trouble.zh }),
            side: trouble.side,
        }),
        report: run.report.unwrap_or_default(),
        result: run.result.unwrap_or_default(),
        ours: run.ours,
        terms: run.terms,
    }
}

fn status(node: &Node) -> control::StatusReply {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
    let seconds = |time: nix::sys::time::TimeVal| {
        // Below 2^53 microseconds for the next 285 years of CPU time.
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    };
    control::StatusReply {
        name: node.config.name.to_string(),
        software: env!("CARGO_PKG_VERSION").into(),
        protocol_version: wire::VERSION,
        duties: node.config.duties.iter().map(ToString::to_string).collect(),
        listen: node.config.listen.clone(),
        fingerprint: setup::shown(&node.identity.fingerprint()),
        peers: node.lines.keys().map(ToString::to_string).collect(),
        cpu_s: usage.map_or(0.0, |usage| seconds(usage.user_time()) + seconds(usage.system_time())),
        peak_kib: peak_kib().unwrap_or(0),
        sent_bytes: node.meter.sent(),
        received_bytes: node.meter.received(),
        live_runs: u32::try_from(node.shares.live_runs()).unwrap_or(u32::MAX),
        pid: std::process::id(),
    }
}

/// A call that fails as a whole; the code and both sentences travel in the message.
fn failed(trouble: &Trouble) -> Status {
    Status::failed_precondition(format!("{}\n{}\n{}", trouble.code, trouble.en, trouble.zh))
}

/// The largest resident set of this process, in KiB.
///
/// From the process's own status where there is one: what `getrusage` says counts from the fork, so
/// it starts at the size of whoever started us.
fn peak_kib() -> Option<u64> {
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        return line.split_whitespace().next()?.parse().ok();
    }
    getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss().try_into().ok()
}
