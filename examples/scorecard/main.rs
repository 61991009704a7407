//! A bank scores customers on what two departments know and on a block of its own. It reads points.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

mod registers;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Slot;
use rand::RngExt;
use scorecard::Scorecard;
use scoring::{
    ANSWER_BYTES, ExtractedTable, LENDER, LenderKey, MaskKey, ModelDigest, PLATFORM, Picks, Query,
    QueryId, RunId, Table, TableTerms, Terms, holder, score,
};
use session::{Fate, Network};
use sha2::{Digest, Sha256};

use registers::Registers;

/// Where the UCI credit card data lies.
const FOLDER: &str = "TACIT_CREDIT_DATA";
/// The card that `tacit demo --data` uses; `fit.py` made it.
const CARD: &str = include_str!("../../crates/demo/src/uci-default.toml");
/// The slot of the card that the bank fills itself.
const OWN: &str = "lender";

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return Err(format!(
            "{FOLDER} must name the folder with {}",
            registers::FILES.join(" and ")
        )
        .into());
    };
    let told = story(folder.as_ref(), 500)?;
    println!(
        "Scored under encryption: {} customers, {:.1} ms each",
        told.scored,
        told.milliseconds()
    );
    println!("  as the card says in clear: {}", told.right);
    println!("  otherwise:                 {}", told.scored - told.right);
    println!("A holder sent {ANSWER_BYTES} bytes for each, whatever its register says.");
    println!("The first of them, as the bank reads them:");
    println!(
        "  {:<10} {:>6} {:>6} {:>12} {:>6}",
        "customer", "points", "score", "probability", "grade"
    );
    for one in &told.first {
        let Reading { id, points, score, probability, grade } = one;
        println!("  {id:<10} {points:>6} {score:>6} {:>11.1}% {grade:>6}", 100.0 * probability);
    }
    Ok(())
}

/// What came of it.
struct Told {
    scored: usize,
    /// Equal to the card in clear.
    right: usize,
    took: Duration,
    first: Vec<Reading>,
}

/// What the bank reads of one customer.
struct Reading {
    id: String,
    points: u16,
    score: i32,
    probability: f64,
    grade: String,
}

fn story(folder: &Path, customers: usize) -> Result<Told, Box<dyn Error>> {
    let card = Scorecard::from_toml(CARD)?;
    let registers = Registers::read(folder)?;
    let issued = Issued::new(&card)?;
    let mut told = Told { scored: 0, right: 0, took: Duration::ZERO, first: Vec::new() };
    for id in registers.customers().take(customers) {
        let began = Instant::now();
        let points = issued.score(&card, &registers, id)?;
        told.took += began.elapsed();
        let clear = card.clear_points(|slot, column| registers.value(slot, column, id))?;
        told.scored += 1;
        told.right += usize::from(points == clear);
        if told.first.len() < 5 {
            let score = card.score(points);
            let grade = card.grade(score).unwrap_or("-").to_owned();
            let probability = card.probability(score);
            told.first.push(Reading { id: id.to_owned(), points, score, probability, grade });
        }
    }
    Ok(told)
}

impl Told {
    fn milliseconds(&self) -> f64 {
        self.took.as_secs_f64() * 1e3 / f64::from(u32::try_from(self.scored).unwrap_or(u32::MAX))
    }
}

/// A published model: the bank's key, and at each holder a table under it.
struct Issued {
    key: Arc<LenderKey>,
    model: ModelDigest,
    /// The most points that the holders give together.
    most: u16,
    holders: Vec<Holder>,
}

struct Holder {
    slot: Slot,
    table: ExtractedTable,
    mask: MaskKey,
}

