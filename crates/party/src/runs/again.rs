//! A failed run, run anew: same terms, new number, new keys. A batch or a training is taken up where it
//! stood.

use std::sync::Arc;

use domain::RunKind;
use store::{RunState, StoredRun};

use crate::Trouble;
use crate::node::Node;
use crate::runs::{Watcher, batch, psi, train};

/// Runs a run of ours again. What was begun is never taken up, for its keys are gone; but a batch and a
/// training were made for it.
pub(crate) async fn again(
    node: &Arc<Node>,
    id: &str,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let run = found(node, id).await?;
    if run.ours && run.state == RunState::Failed {
        // What has been ended may go on under its own number.
        node.cancellations.forget(run.id);
    }
    if run.ours && run.kind == Some(RunKind::Batch) && run.state == RunState::Failed {
        return batch::resume(node, run, watcher).await;
    }
    if run.ours && run.kind == Some(RunKind::Train) && run.state == RunState::Failed {
        return train::resume(node, run, watcher).await;
    }
    if !run.ours || run.kind != Some(RunKind::Psi) || run.state != RunState::Failed {
        return Err(Trouble::us(
            "NOT_AGAIN",
            "only a failed intersection, batch or training that this party asked for can be run again here; scores, verifications and models are asked for anew by their own commands",
            "此处只能重跑由本方发起且失败的求交、批量评分或训练；单笔评分、核验与模型请用各自命令重新发起",
        ));
    }
    let ask = serde_json::from_str(&run.terms).map_err(|error| Trouble::said("STORE", &error))?;
    psi::ask(node, ask, watcher).await
}

/// The one run whose number begins like this.
pub(crate) async fn found(node: &Node, id: &str) -> Result<StoredRun, Trouble> {
    let mut found = node.store.runs(id, 2).await?;
    match (found.pop(), found.pop()) {
        (Some(run), None) if !id.is_empty() => Ok(run),
        (Some(_), Some(_)) => Err(Trouble::us(
            "AMBIGUOUS",
            "more than one run begins like this: give more of its number",
            "有多个运行以此开头：请提供更长的编号",
        )),
        (Some(_) | None, None) | (None, Some(_)) => Err(Trouble::us(
            "NO_SUCH_RUN",
            "no run begins like this: `tacit runs` lists them",
            "没有以此开头的运行：`tacit runs` 可列出",
        )),
    }
}
