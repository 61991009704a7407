//! A platform asks every holder of a run at once, opens the exchanges with them, and takes back what
//! it proposed where the run will not begin.
//!
//! A batch is not asked for by these: its steps follow one another under one number, and the next takes
//! the place of one that did not begin.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::{PartyId, RunId};
use session::Role;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;
use crate::runs::verdict::Cast;

/// How long whoever asked waits for the holders to hear that there will be no run.
const FAREWELL: Duration = Duration::from_secs(2);

/// Asks every party at once; all must agree. Where one does not, the run is given up at the others: a
/// question that is asked anew finds no place taken by it.
pub(crate) async fn ask_all<A, F>(
    node: &Arc<Node>,
    run: RunId,
    asks: impl Iterator<Item = (PartyId, F)>,
) -> Result<Vec<A>, Trouble>
where
    A: Send + 'static,
    F: Future<Output = Result<A, Trouble>> + Send + 'static,
{
    let mut asking = JoinSet::new();
    for (party, ask) in asks {
        asking.spawn(async move { (party, ask.await) });
    }
    let (mut agreed, mut answers) = (Vec::new(), Vec::new());
    while let Some(asked) = asking.join_next().await {
        let trouble = match asked {
            Ok((party, Ok(answer))) => {
                agreed.push(party);
                answers.push(answer);
                continue;
            }
            Ok((_, Err(trouble))) => trouble,
            Err(error) => Trouble::said("OURS", &error),
        };
        give_up_late(node, run, asking);
        give_up(node, run, agreed).await;
        return Err(trouble);
    }
    Ok(answers)
}

/// Tells parties that have agreed to a run that it will not begin. It goes to its end, and is waited
/// for shortly.
pub(crate) async fn give_up(node: &Arc<Node>, run: RunId, parties: Vec<PartyId>) {
    let mut telling = JoinSet::new();
    for party in parties {
        let node = Arc::clone(node);
        telling.spawn(async move { node.give_up(&party, run).await });
    }
    let told = tokio::spawn(telling.join_all());
    let _ = timeout(FAREWELL, told).await;
}

/// The same of those who have not answered yet, when they do: nobody waits for that.
fn give_up_late<A: Send + 'static>(
    node: &Arc<Node>,
    run: RunId,
    mut asking: JoinSet<(PartyId, Result<A, Trouble>)>,
) {
    let node = Arc::clone(node);
    tokio::spawn(async move {
        while let Some(asked) = asking.join_next().await {
            if let Ok((party, Ok(_))) = asked {
                node.give_up(&party, run).await;
            }
        }
    });
}

/// Opens the exchanges of an agreed run with its holders, in their order; the asker's is there. Where
/// one cannot be opened, the run is given up at those that still wait for theirs.
pub(crate) async fn open_all(
    node: &Arc<Node>,
    run: RunId,
    (role, asker, link): (Role, PartyId, Link),
    (role_of, holders): (fn(usize) -> Role, Vec<PartyId>),
) -> Result<(Vec<Link>, Cast), Trouble> {
    let mut links = vec![link];
    let mut cast = Cast::from([(role, asker)]);
    for (index, party) in holders.iter().enumerate() {
        match node.exchange(party, role_of(index), run).await {
            Ok(link) => links.push(link),
            Err(trouble) => {
                give_up(node, run, holders[index..].to_vec()).await;
                return Err(trouble);
            }
        }
        cast.insert(role_of(index), party.clone());
    }
    Ok((links, cast))
}
