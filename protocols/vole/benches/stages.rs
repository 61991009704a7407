//! What a run costs, by round and role.
//!
//! `cargo bench -p vole --bench stages [-- OUTPUTS]`: CPU milliseconds of each role in each round
//! of an in-memory run (1,370,976 correlations unless told: the columns of an encoding of 2^20 keys), on
//! every machine that this CPU can be. CPU time, not wall time, so that a busy machine does not blur it.

use std::fs;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Session, Turn};
use vole::{Error, Machine, RECEIVER, ROUNDS, Receiver, SENDER, Sender, Terms};

/// CPU milliseconds: the receiver's and the sender's.
type Costs = [[f64; 2]; ROUNDS.len()];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let outputs = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let terms = Terms { outputs: outputs.unwrap_or(1_370_976), context: [0; 32] };
    for machine in Machine::available() {
        let mut costs = [[0.0; 2]; ROUNDS.len()];
        run(terms, machine, &mut costs);
        println!("{} correlations on {}", terms.outputs, machine.name());
        println!("{:<28} {:>14} {:>14}", "CPU ms", "receiver", "sender");
        for (name, [receiver, sender]) in ROUNDS.iter().zip(costs) {
            println!("{name:<28} {receiver:>14.1} {sender:>14.1}");
        }
        let sum = |role: usize| costs.iter().map(|cost| cost[role]).sum::<f64>();
        println!("{:<28} {:>14.1} {:>14.1}", "together", sum(0), sum(1));
        let bytes = [terms.bytes_from(RECEIVER), terms.bytes_from(SENDER)];
        println!("{:<28} {:>14} {:>14}", "bytes sent", bytes[0], bytes[1]);
        println!();
    }
}

fn run(terms: Terms, machine: Machine, costs: &mut Costs) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut receiver = Receiver::new(terms, machine, &mut rng).expect("the terms are fair");
    let mut sender = Sender::new(terms, machine, &mut rng).expect("the terms are fair");
    let (mut ours, mut theirs) = (None, None);
    while ours.is_none() {
        ours = step(&mut receiver, &mut sender, 0, costs);
        theirs = step(&mut sender, &mut receiver, 1, costs).or(theirs);
    }
    let (ours, theirs) = (ours.expect("the loop ends with it"), theirs.expect("it ends first"));
    let mut sums = ours.products().to_vec();
    machine.multiply_add(ours.factors(), theirs.reveal_secret(), &mut sums);
    assert!(sums == theirs.sums(), "an honest run correlates");
}

/// Lets one side speak until it awaits, and the other listen; the output, if it is done.
fn step<S: Session<Error = Error>, O: Session<Error = Error>>(
    speaker: &mut S,
    listener: &mut O,
    role: usize,
    costs: &mut Costs,
) -> Option<S::Output> {
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
            Ok(Turn::Done(output)) => return Some(output),
            Err(error) => panic!("an honest run ends well: {error}"),
        }
    }
}

/// CPU seconds of this process, all threads, as fine as Linux counts them.
fn cpu_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux counts its threads there");
    let nanoseconds: u64 = tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|counts| counts.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 / 1e9
}
