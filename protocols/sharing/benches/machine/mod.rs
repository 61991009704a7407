//! Three roles on three threads, and what this machine spends on them.

use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Chunk, Coroutine, Role, Session, Turn};
use sharing::{AHEAD, Error, Rep3, Secret};

/// A chunk with its sender.
type Letter = (Role, Chunk);

/// Runs a program in all three roles, each on a thread of its own.
#[expect(clippy::disallowed_methods, reason = "a bench is a host: it has threads")]
pub(crate) fn rep3<T, F>(program: impl Fn(Rep3) -> F + Clone + Send + Sync + 'static) -> Vec<T>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    let (senders, receivers): (Vec<Sender<Letter>>, Vec<_>) = (0..3).map(|_| channel()).unzip();
    let threads: Vec<_> = receivers
        .into_iter()
        .zip(Rep3::ROLES)
        .map(|(inbox, role)| {
            let (program, senders) = (program.clone(), senders.clone());
            thread::spawn(move || {
                let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(u64::from(role.0)));
                let peers: Vec<Role> =
                    Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
                let session = Coroutine::new(&peers, AHEAD, async move |link| {
                    program(Rep3::join(link, role, secret, [0; 32]).await?).await
                });
                drive(session, role, &inbox, &senders)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("a role's thread ends")).collect()
}

fn drive<S: Session>(
    mut session: S,
    role: Role,
    inbox: &Receiver<Letter>,
    senders: &[Sender<Letter>],
) -> S::Output {
    loop {
        match session.advance().expect("an honest run") {
            Turn::Send(to, chunk) => {
                senders[usize::from(to.0)].send((role, chunk)).expect("the peer listens");
            }
            Turn::Await => {
                let (from, chunk) = inbox.recv().expect("a peer speaks");
                session.receive(from, chunk).expect("an honest peer");
            }
            Turn::Done(output) => return output,
        }
    }
}

/// CPU seconds of this process, all threads, ended ones too.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells a process's times there");
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> =
        after.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // utime and stime are fields 14 and 15; the state, the third, is no number.
    (fields[10] + fields[11]) / 100.0
}

/// The most memory that this process had.
pub(crate) fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap_or("unknown").trim().to_owned()
}
