//! What a training costs on this machine, three roles in one process.
//!
//! `cargo bench -p training --bench training [-- ROWSxCOLUMNS ...]`: for each size, columns of three
//! holders and labels made from a seed; each role on its own thread, chunks over channels in memory,
//! products on one pool of threads. Prints wall time and CPU of all three roles from the shares
//! that were uploaded to the opened model, bytes of each role to each other, rounds, and the process's peak
//! memory so far (all three roles' shares, and the uploads).

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use session::{Chunk, Fate, Network, Role, Session, Turn};
use sharing::Secret;
use training::transfer::{self, Sending};
use training::{
    Column, Finished, Inputs, Labels, ROLES, Terms, Training, UPLOADER, Uploads, Whose,
};

/// The sizes of the design study.
const SIZES: [&str; 4] = ["30000x23", "150000x10", "100000x100", "1000000x50"];
const HOLDERS: u16 = 3;

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<String> = std::env::args().skip(1).filter(|size| size.contains('x')).collect();
    let sizes = if asked.is_empty() { SIZES.map(String::from).to_vec() } else { asked };
    println!("{} threads", rayon::current_num_threads());
    println!(
        "{:>9} {:>7} {:>7} {:>8} {:>8} {:>7} {:>9} {:>9} {:>9} {:>9}",
        "rows",
        "columns",
        "holders",
        "wall s",
        "CPU s",
        "rounds",
        "0 MB",
        "1 MB",
        "2 MB",
        "peak MB"
    );
    for size in sizes {
        let (rows, columns) = size.split_once('x').ok_or("ROWSxCOLUMNS")?;
        let (rows, columns): (u32, u16) = (rows.parse()?, columns.parse()?);
        let holders = HOLDERS.min(columns);
        let share = |holder| columns / holders + u16::from(holder < columns % holders);
        let terms = Terms::new(rows, (0..holders).map(share).collect(), [0; 32]);
        let uploaded = uploads(&terms)?;
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        let finished = trained(&terms, uploaded)?;
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let [zero, one, two] = finished.each_ref().map(|end| end.traffic.total() as f64 / 1e6);
        let rounds = finished[0].traffic.rounds;
        println!(
            "{rows:>9} {columns:>7} {holders:>7} {wall:>8.2} {cpu:>8.2} {rounds:>7} {zero:>9.1} {one:>9.1} {two:>9.1} {:>9.0}",
            peak_memory().unwrap_or(f64::NAN)
        );
    }
    Ok(())
}

/// What each role holds after every holder's upload, and the lender's.
fn uploads(terms: &Terms) -> Result<[Inputs; 3], Box<dyn std::error::Error>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let slope = 1.2 / (terms.total_columns() as f64).sqrt();
    let logits = Arc::new(Mutex::new(vec![-2.0; terms.rows as usize]));
    let mut received = ROLES.map(|role| Uploads::new(terms, role));
    for (holder, &columns) in terms.columns.iter().enumerate() {
        let (rows, logits) = (terms.rows, Arc::clone(&logits));
        let mut of_columns = ChaCha20Rng::seed_from_u64(2 + holder as u64);
        let columns = (0..columns).map(move |place| {
            let sign = if place % 2 == 0 { slope } else { -slope };
            let numbers: Vec<f64> = (0..rows).map(|_| normal(&mut of_columns)).collect();
            let mut logits = logits.lock().expect("nobody panics");
            logits.iter_mut().zip(&numbers).for_each(|(z, x)| *z += sign * x);
            Column::new(&numbers).expect("normal numbers are standardised")
        });
        let session = transfer::send_columns(terms, holder, columns, &ROLES, None, &mut rng)?;
        upload(terms, Whose::Holder(holder), session, &mut received)?;
    }
    let logits = std::mem::take(&mut *logits.lock().expect("nobody panics"));
    let bad: Vec<bool> =
        logits.iter().map(|z| uniform(&mut rng) < 1.0 / (1.0 + (-z).exp())).collect();
    let labels = Labels::of_customers(&bad);
    let session = transfer::send_labels(terms, labels, &ROLES, None, &mut rng)?;
    upload(terms, Whose::Labels, session, &mut received)?;
    let [zero, one, two] = received;
    Ok([zero?.complete()?, one?.complete()?, two?.complete()?])
}

/// One upload to the three roles.
fn upload(
    terms: &Terms,
    whose: Whose,
    session: Sending,
    uploads: &mut [Result<Uploads, training::Error>; 3],
) -> Result<(), Box<dyn std::error::Error>> {
    let mut network = Network::new();
    network.join(UPLOADER, session);
    let mut outcomes = Vec::new();
    for role in ROLES {
        let receiving = transfer::receive(terms, whose, role, |_: &[u8]| Ok(()))?;
        outcomes.push(network.join(role, receiving));
    }
    network.run(|_, _, _| Fate::Deliver)?;
    for (uploads, outcome) in uploads.iter_mut().zip(outcomes) {
        let received = outcome.take().ok_or("every role has received")?;
        uploads.as_mut().map_err(|error| error.to_string())?.take(received)?;
    }
    Ok(())
}

/// Each role on its own thread.
fn trained(terms: &Terms, uploaded: [Inputs; 3]) -> Result<[Finished; 3], String> {
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

fn uniform(rng: &mut ChaCha20Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Of mean 0 and deviation 1, nearly normal.
fn normal(rng: &mut ChaCha20Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| uniform(rng)).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

/// CPU seconds of this process: user and system, as Linux counts them in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields = after.split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process had, in MB.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0 / 1e6)
}
