//! Cards to be: a training, the bins of its columns, and the scaling that follows.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use session::{Chunk, Fate, Network, NetworkError, Role, Session, Turn};
use sharing::Vector;
use training::points::{self, Inputs, Scale, Scaled, Terms, Uploads, Values, transfer};
use training::{Model, Policy, ROLES, SharedModel, WEIGHT};

use crate::support::exact::Table;
use crate::support::made::Made;
use crate::support::run::{Job, secrets};

/// What scorecards of the tests are scaled to.
pub(crate) const SCALE: Scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0, offset: 200 };

/// The features of a card, and points' terms.
#[derive(Clone)]
pub(crate) struct Card {
    pub(crate) terms: Terms,
    /// The value of each bin, by feature.
    pub(crate) values: Vec<Vec<f64>>,
    /// The bin of each row, by feature.
    pub(crate) bins: Vec<Vec<usize>>,
    pub(crate) bad: Vec<bool>,
}

/// The three roles' ends of a scaling.
pub(crate) struct Ends {
    pub(crate) result: Result<(), NetworkError>,
    pub(crate) scaled: [Option<Scaled>; 3],
}

impl Card {
    /// Rows made from a seed, in bins whose values tell their outcome.
    pub(crate) fn made(seed: u64, rows: usize, features: Vec<Vec<u8>>) -> Self {
        let mut made = Made::from(seed);
        let bins: Vec<u8> = features.concat();
        let value = |&bins: &u8| {
            let place = |bin: u8| f64::from(bin) / f64::from(bins - 1) - 0.5;
            (0..bins).map(|bin| 1.6 * place(bin) + 0.3 * made.normal().clamp(-1.0, 1.0)).collect()
        };
        let values: Vec<Vec<f64>> = bins.iter().map(value).collect();
        let column = |&bins: &u8| {
            (0..rows).map(|_| (made.uniform() * f64::from(bins)) as usize).collect::<Vec<_>>()
        };
        let rows_bins: Vec<Vec<usize>> = bins.iter().map(column).collect();
        let bad = (0..rows).map(|row| {
            let each = rows_bins.iter().zip(&values).map(|(bins, values)| values[bins[row]]);
            let slope = 1.6 / (bins.len() as f64).sqrt();
            made.bad(slope * each.sum::<f64>() - 0.4)
        });
        let bad = bad.collect();
        Self::of(values, rows_bins, bad, features)
    }

    /// The card of columns that take few values each.
    pub(crate) fn of_table(table: &Table, holders: &[usize]) -> Self {
        let mut values = Vec::new();
        let mut bins = Vec::new();
        for column in &table.columns {
            let mut all = column.clone();
            all.sort_by(f64::total_cmp);
            all.dedup();
            bins.push(column.iter().map(|x| all.iter().position(|y| y == x).unwrap()).collect());
            values.push(all);
        }
        let mut each = values.iter().map(|values| u8::try_from(values.len()).unwrap());
        let features = holders.iter().map(|&count| each.by_ref().take(count).collect()).collect();
        Self::of(values, bins, table.bad.clone(), features)
    }

    fn of(
        values: Vec<Vec<f64>>,
        bins: Vec<Vec<usize>>,
        bad: Vec<bool>,
        features: Vec<Vec<u8>>,
    ) -> Self {
        let terms = Terms {
            training: [0; 32],
            features,
            lender: None,
            scale: SCALE,
            bits: 10,
            context: [3; 32],
        };
        let mut card = Self { terms, values, bins, bad };
        card.terms.training = card.training().terms.binding();
        card
    }

    /// The columns of its rows.
    pub(crate) fn table(&self) -> Table {
        let column = |(bins, values): (&Vec<usize>, &Vec<f64>)| {
            bins.iter().map(|&bin| values[bin]).collect()
        };
        Table {
            columns: self.bins.iter().zip(&self.values).map(column).collect(),
            bad: self.bad.clone(),
        }
    }

    fn training(&self) -> Job {
        let columns = self.terms.features.iter().map(|bins| bins.len() as u16).collect();
        let terms = training::Terms {
            policy: Policy::StaysShared,
            ..training::Terms::new(self.bad.len() as u32, columns, [2; 32])
        };
        Job::of(&self.table(), terms)
    }

    /// Trains, the weights left in shares.
    pub(crate) fn trained(&self, seed: u64) -> [SharedModel; 3] {
        let ends = self.training().run(seed, |_, _, _| Fate::Deliver).unwrap();
        ends.result.unwrap();
        ends.finished.map(|finished| finished.unwrap().model.shared().unwrap())
    }

    /// Shares of weights as they are given, the intercept last.
    pub(crate) fn shared(&self, weights: &[f64]) -> [SharedModel; 3] {
        let encode = |weight: &f64| sharing::encode::<WEIGHT>(*weight).unwrap();
        shares(&weights.iter().map(encode).collect::<Vec<_>>()).map(|weights| SharedModel {
            terms: self.terms.training,
            run: [5; 32],
            weights,
        })
    }

    /// A holder's values, prepared.
    pub(crate) fn prepared(&self, holder: usize) -> Vec<Values> {
        let start: usize = self.terms.features[..holder].iter().map(Vec::len).sum();
        let own = &self.values[start..start + self.terms.features[holder].len()];
        own.iter().map(|values| Values::new(values).unwrap()).collect()
    }

    /// What each role holds after the uploads of a seed.
    pub(crate) fn inputs(&self, seed: u64) -> [Inputs; 3] {
        ROLES.map(|role| {
            // Each time from the same seed, so that the three are of one upload.
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut uploads = Uploads::new(&self.terms, role).unwrap();
            for holder in 0..self.terms.features.len() {
                let values = self.prepared(holder);
                let own = Some(role);
                let mut session =
                    transfer::send_values(&self.terms, holder, values, &[], own, &mut rng).unwrap();
                let Ok(Turn::Done(messages)) = session.advance() else { panic!("no peer") };
                let keep = |_: &[u8]| Ok(());
                let received = transfer::of_own(&self.terms, holder, role, messages, keep).unwrap();
                uploads.take(received).unwrap();
            }
            uploads.complete().unwrap()
        })
    }

