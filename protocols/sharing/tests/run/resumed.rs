//! A run that goes on in another session, from what was stored.

use std::sync::{Arc, Mutex};

use session::{Coroutine, Fate, Network, Role};
use sharing::{AHEAD, Engine, Error, Rep3, State, Vector};

use crate::world::tampered;

type Kept = Arc<Mutex<Vec<(Role, Vec<u8>, Vec<u8>)>>>;
type Transcript = Vec<(Role, Role, u32, Vec<u8>)>;

const LEN: usize = 50;

async fn first(engine: &mut Rep3) -> Result<Vector<20>, Error> {
    let numbers: Vec<i64> = (0..LEN as i64).map(|i| i << 21).collect();
    let own = (engine.role() == Role(0)).then_some(numbers.as_slice());
    engine.input(Role(0), own, LEN).await
}

async fn second(engine: &mut Rep3, x: &Vector<20>) -> Result<Vec<i64>, Error> {
    let square = engine.multiply::<20, 20, 40>(x, x).await?;
    let square = engine.truncate::<40, 20>(square).await?;
    Ok(engine.open(&square).await?.0)
}

#[test]
fn a_resumed_run_sends_and_finds_the_same_byte_for_byte() {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    let mut sent = Transcript::new();
    let whole = tampered(
        9,
        move |mut engine| {
            let keep = Arc::clone(&keep);
            async move {
                let x = first(&mut engine).await?;
                let stored = (engine.role(), engine.state().expose().to_vec(), x.expose().to_vec());
                keep.lock().unwrap().push(stored);
                second(&mut engine, &x).await
            }
        },
        |from, to, chunk| {
            sent.push((from, to, chunk.round, chunk.body.to_vec()));
            Fate::Deliver
        },
    )
    .unwrap();

    let mut network = Network::new();
    let mut outcomes = Vec::new();
    let mut stored = kept.lock().unwrap().clone();
    stored.sort();
    for (role, state, shares) in stored {
        let state = State::parse(&state).unwrap();
        let x = Vector::<20>::parse(&shares, LEN).unwrap();
        let peers: Vec<Role> = Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
        let session = Coroutine::new(&peers, AHEAD, async move |link| {
            second(&mut Rep3::resume(link, state), &x).await
        });
        outcomes.push(network.join(role, session));
    }
    let mut again = Transcript::new();
    network
        .run(|from, to, chunk| {
            again.push((from, to, chunk.round, chunk.body.to_vec()));
            Fate::Deliver
        })
        .unwrap();
    sent.retain(|(_, _, round, _)| *round > 2);
    sent.sort();
    again.sort();
    assert!(sent == again && sent.len() == 9);
    for (outcome, whole) in outcomes.iter().zip(&whole) {
        assert_eq!(outcome.take().as_ref(), Some(whole));
    }
}

#[test]
fn bytes_that_are_no_state_or_shares_are_refused() {
    for bytes in [&[][..], &[1; 3], &[2; State::BYTES], &[1, 3], &[1; State::BYTES + 1]] {
        assert_eq!(State::parse(bytes).err(), Some(Error::State));
    }
    for bytes in [7, 8, 24, 40] {
        let refused = Vector::<3>::parse(&vec![0; bytes], 4).err();
        assert_eq!(refused, Some(Error::State), "{bytes} bytes are not 4 numbers");
    }
}
