//! A bank asks a tax office how many of its customers the office knows, and not which.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

use std::error::Error;
use std::ops::Range;

use domain::{Subject, Uscc};
use psi::{Items, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
use session::{Fate, Network};

fn main() -> Result<(), Box<dyn Error>> {
    let taxpayers = firms(1_000..4_000)?;
    let customers = firms(0..1_700)?;
    let count = count(&customers, &taxpayers)?;
    println!("Of the bank's {} customers the office knows {count}.", customers.len());

    println!("The same for one customer at a time, which is what a count does not hide:");
    for one in [firms(5..6)?, firms(2_000..2_001)?] {
        println!("  a list of {} gives {}", one.len(), self::count(&one, &taxpayers)?);
    }
    Ok(())
}

/// How many of `customers` are in `taxpayers`: all that the bank learns.
fn count(customers: &[Subject], taxpayers: &[Subject]) -> Result<u64, Box<dyn Error>> {
    let terms = Terms {
        receiver_items: customers.len() as u64,
        sender_items: taxpayers.len() as u64,
        output: Output::Cardinality,
        context: [0; 32],
    };
    let mut rng = rand::rng();
    let mut network = Network::new();
    let bank = network.join(RECEIVER, Receiver::new(terms, items(customers)?, &mut rng)?);
    let office = network.join(SENDER, Sender::new(terms, items(taxpayers)?, &mut rng)?);
    network.run(|_from, _to, _chunk| Fate::Deliver)?;
    match (bank.take(), office.take()) {
        (Some(Learned::Count(count)), Some(Learned::Nothing)) => Ok(count),
        (bank, office) => Err(format!("the bank has {bank:?}, the office {office:?}").into()),
    }
}

fn items(subjects: &[Subject]) -> Result<Items, psi::Error> {
    Items::new(subjects.iter().map(Subject::psi_item))
}

fn firms(which: Range<u32>) -> Result<Vec<Subject>, Box<dyn Error>> {
    let codes: Option<Vec<_>> = which.map(|at| Uscc::nth_pdy(at).map(Subject::Uscc)).collect();
    codes.ok_or_else(|| "there are 3.9 million such codes".into())
}

#[cfg(test)]
mod tests {
    use super::{count, firms};

    #[test]
    fn the_bank_learns_the_number_that_a_comparison_in_clear_gives() {
        let taxpayers = firms(100..400).unwrap();
        for (customers, shared) in [(0..100, 0), (0..170, 70), (50..500, 300), (399..400, 1)] {
            assert_eq!(count(&firms(customers).unwrap(), &taxpayers).unwrap(), shared);
        }
    }
}
