//! What a holder keeps in memory to answer a score in milliseconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use audit::PseudonymKey;
use consent::Registration;
use domain::{Digest, Feature, Part, Subject};
use registers::Table;
use scoring::batch::ReadyTable;
use scoring::{ExtractedTable, Picks};
use store::{ModelPart, StoredModel};

use crate::Trouble;
use crate::clock::today;
use crate::data::{self, Source, Stamp, stamp};
use crate::governance::models::{self, holder};
use crate::node::Node;
use crate::runs::not_offered;
use crate::runs::table::HolderFacts;

/// Models that this holder answers: what they ask, and once a question was granted, all that it
/// takes to answer.
#[derive(Default)]
pub(crate) struct HolderCache {
    asked: Cached<Known>,
    ready: Cached<Ready>,
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

/// A model ready for use: encrypted points, bins, and the register's columns.
pub(crate) struct Ready {
    pub(crate) model: StoredModel,
    pub(crate) max_points: u16,
    pub(crate) points: ExtractedTable,
    part: Part,
    table: Arc<Table>,
    batch: Digest,
    stamp: Stamp,
    /// Made for the first batch.
    blocks: OnceLock<Arc<Blocks>>,
}

/// A model ready for batches: its batch table, and the bins of everybody in the register.
pub(crate) struct Blocks {
    pub(crate) points: Arc<ReadyTable>,
    pub(crate) features: usize,
    /// The bins of each row, one a feature; last those of whoever is not in the register.
    bins: Vec<u8>,
    table: Arc<Table>,
}

impl Blocks {
    /// No bin: no table has as many.
    pub(crate) const NONE: u8 = u8::MAX;

    /// The bins that a subject falls into, one a feature.
    pub(crate) fn bins(&self, subject: &Subject) -> &[u8] {
        let row = self.table.row(subject).unwrap_or(self.table.len());
        &self.bins[row * self.features..][..self.features]
    }
}

impl Ready {
    /// Names the register's content, so that two answers can be told to come from the same rows
    /// without showing any.
    pub(crate) fn batch(&self) -> Digest {
        self.batch
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

    /// The model with the register that answers it, read again when the register's file has
    /// changed. What is wrong with the register is told to this party's own log alone.
    pub(crate) async fn ready(
        &self,
        node: &Node,
        digest: &[u8; 32],
        source: Source,
    ) -> Result<Arc<Ready>, Trouble> {
        let now = stamp(&source.file);
        let (kept, _) = self.ready.find(digest);
        if let Some(kept) = kept.filter(|kept| kept.stamp == now) {
            return Ok(kept);
        }
        let _alone = node.readers.alone(&source.file).await;
        let stamp = stamp(&source.file);
        let (kept, begun) = self.ready.find(digest);
        if let Some(kept) = kept.filter(|kept| kept.stamp == stamp) {
            return Ok(kept);
        }
        let model = node.store.model(digest).await?.ok_or_else(not_offered)?;
        let rules = Arc::clone(&node.rules);
        let read = tokio::task::spawn_blocking(move || {
            Ready::read(model, &source, stamp, &rules.pseudonyms)
        });
        let read = read.await.map_err(|error| Trouble::said("OURS", &error))?;
        let ready = Arc::new(read.map_err(|trouble| {
            tracing::warn!("the register cannot be read: {trouble}");
            Trouble::us("REGISTER", "the register cannot be read now", "登记表目前无法读取")
        })?);
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
    Trouble::said("STORE", error)
}

impl Ready {
    fn read(
        model: StoredModel,
        source: &Source,
        stamp: Stamp,
        key: &PseudonymKey,
    ) -> Result<Self, Trouble> {
        let facts: HolderFacts = serde_json::from_str(&model.facts).map_err(|e| garbled(&e))?;
        let part: Part = serde_json::from_str(&facts.part).map_err(|e| garbled(&e))?;
        let points = scoring::Table::from_bytes(&model.content).map_err(|e| garbled(&e))?;
        let columns = data::columns(&part);
        let (table, report, batch) = data::table(source, &columns, key)?;
        tracing::info!(model = %model.model, subjects = report.distinct, "register read");
        let model = StoredModel { content: Vec::new(), ..model };
        Ok(Self {
            model,
            max_points: facts.max_points,
            points: points.extract(),
            part,
            table: Arc::new(table),
            batch,
            stamp,
            blocks: OnceLock::new(),
        })
    }

    /// What batches need, if there was one.
    pub(crate) fn blocks(&self) -> Option<Arc<Blocks>> {
        self.blocks.get().cloned()
    }

    /// What batches need, made from the stored batch table when it is not there.
    pub(crate) fn with_blocks(&self, content: &[u8]) -> Result<Arc<Blocks>, Trouble> {
        let points = scoring::Table::from_batch_bytes(content).map_err(|e| garbled(&e))?;
        let features = self.part.features();
        let rows = (0..self.table.len()).map(Some).chain([None]);
        let mut bins = Vec::with_capacity((self.table.len() + 1) * features.len());
        for row in rows {
            bins.extend(features.iter().map(|feature| {
                let bin = self.bin(feature, row).and_then(|bin| u8::try_from(bin).ok());
                bin.unwrap_or(Blocks::NONE)
            }));
        }
        let blocks = Blocks {
            points: Arc::new(ReadyTable::new(&points)),
            features: features.len(),
            bins,
            table: Arc::clone(&self.table),
        };
        Ok(Arc::clone(self.blocks.get_or_init(|| Arc::new(blocks))))
    }

    fn bin(&self, feature: &Feature, row: Option<usize>) -> Option<usize> {
        let value = row.and_then(|row| self.table.value(row, feature.column()));
        feature.binning().bin_of(value.as_ref())
    }

    /// The bins that a subject falls into, one a feature.
    ///
    /// A subject that is not in the register has no values: the model says whether that is a bin. Over
    /// a governed register whatever has no bin of its own is in that of missing values.
    pub(crate) fn picks(&self, subject: &Subject, governed: bool) -> Result<Picks, Trouble> {
        let row = self.table.row(subject);
        let bins = self.part.features().iter().map(|feature| {
            let missing = || feature.binning().missing_bin().filter(|_| governed);
            u16::try_from(self.bin(feature, row).or_else(missing)?).ok()
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
