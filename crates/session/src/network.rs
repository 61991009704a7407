//! Sessions run against each other in memory: the tests' network.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::{Blame, Chunk, Culprit, Role, Session, Turn};

/// A network in memory that carries the chunks of one run, and can be told to misbehave.
///
/// ```
/// # use session::{Chunk, Culprit, Fate, Network, Role, Session, Turn};
/// # #[derive(Debug, thiserror::Error)] #[error("never")] struct Never;
/// # impl session::Blame for Never { fn blame(&self) -> Culprit { Culprit::Us } }
/// # struct Greeter(bool); struct Listener(Option<usize>);
/// # impl Session for Greeter { type Output = (); type Error = Never;
/// #   fn advance(&mut self) -> Result<Turn<()>, Never> {
/// #     if std::mem::replace(&mut self.0, true) { return Ok(Turn::Done(())); }
/// #     Ok(Turn::Send(Role(1), Chunk::whole(1, "hello"))) }
/// #   fn receive(&mut self, _: Role, _: Chunk) -> Result<(), Never> { Err(Never) } }
/// # impl Session for Listener { type Output = usize; type Error = Never;
/// #   fn advance(&mut self) -> Result<Turn<usize>, Never> {
/// #     Ok(self.0.map_or(Turn::Await, Turn::Done)) }
/// #   fn receive(&mut self, _: Role, chunk: Chunk) -> Result<(), Never> {
/// #     self.0 = Some(chunk.body.len()); Ok(()) } }
/// let mut network = Network::new();
/// network.join(Role(0), Greeter(false));
/// let heard = network.join(Role(1), Listener(None));
/// network.run(|_from, _to, _chunk| Fate::Deliver)?;
/// assert_eq!(heard.take(), Some(5));
/// # Ok::<(), session::NetworkError>(())
/// ```
#[derive(Default)]
pub struct Network<'a> {
    members: BTreeMap<Role, Box<dyn Member + 'a>>,
    inboxes: BTreeMap<(Role, Role), VecDeque<Chunk>>,
}

/// What becomes of a chunk on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives as it was when the closure returned (which may have altered it).
    Deliver,
    /// It never arrives.
    Drop,
    /// It arrives after the sender's next chunk to the same role.
    Delay,
    /// These arrive in its place.
    Replace(Vec<Chunk>),
}

/// How a run in memory failed.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A role's session refused to go on.
    #[error("{role} failed: {error}")]
    Refused {
        /// Whose session failed.
        role: Role,
        /// Whom it blames.
        culprit: Culprit,
        /// Its error.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Every unfinished session awaits a chunk that nobody will send.
    #[error("every unfinished session awaits a chunk that nobody will send")]
    Stalled,
}

/// Where a role's output lies once the run is over.
pub struct Outcome<T>(Rc<RefCell<Option<T>>>);

impl<T> Outcome<T> {
    /// The output, if the role's session finished; once.
    pub fn take(&self) -> Option<T> {
        self.0.borrow_mut().take()
    }
}

impl<'a> Network<'a> {
    /// A network that nobody has joined.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a role's session; the outcome yields its output after the run.
    pub fn join<S: Session + 'a>(&mut self, role: Role, session: S) -> Outcome<S::Output> {
        let slot = Rc::new(RefCell::new(None));
        self.members.insert(role, Box::new(Seat { session, slot: Rc::clone(&slot), done: false }));
        Outcome(slot)
    }

    /// Runs every session to its end.
    ///
    /// `tamper` sees every chunk with its sender and receiver, may alter it, and says what becomes
    /// of it.
    ///
    /// # Errors
    ///
    /// The first session's refusal, or [`NetworkError::Stalled`].
    pub fn run(
        mut self,
        mut tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<(), NetworkError> {
        let roles: Vec<Role> = self.members.keys().copied().collect();
        let mut delayed: BTreeMap<(Role, Role), Chunk> = BTreeMap::new();
        loop {
            let mut moved = false;
            for &role in &roles {
                moved |= self.speak(role, &mut delayed, &mut tamper)?;
                moved |= self.listen(role)?;
            }
            if self.members.values().all(|member| member.is_done()) {
                return Ok(());
            }
            if !moved {
                return Err(NetworkError::Stalled);
            }
        }
    }

    /// Lets `role` send until it awaits or is done; says whether anything happened.
    fn speak(
        &mut self,
        role: Role,
        delayed: &mut BTreeMap<(Role, Role), Chunk>,
        tamper: &mut impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<bool, NetworkError> {
        let mut moved = false;
        let Some(member) = self.members.get_mut(&role) else { return Ok(false) };
        while !member.is_done() {
            let Some((to, mut chunk)) = member.speak(role)? else {
                moved |= member.is_done();
                break;
            };
            moved = true;
            let inbox = self.inboxes.entry((role, to)).or_default();
            let late = delayed.remove(&(role, to));
            match tamper(role, to, &mut chunk) {
                Fate::Deliver => inbox.push_back(chunk),
                Fate::Drop => {}
                Fate::Delay => {
                    delayed.insert((role, to), chunk);
                }
                Fate::Replace(chunks) => inbox.extend(chunks),
            }
            inbox.extend(late);
        }
        Ok(moved)
    }

    /// Hands `role` what waits for it, one sender after another; says whether anything did.
    ///
    /// A session that is done must be left in peace: what still comes is the sender's fault.
    fn listen(&mut self, role: Role) -> Result<bool, NetworkError> {
        let mut moved = false;
        let Some(member) = self.members.get_mut(&role) else { return Ok(false) };
        for ((from, to), inbox) in &mut self.inboxes {
            if *to != role {
                continue;
            }
            while let Some(chunk) = inbox.pop_front() {
                member.hear(role, *from, chunk)?;
                moved = true;
            }
        }
        Ok(moved)
    }
}

/// A session whose output type is forgotten.
trait Member {
    /// The next chunk to send, or nothing when it awaits or has just finished.
    fn speak(&mut self, me: Role) -> Result<Option<(Role, Chunk)>, NetworkError>;
    fn hear(&mut self, me: Role, from: Role, chunk: Chunk) -> Result<(), NetworkError>;
    fn is_done(&self) -> bool;
}

struct Seat<S: Session> {
    session: S,
    slot: Rc<RefCell<Option<S::Output>>>,
    done: bool,
}

impl<S: Session> Member for Seat<S> {
    fn speak(&mut self, me: Role) -> Result<Option<(Role, Chunk)>, NetworkError> {
        match self.session.advance().map_err(|error| refused(me, error))? {
            Turn::Send(to, chunk) => Ok(Some((to, chunk))),
            Turn::Await => Ok(None),
            Turn::Done(output) => {
                self.done = true;
                *self.slot.borrow_mut() = Some(output);
                Ok(None)
            }
        }
    }

    fn hear(&mut self, me: Role, from: Role, chunk: Chunk) -> Result<(), NetworkError> {
        if self.done {
            return Err(NetworkError::Refused {
                role: me,
                culprit: Culprit::Peer(from),
                error: "a chunk came after the last one".into(),
            });
        }
        self.session.receive(from, chunk).map_err(|error| refused(me, error))
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

fn refused<E: Blame>(role: Role, error: E) -> NetworkError {
    NetworkError::Refused { role, culprit: error.blame(), error: Box::new(error) }
}
