//! Neighbouring cells are merged until each has what a cell must have, on shares (SPEC §W.6).

use sharing::{Bits, Engine, Vector, negative_within};

use super::cells::{Cells, Counts, place_of};
use super::{COUNT, Terms};
use crate::Error;

/// The coarser cells of every feature, in lanes as the [`Cells`] were.
pub(crate) struct Merged {
    /// Whether a coarser bin begins at each ordered one.
    starts: Vec<Vector<0>>,
    /// Whether missing values keep a cell of their own.
    apart: Vector<0>,
    /// Where a coarser bin begins, what lies before it; at the first, what lies in all. Else 0.
    before: Vec<Counts>,
    /// The counts of missing values where they are apart, else 0.
    missing: Counts,
}

/// > §W.6 The coarser cells that are left of the cells.
pub(crate) async fn merged<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    cells: Cells,
) -> Result<Merged, Error> {
    let Cells { ordered, missing } = cells;
    let lanes = missing.good.len();
    let most = ordered.len();
    let prefixes = prefixes(engine, &ordered, lanes);
    let enough = enough(engine, terms, &prefixes, &missing).await?;
    let starts = starts(engine, &enough, most).await?;

    // > (4) A bin that begins but does not reach the floors goes to the one before it.
    let last: Vec<usize> = (0..most).map(|i| place(most, i, most - 1)).collect();
    let (later, all): (Vec<usize>, _) = ((1..most).collect(), last[0]);
    let begun = Bits::concat(&[&starts.select(&later), &enough.select(&[all])]);
    let reached: Vec<usize> = last[1..].iter().copied().chain([enough.width() - 1]).collect();
    let both = engine.and(&begun, &enough.select(&reached)).await?;
    let flags = engine.to_indicators(&Bits::concat(&[&enough.select(&[all]), &both])).await?;
    let flag = |k: usize| flags.slice(k * lanes..(k + 1) * lanes);
    let (starts, apart): (Vec<_>, _) = ((0..most).map(flag).collect(), flag(most));

    // > (5) Missing values that are not apart are counted with the first bin.
    let joined = starts[0].minus(&apart);
    let flags = [&joined, &joined, &apart, &apart];
    let numbers = [&missing.good, &missing.bad, &missing.good, &missing.bad];
    let product = products(engine, &flags, &numbers).await?;
    let part = |k: usize| product.slice(k * lanes..(k + 1) * lanes);
    let (joined, missing) =
        (Counts { good: part(0), bad: part(1) }, Counts { good: part(2), bad: part(3) });

    // > (6) What lies before each beginning; at the first, all.
    let at = |i: usize| &prefixes[if i == 0 { most } else { i }];
    let goods: Vec<_> = (0..most).map(|i| at(i).good.plus(&joined.good)).collect();
    let bads: Vec<_> = (0..most).map(|i| at(i).bad.plus(&joined.bad)).collect();
    let numbers: Vec<&Vector<COUNT>> = goods.iter().chain(&bads).collect();
    let twice: Vec<&Vector<0>> = starts.iter().chain(&starts).collect();
    let product = products(engine, &twice, &numbers).await?;
    let part = |k: usize| product.slice(k * lanes..(k + 1) * lanes);
    let before = (0..most).map(|i| Counts { good: part(i), bad: part(most + i) }).collect();
    Ok(Merged { starts, apart, before, missing })
}

/// Counts where flags are set, and 0 elsewhere.
async fn products<E: Engine>(
    engine: &mut E,
    flags: &[&Vector<0>],
    counts: &[&Vector<COUNT>],
) -> Result<Vector<COUNT>, Error> {
    let (flags, counts) = (Vector::concat(flags), Vector::concat(counts));
    let product = engine.multiply::<0, COUNT, COUNT>(&flags, &counts).await?;
    Ok(engine.reshare(product).await?)
}

/// What lies before each ordered cell, and in all of them.
fn prefixes<E: Engine>(engine: &E, ordered: &[Counts], lanes: usize) -> Vec<Counts> {
    let none = || engine.constant(&vec![0; lanes]);
    let mut prefixes = vec![Counts { good: none(), bad: none() }];
    for (at, cell) in ordered.iter().enumerate() {
        let before = &prefixes[at];
        let next = Counts { good: before.good.plus(&cell.good), bad: before.bad.plus(&cell.bad) };
        prefixes.push(next);
    }
    prefixes
}

