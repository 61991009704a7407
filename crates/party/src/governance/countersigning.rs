//! What is countersigned, a model or a training job: what those say who were asked, and what it comes
//! to.

use domain::{ModelState, PartyId, Refusal};
use store::Countersignature;
use wire::control;

use crate::Trouble;
use crate::clock::now_ms;
use crate::node::Node;

/// What a party that was asked says.
pub(super) struct Word {
    state: ModelState,
    /// The document with its signature, where it has signed.
    envelope: Option<Vec<u8>>,
    /// Why it does not take part, where it does not.
    reason: String,
}

impl Word {
    pub(super) fn countersigned(envelope: &[u8]) -> Self {
        let (state, reason) = (ModelState::Countersigned, String::new());
        Self { state, envelope: Some(envelope.to_vec()), reason }
    }

    pub(super) fn refused(reason: String) -> Self {
        Self { state: ModelState::Refused, envelope: None, reason }
    }

    /// What is now to be kept of `caller`, and what all say together: one refusal refuses, and
    /// nobody may be missing. Nothing where it has said the same before.
    ///
    /// # Errors
    ///
    /// `MEMBER_STATE` where it was not asked: it learns what a stranger learns.
    pub(super) async fn heard(
        self,
        node: &Node,
        caller: &PartyId,
        digest: &[u8; 32],
    ) -> Result<Option<(Countersignature, ModelState)>, Trouble> {
        let mut all = node.store.countersignatures(digest).await?;
        let asked = all.iter_mut().find(|said| said.holder == *caller);
        let said = asked.ok_or_else(|| Trouble::refused(Refusal::MemberState))?;
        if said.state == self.state {
            return Ok(None);
        }
        said.state = self.state;
        said.reason = self.reason;
        said.changed_ms = now_ms();
        if let Some(envelope) = self.envelope {
            said.envelope = envelope;
        }
        let said = said.clone();
        let some = |state| all.iter().any(|said| said.state == state);
        let together = match (some(ModelState::Refused), some(ModelState::Asked)) {
            (true, _) => ModelState::Refused,
            (false, true) => ModelState::Asked,
            (false, false) => ModelState::Countersigned,
        };
        Ok(Some((said, together)))
    }
}

/// Who could not be told, and why, for the operator.
pub(super) fn not_told(party: &PartyId, trouble: Trouble) -> control::NotReached {
    let text = Some(control::Text { en: trouble.en, zh: trouble.zh });
    control::NotReached { party: party.to_string(), code: trouble.code.into(), text }
}

/// What an operator hears whose word is kept here and has not reached the one that asked for it.
pub(super) fn own_word_is_kept(asker: &PartyId, trouble: Trouble) -> Trouble {
    let Trouble { code, en, zh, side } = trouble;
    let en =
        format!("{en} This party's own word is kept: run the same command again to tell {asker}.");
    let zh = format!("{zh} 本方的决定已保存：请再次运行同一命令以通知 {asker}。");
    Trouble { code, en, zh, side }
}
