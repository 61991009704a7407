//! What a holder keeps in memory to answer a score in milliseconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use consent::Registration;
use domain::Subject;
use scorecard::{Feature, Part};
use scoring::batch::ReadyTable;
use scoring::{ExtractedTable, Picks};
use store::{ModelPart, StoredModel};

use crate::Trouble;
use crate::clock::today;
use crate::config::Register;
use crate::data;
use crate::governance::models::{self, holder};
use crate::kinds::issue::table::HolderFacts;
use crate::node::Node;
use crate::register_cache::Loaded;
use crate::runs::not_offered;

/// Models that this holder answers: what they ask, and once a question was granted, all that it
/// takes to answer.
#[derive(Default)]
pub(crate) struct HolderCache {
    asked: Cached<Known>,
    ready: Cached<Ready>,
    /// Held by whoever makes a model ready: whoever comes meanwhile waits, and finds it ready.
    making: tokio::sync::Mutex<()>,
}

/// What was read of each publication, until something changes.
struct Cached<T>(Mutex<Generation<T>>);

/// What was read since the last change; the number tells two generations apart.
struct Generation<T> {
    number: u64,
    read: HashMap<[u8; 32], Arc<T>>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(Generation { number: 0, read: HashMap::new() }))
    }
}

impl<T> Cached<T> {
    /// What is kept, and the generation in which whoever finds nothing begins to read.
    fn find(&self, digest: &[u8; 32]) -> (Option<Arc<T>>, u64) {
        let kept = self.locked();
        (kept.read.get(digest).cloned(), kept.number)
    }

    /// Keeps what was read, unless something has changed since the reading began: what was read of
    /// before a withdrawal must not come back after it.
    fn keep(&self, digest: [u8; 32], read: &Arc<T>, begun: u64) {
        let mut kept = self.locked();
        if kept.number == begun {
            kept.read.insert(digest, Arc::clone(read));
        }
    }

