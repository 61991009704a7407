//! A failed run, run again as its kind does: anew, under a new number and new keys, or taken up where it
//! stood.

use std::sync::Arc;

use store::{RunState, StoredRun};

use crate::Trouble;
use crate::node::Node;
use crate::runs::Watcher;

/// Runs a failed run of ours again. What was begun is never taken up, for its keys are gone; but some
/// kinds were made for it.
pub(crate) async fn again(
    node: &Arc<Node>,
    id: &str,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let run = found(node, id).await?;
    if !run.ours || run.state != RunState::Failed {
        return Err(not_again());
    }
    // What has been ended may go on under its own number.
    node.cancellations.forget(run.id);
    match run.kind.and_then(|kind| node.kinds.find(kind)) {
        Some(kind) => kind.again(node, run, watcher).await,
        // Another version knows what it was.
        None => Err(not_again()),
    }
}

/// A run that is not run again by its number.
pub(crate) fn not_again() -> Trouble {
    Trouble::us(
        "NOT_AGAIN",
        "only a failed intersection, batch or training that this party asked for can be run again here; scores, verifications and models are asked for anew by their own commands",
        "此处只能重跑由本方发起且失败的求交、批量评分或训练；单笔评分、核验与模型请用各自命令重新发起",
    )
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
