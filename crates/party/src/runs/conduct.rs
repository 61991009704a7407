//! One way to drive a session, and one way to record its end.

use domain::{PartyId, Refusal};
use session::{Role, Session};

use crate::Trouble;
use crate::drive::{Driven, Link, drive};
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
    let watch = node.members.watch(cast.values().chain(lender).cloned().collect())?;
    let driving = drive(session, links, node.config.limits.idle(), &mut journal);
    let driven = tokio::select! {
        driven = driving => driven,
        party = watch.cut_off() => return Err(Trouble::refused(Refusal::MemberState).by(&party)),
    };
    driven.map_err(|error| verdict(&error, cast, &journal.run().phase()))
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
