//! A batch model issued to holders, and lists of subjects to score.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use rand_core::Rng;
use scoring::batch::{
    BLOCK, Holder, Lender, LenderKey, ListDigest, Opened, Picks, Platform, ReadyTable, RunSeed,
    Span, Table, Terms,
};
use scoring::{
    LENDER, MaskKey, ModelDigest, PLATFORM, Points, RunId, Scorecard, TableTerms, holder,
};
use session::{Chunk, Fate, Network, NetworkError, Role};

use super::{below, points};

/// Everything that an issued batch model consists of.
pub struct Scene {
    pub key: Arc<LenderKey>,
    pub model: ModelDigest,
    pub masks: Vec<MaskKey>,
    pub points: Vec<Vec<Vec<u16>>>,
    pub tables: Vec<Arc<ReadyTable>>,
    pub max: u16,
}

/// The bins of a whole list at one holder: block after block, each feature after feature.
pub type Register = Vec<Vec<Vec<u8>>>;

impl Scene {
    pub fn new(holders: usize, features: usize, bins: usize, rng: &mut ChaCha20Rng) -> Self {
        let key = Arc::new(LenderKey::generate(rng));
        let most = 1023 / (holders * features);
        let points: Vec<_> = (0..holders).map(|_| points(features, bins, most, rng)).collect();
        Self::with(key, points, rng)
    }

    /// A model with these points.
    pub fn with(key: Arc<LenderKey>, points: Vec<Vec<Vec<u16>>>, rng: &mut ChaCha20Rng) -> Self {
        let model = ModelDigest([7; 32]);
        let card = |points: &Vec<Vec<u16>>| Scorecard::new(points).unwrap();
        let max = Scorecard::max_points(&points.iter().map(card).collect::<Vec<_>>()).unwrap();
        let masks = points.iter().map(|_| MaskKey::generate(rng)).collect();
        let mut table = |points| {
            let card = card(points);
            let terms = TableTerms::new(key.public().fingerprint(), model, card.shape().clone());
            let table = Table::encrypt(&terms, key.public(), card, rng).unwrap();
            Arc::new(ReadyTable::new(&table))
        };
        let tables = points.iter().map(&mut table).collect();
        Self { key, model, masks, points, tables, max }
    }

    /// The terms of run number `run` over so many subjects.
    pub fn terms(&self, run: u8, subjects: u32) -> Terms {
        self.terms_with(RunId([run; 16]), ListDigest([5; 32]), subjects)
    }

    pub fn terms_with(&self, run: RunId, list: ListDigest, subjects: u32) -> Terms {
        let holders = self.masks.iter().map(MaskKey::public).collect();
        let key = self.key.public().fingerprint();
        Terms::new(key, self.model, run, (list, subjects), self.max, holders).unwrap()
    }

    /// Random bins for every subject of the terms, at every holder.
    pub fn registers(&self, terms: &Terms, rng: &mut impl Rng) -> Vec<Register> {
        let block = |features: &Vec<Vec<u16>>, block, rng: &mut _| {
            let subjects = terms.subjects_in(block);
            let column = |bins: &Vec<u16>, rng: &mut _| {
                (0..subjects).map(|_| u8::try_from(below(bins.len(), rng)).unwrap()).collect()
            };
            features.iter().map(|bins| column(bins, rng)).collect()
        };
        let register = |features: &Vec<Vec<u16>>, rng: &mut _| {
            (0..terms.blocks()).map(|number| block(features, number, rng)).collect()
        };
        self.points.iter().map(|features| register(features, rng)).collect()
    }

    /// The ideal functionality: everybody's sum of the picked points.
    pub fn clear(&self, registers: &[Register], block: usize) -> Vec<Points> {
        let subjects = registers[0][block][0].len();
        let mut sums = vec![Points(0); subjects];
        for (features, register) in self.points.iter().zip(registers) {
            for (bins, column) in features.iter().zip(&register[block]) {
                for (sum, &bin) in sums.iter_mut().zip(column) {
                    sum.0 += bins[usize::from(bin)];
                }
            }
        }
        sums
    }

    /// Every holder's run seed.
    pub fn run_seeds(
        &self,
        terms: &Terms,
        registers: &[Register],
        rng: &mut ChaCha20Rng,
    ) -> Vec<Arc<RunSeed>> {
        let run_seed = |(j, register): (usize, &Register)| {
            let shape = self.tables[j].terms().shape();
            let blocks = register.iter().map(|block| picks(block));
            Arc::new(RunSeed::new(terms.clone(), holder(j), shape, blocks, rng).unwrap())
        };
        registers.iter().enumerate().map(run_seed).collect()
    }

    /// A holder's session over a span.
    pub fn holder<'a>(
        &self,
        j: usize,
        run_seed: &Arc<RunSeed>,
        span: Span,
        register: &'a Register,
    ) -> Holder<impl Iterator<Item = Picks> + use<'a>> {
        let (run_seed, table) = (Arc::clone(run_seed), Arc::clone(&self.tables[j]));
        let blocks = &register[span.from() as usize..span.to() as usize];
        let picks = blocks.iter().map(|block| picks(block));
        Holder::new(run_seed, table, &self.masks[j], span, picks).unwrap()
    }

    /// One session of all roles over a network that `tamper` controls.
    pub fn score(
        &self,
        run_seeds: &[Arc<RunSeed>],
        registers: &[Register],
        span: Span,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Vec<Opened>, NetworkError> {
        let terms = run_seeds[0].terms();
        let mut network = Network::new();
        network.join(PLATFORM, Platform::new(terms.clone(), span).unwrap());
        let lender = Lender::new(terms.clone(), span, Arc::clone(&self.key)).unwrap();
        let outcome = network.join(LENDER, lender);
        for (j, register) in registers.iter().enumerate() {
            network.join(holder(j), self.holder(j, &run_seeds[j], span, register));
        }
        network.run(tamper)?;
        Ok(outcome.take().unwrap())
    }
}

/// A block of a register as the protocol takes it.
pub fn picks(columns: &[Vec<u8>]) -> Picks {
    Picks::new(columns.first().map_or(0, Vec::len), columns.concat())
}

/// So many subjects that the list has `blocks` full blocks and `more` subjects.
pub fn subjects(blocks: usize, more: usize) -> u32 {
    u32::try_from(blocks * BLOCK + more).unwrap()
}