impl Issued {
    /// The platform encrypts each holder's points under the bank's key, once.
    fn new(card: &Scorecard) -> Result<Self, Box<dyn Error>> {
        let mut rng = rand::rng();
        let key = LenderKey::generate(&mut rng);
        let model = ModelDigest(Sha256::digest(card.canonical()).into());
        let (mut holders, mut most) = (Vec::new(), 0);
        for slot in card.holders().into_iter().filter(|slot| slot.as_str() != OWN) {
            let points = card.points(&slot).ok_or("every slot has features")?;
            let part = scoring::Scorecard::new(&points)?;
            most += scoring::Scorecard::max_points([&part])?;
            let terms = TableTerms::new(key.public().fingerprint(), model, part.shape().clone());
            let table = Table::encrypt(&terms, key.public(), part, &mut rng)?.extract();
            holders.push(Holder { slot, table, mask: MaskKey::generate(&mut rng) });
        }
        Ok(Self { key: Arc::new(key), model, most, holders })
    }

    /// One customer's points: those of the holders under encryption, the bank's own in clear.
    fn score(
        &self,
        card: &Scorecard,
        registers: &Registers,
        id: &str,
    ) -> Result<u16, Box<dyn Error>> {
        let mut rng = rand::rng();
        let masks = self.holders.iter().map(|holder| holder.mask.public()).collect();
        let (run, query) = (RunId(rng.random()), QueryId(rng.random()));
        let key = self.key.public().fingerprint();
        let terms = Terms::new(key, self.model, run, query, self.most, masks)?;

        let mut network = Network::new();
        let bank = score::Lender::new(terms.clone(), Arc::clone(&self.key))?;
        let opened = network.join(LENDER, bank);
        network.join(PLATFORM, score::Platform::new(terms.clone()));
        for (place, Holder { slot, table, mask }) in self.holders.iter().enumerate() {
            // All that the protocol hears of a register: the bins that this customer falls into.
            let picks = Picks::new(bins(card, registers, slot, id)?);
            let query = Query::new(terms.clone(), holder(place), picks)?;
            network.join(holder(place), score::Holder::new(query, table, mask, &mut rng)?);
        }
        network.run(|_from, _to, _chunk| Fate::Deliver)?;
        let theirs = opened.take().ok_or("the bank opens the sum")?;

        let own: Slot = OWN.parse()?;
        let points = card.points(&own).unwrap_or_default();
        let own = bins(card, registers, &own, id)?;
        let ours = points.iter().zip(own).map(|(points, bin)| points[usize::from(bin)]);
        Ok(theirs.0 + ours.sum::<u16>())
    }
}

/// The bins of one customer at one holder.
fn bins(
    card: &Scorecard,
    registers: &Registers,
    slot: &Slot,
    id: &str,
) -> Result<Vec<u16>, Box<dyn Error>> {
    let part = card.part(slot).ok_or("every slot has features")?;
    let bin = |feature: &scorecard::Feature| -> Result<u16, Box<dyn Error>> {
        let value = registers.value(slot, feature.column(), id);
        let bin = feature.binning().bin_of(value.as_ref());
        Ok(u16::try_from(bin.ok_or("the card has a bin for every value")?)?)
    };
    part.features().iter().map(bin).collect()
}

#[cfg(test)]
mod tests {
    use super::{FOLDER, story};

    #[test]
    fn every_score_under_encryption_is_that_of_the_card_in_clear() {
        let Some(folder) = std::env::var_os(FOLDER) else {
            eprintln!("skipped: {FOLDER} names no folder with the UCI credit card data");
            return;
        };
        let told = story(folder.as_ref(), 60).unwrap();
        assert_eq!((told.scored, told.right), (60, 60));
        // They are scores, and not one number.
        assert!(told.first.iter().any(|one| one.points != told.first[0].points));
    }

    #[test]
    fn a_folder_without_the_data_is_refused_by_the_name_of_the_file() {
        let nowhere = std::path::Path::new("/nonexistent");
        let said = story(nowhere, 1).err().expect("there is nothing").to_string();
        assert!(said.contains("uci_credit_lender.csv"), "{said}");
    }
}