    fn forget(&self) {
        let mut kept = self.locked();
        kept.number += 1;
        kept.read.clear();
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Generation<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A model as a question is decided by it: no register is touched for it.
pub(crate) struct Known {
    pub(crate) model: StoredModel,
    pub(crate) part: Part,
    pub(crate) max_points: u16,
    /// What this holder has countersigned.
    sheet: Registration,
}

impl Known {
    /// Whether the model may be used today; the rest was looked at when it was read.
    fn is_valid_today(&self) -> bool {
        self.sheet.valid_until.is_none_or(|last| today() <= last)
    }
}

/// A model ready for use: what its encrypted points become, whatever is in the register.
pub(crate) struct Ready {
    pub(crate) model: StoredModel,
    pub(crate) max_points: u16,
    pub(crate) points: ExtractedTable,
    part: Part,
    /// Made for the first batch, and again when the register has changed.
    blocks: Mutex<Option<Arc<Blocks>>>,
}

/// A model ready for batches: its batch table, and the bins of everybody in the register.
pub(crate) struct Blocks {
    pub(crate) points: Arc<ReadyTable>,
    pub(crate) features: usize,
    /// The bins of each row, one a feature; last those of whoever is not in the register.
    bins: Vec<u8>,
    register: Arc<Loaded>,
}

impl Blocks {
    /// No bin: no table has as many.
    pub(crate) const NONE: u8 = u8::MAX;

    /// The bins that a subject falls into, one a feature.
    pub(crate) fn bins(&self, subject: &Subject) -> &[u8] {
        let row = self.register.row(subject).unwrap_or(self.register.subjects().len());
        &self.bins[row * self.features..][..self.features]
    }
}

impl HolderCache {
    /// What a model asks of this holder.
    ///
    /// # Errors
    ///
    /// When this party is no holder of it, or it is not in force.
    pub(crate) async fn known(
        &self,
        node: &Node,
        digest: &[u8; 32],
    ) -> Result<Arc<Known>, Trouble> {
        let (known, begun) = self.asked.find(digest);
        if let Some(known) = known {
            return if known.is_valid_today() { Ok(known) } else { Err(models::not_in_force()) };
        }
        let model = node.store.model(digest).await?;
        let model = model.filter(|model| model.part == ModelPart::Holder);
        let model = model.ok_or_else(not_offered)?;
        let sheet = holder::countersigned(node, &model.platform, &model.registration).await?;
        let facts: HolderFacts = serde_json::from_str(&model.facts).map_err(|e| garbled(&e))?;
        let part = serde_json::from_str(&facts.part).map_err(|e| garbled(&e))?;
        let model = StoredModel { content: Vec::new(), ..model };
        let known = Arc::new(Known { model, part, max_points: facts.max_points, sheet });
        self.asked.keep(*digest, &known, begun);
        Ok(known)
    }

    /// The model, and the register that answers it.
    pub(crate) async fn ready(
        &self,
        node: &Node,
        digest: &[u8; 32],
        register: &Register,
    ) -> Result<(Arc<Ready>, Arc<Loaded>), Trouble> {
        let ready = self.made(node, digest).await?;
        let columns = data::columns(&ready.part);
        let loaded = node.registers.answering(register, &columns).await?;
        Ok((ready, loaded))
    }

    async fn made(&self, node: &Node, digest: &[u8; 32]) -> Result<Arc<Ready>, Trouble> {
        if let (Some(kept), _) = self.ready.find(digest) {
            return Ok(kept);
        }
        let _alone = self.making.lock().await;
        let (kept, begun) = self.ready.find(digest);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let model = node.store.model(digest).await?.ok_or_else(not_offered)?;
        let made = tokio::task::spawn_blocking(move || Ready::of(model)).await;
        let ready = Arc::new(made.map_err(|error| Trouble::from_error("OURS", &error))??);
        self.ready.keep(*digest, &ready, begun);
        Ok(ready)
    }

    /// Forgets all models: where one stands, or its table, has changed.
    pub(crate) fn forget(&self) {
        self.asked.forget();
        self.ready.forget();
    }
}

fn garbled(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::from_error("STORE", error)
}

impl Ready {
    fn of(model: StoredModel) -> Result<Self, Trouble> {
        let facts: HolderFacts = serde_json::from_str(&model.facts).map_err(|e| garbled(&e))?;
        let part: Part = serde_json::from_str(&facts.part).map_err(|e| garbled(&e))?;
        let points = scoring::Table::from_bytes(&model.content).map_err(|e| garbled(&e))?;
        let model = StoredModel { content: Vec::new(), ..model };
        Ok(Self {
            model,
            max_points: facts.max_points,
            points: points.extract(),
            part,
            blocks: Mutex::default(),
        })
    }

    /// What batches need, if there was one over the same rows.
    pub(crate) fn blocks(&self, register: &Loaded) -> Option<Arc<Blocks>> {
        let kept = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| kept.register.batch() == register.batch()).cloned()
    }

    /// What batches need, made from the stored batch table when it is not there.
    pub(crate) fn with_blocks(
        &self,
        content: &[u8],
        register: Arc<Loaded>,
    ) -> Result<Arc<Blocks>, Trouble> {
        let points = scoring::Table::from_batch_bytes(content).map_err(|e| garbled(&e))?;
        let features = self.part.features();
        let rows = register.subjects().len();
        let mut bins = Vec::with_capacity((rows + 1) * features.len());
        for row in (0..rows).map(Some).chain([None]) {
            bins.extend(features.iter().map(|feature| {
                let bin = bin(&register, feature, row).and_then(|bin| u8::try_from(bin).ok());
                bin.unwrap_or(Blocks::NONE)
            }));
        }
        let (features, batch) = (features.len(), register.batch());
        let points = Arc::new(ReadyTable::new(&points));
        let blocks = Arc::new(Blocks { points, features, bins, register });
        let mut kept = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has made the same meanwhile: run seeds tell registers apart by what is kept here.
        if let Some(kept) = kept.as_ref().filter(|kept| kept.register.batch() == batch) {
            return Ok(Arc::clone(kept));
        }
        *kept = Some(Arc::clone(&blocks));
        Ok(blocks)
    }

    /// The bins that a subject falls into, one a feature.
    ///
    /// A subject that is not in the register has no values: the model says whether that is a bin. Over
    /// a governed register whatever has no bin of its own is in that of missing values.
    pub(crate) fn picks(
        &self,
        register: &Loaded,
        subject: &Subject,
        governed: bool,
    ) -> Result<Picks, Trouble> {
        let row = register.row(subject);
        let bins = self.part.features().iter().map(|feature| {
            let missing = || feature.binning().missing_bin().filter(|_| governed);
            u16::try_from(bin(register, feature, row).or_else(missing)?).ok()
        });
        let bins: Option<Vec<u16>> = bins.collect();
        bins.map(Picks::new).ok_or_else(|| {
            Trouble::us(
                "NO_ANSWER",
                "the model has no bin for what this holder has, or has not, on this subject",
                "该模型没有适用于本方数据（或缺失）的分箱",
            )
        })
    }
}

fn bin(register: &Loaded, feature: &Feature, row: Option<usize>) -> Option<usize> {
    let value = row.and_then(|row| register.value(row, feature.column(), data::kind(feature)));
    feature.binning().bin_of(value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_withdrawal_is_not_kept_after_it() {
        let (cached, digest) = (Cached::default(), [7; 32]);
        let (found, begun) = cached.find(&digest);
        assert!(found.is_none());
        cached.forget();
        cached.keep(digest, &Arc::new("countersigned"), begun);
        let (found, begun) = cached.find(&digest);
        assert!(found.is_none());
        cached.keep(digest, &Arc::new("refused"), begun);
        assert_eq!(cached.find(&digest).0.as_deref(), Some(&"refused"));
    }
}
