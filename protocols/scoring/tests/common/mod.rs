//! A lender, a model and holders, made from a seed.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
#![allow(unreachable_pub, reason = "shared between test programs")]

pub mod batch;
pub mod parts;

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use scoring::{
    ExtractedTable, LENDER, LenderKey, MaskKey, ModelDigest, PLATFORM, Picks, Points, Query,
    QueryId, RunId, Scorecard, Table, TableTerms, Terms, holder, score,
};
use session::{Chunk, Fate, Network, NetworkError, Role};

/// Everything that an issued model consists of.
pub struct Scene {
    pub key: Arc<LenderKey>,
    pub model: ModelDigest,
    pub masks: Vec<MaskKey>,
    pub points: Vec<Vec<Vec<u16>>>,
    pub tables: Vec<ExtractedTable>,
    pub max: u16,
}

pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// A uniform number below `bound`, near enough.
pub fn below(bound: usize, rng: &mut impl Rng) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).unwrap()
}

/// Points for `features` features of `bins` bins, each at most `most`.
pub fn points(features: usize, bins: usize, most: usize, rng: &mut impl Rng) -> Vec<Vec<u16>> {
    let mut one = || u16::try_from(below(most + 1, rng)).unwrap();
    (0..features).map(|_| (0..bins).map(|_| one()).collect()).collect()
}

impl Scene {
    pub fn new(holders: usize, features: usize, bins: usize, rng: &mut ChaCha20Rng) -> Self {
        let key = Arc::new(LenderKey::generate(rng));
        let model = ModelDigest([7; 32]);
        let most = 1023 / (holders * features);
        let points: Vec<_> = (0..holders).map(|_| points(features, bins, most, rng)).collect();
        let card = |points: &Vec<Vec<u16>>| Scorecard::new(points).unwrap();
        let cards: Vec<_> = points.iter().map(card).collect();
        let max = Scorecard::max_points(&cards).unwrap();
        let masks = (0..holders).map(|_| MaskKey::generate(rng)).collect();
        let mut table = |card: Scorecard| {
            let terms = TableTerms::new(key.public().fingerprint(), model, card.shape().clone());
            Table::encrypt(&terms, key.public(), card, rng).unwrap().extract()
        };
        let tables = cards.into_iter().map(&mut table).collect();
        Self { key, model, masks, points, tables, max }
    }

    /// The terms of query number `query`.
    pub fn terms(&self, query: u64) -> Terms {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&query.to_le_bytes());
        self.terms_with(RunId([1; 16]), QueryId(id))
    }

    pub fn terms_with(&self, run: RunId, query: QueryId) -> Terms {
        let holders = self.masks.iter().map(MaskKey::public).collect();
        let key = self.key.public().fingerprint();
        Terms::new(key, self.model, run, query, self.max, holders).unwrap()
    }

    /// A random subject: its bin in every feature of every holder.
    pub fn subject(&self, rng: &mut impl Rng) -> Vec<Vec<u16>> {
        let mut bin = |bins: &Vec<u16>| u16::try_from(below(bins.len(), rng)).unwrap();
        let mut part = |features: &Vec<Vec<u16>>| features.iter().map(&mut bin).collect();
        self.points.iter().map(&mut part).collect()
    }

    /// The ideal functionality: the sum of the picked points.
    pub fn clear(&self, subject: &[Vec<u16>]) -> Points {
        let parts = self.points.iter().zip(subject);
        let picked = parts.flat_map(|(features, picks)| {
            features.iter().zip(picks).map(|(bins, &pick)| bins[usize::from(pick)])
        });
        Points(picked.sum())
    }

    pub fn query(&self, terms: &Terms, j: usize, picks: &[u16]) -> Query {
        Query::new(terms.clone(), holder(j), Picks::new(picks.to_vec())).unwrap()
    }

    /// One score over a network that `tamper` controls.
    pub fn score(
        &self,
        terms: &Terms,
        subject: &[Vec<u16>],
        rng: &mut ChaCha20Rng,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Points, NetworkError> {
        let mut network = Network::new();
        network.join(PLATFORM, score::Platform::new(terms.clone()));
        let lender = score::Lender::new(terms.clone(), Arc::clone(&self.key)).unwrap();
        let outcome = network.join(LENDER, lender);
        for (j, picks) in subject.iter().enumerate() {
            let query = self.query(terms, j, picks);
            let session = score::Holder::new(query, &self.tables[j], &self.masks[j], rng).unwrap();
            network.join(holder(j), session);
        }
        network.run(tamper)?;
        Ok(outcome.take().unwrap())
    }
}
