//! One way to drive a session, and one way to record its end.

use std::future::Future;

use domain::{PartyId, Refusal};
use session::{Role, Session};

use crate::Trouble;
use crate::drive::{Driven, Link, drive, drive_keeping};
use crate::node::Node;
use crate::runs::Run;
use crate::runs::journal::RunJournal;
use crate::runs::verdict::{Cast, verdict};

/// Drives our side of a run, and says what a failure means. A member of the cast that is cut off
/// ends it.
pub(crate) async fn conduct<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    cast: &Cast,
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    conduct_for(node, journal, (cast, None), session, links).await
}

/// [`conduct`] for a lender that is not in the cast: a platform stands between, and the run ends all
/// the same when the lender is cut off.
pub(crate) async fn conduct_for<S: Session>(
    node: &Node,
    mut journal: RunJournal<'_>,
    (cast, lender): (&Cast, Option<&PartyId>),
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    let run = journal.run();
    let driving = drive(session, links, node.config.limits.idle(), &mut journal);
    while_admitted(node, cast.values().chain(lender), driving)
        .await?
        .map_err(|error| verdict(&error, cast, &run.phase()))
}

/// [`conduct`] with one peer, and with `keep` storing the output before our farewell: what the peer
/// then takes for done here is on disk.
pub(crate) async fn conduct_keeping<S: Session, T, F>(
    node: &Node,
    mut journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    (session, link): (S, Link),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let run = journal.run();
    let cast = Cast::from([(peer.0, peer.1.clone())]);
    let idle = node.config.limits.idle();
    let driving = drive_keeping(session, vec![link], idle, &mut journal, keep);
    while_admitted(node, cast.values(), driving)
        .await?
        .map_err(|error| verdict(&error, &cast, &run.phase()))
}

/// Does work for as long as every one of these parties is admitted.
async fn while_admitted<T>(
    node: &Node,
    parties: impl Iterator<Item = &PartyId>,
    work: impl Future<Output = T>,
) -> Result<T, Trouble> {
    let watch = node.members.watch(parties.cloned().collect())?;
    tokio::select! {
        done = work => Ok(done),
        party = watch.cut_off() => Err(Trouble::refused(Refusal::MemberState).by(&party)),
    }
}

/// [`conduct`] with one peer.
pub(crate) async fn conduct_with<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    session: S,
    link: Link,
) -> Result<Driven<S::Output>, Trouble> {
    let (role, peer) = peer;
    conduct(node, journal, &Cast::from([(role, peer.clone())]), session, vec![link]).await
}

/// What a run that a peer has begun leaves behind.
pub(crate) struct Outcome {
    pub(crate) confirmed: bool,
    /// JSON.
    pub(crate) report: String,
    /// The result's path, if there is a file.
    pub(crate) result: Option<String>,
}

/// Records how a run that a peer has begun ended: nobody here waits for it.
pub(crate) async fn record(run: Run, done: Result<Outcome, Trouble>) {
    match done {
        Ok(Outcome { confirmed, report, result }) => {
            if let Err(error) = run.finish(confirmed, report, result).await {
                tracing::error!("cannot record the end of a run: {error}");
            }
        }
        Err(trouble) => {
            run.fail(trouble).await;
        }
    }
}
