//! A bank asks one question over three registers. It reads yes, no or unknown; the platform that
//! combines the answers reads nothing.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use rand::RngExt;
use session::{Fate, Network, Role};
use verification::{
    Answer, Atom, Comparison, Evaluator, Formula, HolderId, Known, LENDER, LenderKey, PLATFORM,
    Query, QueryId, QuestionDigest, RunId, SealedThreshold, Terms, Threshold, holder, verify,
};

/// What the registers say of a firm; `None` where one does not know it.
#[derive(Clone, Copy)]
struct Firm {
    name: &'static str,
    /// Tax office: value-added tax of twelve months, in yuan.
    vat_paid: Option<u64>,
    /// Social insurance: whether contributions are owed.
    in_arrears: Option<bool>,
    /// Power company: average use of three months, in kilowatt-hours.
    power_used: Option<u64>,
}

const FIRMS: [Firm; 6] = [
    firm("Ash", Some(812_400), Some(false), Some(31_000)),
    firm("Birch", Some(812_400), Some(true), Some(31_000)),
    firm("Cedar", Some(499_999), Some(false), Some(48_000)),
    firm("Elm", Some(500_000), None, Some(22_500)),
    firm("Fir", None, Some(true), Some(900)),
    firm("Gum", None, None, None),
];

/// What the bank compares the tax with. The tax office does not see it.
const CLAIMED: u64 = 500_000;

fn main() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let bank = Bank::new();
    println!("Keys made and expanded in {:.1} s, once.", began.elapsed().as_secs_f64());
    println!("Has the firm paid at least what it claims (a sealed number), owes it no");
    println!("contributions, and has it used 10,000 kWh a month?");
    println!("  {:<6} {:<8} {:<8} {:>8}", "firm", "answer", "in clear", "took");
    let mut held = Vec::new();
    for firm in FIRMS {
        let began = Instant::now();
        let (answer, seen) = bank.ask(firm)?;
        let took = began.elapsed().as_millis();
        let (answer, clear) = (answer.to_string(), clear(firm)?.to_string());
        println!("  {:<6} {answer:<8} {clear:<8} {took:>5} ms", firm.name);
        held.push(seen);
    }

    println!("What the platform held at the end of a question:");
    for (from, bytes) in held.first().into_iter().flatten() {
        println!("  from {}: {} bytes of ciphertext", named(*from), bytes.len());
    }
    println!("Of {} questions about {} firms", held.len(), FIRMS.len());
    println!("  sequences of senders and lengths: {}", shapes(&held).len());
    println!("  messages that came twice:         {}", twice(&held));
    let (_, once) = bank.ask(FIRMS[0])?;
    let (_, again) = bank.ask(FIRMS[0])?;
    println!("  of the same firm, asked again:    {}", twice(&[once, again]));
    Ok(())
}

/// The bank's keys, and what it gives to those who compute under them.
struct Bank {
    key: Arc<LenderKey>,
    evaluator: Arc<Evaluator>,
}

/// What came to the platform: from whom, and the bytes.
type Seen = Vec<(Role, Vec<u8>)>;

impl Bank {
    fn new() -> Self {
        let (key, uploaded) = LenderKey::generate(&mut rand::rng());
        Self { key: Arc::new(key), evaluator: Arc::new(uploaded.expand()) }
    }

