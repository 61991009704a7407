//! A province of made-up firms: registers of whole numbers, and a card that cuts them into bins.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use terminal::Failure;

/// The column of the identifier.
pub(super) const COLUMN: &str = "firm";

/// The model's name and version.
pub(super) const MODEL: &str = "bench@1";

/// The largest sum of points that a card can give.
const MOST_POINTS: u32 = 1_023;

/// Values in each bin.
const WIDTH: u32 = 10;

/// How large the province and its card are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Firms {
    pub(super) firms: u32,
    pub(super) holders: u32,
    /// Of each holder.
    pub(super) features: u32,
    /// Of each feature.
    pub(super) bins: u32,
}

impl Firms {
    /// The most holders times features: each feature is worth a point at least.
    pub(super) const WIDEST: u32 = MOST_POINTS;

    /// A holder's name.
    pub(super) fn holder(holder: u32) -> String {
        format!("holder-{holder}")
    }

    /// A firm's identifier.
    pub(super) fn id(firm: u32) -> String {
        format!("firm-{firm:08}")
    }

    /// The points of a firm, in clear.
    pub(super) fn clear_points(&self, firm: u32) -> u32 {
        let of = |holder| (0..self.features).map(move |feature| (holder, feature));
        let all = (0..self.holders).flat_map(of);
        all.map(|(holder, feature)| {
            let value = self.value(holder, feature, firm);
            self.points(holder, feature, value / WIDTH)
        })
        .sum()
    }

    /// What a holder knows of a firm.
    fn value(&self, holder: u32, feature: u32, firm: u32) -> u32 {
        below(self.bins * WIDTH, [1, holder, feature, firm])
    }

    /// What a bin is worth.
    fn points(&self, holder: u32, feature: u32, bin: u32) -> u32 {
        let most = MOST_POINTS / (self.holders * self.features);
        below(most + 1, [2, holder, feature, bin])
    }

    /// Writes a holder's register, in an order that says nothing.
    pub(super) fn write_register(&self, path: &Path, holder: u32) -> Result<(), Failure> {
        let mut order: Vec<u32> = (0..self.firms).collect();
        order.shuffle(&mut StdRng::seed_from_u64(holder.into()));
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(path)?);
            write!(file, "{COLUMN}")?;
            for feature in 0..self.features {
                write!(file, ",f{feature}")?;
            }
            for firm in order {
                write!(file, "\n{}", Self::id(firm))?;
                for feature in 0..self.features {
                    write!(file, ",{}", self.value(holder, feature, firm))?;
                }
            }
            writeln!(file)?;
            file.flush()
        };
        write().map_err(|error| Failure::file(path, &error))
    }

    /// Writes the list of all firms, one a line.
    pub(super) fn write_list(&self, path: &Path) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(path)?);
            (0..self.firms).try_for_each(|firm| writeln!(file, "{}", Self::id(firm)))?;
            file.flush()
        };
        write().map_err(|error| Failure::file(path, &error))
    }

    /// The card.
    pub(super) fn card(&self) -> String {
        let mut card = String::from(
            "model = 'bench'\nversion = 1\ntitle = 'Bench'\noffset = 0\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
        );
        let mut line = |text: std::fmt::Arguments<'_>| {
            writeln!(card, "{text}").expect("text can always be appended to");
        };
        for holder in 0..self.holders {
            for feature in 0..self.features {
                let slot = Self::holder(holder);
                line(format_args!("[[feature]]\ncolumn = 'f{feature}'\nholder = '{slot}'"));
                for bin in 0..self.bins {
                    line(format_args!("[[feature.bin]]"));
                    if bin + 1 < self.bins {
                        line(format_args!("below = {}", (bin + 1) * WIDTH));
                    }
                    line(format_args!("points = {}", self.points(holder, feature, bin)));
                }
            }
        }
        card
    }

    /// Which party fills which slot of the card.
    pub(super) fn slots(&self) -> BTreeMap<String, String> {
        (0..self.holders).map(|holder| (Self::holder(holder), Self::holder(holder))).collect()
    }
}

/// A number below `end` that looks random and is always the same (splitmix64).
fn below(end: u32, of: [u32; 4]) -> u32 {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for word in of {
        state = (state ^ u64::from(word)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    u32::try_from(state % u64::from(end)).expect("it is below a u32")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use domain::Value;
    use scorecard::Scorecard;

    use super::{COLUMN, Firms};

    #[test]
    fn the_points_in_clear_are_those_of_the_card_for_the_registers() {
        let firms = Firms { firms: 50, holders: 3, features: 4, bins: 5 };
        let card = Scorecard::from_toml(&firms.card()).unwrap();
        assert!(card.most_points() <= 1_023);
        let folder = tempfile::tempdir().unwrap();
        let mut registers = Vec::new();
        for holder in 0..3 {
            let path = folder.path().join("register.csv");
            firms.write_register(&path, holder).unwrap();
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.starts_with(&format!("{COLUMN},f0,f1,f2,f3\n")));
            let row = |line: &str| {
                let (id, values) = line.split_once(',').unwrap();
                (id.to_owned(), values.split(',').map(str::to_owned).collect::<Vec<_>>())
            };
            registers.push(text.lines().skip(1).map(row).collect::<HashMap<_, _>>());
        }
        for firm in 0..50 {
            let points = card.clear_points(|slot, column| {
                let holder: usize = slot.as_str().strip_prefix("holder-").unwrap().parse().unwrap();
                let feature: usize = column.strip_prefix('f').unwrap().parse().unwrap();
                let value = &registers[holder][&Firms::id(firm)][feature];
                Some(Value::Number(value.parse().unwrap()))
            });
            assert_eq!(points.map(u32::from).ok(), Some(firms.clear_points(firm)));
        }
    }
}
