//! An exact score is the firm's features in another form. Whole points of a card that keeps the rules
//! of admission are not.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

mod cards;
mod linear;
mod population;
mod radix;

use std::error::Error;

use rand::SeedableRng;
use rand::rngs::StdRng;

use cards::{Cards, Reading};
use linear::Solved;
use population::{BINS, FEATURES, Firm, KINDS};
use radix::Radix;

/// Firms that a lender asks about.
const FIRMS: usize = 1_000;
/// Cards that it has had registered, so that the rows below can take the first few of them.
const CARDS: usize = 9;
/// How many new answers about one firm a holder gives a lender in its period, unless it is told
/// otherwise: `questions_per_subject` of `party.toml`.
const BUDGET: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let told = story(FIRMS)?;
    println!("1. Linear models over raw values, which Tacit does not have.");
    println!("   The lender solves {FEATURES} equations for {FEATURES} values.");
    for (what, Solved { firms, off_percent }) in
        [("exact logits", &told.exact), ("whole points", &told.whole)]
    {
        println!("   {what}: {firms} of {FIRMS} firms to the last digit of every value,");
        println!("     half of the values within {off_percent:.2} % of their range");
    }

    println!(
        "2. Cards of {FEATURES} features in {BINS} bins: {KINDS} kinds of firms. The lender knows the cards."
    );
    println!(
        "   {:<24} {:>12} {:>12} {:>10} {:>12}",
        "what it reads", "kinds left", "certain of", "guesses", "features"
    );
    println!("   {:<24} {:>12} {:>12} {:>10} {:>12}", "", "(median)", "(firms)", "right", "right");
    for (what, reading) in &told.readings {
        let Reading { left, certain, guessed, features } = reading;
        println!(
            "   {what:<24} {left:>12} {certain:>12} {guessed:>10} {:>11.1}%",
            100.0 * features
        );
    }
    println!("   rules of admission that one of the cards breaks: {}", told.broken);

    println!("3. A table made to be read: the digits of a number in base {BINS}.");
    println!(
        "   all {FEATURES} features in one exact number: {} of {FIRMS} firms read",
        told.radix.exact
    );
    println!("   as a model file: {}", told.radix.refused);
    println!(
        "   three features in 10 bits, over trifles: {} of {FIRMS} firms read, if it were let through",
        told.radix.read
    );
    for broken in &told.radix.broken {
        println!("   it is not: {broken}");
    }
    Ok(())
}

/// What the attacks gave.
struct Told {
    exact: Solved,
    whole: Solved,
    readings: Vec<(String, Reading)>,
    broken: usize,
    radix: Radix,
}

/// The firms and cards are made from a seed, so that every run tells the same.
fn story(firms: usize) -> Result<Told, Box<dyn Error>> {
    let mut rng = StdRng::seed_from_u64(24);
    let firms: Vec<Firm> = (0..firms).map(|_| Firm::drawn(&mut rng)).collect();
    let models = linear::models(&mut rng);
    let cards = Cards::fitted(CARDS, &mut rng)?;
    let mut readings = vec![
        ("no score".into(), cards.read_nothing(&firms)),
        ("exact score of 1 card".into(), cards.read_exact(&firms)?),
    ];
    for count in [1, 2, 3, BUDGET, CARDS] {
        let what = format!("whole points of {count} {}", if count == 1 { "card" } else { "cards" });
        readings.push((what, cards.read(&firms, count)));
    }
    Ok(Told {
        exact: linear::solved(&models, &firms, |logit| logit),
        whole: linear::solved(&models, &firms, linear::in_whole_points),
        readings,
        broken: cards.broken(&mut rng),
        radix: Radix::tried(&firms)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, story};

    #[test]
    fn the_budget_of_the_story_is_that_of_a_new_party() {
        let commented = include_str!("../../crates/party/src/party.example.toml");
        assert!(commented.contains(&format!("questions_per_subject = {BUDGET}")));
    }

    #[test]
    fn exact_scores_give_the_features_away_and_whole_points_of_one_card_do_not() {
        let told = story(300).unwrap();
        assert_eq!((told.exact.firms, told.whole.firms), (300, 0));

        let [none, exact, one, two, _three, budget, many] = &told.readings[..] else {
            panic!("seven rows")
        };
        assert_eq!(none.1.certain, 0);
        assert!(exact.1.certain >= 295, "{}", exact.1.certain);
        assert_eq!(one.1.certain, 0);
        assert!(one.1.guessed <= 3 && one.1.left > 1_000, "{} {}", one.1.guessed, one.1.left);
        // A score is information all the same, and several cards are more of it.
        assert!(none.1.features < one.1.features && one.1.features < two.1.features);
        assert!(one.1.features < 0.4, "{}", one.1.features);
        assert!(two.1.left > 50 && two.1.guessed < 30, "{} {}", two.1.left, two.1.guessed);
        assert!(budget.1.certain > 250 && many.1.certain > 250, "{}", budget.1.certain);

        // The cards are such as would be registered; the table is not.
        assert_eq!(told.broken, 0);
        assert_eq!((told.radix.exact, told.radix.read), (300, 300));
        assert!(told.radix.refused.contains("1023"), "{}", told.radix.refused);
        let broken = told.radix.broken.join("\n");
        assert!(broken.contains("S2.mixed-radix"), "{broken}");
    }
}
