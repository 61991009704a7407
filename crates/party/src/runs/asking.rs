//! What this party asks of its peers: of one, under the record of a run of ours; or, as a platform, of
//! every holder of a run at once, and takes back what it proposed where the run will not begin.
//!
//! A platform does not ask for a batch by the latter: its steps follow one another under one number, and
//! the next takes the place of one that did not begin.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::{PartyId, Purpose, RunId};
use session::{Role, Session};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::Terms;

use crate::Trouble;
use crate::drive::{Driven, Link};
use crate::node::Node;
use crate::runs::Run;
use crate::runs::agreed::Agreed;
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::{drive_run_for, drive_run_keeping};
use crate::runs::journal::RunJournal;

/// How long whoever asked waits for the holders to hear that there will be no run.
const FAREWELL: Duration = Duration::from_secs(2);

/// Something that this party asks of one peer under the record of a run of ours: the proposal, the
/// exchange, our side of it.
pub(crate) struct Asking<'a> {
    node: &'a Arc<Node>,
    run: &'a Run,
    number: RunId,
    role: Role,
    party: &'a PartyId,
    purpose: Purpose,
}

impl<'a> Asking<'a> {
    /// Asks `party`, which plays `role`, under the number of the run itself.
    pub(crate) fn new(
        node: &'a Arc<Node>,
        run: &'a Run,
        (role, party): (Role, &'a PartyId),
        purpose: Purpose,
    ) -> Self {
        Self { node, run, number: run.id, role, party, purpose }
    }

    /// Asks under a number of its own: one of the several exchanges of a run.
    pub(crate) fn apart(
        node: &'a Arc<Node>,
        run: &'a Run,
        peer: (Role, &'a PartyId),
        purpose: Purpose,
    ) -> Result<Self, Trouble> {
        Ok(Self { number: node.new_run_id()?, ..Self::new(node, run, peer, purpose) })
    }

    /// Proposes these terms, unless the operator has ended the run.
    pub(crate) async fn propose<T: Terms>(
        &self,
        terms: T,
    ) -> Result<Agreed<T::Agreement>, Trouble> {
        self.node.cancellations.heed(self.run.id)?;
        self.node.propose(self.party, self.number, self.purpose, terms).await
    }

    /// Opens the exchange that was agreed on.
    pub(crate) async fn exchange(&self) -> Result<Link, Trouble> {
        self.node.exchange(self.party, self.role, self.number).await
    }

    /// Opens the exchange, and drives our side.
    pub(crate) async fn drive_run<S: Session>(
        &self,
        journal: RunJournal<'_>,
        session: S,
    ) -> Result<Driven<S::Output>, Trouble> {
        self.drive_run_for(journal, None, session).await
    }

    /// [`Asking::drive_run`], and ends it when the lender that it is for is cut off.
    pub(crate) async fn drive_run_for<S: Session>(
        &self,
        journal: RunJournal<'_>,
        lender: Option<&PartyId>,
        session: S,
    ) -> Result<Driven<S::Output>, Trouble> {
        let link = self.exchange().await?;
        let assignment = RoleAssignment::from([(self.role, self.party.clone())]);
        drive_run_for(self.node, journal, (&assignment, lender), session, vec![link]).await
    }

    /// [`Asking::drive_run`], with `keep` storing the output before our closing frame.
    pub(crate) async fn drive_run_keeping<S: Session, T, F>(
        &self,
        journal: RunJournal<'_>,
        session: S,
        keep: impl FnOnce(S::Output) -> F,
    ) -> Result<Driven<T>, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let link = self.exchange().await?;
        let peer = (self.role, self.party);
        drive_run_keeping(self.node, journal, peer, (session, link), keep).await
    }
}

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
            Err(error) => Trouble::from_error("OURS", &error),
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
) -> Result<(Vec<Link>, RoleAssignment), Trouble> {
    let mut links = vec![link];
    let mut assignment = RoleAssignment::from([(role, asker)]);
    for (index, party) in holders.iter().enumerate() {
        match node.exchange(party, role_of(index), run).await {
            Ok(link) => links.push(link),
            Err(trouble) => {
                give_up(node, run, holders[index..].to_vec()).await;
                return Err(trouble);
            }
        }
        assignment.insert(role_of(index), party.clone());
    }
    Ok((links, assignment))
}
