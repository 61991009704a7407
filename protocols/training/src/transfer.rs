//! An upload as a session: of whoever uploads, and of each role that receives (SPEC §3.1).
//!
//! Every message is a round of its own. The receiver answers each with an empty chunk, and the last
//! once more when all is kept, so that the uploader is ahead by a few MiB or one column, and knows
//! in the end that it is no longer needed.

use std::collections::VecDeque;

use bytes::Bytes;
use rand_core::CryptoRng;
use session::{Chunk, Coroutine, Expected, Link, MAX_CHUNK, Role};
use zeroize::Zeroizing;

use crate::error::equal;
use crate::received::Intake;
use crate::upload::{Shape, Upload};
use crate::{Column, Error, Labels, NotKept, ROLES, Received, Terms, UPLOADER, Whose};

/// What each round carries, for progress and error messages: every round after the second is like
/// it.
pub const ROUNDS: [&str; 2] = ["seeds", "values"];

/// What a round carries.
pub fn round_name(round: u32) -> &'static str {
    match round {
        0 => "unknown",
        1 => ROUNDS[0],
        _ => ROUNDS[1],
    }
}

/// Bytes that may be on their way before the uploader waits for an answer: more only if one message
/// has more.
const WINDOW: usize = 8 << 20;

/// An upload on its way out, message by message.
pub(crate) trait Outgoing: Send {
    /// The first message to a role.
    fn seeds(&self, role: Role) -> Bytes;

    /// The next message to each role, empty to one that needs none; nothing after the last.
    fn next(&mut self) -> Result<Option<[Bytes; 3]>, Error>;
}

/// An upload on its way in, message by message.
pub(crate) trait Incoming {
    /// What it is once it is whole.
    type Received: Send;

    /// How many bytes the next message has; nothing after the last.
    fn due(&self) -> Option<usize>;

    /// Takes and keeps the next message.
    fn take(&mut self, message: &[u8]) -> Result<(), Error>;

    /// The whole, when every message has been taken and kept.
    fn finish(self) -> Result<Self::Received, Error>;
}

/// The uploader's side. Its output is the messages of the role that the uploader itself plays, for
/// [`Received::of_own`]; none if it plays none.
pub type Sending = Coroutine<Vec<Bytes>, Error>;

/// A computing role's side.
pub type Receiving = Coroutine<Received, Error>;

/// Uploads the columns of the holder in this place of the terms to the roles `to`, its own messages
/// kept if it is the role `own`. A column is asked for when its turn has come, and wiped when it is
/// masked.
///
/// The session fails with [`Error::Shape`] when there are fewer or more columns or rows than the
/// terms say.
///
/// # Errors
///
/// [`Error::Terms`], or [`Error::Shape`] if the terms have no such holder.
///
/// # Panics
///
/// When `to` and `own` are not different [`ROLES`].
pub fn send_columns<C>(
    terms: &Terms,
    holder: usize,
    columns: C,
    to: &[Role],
    own: Option<Role>,
    rng: &mut impl CryptoRng,
) -> Result<Sending, Error>
where
    C: IntoIterator<Item = Column, IntoIter: Send + 'static>,
{
    let shape = Shape::of(terms, Whose::Holder(holder))?;
    let columns = columns.into_iter().map(Column::widened);
    Ok(sending(Upload::new(shape, columns, rng), to, own))
}

/// Uploads the lender's labels to the roles `to`, its own messages kept if it is the role `own`.
///
/// # Errors
///
/// [`Error::Terms`], and [`Error::Shape`] or [`Error::Cover`] when the labels are not those of the
/// terms.
///
/// # Panics
///
/// When `to` and `own` are not different [`ROLES`].
pub fn send_labels(
    terms: &Terms,
    labels: Labels,
    to: &[Role],
    own: Option<Role>,
    rng: &mut impl CryptoRng,
) -> Result<Sending, Error> {
    let shape = Shape::of(terms, Whose::Labels)?;
    labels.check(terms)?;
    let Labels { bad, weighted, start } = labels;
    let weighted = weighted.into_iter().flat_map(|weighted| [weighted.good, weighted.weights]);
    let columns = [Zeroizing::new(start.to_vec()), bad].into_iter().chain(weighted);
    Ok(sending(Upload::new(shape, columns, rng), to, own))
}

/// Receives one upload at a role. `keep` takes what must be stored for
/// [`Received::from_kept`], piece after piece, and returns when it is; the uploader is told that it
/// may leave when the last is.
///
/// What comes of another length, twice or out of turn is refused, and the [`UPLOADER`] blamed.
///
/// # Errors
///
/// [`Error::Terms`], or [`Error::Shape`] if the terms have no such holder.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`].
pub fn receive(
    terms: &Terms,
    whose: Whose,
    role: Role,
    keep: impl FnMut(&[u8]) -> Result<(), NotKept> + Send + 'static,
) -> Result<Receiving, Error> {
    Ok(receiving(Intake::new(terms, whose, role, keep)?, terms.rows as usize * 8))
}

