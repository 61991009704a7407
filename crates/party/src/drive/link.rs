//! A peer's end of an exchange: what it sends us, and where our frames to it go.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use session::Role;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::Status;
use wire::{Frame, peer};

use super::{DriveError, LAST_WORDS, last_words};
use crate::Trouble;

/// Frames that wait for the network, a megabyte each at most.
const OUTBOX: usize = 2;

/// Frames that are read ahead of a run that has not begun, a megabyte each at most.
const AHEAD: usize = 4;

/// A peer's end of an exchange.
pub struct Link {
    pub(super) role: Role,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    /// What came before the run began.
    pub(super) ahead: VecDeque<Event>,
}

pub(super) type Inbox = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// Where our frames to a peer go.
pub(crate) struct Outbox {
    pub(super) frames: mpsc::Sender<peer::Frame>,
    /// Resolves when the call has taken all, or is gone.
    pub(super) taken: oneshot::Receiver<()>,
}

/// What comes from a peer.
pub(super) enum Event {
    Frame(Result<peer::Frame, Status>),
    HungUp,
}

/// Our frames on their way to a peer: what the gRPC call streams.
pub struct Outgoing {
    frames: ReceiverStream<peer::Frame>,
    /// Dropped with the stream, which tells the outbox that all was taken.
    _taken: oneshot::Sender<()>,
}

impl Stream for Outgoing {
    type Item = peer::Frame;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<peer::Frame>> {
        Pin::new(&mut self.frames).poll_next(cx)
    }
}

impl Link {
    /// Ends a run before it has begun, and tells the peer why.
    pub(crate) async fn refuse(self, trouble: &Trouble) {
        let outboxes = BTreeMap::from([(self.role, self.outbox)]);
        last_words(outboxes, &trouble.to_refusal().into(), LAST_WORDS).await;
    }

    /// The end of `role`, which speaks on `inbox`; what is returned is to be streamed to it.
    pub fn new(
        role: Role,
        inbox: impl Stream<Item = Result<peer::Frame, Status>> + Send + 'static,
    ) -> (Self, Outgoing) {
        let (outbox, outgoing) = Self::outbox();
        (Self::with_outbox(role, inbox, outbox), outgoing)
    }

    /// A sender and the stream that a call is made with, before there is an inbox.
    pub(crate) fn outbox() -> (Outbox, Outgoing) {
        let (frames, outgoing) = mpsc::channel(OUTBOX);
        let (told, taken) = oneshot::channel();
        let outgoing = Outgoing { frames: ReceiverStream::new(outgoing), _taken: told };
        (Outbox { frames, taken }, outgoing)
    }

    /// The end of `role` when the call has been made with [`Link::outbox`].
    pub(crate) fn with_outbox(
        role: Role,
        inbox: impl Stream<Item = Result<peer::Frame, Status>> + Send + 'static,
        outbox: Outbox,
    ) -> Self {
        let inbox = inbox.map(Event::Frame).chain(tokio_stream::once(Event::HungUp));
        Self { role, inbox: Box::pin(inbox), outbox, ahead: VecDeque::new() }
    }

    /// Waits until the peer is gone or has given the run up, which has not begun; does not return as
    /// long as it may still take part. What it says meanwhile is kept for the run. A peer that says
    /// more than a few frames is no longer watched, and waits.
    pub(crate) async fn lost<E: std::error::Error + 'static>(&mut self) -> DriveError<E> {
        while self.ahead.len() < AHEAD {
            let frame = match self.inbox.next().await {
                None | Some(Event::HungUp) => return DriveError::HungUp(self.role),
                Some(Event::Frame(Err(status))) => {
                    return DriveError::Broken(self.role, Box::new(status));
                }
                Some(Event::Frame(Ok(frame))) => frame,
            };
            if let Ok(Frame::Abort(why)) = Frame::try_from(frame.clone()) {
                return DriveError::Aborted(self.role, why);
            }
            self.ahead.push_back(Event::Frame(Ok(frame)));
        }
        std::future::pending().await
    }
}

/// Waits until the peer of one of these links is [lost](Link::lost).
pub(crate) async fn any_lost<E: std::error::Error + 'static>(links: &mut [Link]) -> DriveError<E> {
    let mut lost: Vec<_> = links.iter_mut().map(|link| Box::pin(link.lost())).collect();
    poll_fn(|cx| {
        let mut polled = lost.iter_mut().map(|lost| lost.as_mut().poll(cx));
        polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

/// What was made ready for a run over these links; where it could not be, every peer is told why.
pub(crate) async fn ready<T>(
    made: Result<T, Trouble>,
    links: Vec<Link>,
) -> Result<(T, Vec<Link>), Trouble> {
    match made {
        Ok(made) => Ok((made, links)),
        Err(trouble) => {
            for link in links {
                link.refuse(&trouble).await;
            }
            Err(trouble)
        }
    }
}
