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

    /// Resolves when one of these parties is cut off.
    pub(crate) fn cut_off(
        &self,
        parties: Vec<PartyId>,
    ) -> impl Future<Output = PartyId> + Send + use<> {
        let mut cuts = self.cut.subscribe();
        async move {
            loop {
                match cuts.recv().await {
                    Ok(party) if parties.contains(&party) => return party,
                    // Older cuts than we could hear: the run's next step asks again anyway.
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
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