    /// Scales a model over uploads of a seed, to its end or to the end that `tamper` makes.
    pub(crate) fn run(
        &self,
        models: &[SharedModel; 3],
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Ends {
        self.run_over(models, self.inputs(seed), seed, tamper)
    }

    /// The same over other inputs.
    pub(crate) fn run_over(
        &self,
        models: &[SharedModel; 3],
        inputs: [Inputs; 3],
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Ends {
        let mut network = Network::new();
        let each = inputs.into_iter().zip(secrets(seed)).zip(models);
        let outcomes: Vec<_> = ROLES
            .into_iter()
            .zip(each)
            .map(|(role, ((inputs, secret), model))| {
                let session = points::begin(self.terms.clone(), role, secret, model, inputs);
                network.join(role, session.unwrap())
            })
            .collect();
        let result = network.run(tamper);
        let mut scaled = outcomes.iter().map(session::Outcome::take);
        Ends { result, scaled: [(); 3].map(|()| scaled.next().unwrap()) }
    }

    /// Scales a model undisturbed.
    pub(crate) fn honest(&self, models: &[SharedModel; 3], seed: u64) -> [Scaled; 3] {
        let ends = self.run(models, seed, |_, _, _| Fate::Deliver);
        ends.result.unwrap_or_else(|failure| panic!("{failure}"));
        ends.scaled.map(Option::unwrap)
    }

    /// Fails to scale a model.
    pub(crate) fn refused(&self, models: &[SharedModel; 3]) -> String {
        match self.run(models, 1, |_, _, _| Fate::Deliver).result {
            Err(NetworkError::Refused { error, .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The points of every feature's bins that the three roles' shares add up to.
    pub(crate) fn opened(&self, scaled: &[Scaled; 3]) -> Vec<Vec<i64>> {
        let mut all = Vec::new();
        for holder in 0..self.terms.features.len() {
            let shares = scaled.each_ref().map(|scaled| scaled.share(holder).unwrap().expose());
            let sum = |cell: usize| shares.iter().map(|share| i64::from(share[cell])).sum::<i64>();
            let mut cells = 0..shares[0].len();
            for &bins in &self.terms.features[holder] {
                let points = cells.by_ref().take(bins.into());
                all.push(points.map(|cell| sum(cell) % (1 << self.terms.bits)).collect());
            }
        }
        all
    }

    /// The points of a regression in clear, by the rounding of a scorecard file: without the offset.
    pub(crate) fn in_clear(&self, weights: &[f64]) -> Vec<Vec<i64>> {
        let (factor, shift) = (self.terms.scale.factor(), self.terms.scale.shift());
        let (coefs, intercept) = weights.split_at(self.values.len());
        let share = 1.0 / coefs.len() as f64;
        let point = |coef: f64, woe: f64| {
            let exact = -factor * (woe * coef + intercept[0] * share) + shift * share;
            exact.round_ties_even() as i64
        };
        let feature = |(values, &coef): (&Vec<f64>, &f64)| {
            values.iter().map(|&woe| point(coef, woe)).collect()
        };
        self.values.iter().zip(coefs).map(feature).collect()
    }

    /// How far points of shares are from those in clear, by feature and bin.
    pub(crate) fn apart(&self, found: &[Vec<i64>], clear: &[Vec<i64>]) -> Vec<Vec<i64>> {
        let space = 1 << self.terms.bits;
        let apart = |(feature, (found, clear)): (usize, (&Vec<i64>, &Vec<i64>))| {
            let offset = if feature == 0 { i64::from(self.terms.scale.offset) } else { 0 };
            let each = found.iter().zip(clear).map(|(found, clear)| {
                let apart = (found - (clear - offset)).rem_euclid(space);
                if apart > space / 2 { apart - space } else { apart }
            });
            each.collect()
        };
        found.iter().zip(clear).enumerate().map(apart).collect()
    }
}

/// Each role's shares of these ring elements.
pub(crate) fn shares<const F: u32>(numbers: &[i64]) -> [Vector<F>; 3] {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let component = |number: &i64| {
        let (first, second) = (rng.next_u64(), rng.next_u64());
        [first, second, number.cast_unsigned().wrapping_sub(first).wrapping_sub(second)]
    };
    let components: Vec<[u64; 3]> = numbers.iter().map(component).collect();
    [0, 1, 2].map(|role| {
        let of = |at: usize| components.iter().flat_map(move |all| all[at % 3].to_le_bytes());
        let bytes: Vec<u8> = of(role).chain(of(role + 1)).collect();
        Vector::parse(&bytes, numbers.len()).unwrap()
    })
}

/// The weights that the three roles' shares add up to.
pub(crate) fn weights(models: &[SharedModel; 3]) -> Vec<f64> {
    let shares = models.each_ref().map(|model| model.weights.expose());
    let word = |share: &[u8], place: usize| u64::from_le_bytes(share.as_chunks().0[place]);
    let sum = |place: usize| {
        let sum = shares.iter().fold(0_u64, |sum, share| sum.wrapping_add(word(share, place)));
        sharing::decode::<WEIGHT>(sum.cast_signed())
    };
    (0..models[0].weights.len()).map(sum).collect()
}

#[test]
fn a_model_that_was_opened_has_no_shares() {
    assert!(Model::Opened(vec![1.0]).shared().is_none() && Model::AtTheLender.shared().is_none());
}
