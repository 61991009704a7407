//! The holder asks.

use bytes::Bytes;
use rand_core::CryptoRng;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::batch::key_check::challenge::{Numbers, REPLY_BYTES};
use crate::batch::key_check::{CHALLENGE, KEY, REPLY};
use crate::batch::{CheckedKey, PublicKey};
use crate::error::expect_length;
use crate::{Error, Fingerprint, LENDER, TableKey};

/// The holder's side: takes the key that was agreed, challenges it, and yields it tried.
pub struct Holder(State);

enum State {
    ExpectKey { agreed: Fingerprint, numbers: Numbers },
    SendChallenge { body: Bytes, tried: CheckedKey, reply: [u8; REPLY_BYTES] },
    ExpectReply { tried: CheckedKey, reply: [u8; REPLY_BYTES] },
    Finish(CheckedKey),
    Over,
}

impl Holder {
    /// A session that tries the key with this fingerprint, and no other. Takes 32 bytes from `rng`.
    pub fn new(agreed: Fingerprint, rng: &mut impl CryptoRng) -> Self {
        Self(State::ExpectKey { agreed, numbers: Numbers::random(rng) })
    }
}

impl Session for Holder {
    type Output = CheckedKey;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<CheckedKey>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            State::SendChallenge { body, tried, reply } => {
                self.0 = State::ExpectReply { tried, reply };
                Ok(Turn::Send(LENDER, Chunk::whole(CHALLENGE, body)))
            }
            waiting @ (State::ExpectKey { .. } | State::ExpectReply { .. }) => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            State::Finish(tried) => Ok(Turn::Done(tried)),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, State::Over), from) {
            (State::ExpectKey { agreed, numbers }, LENDER) => {
                let body = whole(chunk, from, KEY, "lender's batch key")?;
                let key = PublicKey::decode_agreed(&body, agreed, Culprit::Peer(from))?;
                let body = numbers.encrypt(&key).into();
                let tried = CheckedKey::from_record(agreed);
                self.0 = State::SendChallenge { body, tried, reply: numbers.reply(&key) };
                Ok(())
            }
            (State::ExpectReply { tried, reply }, LENDER) => {
                const WHAT: &str = "reply to the challenge";
                let body = whole(chunk, from, REPLY, WHAT)?;
                expect_length(WHAT, REPLY_BYTES, body.len(), Culprit::Peer(from))?;
                // SPEC §3.3 step 5: "H refuses a key whose reply differs".
                if reply != *body {
                    return Err(Error::MalformedKey { from });
                }
                self.0 = State::Finish(tried);
                Ok(())
            }
            (
                State::ExpectKey { .. }
                | State::SendChallenge { .. }
                | State::ExpectReply { .. }
                | State::Finish(_)
                | State::Over,
                _,
            ) => Err(out_of_turn(from)),
        }
    }
}
