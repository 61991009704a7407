//! Messages of a step, chunk by chunk: what goes out and what comes in take turns.

use session::{Chunk, Expected, Link, MAX_CHUNK, Role};

use crate::{Error, Traffic};

/// Words of a full chunk.
pub(crate) const WORDS_PER_CHUNK: usize = MAX_CHUNK / 8;

/// Words to a role.
pub(crate) struct Outgoing<'a> {
    pub(crate) to: Role,
    pub(crate) words: &'a [u64],
}

/// Room for words from a role.
pub(crate) struct Incoming<'a> {
    pub(crate) from: Role,
    pub(crate) words: &'a mut [u64],
}

/// Sends and receives the messages of step `round`. An empty message is none.
///
/// After each chunk that goes out one is awaited, so that a peer is at most a few chunks ahead
/// however long the messages are.
pub(crate) async fn exchange(
    link: &mut Link,
    traffic: &mut Traffic,
    round: u32,
    outgoing: &[Outgoing<'_>],
    incoming: &mut [Incoming<'_>],
) -> Result<(), Error> {
    let out = outgoing.iter().map(|message| message.words.len());
    let longest = out.chain(incoming.iter().map(|message| message.words.len())).max();
    for start in (0..longest.unwrap_or(0)).step_by(WORDS_PER_CHUNK) {
        let part = |len: usize| start..len.min(start + WORDS_PER_CHUNK);
        for Outgoing { to, words } in outgoing {
            let Some(chunk) = words.get(part(words.len())).filter(|chunk| !chunk.is_empty()) else {
                continue;
            };
            let last = start + chunk.len() == words.len();
            let mut body = vec![0; chunk.len() * 8];
            for (bytes, word) in body.as_chunks_mut().0.iter_mut().zip(chunk) {
                *bytes = word.to_le_bytes();
            }
            *traffic.sent.entry(*to).or_default() += body.len() as u64;
            link.send(*to, Chunk { round, last, body: body.into() }).await?;
        }
        for Incoming { from, words } in incoming.iter_mut() {
            let total = words.len();
            let Some(chunk) = words.get_mut(part(total)).filter(|chunk| !chunk.is_empty()) else {
                continue;
            };
            let last = start + chunk.len() == total;
            let due = Expected { round, last, bytes: chunk.len() * 8 };
            let body = link.receive(*from, due).await?;
            for (word, bytes) in chunk.iter_mut().zip(body.as_chunks().0) {
                *word = u64::from_le_bytes(*bytes);
            }
        }
    }
    Ok(())
}

/// Sends a short message of bytes.
pub(crate) async fn send(
    link: &mut Link,
    traffic: &mut Traffic,
    to: Role,
    round: u32,
    bytes: &[u8],
) -> Result<(), Error> {
    *traffic.sent.entry(to).or_default() += bytes.len() as u64;
    Ok(link.send(to, Chunk::whole(round, bytes.to_vec())).await?)
}

/// Receives a short message of bytes.
pub(crate) async fn receive<const N: usize>(
    link: &mut Link,
    from: Role,
    round: u32,
) -> Result<[u8; N], Error> {
    let body = link.receive(from, Expected { round, last: true, bytes: N }).await?;
    Ok(body.first_chunk().copied().expect("the link gives as many bytes as were due"))
}
