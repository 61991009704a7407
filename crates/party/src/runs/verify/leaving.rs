//! A holder's atoms on their way out: decided once more, counted, written down, and only then sent.

use std::sync::{Arc, Mutex, PoisonError};

use ::catalogue::{Disclosed, TypedAtom};
use bytes::Bytes;
use domain::{Digest, RunId};
use session::{Chunk, Role, Session, Turn};
use store::StoredDisclosure;
use time::Date;
use verification::verify::{ATOMS, Holder};

use crate::Trouble;
use crate::clock::now_ms;
use crate::governance::authorise::{self, Granted, period};
use crate::governance::release::{About, Asking, release};
use crate::node::Node;

/// What has to be written down before atoms may leave.
pub(super) struct Due {
    pub(super) run: RunId,
    pub(super) request: Digest,
    pub(super) formula: Digest,
    pub(super) granted: Granted,
    pub(super) own: Vec<TypedAtom>,
    /// What came encrypted, by slot.
    pub(super) slots: Vec<Digest>,
    pub(super) today: Date,
}

impl Due {
    /// What the lender's questions about the subject could tell once these atoms are answered too.
    pub(super) async fn disclosed(&self, node: &Node) -> Result<StoredDisclosure, Trouble> {
        let request = self.granted.covered.request();
        let subject = node.pseudonym(&request.subject).to_bytes();
        let stored = node.store.disclosure(&request.lender, &subject).await?;
        let current = stored.filter(|stored| stored.began_ms >= period(node));
        let (began_ms, before) = match current {
            Some(StoredDisclosure { began_ms, asked }) => {
                let before =
                    serde_json::from_str(&asked).map_err(|e| Trouble::said("STORE", &e))?;
                (began_ms, before)
            }
            None => (now_ms(), Disclosed::default()),
        };
        let after = before.asked(&self.own, &self.slots, self.today).map_err(|overasked| {
            let (refusal, limit) = (overasked.refusal(), overasked.limit);
            let field = overasked.field.map(|field| format!(" ({field})")).unwrap_or_default();
            // The questions are the lender's own, so it may be told which limit it is.
            Trouble::us(
                refusal.code(),
                format!("{}{field}: {}", refusal.en(), limit.en()),
                format!("{}{field}：{}", refusal.zh(), limit.zh()),
            )
        })?;
        let asked = serde_json::to_string(&after).map_err(|e| Trouble::said("OURS", &e))?;
        Ok(StoredDisclosure { began_ms, asked })
    }
}

/// Atoms that are about to leave: they are released first, or they do not.
pub(crate) struct Unreleased<'a> {
    node: &'a Node,
    due: Option<Due>,
    batch: Digest,
    leaving: Leaving,
}

impl<'a> Unreleased<'a> {
    /// What `session` is about to send, and the session as it is to be driven.
    pub(super) fn of(node: &'a Node, due: Due, batch: Digest, session: Holder) -> (Self, Shown) {
        let leaving = Leaving::default();
        let shown = Shown { session, leaving: Arc::clone(&leaving) };
        (Self { node, due: Some(due), batch, leaving }, shown)
    }

    /// The second look, and the release with all that is written down of it.
    pub(crate) async fn before_round(&mut self, round: u32) -> Result<(), Trouble> {
        if round != ATOMS {
            return Ok(());
        }
        let leaving = {
            let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *leaving)
        };
        let due = self.due.take().filter(|_| !leaving.is_empty());
        let mut due = due.ok_or_else(|| Trouble::said("OURS", &"atoms would leave twice"))?;
        due.granted = authorise::still(self.node, due.granted).await?;
        // Two questions that were decided at once must not both count from the same start.
        let _alone = self.node.disclosures.lock().await;
        let disclosure = due.disclosed(self.node).await?;
        let about = About {
            run: due.run,
            request: due.request,
            asking: Asking::Formula(due.formula),
            batch: self.batch,
            repeats: None,
            disclosure: Some(disclosure),
        };
        release(self.node, about, due.granted, &leaving).await
    }
}

/// The bytes of the atoms that a session wants to send.
type Leaving = Arc<Mutex<Bytes>>;

/// A session that shows its atoms to whoever releases them.
pub(super) struct Shown {
    session: Holder,
    leaving: Leaving,
}

impl Session for Shown {
    type Output = ();
    type Error = verification::Error;

    fn advance(&mut self) -> Result<Turn<()>, verification::Error> {
        let turn = self.session.advance()?;
        if let Turn::Send(_, chunk) = &turn
            && chunk.round == ATOMS
        {
            let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
            leaving.clone_from(&chunk.body);
        }
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), verification::Error> {
        self.session.receive(from, chunk)
    }
}
