//! Random bytes that every role has contributed to.

use session::Link;
use sha2::{Digest, Sha256};

use crate::exchange::{receive, send};
use crate::keys::neighbours;
use crate::prg::{Prg, StreamPosition};
use crate::{DOMAIN_COIN, Error, Traffic};

/// The lane of a role's contribution, in a key of its own.
const LANE: u32 = 2;

/// What a role adds to the coin of a step.
pub(crate) fn contribution(own: &Prg, step: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    let words = own.words(StreamPosition { step, lane: LANE }, 4);
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    bytes
}

/// Sends the commitment, and takes those of the roles before and after.
pub(crate) async fn commit(
    link: &mut Link,
    traffic: &mut Traffic,
    role: u8,
    step: u32,
    own: &[u8; 32],
) -> Result<[[u8; 32]; 2], Error> {
    let (previous, next) = neighbours(role);
    for peer in [previous, next] {
        send(link, traffic, peer, step, &commitment(role, step, own)).await?;
    }
    Ok([receive(link, previous, step).await?, receive(link, next, step).await?])
}

/// Opens, checks what the others open, and yields the coin. `step` follows that of the commitments.
pub(crate) async fn open(
    link: &mut Link,
    traffic: &mut Traffic,
    role: u8,
    step: u32,
    own: &[u8; 32],
    committed: &[[u8; 32]; 2],
) -> Result<[u8; 32], Error> {
    let (previous, next) = neighbours(role);
    let peers = [previous, next];
    for peer in peers {
        send(link, traffic, peer, step, own).await?;
    }
    let mut opened = [[0; 32]; 3];
    opened[usize::from(role)] = *own;
    for (committed, peer) in committed.iter().zip(peers) {
        let theirs = receive(link, peer, step).await?;
        if commitment(peer.0, step - 1, &theirs) != *committed {
            return Err(Error::Commitment { from: peer });
        }
        opened[usize::from(peer.0)] = theirs;
    }
    let mut hash = Sha256::new_with_prefix(DOMAIN_COIN);
    opened.iter().for_each(|bytes| hash.update(bytes));
    Ok(hash.finalize().into())
}

fn commitment(role: u8, step: u32, bytes: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(DOMAIN_COIN);
    hash.update([role]);
    hash.update(step.to_be_bytes());
    hash.update(bytes);
    hash.finalize().into()
}
