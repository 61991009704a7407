//! What an intersection over VOLE costs, by round and role.
//!
//! `cargo bench -p psi --bench intersection [-- ITEMS [checked]]`: CPU milliseconds of each role in each
//! round of an in-memory run of ITEMS × ITEMS (2^20 unless told), half of them shared. A round's cost is
//! that of making its chunks and of taking them; what the receiver prepares it prepares for round 11, and
//! what the sender prepares for round 13 or 14. CPU time, not wall time, so that a busy machine does not blur it.

#[expect(dead_code, reason = "what points cost is the other benches'")]
mod machine;

use chacha20::ChaCha20Rng;
use psi::vole::{Machine, Parameters, ROUNDS, Receiver, Security, Sender, Terms};
use psi::{Error, Items, Learned, Output, RECEIVER, SENDER};
use rand_core::SeedableRng;
use session::{Session, Turn};

use machine::{cpu_seconds, peak_memory};

/// CPU milliseconds: the receiver's and the sender's.
type Costs = [[f64; 2]; ROUNDS.len()];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let items = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let items: u32 = items.unwrap_or(1 << 20);
    let checked = std::env::args().any(|argument| argument == "checked");
    let terms = Terms {
        receiver_items: items.into(),
        sender_items: items.into(),
        output: Output::OneSided,
        security: if checked { Security::Checked } else { Security::SemiHonest },
        parameters: Parameters::V1,
        parts: 1,
        context: [0; 32],
    };
    let machine = Machine::detect();
    let mut costs = [[0.0; 2]; ROUNDS.len()];
    run(terms, machine, items, &mut costs);
    println!("{items} × {items}, {:?}, on {}", terms.security, machine.name());
    println!("{:<28} {:>14} {:>14}", "CPU ms", "receiver", "sender");
    for (name, [receiver, sender]) in ROUNDS.iter().zip(costs) {
        println!("{name:<28} {receiver:>14.1} {sender:>14.1}");
    }
    let sum = |role: usize| costs.iter().map(|cost| cost[role]).sum::<f64>();
    println!("{:<28} {:>14.1} {:>14.1}", "together", sum(0), sum(1));
    println!("{:<28} {:>14.1}", "both parties", sum(0) + sum(1));
    let bytes = [terms.bytes_from(RECEIVER), terms.bytes_from(SENDER)];
    println!("{:<28} {:>14} {:>14}", "bytes sent", bytes[0], bytes[1]);
    if let Some(peak) = peak_memory() {
        println!("peak memory of this process (both parties): {peak}");
    }
}

fn run(terms: Terms, machine: Machine, items: u32, costs: &mut Costs) {
    let half = items / 2;
    let set = |from: u32| Items::new((from..from + items).map(|i| format!("uscc:{i:018}")));
    let (ours, theirs) = (set(0).expect("distinct"), set(half).expect("distinct"));
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut receiver = Receiver::new(terms, ours, machine, &mut rng).expect("it keeps the terms");
    let mut sender = Sender::new(terms, theirs, machine, &mut rng).expect("it keeps the terms");
    let learned = loop {
        let done = step(&mut receiver, &mut sender, 0, costs);
        step(&mut sender, &mut receiver, 1, costs);
        if let Some(learned) = done {
            break learned;
        }
    };
    match learned {
        Learned::Items(found) => assert!(found.into_iter().eq(half..items)),
        Learned::Count(_) | Learned::Nothing => panic!("the receiver learns its items"),
    }
}

/// Lets one side speak until it awaits, and the other listen; the output, if it is done.
fn step<S: Session<Output = Learned, Error = Error>>(
    speaker: &mut S,
    listener: &mut impl Session<Error = Error>,
    role: usize,
    costs: &mut Costs,
) -> Option<Learned> {
    loop {
        let start = cpu_seconds();
        let turn = speaker.advance();
        let spoken = cpu_seconds() - start;
        match turn {
            Ok(Turn::Send(_, chunk)) => {
                let round = chunk.round as usize - 1;
                let from = if role == 0 { RECEIVER } else { SENDER };
                let start = cpu_seconds();
                listener.receive(from, chunk).expect("an honest chunk is taken");
                costs[round][role] += spoken * 1e3;
                costs[round][1 - role] += (cpu_seconds() - start) * 1e3;
            }
            Ok(Turn::Await) | Err(Error::Ended) => return None,
            Ok(Turn::Done(learned)) => return Some(learned),
            Err(error) => panic!("an honest run ends well: {error}"),
        }
    }
}
