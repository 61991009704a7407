//! A session that shows what it is about to send, to whoever decides whether it may.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use session::{Chunk, Role, Session, Turn};

/// A session whose one chunk of a round is shown before it leaves.
pub(crate) struct Observed<S> {
    session: S,
    round: u32,
    sending: Sending,
}

/// The bytes that a session wants to send.
#[derive(Clone, Default)]
pub(crate) struct Sending(Arc<Mutex<Bytes>>);

impl<S> Observed<S> {
    /// The session, and where its chunk of this round is shown.
    pub(crate) fn of(session: S, round: u32) -> (Self, Sending) {
        let sending = Sending::default();
        (Self { session, round, sending: sending.clone() }, sending)
    }
}

impl Sending {
    /// Takes what is about to leave; nothing where nothing is, or where it was taken.
    pub(crate) fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Session> Session for Observed<S> {
    type Output = S::Output;
    type Error = S::Error;

    fn advance(&mut self) -> Result<Turn<S::Output>, S::Error> {
        let turn = self.session.advance()?;
        if let Turn::Send(_, chunk) = &turn
            && chunk.round == self.round
        {
            let mut sending = self.sending.0.lock().unwrap_or_else(PoisonError::into_inner);
            sending.clone_from(&chunk.body);
        }
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), S::Error> {
        self.session.receive(from, chunk)
    }
}
