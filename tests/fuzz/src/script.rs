//! A script read from the fuzzer's bytes, and a peer that acts by it.

use std::fmt::Debug;

use session::{Blame, Chunk, Culprit, Role, Session, Turn};

/// The fuzzer's bytes, read as a script; past its end it says 0.
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// The next bytes, at most `length`.
    pub fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (first, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        first
    }

    /// Whether nothing is left of it.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// Runs `session` against a peer that is honest where the script lets it be; gives the output, if
/// there is one.
///
/// # Panics
///
/// When the session panics, blames anybody but the peer, or goes on after an error.
pub fn provoke<S, P>(
    (me, mut session): (Role, S),
    (peer, mut honest): (Role, P),
    script: &mut Script<'_>,
) -> Option<S::Output>
where
    S: Session<Error: Debug>,
    P: Session,
{
    let mut said: Vec<Chunk> = Vec::new();
    loop {
        loop {
            match session.advance() {
                // The honest side may have been told nonsense by now; what it thinks of it is
                // another target's business.
                Ok(Turn::Send(to, chunk)) => {
                    assert_eq!(to, peer);
                    let _ = honest.receive(me, chunk);
                }
                Ok(Turn::Await) => break,
                Ok(Turn::Done(output)) => return Some(output),
                Err(error) => panic!("it failed by itself: {error:?}"),
            }
        }
        let ended = script.is_over();
        let act = script.byte();
        let next = match act % 8 {
            // Its own invention.
            6 => Some(Chunk {
                round: u32::from(script.byte() % 12),
                last: script.byte() % 2 == 1,
                body: script.bytes(usize::from(act) * 4).to_vec().into(),
            }),
            // Something that it said before.
            7 if !said.is_empty() => Some(said[usize::from(script.byte()) % said.len()].clone()),
            // What the protocol asks for, once in a while altered.
            _ => match honest.advance() {
                Ok(Turn::Send(_, chunk)) => {
                    said.push(chunk.clone());
                    Some(if act % 8 == 5 { altered(chunk, script) } else { chunk })
                }
                Ok(Turn::Await | Turn::Done(_)) | Err(_) => None,
            },
        };
        let Some(chunk) = next else {
            if ended {
                return None;
            }
            continue;
        };
        let from = if act == 255 { Role(2) } else { peer };
        if let Err(error) = session.receive(from, chunk) {
            assert_eq!(error.blame(), Culprit::Peer(from), "{error:?}");
            assert!(session.advance().is_err(), "it went on after {error:?}");
            return None;
        }
    }
}

/// Bytes of an honest peer, altered by the script: cut, continued, overwritten or flipped, up to four
/// times; or as they are.
pub fn mutated(honest: &[u8], script: &mut Script<'_>) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    for _ in 0..script.byte() % 5 {
        let mut place = [0; 4];
        let from = script.bytes(4);
        place[..from.len()].copy_from_slice(from);
        let place = u32::from_le_bytes(place) as usize % (bytes.len() + 1);
        match script.byte() % 4 {
            0 => bytes.truncate(place),
            1 => bytes.extend_from_slice(script.bytes(70)),
            2 => {
                let new = script.bytes(32.min(bytes.len() - place));
                bytes[place..place + new.len()].copy_from_slice(new);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= script.byte() | 1;
                }
            }
        }
    }
    bytes
}

fn altered(mut chunk: Chunk, script: &mut Script<'_>) -> Chunk {
    let mut body = chunk.body.to_vec();
    match script.byte() % 6 {
        0 => chunk.last = !chunk.last,
        1 => chunk.round = chunk.round.wrapping_add(u32::from(script.byte()) % 8 + 1),
        2 => body.truncate(usize::from(script.byte())),
        3 => body.extend_from_slice(script.bytes(40)),
        4 if !body.is_empty() => {
            let place = usize::from(script.byte()) % body.len();
            body[place] ^= script.byte();
        }
        _ => {
            let place = usize::from(script.byte()).min(body.len());
            let new = script.bytes(32.min(body.len() - place));
            body[place..place + new.len()].copy_from_slice(new);
        }
    }
    chunk.body = body.into();
    chunk
}
