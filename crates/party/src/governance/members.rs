//! Members: who may take part, and cutting off who may not.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use domain::{MemberChange, PartyId, Refusal, Standing};
use store::StoredMember;
use time::Date;
use tokio::sync::broadcast;

use crate::Trouble;
use crate::clock::{now_ms, today};
use crate::node::Node;

/// How many cuts may wait for a run that is busy: it looks at each.
const CUTS: usize = 64;

/// How far every member is admitted, and a line to the runs that must end when one is cut off.
pub(crate) struct Members {
    known: RwLock<BTreeMap<PartyId, StoredMember>>,
    cut: broadcast::Sender<PartyId>,
}

impl Members {
    /// The members as the store has them.
    pub(crate) fn new(stored: Vec<StoredMember>) -> Self {
        let known = stored.into_iter().map(|member| (member.name.clone(), member)).collect();
        Self { known: RwLock::new(known), cut: broadcast::Sender::new(CUTS) }
    }

    /// Whether a party may take part today.
    ///
    /// # Errors
    ///
    /// `MEMBER_STATE`, in the same words whatever the reason.
    pub(crate) fn admitted(&self, party: &PartyId) -> Result<(), Trouble> {
        if self.standing(party).admits(today()) {
            return Ok(());
        }
        Err(Trouble::refused(Refusal::MemberState).by(party))
    }

    /// How far a party is admitted; whoever is pinned has applied.
    pub(crate) fn standing(&self, party: &PartyId) -> Standing {
        self.of(party).map_or(Standing::APPLIED, |member| member.standing)
    }

    /// What was last decided about a party.
    pub(crate) fn of(&self, party: &PartyId) -> Option<StoredMember> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(party).cloned()
    }

    /// Watches parties for as long as a run with them, or for them, lasts.
    ///
    /// # Errors
    ///
    /// `MEMBER_STATE` when one of them may not take part already. It listens before it looks: who is
    /// cut off in between is heard of.
    pub(crate) fn watch(&self, parties: Vec<PartyId>) -> Result<Watch<'_>, Trouble> {
        let watch = Watch { members: self, cuts: self.cut.subscribe(), parties };
        match watch.gone() {
            Some(party) => Err(Trouble::refused(Refusal::MemberState).by(party)),
            None => Ok(watch),
        }
    }

    fn decided(&self, member: StoredMember) {
        let stays = member.standing.admits(today());
        let name = member.name.clone();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.clone(), member);
        drop(known);
        if !stays {
            // Nobody may be listening: then there is nothing to end.
            let _ = self.cut.send(name);
        }
    }
}

/// A run's ear for cuts of the parties that it is with, or for.
pub(crate) struct Watch<'a> {
    members: &'a Members,
    cuts: broadcast::Receiver<PartyId>,
    parties: Vec<PartyId>,
}

impl Watch<'_> {
    /// Resolves when one of the parties is cut off.
    pub(crate) async fn cut_off(mut self) -> PartyId {
        loop {
            match self.cuts.recv().await {
                Ok(party) if self.parties.contains(&party) => return party,
                Ok(_) => {}
                // More cuts than we could hear: one of ours may have been among them.
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    if let Some(party) = self.gone() {
                        return party.clone();
                    }
                }
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// The first of the parties that may not take part.
    fn gone(&self) -> Option<&PartyId> {
        self.parties.iter().find(|party| !self.members.standing(party).admits(today()))
    }
}

/// Decides about a member: in the log and the store first, then for every run.
pub(crate) async fn change(
    node: &Node,
    party: &PartyId,
    change: MemberChange,
    reason: String,
) -> Result<StoredMember, Trouble> {
    // Only whom we know how to reach and recognise can be a member.
    node.line(party)?;
    let standing = node.members.standing(party).after(change, today());
    let standing = standing.map_err(|error| {
        let en = error.to_string();
        Trouble::us("MEMBER_STATE", en.clone(), format!("机构状态不允许该操作：{en}"))
    })?;
    let member = StoredMember { name: party.clone(), standing, changed_ms: now_ms(), reason };
    node.record_member(&member, change).await?;
    tracing::info!(%party, state = %standing.state(), "member {}", change.code());
    node.members.decided(member.clone());
    Ok(member)
}

/// The last day of an assessment, as it is typed.
pub(crate) fn day(text: &str) -> Result<Date, Trouble> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, form).map_err(|_| {
        Trouble::us("USAGE", "a day is written like 2027-12-31", "日期格式应为 2027-12-31")
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn member(name: &str, admitted: bool) -> StoredMember {
        let last = MemberChange::Assess(time::macros::date!(2199 - 12 - 31));
        let mut standing = Standing::APPLIED;
        for change in [last, MemberChange::Admit] {
            standing = standing.after(change, today()).unwrap();
        }
        if !admitted {
            standing = standing.after(MemberChange::Suspend, today()).unwrap();
        }
        StoredMember { name: party(name), standing, changed_ms: 0, reason: String::new() }
    }

    async fn cut_off(watch: Watch<'_>) -> Option<PartyId> {
        tokio::time::timeout(Duration::from_secs(2), watch.cut_off()).await.ok()
    }

    #[tokio::test]
    async fn a_cut_is_heard_however_many_others_are_cut_off_after_it() {
        let members = Members::new(vec![member("bank", true)]);
        let watch = members.watch(vec![party("bank")]).unwrap_or_else(|error| panic!("{error}"));
        members.decided(member("bank", false));
        for at in 0..2 * CUTS {
            members.decided(member(&format!("other-{at}"), false));
        }
        assert_eq!(cut_off(watch).await, Some(party("bank")));
    }

    #[tokio::test]
    async fn cuts_of_others_end_nothing_however_many_there_are() {
        let members = Members::new(vec![member("bank", true)]);
        let watch = members.watch(vec![party("bank")]).unwrap_or_else(|error| panic!("{error}"));
        for at in 0..2 * CUTS {
            members.decided(member(&format!("other-{at}"), false));
        }
        let waited = tokio::time::timeout(Duration::from_millis(50), watch.cut_off()).await;
        assert!(waited.is_err());
    }

    #[tokio::test]
    async fn who_is_cut_off_while_a_run_begins_is_refused_or_heard_of() {
        for _ in 0..2_000 {
            let members = Arc::new(Members::new(vec![member("bank", true)]));
            let (start, theirs) = (Arc::new(Barrier::new(2)), Arc::clone(&members));
            let starting = Arc::clone(&start);
            let cutting = std::thread::spawn(move || {
                starting.wait();
                theirs.decided(member("bank", false));
            });
            start.wait();
            let watched = members.watch(vec![party("bank")]);
            cutting.join().unwrap();
            if let Ok(watch) = watched {
                assert_eq!(cut_off(watch).await, Some(party("bank")));
            }
        }
    }
}
