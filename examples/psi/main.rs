//! A bank and a tax office find which firms they share. Neither shows the rest of its list.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::Range;
use std::time::Instant;

use domain::{CheckMode, Subject, SubjectKind, Uscc};
use psi::{Items, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
use session::{Chunk, Role, Session, Turn};

fn main() -> Result<(), Box<dyn Error>> {
    let (customers, taxpayers) = (firms(0..2_000)?, firms(800..3_800)?);
    println!(
        "The bank has {} customers, the tax office {} firms.",
        customers.len(),
        taxpayers.len()
    );

    let began = Instant::now();
    let told = align(&customers, &taxpayers)?;
    println!("After {:.1} s", began.elapsed().as_secs_f64());
    println!("  the bank knows which {} of its customers the office knows,", told.shared.len());
    if let Some(first) = told.shared.first() {
        println!("    the first of them {},", first.reveal());
    }
    println!("  the office has learned {:?};", told.office);
    println!("  the bank has sent {} bytes, the office {}.", told.sent[0], told.sent[1]);

    println!("What is no credit code does not come so far:");
    for text in [" 91320100pdy00001xr ", "91320100PDY00001XX"] {
        match Subject::parse(SubjectKind::Uscc, text, CheckMode::Strict) {
            Ok(read) => println!("  {text:?} is read as {}", read.value.reveal()),
            Err(error) => println!("  {text:?} is refused: {error}"),
        }
    }
    Ok(())
}

/// What the two sides know afterwards.
struct Told {
    /// The bank's customers whom the office knows.
    shared: Vec<Subject>,
    office: Learned,
    /// Bytes, the bank's first.
    sent: [usize; 2],
}

fn align(customers: &[Subject], taxpayers: &[Subject]) -> Result<Told, Box<dyn Error>> {
    // Both agree on these first. The bank pads its list to 2,048 items, so the office does not
    // learn how many customers it has.
    let terms = Terms {
        receiver_items: 2_048,
        sender_items: taxpayers.len() as u64,
        output: Output::OneSided,
        context: [0; 32],
    };
    let mut rng = rand::rng();
    let bank = Receiver::new(terms, items(customers)?, &mut rng)?;
    let office = Sender::new(terms, items(taxpayers)?, &mut rng)?;

    let mut sent = [0; 2];
    let (learned, office) = run(bank, office, |from, chunk| {
        sent[usize::from(from != RECEIVER)] += chunk.body.len();
    })?;
    let Learned::Items(places) = learned else { return Err("the bank learns places".into()) };
    let shared = places.iter().map(|place| customers[*place as usize].clone()).collect();
    Ok(Told { shared, office, sent })
}

/// Two sessions against one another. A session has no socket: whoever drives it carries its chunks.
fn run<R: Session, S: Session>(
    mut receiver: R,
    mut sender: S,
    mut see: impl FnMut(Role, &Chunk),
) -> Result<(R::Output, S::Output), Box<dyn Error>> {
    let (mut one, mut other) = (None, None);
    while one.is_none() || other.is_none() {
        if one.is_none() {
            one = speak(RECEIVER, &mut receiver, &mut sender, &mut see)?;
        }
        if other.is_none() {
            other = speak(SENDER, &mut sender, &mut receiver, &mut see)?;
        }
    }
    one.zip(other).ok_or_else(|| "both have an output by now".into())
}

/// Lets one side say all that it can say now; its output, once it is done.
fn speak<S: Session, L: Session>(
    me: Role,
    speaker: &mut S,
    listener: &mut L,
    see: &mut impl FnMut(Role, &Chunk),
) -> Result<Option<S::Output>, Box<dyn Error>> {
    loop {
        match speaker.advance()? {
            Turn::Send(_, chunk) => {
                see(me, &chunk);
                listener.receive(me, chunk)?;
            }
            Turn::Await => return Ok(None),
            Turn::Done(output) => return Ok(Some(output)),
        }
    }
}

/// What enters the protocol: `uscc:` and the code, so that no code meets an identity number.
fn items(subjects: &[Subject]) -> Result<Items, psi::Error> {
    Items::new(subjects.iter().map(Subject::psi_item))
}

/// Codes of the zone that is set aside for tests: valid to the last digit, and nobody's.
fn firms(which: Range<u32>) -> Result<Vec<Subject>, Box<dyn Error>> {
    let codes: Option<BTreeSet<Uscc>> = which.map(Uscc::nth_pdy).collect();
    Ok(codes.ok_or("there are 3.9 million such codes")?.into_iter().map(Subject::Uscc).collect())
}

#[cfg(test)]
mod tests {
    use super::{Learned, align, firms};

    #[test]
    fn the_bank_learns_what_is_shared_and_the_office_nothing() {
        let (customers, taxpayers) = (firms(0..300).unwrap(), firms(120..700).unwrap());
        let told = align(&customers, &taxpayers).unwrap();
        let clear: Vec<_> =
            customers.iter().filter(|firm| taxpayers.contains(firm)).cloned().collect();
        assert_eq!(clear.len(), 180);
        assert!(told.shared == clear);
        assert_eq!(told.office, Learned::Nothing);
    }

    #[test]
    fn the_office_sees_as_many_bytes_whatever_the_number_of_customers() {
        let taxpayers = firms(0..10).unwrap();
        let [few, many] =
            [1, 500].map(|count| align(&firms(0..count).unwrap(), &taxpayers).unwrap().sent);
        assert_eq!(few, many);
    }
}
