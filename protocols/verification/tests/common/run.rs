//! A question as sessions on a network in memory.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use session::{Chunk, Fate, Network, NetworkError, Role};
use verification::{
    Answer, Evaluator, LENDER, LenderKey, PLATFORM, Query, SealedThreshold, Terms, holder, verify,
};

use super::Question;

/// The keys as sessions share them.
pub struct Shared {
    pub key: Arc<LenderKey>,
    pub evaluator: Arc<Evaluator>,
}

impl Shared {
    pub fn new(lender: super::Lender) -> Self {
        Self { key: Arc::new(lender.key), evaluator: Arc::new(lender.evaluator) }
    }

    pub fn lender(&self, question: &Question) -> verify::Lender {
        let sealed: Vec<SealedThreshold> = question.thresholds.iter().flatten().cloned().collect();
        verify::Lender::new(question.terms.clone(), &sealed, Arc::clone(&self.key)).unwrap()
    }

    pub fn platform(&self, terms: &Terms, rng: &mut ChaCha20Rng) -> verify::Platform {
        verify::Platform::new(terms.clone(), Arc::clone(&self.evaluator), rng).unwrap()
    }

    pub fn holder(&self, query: Query, sealed: bool, rng: &mut ChaCha20Rng) -> verify::Holder {
        if sealed {
            verify::Holder::comparing(query, Arc::clone(&self.evaluator), rng).unwrap()
        } else {
            verify::Holder::new(query, self.evaluator.public(), rng).unwrap()
        }
    }

    /// One question over a network that `tamper` controls.
    pub fn ask(
        &self,
        question: &Question,
        rng: &mut ChaCha20Rng,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Answer, NetworkError> {
        let mut network = Network::new();
        network.join(PLATFORM, self.platform(&question.terms, rng));
        let outcome = network.join(LENDER, self.lender(question));
        for place in 0..question.terms.holders().len() {
            let sealed = !question.thresholds_of(place).is_empty();
            network.join(holder(place), self.holder(question.query(place), sealed, rng));
        }
        network.run(tamper)?;
        Ok(outcome.take().unwrap())
    }
}
