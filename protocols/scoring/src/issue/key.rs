//! The lender hands its public key to the platform.

use bytes::Bytes;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::issue::KEY;
use crate::{Error, Fingerprint, LENDER, PLATFORM, PublicKey, TableKey, batch};

/// The lender's side: sends its key.
pub struct KeySender(Sending);

enum Sending {
    SendKey(Bytes),
    Finish,
    Over,
}

impl KeySender {
    /// A session that sends `key`.
    pub fn new(key: &impl TableKey) -> Self {
        Self(Sending::SendKey(key.to_bytes().into()))
    }
}

impl Session for KeySender {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.0, Sending::Over) {
            Sending::SendKey(body) => {
                self.0 = Sending::Finish;
                Ok(Turn::Send(PLATFORM, Chunk::whole(KEY, body)))
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

/// The platform's side: takes the key that the terms name.
pub struct KeyReceiver<K = PublicKey>(Receiving<K>);

enum Receiving<K> {
    ExpectKey(Fingerprint),
    Finish(K),
    Over,
}

impl KeyReceiver {
    /// A session that takes the key with this fingerprint, and no other.
    pub fn new(agreed: Fingerprint) -> Self {
        Self(Receiving::ExpectKey(agreed))
    }
}

impl KeyReceiver<batch::PublicKey> {
    /// A session that takes the batch key with this fingerprint, and no other.
    pub fn for_batch(agreed: Fingerprint) -> Self {
        Self(Receiving::ExpectKey(agreed))
    }
}

impl<K: TableKey> Session for KeyReceiver<K> {
    type Output = K;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<K>, Error> {
        match std::mem::replace(&mut self.0, Receiving::Over) {
            waiting @ Receiving::ExpectKey(_) => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            Receiving::Finish(key) => Ok(Turn::Done(key)),
            Receiving::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, Receiving::Over), from) {
            (Receiving::ExpectKey(agreed), LENDER) => {
                let body = whole(chunk, from, KEY, "lender's public key")?;
                let key = K::decode_agreed(&body, agreed, Culprit::Peer(from))?;
                self.0 = Receiving::Finish(key);
                Ok(())
            }
            (Receiving::ExpectKey(_) | Receiving::Finish(_) | Receiving::Over, _) => {
                Err(out_of_turn(from))
            }
        }
    }
}