/// The place of the cells i..=j among all i <= j < most.
fn place(most: usize, i: usize, j: usize) -> usize {
    i * most - i * (i + 1) / 2 + j
}

/// > (1) Whether the cells i..=j together reach the floors, a plane for each i <= j; and, last,
/// > whether missing values do.
async fn enough<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    prefixes: &[Counts],
    missing: &Counts,
) -> Result<Bits, Error> {
    let lanes = missing.good.len();
    let [rows, class] = [terms.floors.rows(), terms.floors.class()]
        .map(|floor| engine.constant::<COUNT>(&vec![i64::from(floor) << COUNT; lanes]));
    let most = prefixes.len() - 1;
    let mut sums: Vec<Counts> = apart_by(most, 0)
        .into_iter()
        .map(|(i, j)| Counts {
            good: prefixes[j + 1].good.minus(&prefixes[i].good),
            bad: prefixes[j + 1].bad.minus(&prefixes[i].bad),
        })
        .collect();
    sums.push(Counts { good: missing.good.duplicate(), bad: missing.bad.duplicate() });
    let mut lacking = Vec::with_capacity(3 * sums.len());
    lacking.extend(sums.iter().map(|sum| sum.good.plus(&sum.bad).minus(&rows)));
    lacking.extend(sums.iter().map(|sum| sum.good.minus(&class)));
    lacking.extend(sums.iter().map(|sum| sum.bad.minus(&class)));
    let count = sums.len();
    drop(sums);
    let lacking = Vector::concat(&lacking.iter().collect::<Vec<_>>());
    let few = negative_within(engine, &lacking, sign_width(terms.rows)).await?;
    drop(lacking);
    let reached = engine.not(&few.cut(lanes));
    let of = |k: usize| reached.select(&(k * count..(k + 1) * count).collect::<Vec<_>>());
    let classes = engine.and(&of(1), &of(2)).await?;
    Ok(engine.and(&of(0), &classes).await?)
}

/// Bits of a number of rows, at the scale of counts, that a floor was taken from, and of its sign:
/// below thrice as many as there are rows (§W.2).
fn sign_width(rows: u32) -> usize {
    (u32::BITS - rows.leading_zeros() + COUNT) as usize + 2 + 1
}

/// > (2) and (3) Whether a coarser bin begins at each cell, from left to right, each as short as it
/// > can be.
async fn starts<E: Engine>(engine: &mut E, enough: &Bits, most: usize) -> Result<Bits, Error> {
    let first = engine.not(&enough.combine(&[Vec::new()]));
    if most == 1 {
        return Ok(first);
    }
    // After a bin that begins at i the next begins at l when i..l reach the floors and i..l - 1 do
    // not.
    let pairs = apart_by(most, 1);
    let following: Vec<Vec<usize>> = pairs
        .iter()
        .map(|&(i, l)| {
            let shorter = (l > i + 1).then(|| place(most, i, l - 2));
            [place(most, i, l - 1)].into_iter().chain(shorter).collect()
        })
        .collect();
    let mut power = Power { most, steps: 1, bits: enough.combine(&following) };
    let mut begun = Bits::concat(&[&first, &power.after_first()]);
    let mut covered = 2;
    if covered < most {
        let (_, squared) = power.advance(engine, None, true).await?;
        power = squared;
    }
    while covered < most {
        covered *= 2;
        let (reached, squared) = power.advance(engine, Some(&begun), covered < most).await?;
        begun = begun.xor(&reached);
        power = squared;
    }
    Ok(begun)
}

/// All i <= l < most that lie at least so far apart.
fn apart_by(most: usize, least: usize) -> Vec<(usize, usize)> {
    (0..most).flat_map(|i| (i + least..most).map(move |l| (i, l))).collect()
}

/// Whether so many bins after the one that begins at i another begins at l: a plane for each pair
/// that lies at least as far apart.
struct Power {
    most: usize,
    steps: usize,
    bits: Bits,
}

