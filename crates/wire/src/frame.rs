//! What flows in an exchange.

use session::{Chunk, MAX_CHUNK};

use crate::{Error, peer};

/// One message of an exchange, checked.
#[derive(Clone, Debug)]
pub enum Frame {
    /// A piece of the protocol.
    Chunk(Chunk),
    /// The peer gives the run up, and why.
    Abort(peer::Refusal),
    /// The peer has its output.
    Close,
}

/// The longest code and sentence that a peer can make us keep, in bytes.
const MAX_SENTENCE: usize = 1 << 10;

impl TryFrom<peer::Frame> for Frame {
    type Error = Error;

    fn try_from(frame: peer::Frame) -> Result<Self, Error> {
        match frame.kind.ok_or(Error::Missing("kind"))? {
            peer::frame::Kind::Chunk(peer::Chunk { round, last, body }) => {
                if body.len() > MAX_CHUNK {
                    return Err(Error::Oversized { found: body.len() });
                }
                Ok(Self::Chunk(Chunk { round, last, body }))
            }
            peer::frame::Kind::Abort(refusal) => Ok(Self::Abort(refusal.shortened())),
            peer::frame::Kind::Close(peer::Close {}) => Ok(Self::Close),
        }
    }
}

impl From<Chunk> for peer::Frame {
    fn from(Chunk { round, last, body }: Chunk) -> Self {
        Self { kind: Some(peer::frame::Kind::Chunk(peer::Chunk { round, last, body })) }
    }
}

impl From<peer::Refusal> for peer::Frame {
    fn from(refusal: peer::Refusal) -> Self {
        Self { kind: Some(peer::frame::Kind::Abort(refusal)) }
    }
}

impl peer::Frame {
    /// The last frame of a party that has its output.
    #[must_use]
    pub const fn close() -> Self {
        Self { kind: Some(peer::frame::Kind::Close(peer::Close {})) }
    }
}

impl peer::Refusal {
    /// The same refusal, each text cut to what we are ready to keep and free of control characters.
    pub fn shortened(self) -> Self {
        let tidy = |text: String| -> String {
            let mut length = 0;
            text.chars()
                .filter(|c| !c.is_control())
                .take_while(|c| {
                    length += c.len_utf8();
                    length <= MAX_SENTENCE
                })
                .collect()
        };
        Self { code: tidy(self.code), en: tidy(self.en), zh: tidy(self.zh) }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_chunk_survives_the_frame() {
        let chunk = Chunk { round: 3, last: true, body: Bytes::from_static(b"points") };
        let Ok(Frame::Chunk(back)) = peer::Frame::from(chunk.clone()).try_into() else {
            panic!("a chunk becomes a chunk")
        };
        assert_eq!(back, chunk);
    }

    #[test]
    fn a_frame_without_content_or_with_too_much_of_it_is_refused() {
        assert_eq!(
            Frame::try_from(peer::Frame { kind: None }).unwrap_err(),
            Error::Missing("kind")
        );
        let chunk = Chunk::whole(1, vec![0; MAX_CHUNK + 1]);
        let refused = Frame::try_from(peer::Frame::from(chunk)).unwrap_err();
        assert_eq!(refused, Error::Oversized { found: MAX_CHUNK + 1 });
    }

    #[test]
    fn a_peers_sentence_is_cut_and_cleaned() {
        let long = peer::Refusal {
            code: "x\u{1b}[2J".into(),
            en: "y".repeat(5000),
            zh: "税".repeat(5000),
        };
        let Ok(Frame::Abort(kept)) = peer::Frame::from(long).try_into() else { panic!("an abort") };
        assert_eq!(kept.code, "x[2J");
        assert_eq!((kept.en.len(), kept.zh.len()), (1024, 1023));
    }
}
