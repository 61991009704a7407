//! From a training whose weights nobody learns, over points that nobody sees, to scores.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]
#![expect(clippy::cast_possible_truncation, reason = "the tables of tests are small")]

mod common;

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use common::{Scene, batch, rng};
use scoring::batch::ReadyTable;
use scoring::{
    ExtractedTable, LenderKey, MaskKey, ModelDigest, PartTerms, Points, ScorecardShare, Shape,
    Table, TableKey, TablePart, TableTerms,
};
use session::tamper::faithful;
use session::{Network, Session, Turn};
use sharing::Secret;
use training::points::{self, Scale, Scaled, Values};
use training::{Column, Labels, Policy, ROLES, Received, SharedModel, Uploads, Whose};

const ROWS: usize = 1_000;
const HOLDERS: usize = 3;
const FEATURES: usize = 3;
/// The weight of evidence of each bin.
const WOE: [f64; 4] = [-0.9, -0.2, 0.3, 1.1];
const SCALE: Scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0, offset: 200 };

/// Firms by holder, feature and row: their bin; and which of them did not pay.
struct Firms {
    bins: Vec<Vec<Vec<u8>>>,
    bad: Vec<bool>,
}

impl Firms {
    fn made(rng: &mut ChaCha20Rng) -> Self {
        let mut column = || (0..ROWS).map(|_| common::below(4, rng) as u8).collect::<Vec<_>>();
        let bins: Vec<Vec<Vec<u8>>> =
            (0..HOLDERS).map(|_| (0..FEATURES).map(|_| column()).collect()).collect();
        let bad = (0..ROWS).map(|row| {
            let woe = bins.iter().flatten().map(|column| WOE[usize::from(column[row])]);
            let odds = (0.6 * woe.sum::<f64>() - 0.4).exp();
            (common::below(1 << 20, rng) as f64) < odds / (1.0 + odds) * f64::from(1 << 20)
        });
        Self { bad: bad.collect(), bins }
    }

    fn columns(&self, holder: usize) -> Vec<Column> {
        let column = |bins: &Vec<u8>| {
            let values: Vec<f64> = bins.iter().map(|&bin| WOE[usize::from(bin)]).collect();
            Column::new(&values).unwrap()
        };
        self.bins[holder].iter().map(column).collect()
    }

    /// What the three roles are left with when weights stay in shares.
    fn train(&self) -> [SharedModel; 3] {
        let columns = vec![FEATURES as u16; HOLDERS];
        let terms = training::Terms {
            policy: Policy::StaysShared,
            ..training::Terms::new(ROWS as u32, columns, [1; 32])
        };
        let mut network = Network::new();
        let outcomes = ROLES.map(|role| {
            let mut rng = rng(5);
            let mut uploads = Uploads::new(&terms, role).unwrap();
            for holder in 0..HOLDERS {
                let columns = self.columns(holder);
                let own = Some(role);
                let send = training::transfer::send_columns;
                let session = send(&terms, holder, columns, &[], own, &mut rng).unwrap();
                let whose = Whose::Holder(holder);
                let messages = messages(session);
                let received = Received::of_own(&terms, whose, role, messages, |_| Ok(()));
                uploads.take(received.unwrap()).unwrap();
            }
            let labels = Labels::of_customers(&self.bad);
            let send = training::transfer::send_labels;
            let session = send(&terms, labels, &[], Some(role), &mut rng).unwrap();
            let received =
                Received::of_own(&terms, Whose::Labels, role, messages(session), |_| Ok(()));
            uploads.take(received.unwrap()).unwrap();
            let (secret, inputs) = (secret(role, 10), uploads.complete().unwrap());
            let keep = |_| Ok(());
            network.join(role, training::begin(terms.clone(), role, secret, inputs, keep).unwrap())
        });
        network.run(faithful).unwrap();
        outcomes.map(|outcome| outcome.take().unwrap().model.shared().unwrap())
    }
}

/// The points that nobody sees, in shares.
fn scaled(models: &[SharedModel; 3]) -> [Scaled; 3] {
    let terms = points::Terms {
        training: models[0].terms,
        features: vec![vec![4; FEATURES]; HOLDERS],
        lender: None,
        scale: SCALE,
        bits: 10,
        context: [2; 32],
    };
    let mut network = Network::new();
    let mut models = models.iter();
    let outcomes = ROLES.map(|role| {
        let mut rng = rng(6);
        let mut uploads = points::Uploads::new(&terms, role).unwrap();
        for holder in 0..HOLDERS {
            let values = (0..FEATURES).map(|_| Values::new(&WOE).unwrap()).collect();
            let send = points::transfer::send_values;
            let session = send(&terms, holder, values, &[], Some(role), &mut rng).unwrap();
            let (messages, keep) = (messages(session), |_: &[u8]| Ok(()));
            let received = points::transfer::of_own(&terms, holder, role, messages, keep);
            uploads.take(received.unwrap()).unwrap();
        }
        let (secret, inputs) = (secret(role, 20), uploads.complete().unwrap());
        let model = models.next().unwrap();
        network.join(role, points::begin(terms.clone(), role, secret, model, inputs).unwrap())
    });
    network.run(faithful).unwrap();
    outcomes.map(|outcome| outcome.take().unwrap())
}

