//! Three roles in memory, and the same program in clear.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Chunk, Coroutine, Fate, Network, NetworkError, Outcome, Role};
use sharing::{AHEAD, Clear, Dealer, Error, Rep3, Secret};

/// Binds the keys of these runs.
pub(crate) const CONTEXT: [u8; 32] = [7; 32];

/// Runs a program in all three roles; says what each found.
pub(crate) fn rep3<T, F>(
    seed: u64,
    program: impl Fn(Rep3) -> F + Send + Sync + Clone + 'static,
) -> [T; 3]
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: 'static,
{
    tampered(seed, program, |_, _, _| Fate::Deliver).unwrap()
}

/// The same over a network that may misbehave.
pub(crate) fn tampered<T, F>(
    seed: u64,
    program: impl Fn(Rep3) -> F + Send + Sync + Clone + 'static,
    tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
) -> Result<[T; 3], NetworkError>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: 'static,
{
    let mut network = Network::new();
    let outcomes: [Outcome<T>; 3] = Rep3::ROLES.map(|role| {
        let mut rng = ChaCha20Rng::seed_from_u64(seed * 3 + u64::from(role.0));
        let secret = Secret::random(&mut rng);
        let program = program.clone();
        network.join(role, session(role, secret, program))
    });
    network.run(tamper)?;
    Ok(outcomes.map(|outcome| outcome.take().unwrap()))
}

pub(crate) fn session<T, F>(
    role: Role,
    secret: Secret,
    program: impl FnOnce(Rep3) -> F + Send + 'static,
) -> Coroutine<T, Error>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let peers: Vec<Role> = Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
    Coroutine::new(&peers, AHEAD, async move |link| {
        program(Rep3::join(link, role, secret, CONTEXT).await?).await
    })
}

/// Runs a program in clear: it awaits nothing.
pub(crate) fn clear<T, F>(program: impl FnOnce(Clear) -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let mut future = Box::pin(program(Clear::new()));
    match Pin::as_mut(&mut future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.unwrap(),
        Poll::Pending => panic!("nothing is awaited in clear"),
    }
}

/// Runs a program at both computing roles and the dealer; says what each found.
pub(crate) fn dealer<T, F>(
    seed: u64,
    program: impl Fn(Dealer) -> F + Send + Sync + Clone + 'static,
    tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
) -> Result<[T; 3], NetworkError>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: 'static,
{
    let mut network = Network::new();
    let outcomes: [Outcome<T>; 3] = Dealer::ROLES.map(|role| {
        let mut rng = ChaCha20Rng::seed_from_u64(seed * 3 + u64::from(role.0));
        let secret = Secret::random(&mut rng);
        let program = program.clone();
        let peers: Vec<Role> = Dealer::ROLES.into_iter().filter(|peer| *peer != role).collect();
        network.join(
            role,
            Coroutine::new(&peers, AHEAD, async move |link| {
                program(Dealer::join(link, role, secret, CONTEXT).await?).await
            }),
        )
    });
    network.run(tamper)?;
    Ok(outcomes.map(|outcome| outcome.take().unwrap()))
}
