//! A table that is no score: its points are the digits of a number, so the total spells the bins.

use std::error::Error;
use std::fmt::Write;

use scorecard::Scorecard;

use crate::cards::broken;
use crate::population::{BINS, FEATURES, Firm, bins_of, bounds, named};

/// What the table gave, and how it was met.
pub(crate) struct Radix {
    /// Firms of which every bin was read off one exact number.
    pub(crate) exact: usize,
    /// Why a model file cannot hold such points.
    pub(crate) refused: String,
    /// Firms of which three bins would be read off a total of 10 bits.
    pub(crate) read: usize,
    /// The rules that the table of 10 bits breaks.
    pub(crate) broken: Vec<String>,
}

/// Below the digits of the small table: what the other six features give together is less.
const STEP: usize = 8;

impl Radix {
    pub(crate) fn tried(firms: &[Firm]) -> Result<Self, Box<dyn Error>> {
        // An `f64` is exact up to 2^53: room for 22 features of five bins.
        let exact = firms.iter().filter(|firm| {
            let digits = firm.bins().into_iter().enumerate();
            let number: f64 = digits.map(|(place, bin)| real(bin * BINS.pow(index(place)))).sum();
            bins_of(whole(number)) == firm.bins()
        });
        let exact = exact.count();

        let all = card(|feature, bin| bin * BINS.pow(index(feature)));
        let refused = all.err().ok_or("a table of 21 bits was let through")?.to_string();

        let small = card(|feature, bin| match feature {
            0..3 => STEP * bin * BINS.pow(index(feature)),
            _ => usize::from(bin == feature % BINS),
        })?;
        let read = firms.iter().filter(|firm| {
            let bins = firm.bins();
            let points = small.points_of(&bins).unwrap_or_default();
            bins_of(usize::from(points) / STEP)[..3] == bins[..3]
        });
        let read = read.count();
        Ok(Self { exact, refused, read, broken: broken(&small, firms) })
    }
}

/// A card with these points by feature and bin.
fn card(points: impl Fn(usize, usize) -> usize) -> Result<Scorecard, Box<dyn Error>> {
    let mut file = String::from(
        "model = 'digits'\nversion = 1\ntitle = 'A score, it says'\noffset = 400\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
    );
    for feature in 0..FEATURES {
        let (holder, column) = named(feature);
        writeln!(file, "[[feature]]\nholder = '{holder}'\ncolumn = '{column}'")?;
        for (bin, bound) in bounds().map(Some).into_iter().chain([None]).enumerate() {
            writeln!(file, "[[feature.bin]]\npoints = {}", points(feature, bin))?;
            if let Some(bound) = bound {
                writeln!(file, "below = {bound}")?;
            }
        }
    }
    Ok(Scorecard::from_toml(&file)?)
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("there are nine features")
}

#[expect(clippy::cast_precision_loss, reason = "numbers below 5^9 are exact")]
fn real(number: usize) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of whole numbers from 0 to 5^9"
)]
fn whole(number: f64) -> usize {
    number as usize
}