    /// Asks the question about one firm: the answer, and what the platform saw.
    fn ask(&self, firm: Firm) -> Result<(Answer, Seen), Box<dyn Error>> {
        let mut rng = rand::rng();
        let claimed = SealedThreshold::seal(&Threshold(CLAIMED), &self.key, &mut rng);
        let threshold = claimed.digest();
        let terms = Terms::new(
            self.evaluator.public().fingerprint(),
            // What an atom asks, the holders agree on with the bank before; the protocol has its hash.
            QuestionDigest([1; 32]),
            RunId(rng.random()),
            QueryId(rng.random()),
            vec![HolderId([1; 32]), HolderId([2; 32]), HolderId([3; 32])],
            vec![
                Atom::Sealed { holder: 0, comparison: Comparison::AtLeast, threshold },
                Atom::Plain { holder: 1 },
                Atom::Plain { holder: 2 },
            ],
            &question(),
        )?;

        let mut network = Network::new();
        let lender = verify::Lender::new(terms.clone(), &[claimed], Arc::clone(&self.key))?;
        let opened = network.join(LENDER, lender);
        let platform = verify::Platform::new(terms.clone(), Arc::clone(&self.evaluator), &mut rng)?;
        network.join(PLATFORM, platform);
        for (place, known) in known(firm).into_iter().enumerate() {
            let sealed = matches!(known, Known::Value(_));
            let query = Query::new(terms.clone(), holder(place), vec![known])?;
            let session = if sealed {
                verify::Holder::comparing(query, Arc::clone(&self.evaluator), &mut rng)?
            } else {
                verify::Holder::new(query, self.evaluator.public(), &mut rng)?
            };
            network.join(holder(place), session);
        }
        let mut seen = Vec::new();
        network.run(|from, to, chunk| {
            if to == PLATFORM {
                seen.push((from, chunk.body.to_vec()));
            }
            Fate::Deliver
        })?;
        Ok((opened.take().ok_or("the bank opens the answer")?, seen))
    }
}

/// Atom 0, and not atom 1, and atom 2.
fn question() -> Formula {
    Formula::all([Formula::Atom(0), !Formula::Atom(1), Formula::Atom(2)])
}

/// What each holder knows of its own atom: the value to be compared, or the answer.
fn known(firm: Firm) -> [Known; 3] {
    let [_, arrears, power] = atoms(firm);
    [Known::Value(firm.vat_paid), Known::Answer(arrears), Known::Answer(power)]
}

/// The atoms in clear, which nobody has side by side.
fn atoms(firm: Firm) -> [Answer; 3] {
    let answer = |holds: Option<bool>| holds.map_or(Answer::Unknown, Answer::known);
    [
        answer(firm.vat_paid.map(|paid| paid >= CLAIMED)),
        answer(firm.in_arrears),
        answer(firm.power_used.map(|used| used >= 10_000)),
    ]
}

fn clear(firm: Firm) -> Result<Answer, verification::Error> {
    question().answer(&atoms(firm))
}

/// The different sequences of senders and lengths.
fn shapes(held: &[Seen]) -> BTreeSet<Vec<(Role, usize)>> {
    let shape = |seen: &Seen| seen.iter().map(|(from, bytes)| (*from, bytes.len())).collect();
    held.iter().map(shape).collect()
}

/// How many messages are equal to an earlier one.
fn twice(held: &[Seen]) -> usize {
    let bytes: Vec<&Vec<u8>> = held.iter().flatten().map(|(_, bytes)| bytes).collect();
    bytes.len() - bytes.iter().collect::<BTreeSet<_>>().len()
}

fn named(role: Role) -> &'static str {
    let holders = ["the tax office", "the social insurance", "the power company"];
    let place = (0..holders.len()).find(|place| holder(*place) == role);
    place.map_or("the bank", |place| holders[place])
}

const fn firm(
    name: &'static str,
    vat_paid: Option<u64>,
    in_arrears: Option<bool>,
    power_used: Option<u64>,
) -> Firm {
    Firm { name, vat_paid, in_arrears, power_used }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Bank, FIRMS, clear, shapes, twice};

    #[test]
    fn the_bank_reads_what_the_formula_says_and_the_platform_sees_the_same_shape_every_time() {
        let bank = Bank::new();
        let (mut answers, mut held) = (Vec::new(), Vec::new());
        for firm in FIRMS.into_iter().chain([FIRMS[0]]) {
            let (answer, seen) = bank.ask(firm).unwrap();
            assert_eq!(answer, clear(firm).unwrap(), "{}", firm.name);
            answers.push(answer);
            held.push(seen);
        }
        use Answer::{No, Unknown, Yes};
        // A "no" decides whatever else is unknown; an unknown that matters stays one.
        assert_eq!(answers, [Yes, No, No, Unknown, No, Unknown, Yes]);
        // One from the bank and one from each holder, of the same lengths whatever they say.
        assert_eq!(shapes(&held).len(), 1);
        assert_eq!(held[0].len(), 4);
        assert_eq!(twice(&held), 0);
    }
}
