//! The first step at a party that computes: makes ready for uploads, and forgets them where nothing
//! comes of it.

use std::sync::Arc;
use std::time::Duration;

use domain::{RunKind, RunRole};
use store::RunState;
use tokio::time::timeout;
use training::PLATFORM;
use wire::{Kept, peer};

use super::folder::{self, Folder};
use super::gathering::Gathering;
use super::{Asked, not_gathering};
use crate::Trouble;
use crate::clock::now_ms;
use crate::governance::jobs;
use crate::node::Node;
use crate::runs::agreed::{Answer, without_exchange};
use crate::runs::record::new_run;
use crate::runs::{Run, phase};

/// How long an earlier attempt may take to notice that its lender is gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes ready for a training's uploads, or says how far one is that shall go on.
pub(super) async fn accept(
    node: &Arc<Node>,
    asked: Asked<'_>,
    again: bool,
) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let Asked { job, digest, training, .. } = asked;
    let gathering = Arc::new(Gathering::new(node, training, job, digest)?);
    if again {
        return accept_again(node, &gathering).await;
    }
    // The same training that goes on opens the same model; another one would open one more.
    jobs::untrained(node, digest).await?;
    let platform = gathering.role == PLATFORM;
    let role = if platform { RunRole::Platform } else { RunRole::Department };
    let json =
        serde_json::json!({ "job": gathering.job.id, "lender": gathering.job.computing.lender });
    let peers = gathering.job.parties().into_iter().filter(|party| **party != node.config.name);
    let peers = peers.cloned().collect();
    let new = new_run(training, RunKind::Train, role, peers, false, json.to_string());
    node.trainings.insert(Arc::clone(&gathering))?;
    let begun = async {
        Run::begin_unseen(&node.store, new).await?;
        // Whoever begins anew does not go on with what failed before.
        folder::forget_failed(node, digest);
        gathering.folder.create(digest)?;
        let awaiting = phase::named("waiting for uploads", "等待上传");
        Run::unseen(&node.store, training).advance(RunState::Agreed, awaiting).await
    };
    if let Err(trouble) = begun.await {
        node.trainings.remove(&gathering);
        return Err(trouble);
    }
    watch_over(node, &gathering, false);
    Ok(without_exchange(peer::TrainAgreement::default()))
}

/// Makes ready to go on with a training from what is kept of it, and says how far that is.
async fn accept_again(node: &Arc<Node>, gathering: &Arc<Gathering>) -> Result<Answer, Trouble> {
    let Gathering { training, digest, .. } = **gathering;
    // The lender knows that it failed; we may be about to hear of it.
    node.trainings.wait_for_end(training, digest, PATIENCE).await?;
    if !gathering.folder.is_of(digest) {
        return Err(not_gathering());
    }
    let passes = gathering.folder.passes();
    let gathered = gathering.folder.has_uploads(gathering.places());
    if gathered {
        // Before they are read: there is a limit to how many are held.
        node.trainings.insert(Arc::clone(gathering))?;
        let reading = Arc::clone(gathering);
        let read = async {
            let read = tokio::task::spawn_blocking(move || reading.read_again());
            read.await.map_err(|error| Trouble::from_error("OURS", &error))??;
            Ok(node.store.reopen(training, now_ms()).await?)
        };
        if let Err(trouble) = read.await {
            node.trainings.remove(gathering);
            return Err(trouble);
        }
        watch_over(node, gathering, true);
    }
    Ok(without_exchange(Kept { passes, gathered }.agreement()))
}

/// Ends a training that nothing comes of for the idle limit, or whose job comes to its end, before it
/// computes. What was kept for going on is kept for the next attempt.
fn watch_over(node: &Arc<Node>, gathering: &Arc<Gathering>, again: bool) {
    let (node, watched) = (Arc::clone(node), Arc::downgrade(gathering));
    let (training, digest) = (gathering.training, gathering.digest);
    let mut coming = gathering.coming();
    tokio::spawn(async move {
        let idle = node.config.limits.idle();
        let silence = async {
            loop {
                coming.mark_unchanged();
                let came = timeout(idle, coming.changed()).await;
                if watched.upgrade().is_none_or(|gathering| gathering.is_computing()) {
                    return Ok(None);
                }
                if came.is_err() {
                    return Ok(watched.upgrade());
                }
            }
        };
        let (gathering, trouble) = match node.ended_jobs.while_in_force(digest, silence).await {
            Ok(None) => return,
            Ok(Some(gathering)) => {
                let trouble = silent(&gathering, idle);
                (gathering, trouble)
            }
            Err(trouble) => match watched.upgrade() {
                // One that computes ends by itself.
                Some(gathering) if !gathering.is_computing() => (gathering, trouble),
                Some(_) | None => return,
            },
        };
        // Nothing here is touched where a later attempt has taken its place.
        if node.trainings.remove(&gathering) {
            if !again || trouble.code != SILENT {
                gathering.folder.forget();
            }
            Run::unseen(&node.store, training).fail(trouble).await;
        }
    });
}

/// The code of a training that nothing has come of.
const SILENT: &str = "SILENT";

fn silent(gathering: &Gathering, idle: Duration) -> Trouble {
    let (lender, seconds) = (&gathering.job.computing.lender, idle.as_secs());
    Trouble::us(
        SILENT,
        format!("nothing has come of this training for {seconds} s; {lender} may begin anew."),
        format!("{seconds} 秒内训练没有进展；{lender} 可重新发起。"),
    )
    .by(lender)
}

/// Forgets a training that the lender gives up.
pub(super) async fn end(node: &Arc<Node>, asked: &Asked<'_>) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let folder = Folder::of(node, asked.training);
    if folder.is_of(asked.digest) {
        let under_way = node.trainings.find(asked.training, asked.digest);
        if let Ok(gathering) = under_way {
            if gathering.is_computing() {
                // It hears of its end on its links, and forgets then.
                gathering.give_up();
                return Ok(without_exchange(peer::TrainAgreement::default()));
            }
            node.trainings.remove(&gathering);
        }
        folder.forget();
        let trouble = Trouble::us(
            "PEER_GAVE_UP",
            "the lender has given this training up",
            "贷款方已放弃本次训练",
        );
        Run::unseen(&node.store, asked.training).fail(trouble.by(asked.peer)).await;
    }
    Ok(without_exchange(peer::TrainAgreement::default()))
}
