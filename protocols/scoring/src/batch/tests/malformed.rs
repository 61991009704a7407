//! A lender whose public key is no ring-LWE sample: what it could read, and that a key check finds it.

use session::{Blame, Chunk, Culprit, Session, Turn};

use super::{coefficients, noise_of, random_picks, rng, table};
use crate::batch::answer::{pick, refresh};
use crate::batch::key_check::{CHALLENGE, Holder, KEY, Lender, REPLY};
use crate::batch::ring::{POLYNOMIAL_BYTES, Polynomial, Values};
use crate::batch::{CheckedKey, LenderKey, MODULUS};
use crate::{Encode, Error, LENDER, RING, holder};

/// Half a point: it stands above every flood and below the message.
const SHIFT: u128 = MODULUS >> 11;

#[test]
fn with_a_shifted_key_the_lender_reads_u_and_strips_the_mask() {
    let mut rng = rng(20);
    for (key, reads) in
        [(LenderKey::malformed(&mut rng, SHIFT), true), (LenderKey::generate(&mut rng), false)]
    {
        let table = table(&key, &vec![vec![5; 4]; 3], &mut rng);
        let candidates = [random_picks(3, 4, &mut rng), random_picks(3, 4, &mut rng)];
        let answer = refresh(key.public(), pick(&table, &candidates[1]), &mut rng);

        // The table is made under the same key, so the attacker takes its share off first: it
        // tries each register. Then the body shows u in half points.
        let stripped = candidates.map(|picks| {
            let picked = pick(&table, &picks);
            let known = noise_of(&key, &coefficients(&picked), 15);
            let u: Vec<u64> = noise_of(&key, &answer, 15)
                .iter()
                .zip(&known)
                .map(|(seen, known)| {
                    let half = SHIFT.cast_signed();
                    let shifts = (seen - known + half / 2).div_euclid(half);
                    u64::from_ne_bytes(i64::try_from(shifts).unwrap().to_ne_bytes())
                })
                .collect();
            let mut values = Values::zero();
            values.set(&u);
            let mut rest = answer[0].clone();
            rest.subtract(&key.public().mask().product(&values));
            rest.subtract(&coefficients(&picked)[0]);
            // What is left is e1, if u and register are right.
            (0..RING).all(|place| {
                let rest = rest.coefficient(place);
                rest.min(MODULUS - rest) <= 21
            })
        });
        assert_eq!(stripped, [false, reads]);
    }
}

/// A challenge for `key` by a session that waits for its reply.
fn challenged(key: &LenderKey, seed: u8) -> (Holder, Vec<u8>) {
    let mut session = Holder::new(key.public().fingerprint(), &mut rng(seed));
    session.receive(LENDER, Chunk::whole(KEY, key.public().to_bytes())).unwrap();
    let Turn::Send(LENDER, chunk) = session.advance().unwrap() else { panic!("it challenges") };
    assert_eq!(chunk.round, CHALLENGE);
    (session, chunk.body.to_vec())
}

#[test]
fn a_malformed_key_fails_its_key_check_even_if_the_lender_answers_as_well_as_it_can() {
    use crate::batch::key_check::challenge::Numbers;
    let mut rng = rng(21);
    // Shifts from the whole message down to one step of the challenge.
    for shift in [MODULUS / 3, SHIFT, 1 << 64, 1 << 50, 1 << 42] {
        let key = LenderKey::malformed(&mut rng, shift);
        let (mut session, body) = challenged(&key, 22);
        let halves = body.split_at(POLYNOMIAL_BYTES);
        let ciphertext = [halves.0, halves.1].map(|half| Polynomial::read(half).unwrap());
        let reply = Numbers::decrypt(&key, ciphertext).reply(key.public());
        let error = session.receive(LENDER, Chunk::whole(REPLY, reply.to_vec())).unwrap_err();
        assert_eq!(error, Error::MalformedKey { from: LENDER });
        assert_eq!(error.blame(), Culprit::Peer(LENDER));
    }
    // An honest key passes a hundred of them.
    let key = LenderKey::generate(&mut rng);
    for seed in 100..200 {
        let (mut session, body) = challenged(&key, seed);
        let halves = body.split_at(POLYNOMIAL_BYTES);
        let ciphertext = [halves.0, halves.1].map(|half| Polynomial::read(half).unwrap());
        let reply = Numbers::decrypt(&key, ciphertext).reply(key.public());
        session.receive(LENDER, Chunk::whole(REPLY, reply.to_vec())).unwrap();
        let tried = CheckedKey::from_record(key.public().fingerprint());
        assert_eq!(session.advance().unwrap(), Turn::Done(tried));
    }
}

#[test]
fn a_holder_that_makes_up_a_challenge_gets_no_reply() {
    let mut rng = rng(23);
    let key = std::sync::Arc::new(LenderKey::generate(&mut rng));
    // Well encrypted, but not with the randomness that the numbers determine; and an honest
    // challenge with one residue moved by one, which decrypts to the same numbers.
    let [mask, body] = key.public().zero(&mut rng);
    let mut zero = Vec::new();
    mask.write(&mut zero);
    body.write(&mut zero);
    let (_, mut moved) = challenged(&key, 24);
    moved[POLYNOMIAL_BYTES] ^= 1;
    for made_up in [zero, moved] {
        let mut session = Lender::new(std::sync::Arc::clone(&key));
        let Turn::Send(_, _) = session.advance().unwrap() else { panic!("it sends its key") };
        let error = session.receive(holder(0), Chunk::whole(CHALLENGE, made_up)).unwrap_err();
        assert_eq!(error, Error::MadeUpChallenge { from: holder(0) });
        assert_eq!(error.blame(), Culprit::Peer(holder(0)));
    }
}
