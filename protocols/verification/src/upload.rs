//! The lender uploads its keys: to the platform, and to holders that compare with sealed thresholds.
//!
//! Two roles (SPEC §3.1): whoever receives is called [`PLATFORM`] here.

use bytes::Bytes;
use session::incoming::{in_round, out_of_turn};
use session::{Chunk, Culprit, MAX_CHUNK, Role, Session, Turn, Unexpected};

use crate::error::expect_length;
use crate::{
    EVALUATION_KEY_BYTES, Encode, Error, EvaluationKey, Fingerprint, LENDER, PLATFORM,
    PUBLIC_KEY_BYTES, PublicKey,
};

/// Round 1, the only one: the evaluation key, in chunks that are full but for the last.
pub const KEY: u32 = 1;

/// Chunks of an evaluation key.
pub const KEY_CHUNKS: usize = EVALUATION_KEY_BYTES.div_ceil(MAX_CHUNK);

/// What each round carries, for progress and error messages.
pub const ROUNDS: [&str; 1] = ["evaluation key"];

/// The lender's side: sends its evaluation key.
pub struct KeySender(Sending);

enum Sending {
    SendKey(Bytes),
    Finish,
    Over,
}

impl KeySender {
    /// A session that sends `key`.
    pub fn new(key: &EvaluationKey) -> Self {
        Self(Sending::SendKey(key.to_bytes().into()))
    }
}

impl Session for KeySender {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.0, Sending::Over) {
            Sending::SendKey(mut rest) => {
                let body = rest.split_to(rest.len().min(MAX_CHUNK));
                let last = rest.is_empty();
                self.0 = if last { Sending::Finish } else { Sending::SendKey(rest) };
                Ok(Turn::Send(PLATFORM, Chunk { round: KEY, last, body }))
            }
            Sending::Finish => Ok(Turn::Done(())),
            Sending::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, _chunk: Chunk) -> Result<(), Error> {
        self.0 = Sending::Over;
        Err(out_of_turn(from))
    }
}

/// The receiver's side: takes the key that the terms name.
pub struct KeyReceiver(Receiving);

enum Receiving {
    /// The public key leads the first chunk, so another key is refused before the rest comes.
    ExpectKey {
        agreed: Fingerprint,
        taken: Vec<u8>,
    },
    Finish(Box<EvaluationKey>),
    Over,
}

impl KeyReceiver {
    /// A session that takes the key with this fingerprint, and no other.
    pub fn new(agreed: Fingerprint) -> Self {
        Self(Receiving::ExpectKey { agreed, taken: Vec::new() })
    }
}

impl Session for KeyReceiver {
    type Output = EvaluationKey;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<EvaluationKey>, Error> {
        match std::mem::replace(&mut self.0, Receiving::Over) {
            waiting @ Receiving::ExpectKey { .. } => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            Receiving::Finish(key) => Ok(Turn::Done(*key)),
            Receiving::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, Receiving::Over), from) {
            (Receiving::ExpectKey { agreed, taken }, LENDER) => {
                self.0 = take(agreed, taken, chunk)?;
                Ok(())
            }
            (Receiving::ExpectKey { .. } | Receiving::Finish(_) | Receiving::Over, _) => {
                Err(out_of_turn(from))
            }
        }
    }
}

fn take(agreed: Fingerprint, mut taken: Vec<u8>, chunk: Chunk) -> Result<Receiving, Error> {
    const WHAT: &str = "evaluation key";
    let culprit = Culprit::Peer(LENDER);
    let (body, last) = in_round(chunk, LENDER, KEY)?;
    let expected = (EVALUATION_KEY_BYTES - taken.len()).min(MAX_CHUNK);
    expect_length(WHAT, expected, body.len(), culprit)?;
    if taken.is_empty() {
        PublicKey::decode(&body[..PUBLIC_KEY_BYTES], culprit)?.expect(agreed, culprit)?;
        taken.reserve_exact(EVALUATION_KEY_BYTES);
    }
    taken.extend_from_slice(&body);
    match (taken.len() == EVALUATION_KEY_BYTES, last) {
        (true, true) => {
            let key = EvaluationKey::decode(&taken, culprit)?;
            Ok(Receiving::Finish(Box::new(key)))
        }
        (false, false) => Ok(Receiving::ExpectKey { agreed, taken }),
        (true, false) | (false, true) => {
            Err(Unexpected::Ending { what: WHAT, from: LENDER }.into())
        }
    }
}
