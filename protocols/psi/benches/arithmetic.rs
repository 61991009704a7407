//! What the group arithmetic costs on this machine, and what a run costs beyond it.
//!
//! `cargo bench -p psi --bench arithmetic [-- ITEMS [OUTPUT]]`: microseconds of CPU a point, by how many
//! points are computed with side by side, and an in-memory run of ITEMS × ITEMS (20,000 unless told)
//! against what its points cost at the least, for each output (or `OneSided` alone, say). CPU time, not
//! wall time, so that a busy machine does not blur it.

mod machine;

use chacha20::ChaCha20Rng;
use psi::{Error, Items, Lanes, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
use rand_core::SeedableRng;
use session::{Role, Session, Turn};

use machine::{Costs, backend, cpu_seconds, peak_memory};

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let items = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let items: u32 = items.unwrap_or(20_000);

    println!("CPU allows dalek's {} code; {} threads", backend(), rayon::current_num_threads());
    let all = Lanes::available();
    let costs: Vec<_> = all.iter().map(|lanes| (*lanes, Costs::measure(*lanes))).collect();
    Costs::print(&costs);
    Costs::row("floor: an item of each side, one party", &costs, floor);

    let outputs = [Output::OneSided, Output::TwoSided, Output::Cardinality];
    let named = |output: &Output| std::env::args().any(|name| name == format!("{output:?}"));
    let all = !outputs.iter().any(named);
    for (lanes, costs) in costs {
        println!("\n{}, {items} × {items}, both parties", lanes.name());
        let mut before = floor(&costs);
        for output in outputs.into_iter().filter(|output| all || named(output)) {
            let (seconds, longest) = run(items, output, lanes);
            // The machine may be busier now than it was: the floor is measured on both sides of a run.
            let after = floor(&Costs::measure(lanes));
            // Each party masks its own items and the peer's.
            let least = 2.0 * f64::from(items) * f64::midpoint(before, after) / 1e6;
            println!(
                "{output:?}: {seconds:.2} CPU s, floor {least:.2} s, ratio {:.3}; the longest turn took \
                 {longest:.3} CPU s",
                seconds / least
            );
            before = after;
        }
    }
    if let Some(peak) = peak_memory() {
        println!("\npeak memory of this process (both parties): {peak}");
    }
}

/// What an item of either side costs one party at the least: its own item hashed to the group,
/// multiplied and encoded, the peer's decoded, multiplied, encoded and hashed.
fn floor(costs: &Costs) -> f64 {
    costs.mask_hashed + costs.mask_decoded + costs.hash
}

/// CPU seconds of a run of both parties, and of its longest turn.
fn run(items: u32, output: Output, lanes: Lanes) -> (f64, f64) {
    let half = items / 2;
    let set = |from: u32| Items::new((from..from + items).map(|i| format!("uscc:{i:018}")));
    let (ours, theirs) = (set(0).expect("distinct"), set(half).expect("distinct"));
    let size = u64::from(items);
    let terms = Terms { receiver_items: size, sender_items: size, output, context: [0; 32] };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let start = cpu_seconds();
    let mut receiver =
        Receiver::with_lanes(terms, ours, lanes, &mut rng).expect("it keeps the terms");
    let mut sender =
        Sender::with_lanes(terms, theirs, lanes, &mut rng).expect("it keeps the terms");
    let mut longest = 0.0;
    let learned = loop {
        let done = step(&mut receiver, RECEIVER, &mut sender, &mut longest);
        step(&mut sender, SENDER, &mut receiver, &mut longest);
        if let Some(learned) = done {
            break learned;
        }
    };
    let seconds = cpu_seconds() - start;
    match learned {
        Learned::Count(count) => assert_eq!(count, u64::from(items - half)),
        Learned::Items(found) => assert!(found.into_iter().eq(half..items)),
        Learned::Nothing => panic!("the receiver always learns"),
    }
    (seconds, longest)
}

/// Lets one side take a turn, and the other what came of it.
fn step<S: Session<Output = Learned, Error = Error>>(
    speaker: &mut S,
    role: Role,
    listener: &mut impl Session<Error = Error>,
    longest: &mut f64,
) -> Option<Learned> {
    let mut timed = |start: f64| *longest = longest.max(cpu_seconds() - start);
    let start = cpu_seconds();
    let turn = speaker.advance();
    timed(start);
    match turn {
        Ok(Turn::Send(_, chunk)) => {
            let start = cpu_seconds();
            listener.receive(role, chunk).expect("an honest chunk is taken");
            timed(start);
            None
        }
        Ok(Turn::Await) => None,
        Ok(Turn::Done(learned)) => Some(learned),
        // The sender of a one-sided run is done before the receiver is.
        Err(Error::Ended) => None,
        Err(error) => panic!("an honest run ends well: {error}"),
    }
}