fn messages(mut session: training::transfer::Sending) -> Vec<bytes::Bytes> {
    match session.advance().unwrap() {
        Turn::Done(messages) => messages,
        turn @ (Turn::Send(..) | Turn::Await) => panic!("it has no peer: {turn:?}"),
    }
}

fn secret(role: session::Role, seed: u8) -> Secret {
    Secret::random(&mut rng(seed + role.0))
}

/// A holder's table, of what each role encrypts of its share.
fn table<K: TableKey>(
    key: &K,
    model: ModelDigest,
    scaled: &[Scaled; 3],
    holder: usize,
    rng: &mut ChaCha20Rng,
) -> Table<K> {
    let shape = Shape::new(vec![4; FEATURES]).unwrap();
    let whole = TableTerms::new(key.fingerprint(), model, shape.clone());
    let part = |(place, scaled): (usize, &Scaled)| {
        let share = scaled.share(holder).unwrap().expose();
        let share = ScorecardShare::new(shape.clone(), share).unwrap();
        let terms = PartTerms::new(whole.clone(), place, 3).unwrap();
        TablePart::encrypt(&terms, key, share, rng).unwrap()
    };
    Table::of_parts(scaled.iter().enumerate().map(part).collect()).unwrap()
}

/// What the three roles' shares add up to, modulo 2^10: whoever sees this has broken the protocol.
fn opened(scaled: &[Scaled; 3], holder: usize) -> Vec<Vec<u16>> {
    let shares = scaled.each_ref().map(|scaled| scaled.share(holder).unwrap().expose());
    let sum = |cell| shares.iter().map(|share| share[cell]).sum::<u16>() % 1024;
    (0..FEATURES).map(|f| (4 * f..4 * f + 4).map(sum).collect()).collect()
}

fn weights(models: &[SharedModel; 3]) -> Vec<f64> {
    let shares = models.each_ref().map(|model| model.weights.expose());
    let word = |share: &[u8], place: usize| u64::from_le_bytes(share.as_chunks().0[place]);
    let sum = |place| shares.iter().fold(0u64, |sum, share| sum.wrapping_add(word(share, place)));
    (0..=HOLDERS * FEATURES).map(|place| sharing::decode::<20>(sum(place).cast_signed())).collect()
}

#[test]
fn a_thousand_scores_one_by_one_and_in_a_block_are_those_of_points_in_clear() {
    let mut rng = rng(1);
    let firms = Firms::made(&mut rng);
    let models = firms.train();
    let scaled = scaled(&models);
    assert!(scaled.iter().all(|scaled| scaled.verdicts.are_kept()));

    let model = ModelDigest([7; 32]);
    let key = Arc::new(LenderKey::generate(&mut rng));
    let batch_key = Arc::new(scoring::batch::LenderKey::generate(&mut rng));
    let points: Vec<Vec<Vec<u16>>> = (0..HOLDERS).map(|holder| opened(&scaled, holder)).collect();
    let tables: Vec<ExtractedTable> = (0..HOLDERS)
        .map(|holder| table(key.public(), model, &scaled, holder, &mut rng).extract())
        .collect();
    let ready: Vec<Arc<ReadyTable>> = (0..HOLDERS)
        .map(|holder| table(batch_key.public(), model, &scaled, holder, &mut rng))
        .map(|table| Arc::new(ReadyTable::new(&table)))
        .collect();
    let masks: Vec<MaskKey> = (0..HOLDERS).map(|_| MaskKey::generate(&mut rng)).collect();
    let single = Scene { key, model, masks, points: points.clone(), tables, max: 1023 };
    let masks: Vec<MaskKey> = (0..HOLDERS).map(|_| MaskKey::generate(&mut rng)).collect();
    let block = batch::Scene { key: batch_key, model, masks, points, tables: ready, max: 1023 };

    let terms = block.terms(1, ROWS as u32);
    let registers: Vec<batch::Register> =
        firms.bins.iter().map(|bins| vec![bins.clone()]).collect();
    let run_seeds = block.run_seeds(&terms, &registers, &mut rng);
    let span = terms.spans_from(0).next().unwrap();
    let in_block =
        block.score(&run_seeds, &registers, span, faithful).unwrap().swap_remove(0).points;

    let weights = weights(&models);
    let (slopes, intercept) = weights.split_at(HOLDERS * FEATURES);
    for (row, in_block) in in_block.into_iter().enumerate() {
        let subject: Vec<Vec<u16>> = firms
            .bins
            .iter()
            .map(|features| features.iter().map(|column| column[row].into()).collect())
            .collect();
        // Points of single bins are whole numbers modulo 2^10.
        let clear = Points(single.clear(&subject).0 % 1024);
        let alone = single.score(&single.terms(row as u64), &subject, &mut rng, faithful).unwrap();
        assert_eq!((alone, in_block), (clear, clear), "row {row}");

        let woe = subject.concat().into_iter().map(|bin| WOE[usize::from(bin)]);
        let logit: f64 = intercept[0] + slopes.iter().zip(woe).map(|(w, x)| w * x).sum::<f64>();
        let exact = SCALE.shift() - SCALE.factor() * logit;
        let score = f64::from(SCALE.offset) + f64::from(clear.0);
        assert!((score - exact).abs() <= 0.5 * slopes.len() as f64 + 1.0, "row {row}");
    }
}
