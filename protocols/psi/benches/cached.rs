//! What a cached intersection costs on this machine: the period's set-up, the delivery of its list,
//! and runs of a few queries.
//!
//! `cargo bench -p psi --bench cached [-- ENTRIES]`: a register of ENTRIES (2^20 unless told), in
//! memory, both roles on one pool of threads; wall time and CPU of each step, and bytes.

mod machine;

use std::sync::Arc;
use std::time::Instant;

use chacha20::ChaCha20Rng;
use psi::cached::{ASKER, Answer, Asker, HOLDER, Holder, List, Period, Register, Terms};
use psi::{Error, Items, Lanes};
use rand_core::SeedableRng;
use session::{Role, Session, Turn};

use machine::{Costs, backend, cpu_seconds, peak_memory};

/// Queries of the runs that are measured.
const QUERIES: [u32; 4] = [0, 1, 100, 1_000];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let entries = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let entries: u32 = entries.unwrap_or(1 << 20);
    let period = Period { items: entries.into(), queries: 1 << 12, context: [0; 32] };
    let items = Items::new((0..entries).map(|i| format!("uscc:{i:018}"))).expect("distinct");

    println!("CPU allows dalek's {} code; {} threads", backend(), rayon::current_num_threads());
    let all = Lanes::available();
    let costs: Vec<_> = all.iter().map(|lanes| (*lanes, Costs::measure(*lanes))).collect();
    Costs::print(&costs);
    // An entry's input is two blocks, and its output one.
    Costs::row("floor: an entry of the set-up", &costs, |costs| {
        costs.mask_hashed + 3.0 * costs.hash
    });
    for lanes in all {
        println!("\n{}: {entries} entries, tags of {} bytes", lanes.name(), period.tag_length());
        println!("{:<30} {:>10} {:>10} {:>22}", "", "wall ms", "CPU ms", "bytes (asker, holder)");
        let (register, took) =
            timed(|| Register::with_lanes(period, &[1; 32], &items, lanes).expect("as many"));
        print("set-up of the period", took, None);
        let register = Arc::new(register);
        let mut list = None;
        for queries in QUERIES {
            let terms = Terms {
                period,
                delivers: list.is_none(),
                queries: queries.into(),
                context: [0; 32],
            };
            // A run is short: the middle one of nine, and of the delivery one.
            let times = if list.is_none() { 1 } else { 9 };
            let mut runs: Vec<_> =
                (0..times).map(|_| timed(|| run(terms, list.clone(), &register, lanes))).collect();
            runs.sort_by(|(_, one), (_, other)| one.0.total_cmp(&other.0));
            let (answer, took) = runs.swap_remove(times / 2);
            let name = if list.is_none() {
                "delivery of the list".into()
            } else {
                format!("{queries} queries, both roles")
            };
            print(&name, took, Some(terms));
            list = Some(answer.list);
        }
    }
    if let Some(peak) = peak_memory() {
        println!("\npeak memory of this process (both roles): {peak}");
    }
}

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn print(name: &str, (wall, cpu): (f64, f64), terms: Option<Terms>) {
    let bytes = terms.map_or(String::new(), |terms| {
        format!("{}, {}", terms.bytes_from(ASKER), terms.bytes_from(HOLDER))
    });
    println!("{name:<30} {:>10.1} {:>10.1} {bytes:>22}", wall * 1e3, cpu * 1e3);
}

/// What `work` gives, and its seconds of wall time and of CPU.
#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, (f64, f64)) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let done = work();
    (done, (start.elapsed().as_secs_f64(), cpu_seconds() - cpu))
}

/// A run of both roles, whose even items are in the register.
fn run(terms: Terms, list: Option<Arc<List>>, register: &Arc<Register>, lanes: Lanes) -> Answer {
    let queries = u32::try_from(terms.queries).expect("a few");
    let entries = u32::try_from(terms.period.items).expect("it was a u32");
    let item = |i: u32| format!("uscc:{:018}", if i.is_multiple_of(2) { i } else { entries + i });
    let items = Items::new((0..queries).map(item)).expect("distinct");
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut asker = Asker::with_lanes(terms, list, items, lanes, &mut rng).expect("as agreed");
    let mut holder = Holder::new(terms, Arc::clone(register)).expect("as agreed");
    let answer = loop {
        let done = step(&mut asker, ASKER, &mut holder);
        step(&mut holder, HOLDER, &mut asker);
        if let Some(answer) = done {
            break answer;
        }
    };
    assert!(answer.found.iter().copied().eq((0..queries).step_by(2)));
    answer
}

/// Lets one side take a turn, and the other what came of it.
fn step<S: Session<Error = Error>>(
    speaker: &mut S,
    role: Role,
    listener: &mut impl Session<Error = Error>,
) -> Option<S::Output> {
    match speaker.advance() {
        Ok(Turn::Send(_, chunk)) => {
            listener.receive(role, chunk).expect("an honest chunk is taken");
            None
        }
        Ok(Turn::Await) => None,
        Ok(Turn::Done(output)) => Some(output),
        // The holder is done before the asker is.
        Err(Error::Ended) => None,
        Err(error) => panic!("an honest run ends well: {error}"),
    }
}