/// Receives an upload of which a message has at most `longest` bytes.
pub(crate) fn receiving<I>(intake: I, longest: usize) -> Coroutine<I::Received, Error>
where
    I: Incoming + Send + 'static,
{
    let ahead = WINDOW.max(longest);
    Coroutine::new(&[UPLOADER], ahead, async move |link| accept(link, intake).await)
}

/// Takes the messages that an uploader has for itself, each let go once it is taken.
pub(crate) fn own<I: Incoming>(
    mut intake: I,
    expected: usize,
    messages: Vec<Bytes>,
) -> Result<I::Received, Error> {
    equal("messages", expected, messages.len())?;
    for message in messages {
        intake.take(&message)?;
    }
    intake.finish()
}

/// Sends an upload to the roles `to`, the messages of the role `own` kept.
pub(crate) fn sending(upload: impl Outgoing + 'static, to: &[Role], own: Option<Role>) -> Sending {
    let mut all: Vec<Role> = to.iter().copied().chain(own).collect();
    assert!(all.iter().all(|role| ROLES.contains(role)), "uploads go to the roles that compute");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), to.len() + usize::from(own.is_some()), "each role gets one upload");
    let roles = to.to_vec();
    Coroutine::new(to, 0, async move |link| {
        let post = Post { link, roles, on_the_way: VecDeque::new(), bytes: 0 };
        deliver(post, upload, own).await
    })
}

/// The uploader's program.
async fn deliver(
    mut post: Post,
    mut upload: impl Outgoing,
    own: Option<Role>,
) -> Result<Vec<Bytes>, Error> {
    let (mut kept, mut round) = (Vec::new(), 1);
    let seeds = ROLES.map(|role| upload.seeds(role));
    let mut next = Some(seeds);
    while let Some(messages) = next {
        kept.extend(own.map(|role| messages[usize::from(role.0)].clone()));
        post.send(round, &messages).await?;
        drop(messages);
        round += 1;
        next = upload.next()?;
    }
    post.all_received(round).await?;
    Ok(kept)
}

/// Messages to several roles, and what they have not answered yet.
struct Post {
    link: Link,
    roles: Vec<Role>,
    on_the_way: VecDeque<(Role, u32, usize)>,
    bytes: usize,
}

impl Post {
    /// Sends each role its message of a round, chunk by chunk in turn; an empty one is none.
    async fn send(&mut self, round: u32, messages: &[Bytes; 3]) -> Result<(), Error> {
        let mut rest: Vec<(Role, Bytes)> = Vec::new();
        for &role in &self.roles {
            let message = messages[usize::from(role.0)].clone();
            if !message.is_empty() {
                rest.push((role, message));
            }
        }
        let bytes: usize = rest.iter().map(|(_, message)| message.len()).sum();
        while self.bytes + bytes > WINDOW && !self.on_the_way.is_empty() {
            self.answered().await?;
        }
        self.bytes += bytes;
        self.on_the_way.extend(rest.iter().map(|(role, message)| (*role, round, message.len())));
        while !rest.is_empty() {
            for (role, message) in &mut rest {
                let body = message.split_to(message.len().min(MAX_CHUNK));
                let last = message.is_empty();
                self.link.send(*role, Chunk { round, last, body }).await?;
            }
            rest.retain(|(_, message)| !message.is_empty());
        }
        Ok(())
    }

    /// Awaits the answer to the earliest message that has none.
    async fn answered(&mut self) -> Result<(), Error> {
        if let Some((role, round, bytes)) = self.on_the_way.pop_front() {
            self.link.receive(role, Expected { round, last: true, bytes: 0 }).await?;
            self.bytes -= bytes;
        }
        Ok(())
    }

    /// Awaits every answer, and in the round after the last that each role has kept it all.
    async fn all_received(mut self, round: u32) -> Result<(), Error> {
        while !self.on_the_way.is_empty() {
            self.answered().await?;
        }
        for role in self.roles {
            self.link.receive(role, Expected { round, last: true, bytes: 0 }).await?;
        }
        Ok(())
    }
}

/// A receiver's program.
async fn accept<I: Incoming + Send>(mut link: Link, mut intake: I) -> Result<I::Received, Error> {
    let mut round = 1;
    while let Some(expected) = intake.due() {
        let mut message = Zeroizing::new(Vec::new());
        for start in (0..expected).step_by(MAX_CHUNK) {
            let bytes = (expected - start).min(MAX_CHUNK);
            let last = start + bytes == expected;
            let body = link.receive(UPLOADER, Expected { round, last, bytes }).await?;
            // Room for the message once its first chunk has come: it never grows by copying.
            message.reserve_exact(expected - start);
            message.extend_from_slice(&body);
        }
        intake.take(&message)?;
        if expected > 0 {
            link.send(UPLOADER, Chunk::whole(round, Bytes::new())).await?;
        }
        round += 1;
    }
    let received = intake.finish()?;
    link.send(UPLOADER, Chunk::whole(round, Bytes::new())).await?;
    Ok(received)
}
