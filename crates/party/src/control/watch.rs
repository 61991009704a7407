//! A run as its operator sees it: under way, and as it is recorded.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use store::{RunState, StoredRun};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Response;
use wire::control::{self, run_event};

use crate::Trouble;
use crate::control::{Events, failed};
use crate::node::Node;
use crate::runs::record::stored;
use crate::runs::{Progress, Watcher};

/// How often a run's progress is told.
const TELL: Duration = Duration::from_millis(200);

/// Starts a run and tells its progress until it ends. The run goes on when nobody listens.
pub(super) fn watched<F>(run: impl FnOnce(Watcher) -> F) -> Response<Events<control::RunEvent>>
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
            Err(error) => run_event::Kind::Failed(Trouble::from_error("OURS", &error).to_control()),
        };
        let _ = events.send(Ok(control::RunEvent { kind: Some(kind) })).await;
    });
    Response::new(Box::pin(ReceiverStream::new(shown_events)))
}

/// Follows a run that is recorded already, phase by phase, until it ends.
pub(super) fn followed(node: Arc<Node>, mut run: StoredRun) -> Response<Events<control::RunEvent>> {
    let (events, told) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut seen = None;
        loop {
            let id = run.id;
            let over = match run.state {
                RunState::Proposed | RunState::Agreed | RunState::Running => false,
                RunState::Done | RunState::Unconfirmed | RunState::Failed => true,
            };
            let news = seen.replace(run.updated_ms) != Some(run.updated_ms);
            // Nobody listens any more: the run goes on all the same.
            let gone =
                events.is_closed() || (news || over) && events.send(Ok(stands(run))).await.is_err();
            if gone || over {
                return;
            }
            tokio::time::sleep(TELL).await;
            run = match stored(&node.store, id).await {
                Ok(run) => run,
                Err(trouble) => {
                    let _ = events.send(Err(failed(&trouble))).await;
                    return;
                }
            };
        }
    });
    Response::new(Box::pin(ReceiverStream::new(told)))
}

/// Tells where a recorded run stands, or how it has ended.
fn stands(run: StoredRun) -> control::RunEvent {
    let kind = match run.state {
        RunState::Proposed | RunState::Agreed | RunState::Running => {
            let (run, phase) = (Some(run.id), run.phase);
            let progress = Progress { run, phase, ..Progress::default() };
            run_event::Kind::Progress(shown_progress(&progress))
        }
        RunState::Done | RunState::Unconfirmed => run_event::Kind::Finished(shown(run)),
        RunState::Failed => run_event::Kind::Failed(run.trouble.map(trouble).unwrap_or_default()),
    };
    control::RunEvent { kind: Some(kind) }
}

/// Tells the number of a run that has just been recorded.
fn started_event(progress: &Progress) -> control::RunEvent {
    let id = progress.run.map(|run| run.to_string()).unwrap_or_default();
    let run = control::Run { id, ours: true, ..control::Run::default() };
    control::RunEvent { kind: Some(run_event::Kind::Started(run)) }
}

fn progress_event(progress: &Progress) -> control::RunEvent {
    control::RunEvent { kind: Some(run_event::Kind::Progress(shown_progress(progress))) }
}

fn shown_progress(progress: &Progress) -> control::Progress {
    let Progress { run, phase, done, total, sent, received } = progress;
    control::Progress {
        run: run.map(|run| run.to_string()).unwrap_or_default(),
        phase: Some(control::Text { en: phase.en.clone(), zh: phase.zh.clone() }),
        done: *done,
        total: *total,
        sent_bytes: *sent,
        received_bytes: *received,
    }
}

pub(super) fn shown(run: StoredRun) -> control::Run {
    control::Run {
        id: run.id.to_string(),
        protocol: run.kind.map(control::RunKind::from).unwrap_or_default().into(),
        role: run.role.map(control::RunRole::from).unwrap_or_default().into(),
        peers: run.peers.iter().map(ToString::to_string).collect(),
        state: state(run.state).into(),
        phase: Some(control::Text { en: run.phase.en, zh: run.phase.zh }),
        created_ms: run.created_ms,
        updated_ms: run.updated_ms,
        trouble: run.trouble.map(trouble),
        report: run.report.unwrap_or_default(),
        result: run.result.unwrap_or_default(),
        ours: run.ours,
        terms: run.terms,
    }
}

fn trouble(trouble: store::Trouble) -> control::Trouble {
    let store::Trouble { code, en, zh, side } = trouble;
    control::Trouble { code, text: Some(control::Text { en, zh }), side }
}

fn state(state: RunState) -> control::RunState {
    match state {
        RunState::Proposed => control::RunState::Proposed,
        RunState::Agreed => control::RunState::Agreed,
        RunState::Running => control::RunState::Running,
        RunState::Done => control::RunState::Done,
        RunState::Unconfirmed => control::RunState::Unconfirmed,
        RunState::Failed => control::RunState::Failed,
    }
}
