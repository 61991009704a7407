//! The lender shows that its key is what it should be.

use std::sync::Arc;

use bytes::Bytes;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::batch::LenderKey;
use crate::batch::key_check::challenge::{CHALLENGE_BYTES, Numbers};
use crate::batch::key_check::{CHALLENGE, KEY, REPLY};
use crate::batch::ring::{POLYNOMIAL_BYTES, Polynomial};
use crate::error::expect_length;
use crate::{Encode, Error, holder};

/// The lender's side: sends its key, and replies to one challenge that was made as agreed.
pub struct Lender {
    key: Arc<LenderKey>,
    state: State,
}

enum State {
    SendKey,
    ExpectChallenge,
    SendReply(Bytes),
    Finish,
    Over,
}

impl Lender {
    /// A session that shows `key` to one holder.
    pub fn new(key: Arc<LenderKey>) -> Self {
        Self { key, state: State::SendKey }
    }

    /// SPEC §3.3 step 4: "L replies only if these numbers make this very challenge".
    fn reply(&self, body: &[u8], from: Role) -> Result<Bytes, Error> {
        const WHAT: &str = "challenge";
        let culprit = Culprit::Peer(from);
        expect_length(WHAT, CHALLENGE_BYTES, body.len(), culprit)?;
        let (mask, rest) = body.split_at(POLYNOMIAL_BYTES);
        let read = |bytes| Polynomial::read(bytes).ok_or(Error::NotReduced { what: WHAT, culprit });
        let numbers = Numbers::decrypt(&self.key, [read(mask)?, read(rest)?]);
        // Whoever could learn how a ciphertext of its own making decrypts would learn the key.
        if numbers.encrypt(self.key.public()) != body {
            return Err(Error::MadeUpChallenge { from });
        }
        Ok(numbers.reply(self.key.public()).to_vec().into())
    }
}

impl Session for Lender {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::SendKey => {
                self.state = State::ExpectChallenge;
                let body = self.key.public().to_bytes();
                Ok(Turn::Send(holder(0), Chunk::whole(KEY, body)))
            }
            State::ExpectChallenge => {
                self.state = State::ExpectChallenge;
                Ok(Turn::Await)
            }
            State::SendReply(body) => {
                self.state = State::Finish;
                Ok(Turn::Send(holder(0), Chunk::whole(REPLY, body)))
            }
            State::Finish => Ok(Turn::Done(())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::ExpectChallenge if from == holder(0) => {
                let body = whole(chunk, from, CHALLENGE, "challenge")?;
                self.state = State::SendReply(self.reply(&body, from)?);
                Ok(())
            }
            State::SendKey
            | State::ExpectChallenge
            | State::SendReply(_)
            | State::Finish
            | State::Over => Err(out_of_turn(from)),
        }
    }
}
