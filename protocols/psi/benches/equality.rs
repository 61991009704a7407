//! What the batch equality costs on this machine, beside the arithmetic that it cannot do without.
//!
//! `cargo bench -p psi --bench equality [-- ROWS]`: a run of ROWS rows (100,000 unless told) in
//! memory, both roles on one pool of threads, one after the other: CPU of each role a row, against
//! the floor; bytes a row; and the wall time of both together.

mod machine;

use std::time::Instant;

use chacha20::ChaCha20Rng;
use psi::equality::{ASKER, Answer, Asker, Claims, HOLDER, Holder, Records, Terms};
use psi::{Error, Lanes};
use rand_core::SeedableRng;
use session::{Role, Session, Turn};

use machine::{Costs, backend, cpu_seconds, peak_memory};

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let rows = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let rows: u32 = rows.unwrap_or(100_000);

    println!("CPU allows dalek's {} code; {} threads", backend(), rayon::current_num_threads());
    let all = Lanes::available();
    let costs: Vec<_> = all.iter().map(|lanes| (*lanes, Costs::measure(*lanes))).collect();
    Costs::print(&costs);
    Costs::row("floor: a row, the asker", &costs, |costs| Floors::of(costs).asker);
    Costs::row("floor: a row, the holder", &costs, |costs| Floors::of(costs).holder);
    for (lanes, costs) in &costs {
        report(rows, *lanes, costs);
    }
    if let Some(peak) = peak_memory() {
        println!("\npeak memory of this process (both roles): {peak}");
    }
}

/// Runs in these lanes, and prints what it cost beside the floor.
#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn report(rows: u32, lanes: Lanes, costs: &Costs) {
    let before = Floors::of(costs);
    let run = run(rows, lanes);
    // The machine may be busier now than it was: the floor is measured on both sides of the run.
    let after = Floors::of(&Costs::measure(lanes));
    println!("\n{}", lanes.name());
    println!("{rows:<10} {:>12} {:>12} {:>7}", "CPU µs a row", "floor µs", "ratio");
    let mean = |one: f64, other: f64| f64::midpoint(one, other);
    let floors = [mean(before.asker, after.asker), mean(before.holder, after.holder)];
    for (name, seconds, floor) in
        [("asker", run.asker, floors[0]), ("holder", run.holder, floors[1])]
    {
        let each = seconds * 1e6 / f64::from(rows);
        println!("{name:<10} {each:>12.2} {floor:>12.2} {:>7.3}", each / floor);
    }
    let bytes = |role| run.terms.bytes_from(role) as f64 / f64::from(rows);
    println!(
        "bytes a row: {:.2} from the asker, {:.2} from the holder",
        bytes(ASKER),
        bytes(HOLDER)
    );
    println!(
        "{rows} rows, both roles: {:.2} s of wall time, {:.2} CPU s; the longest turn took {:.3} CPU s",
        run.wall,
        run.asker + run.holder,
        run.longest
    );
}

/// What a row costs each role at the least.
struct Floors {
    asker: f64,
    holder: f64,
}

impl Floors {
    fn of(costs: &Costs) -> Self {
        let Costs { hash, mask_hashed, mask_decoded } = costs;
        // An input is two blocks of the value; an output is one.
        let (input, output) = (2.0 * hash, *hash);
        Self {
            // The input blinded; again, with what came back unblinded.
            asker: input + mask_hashed + input + mask_decoded + output,
            // What came evaluated, and the own value.
            holder: mask_decoded + input + mask_hashed + output,
        }
    }
}

/// What a run took: CPU seconds of each role and of the longest turn, and the wall time of all.
struct Run {
    terms: Terms,
    asker: f64,
    holder: f64,
    longest: f64,
    wall: f64,
}

#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
fn run(rows: u32, lanes: Lanes) -> Run {
    let about = |row: u32| format!("uscc:{row:018} legal_rep");
    let claims = (0..rows).map(|row| (about(row), format!("name {row}")));
    let records = (0..rows).map(|row| {
        let value = match row % 3 {
            0 => Some(format!("name {row}")),
            1 => Some(format!("another {row}")),
            _ => None,
        };
        (about(row), value)
    });
    let claims = Claims::new(claims).expect("a short list");
    let records = Records::new(records).expect("a short list");
    let terms = Terms { rows: rows.into(), context: [0; 32] };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let start = Instant::now();
    let mut asker = Asker::with_lanes(terms, claims, lanes, &mut rng).expect("it keeps the terms");
    let mut holder =
        Holder::with_lanes(terms, records, lanes, &mut rng).expect("it keeps the terms");
    let (mut spent, mut longest) = ([0.0; 2], 0.0);
    let answers = loop {
        let done = step(&mut asker, ASKER, &mut holder, &mut spent, &mut longest);
        step(&mut holder, HOLDER, &mut asker, &mut spent, &mut longest);
        if let Some(answers) = done {
            break answers;
        }
    };
    let wall = start.elapsed().as_secs_f64();
    let expected = [Answer::Equal, Answer::Unequal, Answer::Unknown];
    assert!(
        answers.iter().zip(expected.iter().cycle()).all(|(answer, expected)| answer == expected)
    );
    assert_eq!(answers.len(), rows as usize);
    Run { terms, asker: spent[0], holder: spent[1], longest, wall }
}

/// Lets one side take a turn, and the other what came of it; counts each to its role.
fn step<S: Session<Error = Error>>(
    speaker: &mut S,
    role: Role,
    listener: &mut impl Session<Error = Error>,
    spent: &mut [f64; 2],
    longest: &mut f64,
) -> Option<S::Output> {
    let mut timed = |role: usize, start: f64| {
        let took = cpu_seconds() - start;
        spent[role] += took;
        *longest = longest.max(took);
    };
    let role_of_listener = usize::from(role == ASKER);
    let start = cpu_seconds();
    let turn = speaker.advance();
    timed(1 - role_of_listener, start);
    match turn {
        Ok(Turn::Send(_, chunk)) => {
            let start = cpu_seconds();
            listener.receive(role, chunk).expect("an honest chunk is taken");
            timed(role_of_listener, start);
            None
        }
        Ok(Turn::Await) => None,
        Ok(Turn::Done(output)) => Some(output),
        // The holder is done before the asker is.
        Err(Error::Ended) => None,
        Err(error) => panic!("an honest run ends well: {error}"),
    }
}
