//! Three roles in one process, a thread each, chunks over channels in memory.

use std::sync::mpsc::{Receiver, Sender, channel};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::{Chunk, Role, Session, Turn};
use sharing::Secret;
use training::{Finished, Inputs, ROLES, Terms, Training};

/// Each role on its own thread.
pub(crate) fn trained(terms: &Terms, uploaded: Vec<Inputs>) -> Result<[Finished; 3], String> {
    let ends: [(Sender<Sent>, Receiver<Sent>); 3] = [channel(), channel(), channel()];
    let senders = ends.each_ref().map(|(sender, _)| sender.clone());
    let inboxes = ends.map(|(_, inbox)| inbox);
    let finished = std::thread::scope(|scope| {
        let roles = ROLES.into_iter().zip(uploaded).zip(inboxes).map(|((role, inputs), inbox)| {
            let senders = senders.clone();
            scope.spawn(move || {
                let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(role.0.into()));
                let training = training::begin(terms.clone(), role, secret, inputs, |_| Ok(()));
                drive(training.map_err(|error| error.to_string())?, role, &senders, &inbox)
            })
        });
        let threads: Vec<_> = roles.collect();
        let join = threads.into_iter().map(|thread| thread.join().expect("no role panics"));
        join.collect::<Result<Vec<_>, String>>()
    })?;
    finished.try_into().map_err(|_| "three roles".into())
}

type Sent = (Role, Chunk);

/// One role, to its end.
fn drive(
    mut session: Training,
    me: Role,
    senders: &[Sender<Sent>; 3],
    inbox: &Receiver<Sent>,
) -> Result<Finished, String> {
    loop {
        match session.advance().map_err(|error| error.to_string())? {
            Turn::Send(to, chunk) => {
                let sent = senders[usize::from(to.0)].send((me, chunk));
                sent.map_err(|_| format!("{to} has ended"))?;
            }
            Turn::Await => {
                let (from, chunk) = inbox.recv().map_err(|error| error.to_string())?;
                session.receive(from, chunk).map_err(|error| error.to_string())?;
            }
            Turn::Done(finished) => return Ok(finished),
        }
    }
}