impl Power {
    /// Where bins begin after the first one that begins at 0, from place 1 on.
    fn after_first(&self) -> Bits {
        let planes: Vec<Vec<usize>> =
            (1..self.most).map(|l| self.place(0, l).into_iter().collect()).collect();
        self.bits.combine(&planes)
    }

    fn place(&self, i: usize, l: usize) -> Option<usize> {
        // Pairs that lie `steps` apart are those i <= l - steps of as many fewer.
        (l < self.most && l >= i + self.steps)
            .then(|| place(self.most - self.steps, i, l - self.steps))
    }

    /// In one round: where bins begin this many after those `begun`, and the power twice as far.
    async fn advance<E: Engine>(
        &self,
        engine: &mut E,
        begun: Option<&Bits>,
        square: bool,
    ) -> Result<(Bits, Self), Error> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let far = apart_by(self.most, 2 * self.steps);
        let mut sums: Vec<Vec<usize>> = Vec::new();
        let from_begun = begun.map_or(0, Bits::width);
        if begun.is_some() {
            for l in 1..self.most {
                // The bin at 0 always begins: what follows it needs no conjunction.
                let terms = (1..l).filter_map(|i| Some((i, self.place(i, l)?)));
                sums.push(pushed(terms, &mut left, &mut right));
            }
        }
        if square {
            for &(i, l) in &far {
                let terms = (i + 1..l)
                    .filter_map(|m| Some((from_begun + self.place(i, m)?, self.place(m, l)?)));
                sums.push(pushed(terms, &mut left, &mut right));
            }
        }
        let sources = match begun {
            Some(begun) => Bits::concat(&[begun, &self.bits]),
            None => Bits::concat(&[&self.bits]),
        };
        let sums = match left.is_empty() {
            true => sources.combine(&sums),
            false => {
                let (x, y) = (sources.select(&left), self.bits.select(&right));
                engine.and(&x, &y).await?.combine(&sums)
            }
        };
        let of_begun = if begun.is_some() { self.most - 1 } else { 0 };
        let reached = match begun {
            Some(_) => {
                let sums = sums.select(&(0..of_begun).collect::<Vec<_>>());
                // Nothing is reached at 0.
                Bits::concat(&[&sources.combine(&[Vec::new()]), &sums.xor(&self.after_first())])
            }
            None => sources.select(&[]),
        };
        let squared = sums.select(&(of_begun..sums.width()).collect::<Vec<_>>());
        Ok((reached, Self { most: self.most, steps: 2 * self.steps, bits: squared }))
    }
}

/// Appends conjunctions, and says where they are.
fn pushed(
    terms: impl Iterator<Item = (usize, usize)>,
    left: &mut Vec<usize>,
    right: &mut Vec<usize>,
) -> Vec<usize> {
    let first = left.len();
    for (x, y) in terms {
        left.push(x);
        right.push(y);
    }
    (first..left.len()).collect()
}

impl Merged {
    /// > §W.7 What the holder of some features learns of them, in one vector: of each feature of so
    /// > many bins its beginnings, whether missing values are apart, goods and bads before each,
    /// > and those of missing values.
    pub(crate) fn of_features(&self, features: &[(usize, usize)]) -> Vector<COUNT> {
        let (most, lanes) = (self.starts.len(), self.apart.len());
        let flags: Vec<Vector<COUNT>> =
            self.starts.iter().chain([&self.apart]).map(Vector::raised).collect();
        let goods = self.before.iter().map(|counts| &counts.good);
        let bads = self.before.iter().map(|counts| &counts.bad);
        let missing = [&self.missing.good, &self.missing.bad];
        let all: Vec<&Vector<COUNT>> =
            flags.iter().chain(goods).chain(bads).chain(missing).collect();
        let mut places = Vec::new();
        for &(lane, bins) in features {
            let blocks = [0..bins, most..most + 1, most + 1..most + 1 + bins]
                .into_iter()
                .chain([2 * most + 1..2 * most + 1 + bins, 3 * most + 1..3 * most + 3]);
            places.extend(blocks.flatten().map(|block| place_of(block * lanes + lane)));
        }
        Vector::concat(&all).gather(&places)
    }
}
