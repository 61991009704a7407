//! Refusals in the log: each is a record, up to so many a peer and minute; the others are counted in
//! one. No peer makes the log grow as fast as it can ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use audit::{Asked, Event};
use domain::{Duty, PartyId, Refusal, Subject};

use crate::Trouble;
use crate::node::Node;

/// How many refusals of one peer are written down each, in a minute. About a megabyte.
const EACH: usize = 1_000;

const MINUTE: Duration = Duration::from_secs(60);

/// What was refused to each peer in this minute.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<PartyId, Refused>>);

struct Refused {
    duty: Duty,
    written: usize,
    /// Those that are only counted.
    more: u64,
}

impl Refusals {
    /// How many of these refusals are to be written down each; the others are counted.
    fn taken(&self, peer: &PartyId, duty: Duty, refusals: usize) -> usize {
        let mut peers = self.locked();
        let new = || Refused { duty, written: 0, more: 0 };
        let refused = peers.entry(peer.clone()).or_insert_with(new);
        let taken = refusals.min(EACH - refused.written);
        refused.written += taken;
        refused.more += (refusals - taken) as u64;
        taken
    }

    /// Begins a new minute; returns what was only counted in the last.
    fn counted(&self) -> Vec<(Duty, Event)> {
        let last = std::mem::take(&mut *self.locked());
        let counted = last.into_iter().filter(|(_, refused)| refused.more > 0);
        let event = |(by, refused): (PartyId, Refused)| {
            (refused.duty, Event::RefusedMore { by, refusals: refused.more })
        };
        counted.map(event).collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<PartyId, Refused>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    /// Writes down that a question about a subject was refused, and passes the refusal on.
    pub(crate) async fn record_refusal(
        &self,
        duty: Duty,
        asked: Asked,
        subject: &Subject,
        trouble: Trouble,
    ) -> Trouble {
        let Ok(refusal) = trouble.code.parse() else { return trouble };
        let refusal = self.refusal(refusal, asked.clone(), subject);
        self.record_refusals(duty, brought_by(duty, &asked), vec![refusal]).await;
        trouble
    }

    /// That a question about a subject was refused, as the log says it.
    pub(crate) fn refusal(&self, refusal: Refusal, asked: Asked, subject: &Subject) -> Event {
        let subject = Some(self.pseudonym(subject));
        Event::Refused { refusal, asked, subject, operator: None }
    }

    /// Writes refusals down together: one record each, as long as the peer that brought the questions
    /// has not had too many in this minute. They stand also where that fails.
    pub(crate) async fn record_refusals(&self, duty: Duty, peer: &PartyId, refusals: Vec<Event>) {
        let mut refusals = refusals;
        refusals.truncate(self.refusals.taken(peer, duty, refusals.len()));
        if let Err(unwritten) = self.record_all(duty, refusals).await {
            tracing::error!("a refusal cannot be written down: {unwritten}");
        }
    }

    /// Writes down how many refusals were only counted since this was last called.
    pub(crate) async fn record_counted_refusals(&self) {
        for (duty, event) in self.refusals.counted() {
            if let Err(unwritten) = self.record(duty, event).await {
                tracing::error!("a count of refusals cannot be written down: {unwritten}");
            }
        }
    }
}

/// Does so every minute for as long as the party runs.
pub(crate) async fn every_minute(node: Arc<Node>) {
    loop {
        tokio::time::sleep(MINUTE).await;
        node.record_counted_refusals().await;
    }
}

/// Whose call brings a question: to a platform its lender's, to a holder that of the platform.
fn brought_by(duty: Duty, asked: &Asked) -> &PartyId {
    match duty {
        Duty::Platform => &asked.receiver,
        Duty::Holder | Duty::Lender | Duty::Supervisor => &asked.platform,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use audit::{Fields, Logged, Question};
    use domain::{CheckMode, Digest, Output, Purpose, RunId, SubjectKind};
    use store::Log;

    use super::*;
    use crate::governance::made::{made, party};

    fn asked(platform: &str) -> Asked {
        Asked {
            request: Digest::from_bytes([1; 32]),
            run: RunId::from_bytes([2; 16]),
            fields: Fields::new(BTreeSet::new()).unwrap(),
            output: Output::Verify,
            purpose: Purpose::PreLoan,
            question: Question::Predicate { hash: Digest::from_bytes([3; 32]) },
            platform: party(platform),
            receiver: party("bank"),
        }
    }

    #[tokio::test]
    async fn refusals_beyond_a_peers_share_of_a_minute_are_one_record_and_another_peers_are_their_own()
     {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("tax");
        made(&dir, "tax", Duty::Holder);
        let node = Node::open(dir).await.unwrap();
        let size = async || node.store.head(Log::Audit).await.unwrap().size;
        let subject = Subject::parse(SubjectKind::Opaque, "one", CheckMode::Report).unwrap().value;
        let refuse = async |platform: &str, times: usize| {
            let refusal = || node.refusal(Refusal::AuthMissing, asked(platform), &subject);
            let refusals = (0..times).map(|_| refusal()).collect();
            node.record_refusals(Duty::Holder, &party(platform), refusals).await;
        };
        refuse("greedy", EACH - 1).await;
        refuse("greedy", 3 * EACH).await;
        assert_eq!(size().await, EACH as u64);
        refuse("greedy", 5).await;
        let trouble = Trouble::refused(Refusal::AuthMissing);
        node.record_refusal(Duty::Holder, asked("greedy"), &subject, trouble).await;
        assert_eq!(size().await, EACH as u64, "not one more, however often");
        refuse("honest", 7).await;
        assert_eq!(size().await, EACH as u64 + 7);
        node.record_counted_refusals().await;
        let last = node.store.records(Log::Audit, EACH as u64 + 7, 9).await.unwrap();
        assert_eq!(last.len(), 1, "nothing of the honest peer's was only counted");
        let last = Logged::from_json(last[0].bytes.clone()).unwrap();
        let more = 3 * EACH as u64 - 1 + 5 + 1;
        assert_eq!(last.record().event, Event::RefusedMore { by: party("greedy"), refusals: more });
        // A new minute.
        node.record_counted_refusals().await;
        refuse("greedy", 2).await;
        assert_eq!(size().await, EACH as u64 + 10);
    }
}
