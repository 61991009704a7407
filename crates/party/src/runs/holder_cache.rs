//! What a holder keeps in memory to answer a score in milliseconds.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use domain::{Part, Subject};
use registers::{ColumnKind, ColumnSpec, Table};
use scoring::{ExtractedTable, Picks};
use store::StoredModel;

use crate::Trouble;
use crate::data::{self, Source};
use crate::runs::issue::HolderFacts;

/// Models that this holder answers, ready for use.
#[derive(Default)]
pub(crate) struct HolderCache(Mutex<HashMap<[u8; 32], Arc<Ready>>>);

/// A model ready for use: encrypted points, bins, and the register's columns.
pub(crate) struct Ready {
    pub(crate) model: StoredModel,
    pub(crate) max_points: u16,
    pub(crate) points: ExtractedTable,
    part: Part,
    table: Table,
    stamp: Stamp,
}

/// Tells whether a file has changed.
type Stamp = Option<(u64, SystemTime)>;

impl HolderCache {
    /// The model, read again when the register's file has changed.
    pub(crate) async fn ready(
        &self,
        model: StoredModel,
        source: Source,
    ) -> Result<Arc<Ready>, Trouble> {
        let digest = model.digest;
        let stamp = stamp(&source.file);
        let kept = self.locked().get(&digest).cloned();
        if let Some(kept) = kept.filter(|kept| kept.stamp == stamp) {
            return Ok(kept);
        }
        let read = tokio::task::spawn_blocking(move || Ready::read(model, &source, stamp));
        let ready = Arc::new(read.await.map_err(|error| Trouble::said("OURS", &error))??);
        self.locked().insert(digest, Arc::clone(&ready));
        Ok(ready)
    }

    /// The model, if it is in memory and its register's file has not changed.
    pub(crate) fn hit(&self, digest: &[u8; 32], source: &Source) -> Option<Arc<Ready>> {
        let stamp = stamp(&source.file);
        self.locked().get(digest).filter(|kept| kept.stamp == stamp).cloned()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Ready>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ready {
    fn read(model: StoredModel, source: &Source, stamp: Stamp) -> Result<Self, Trouble> {
        let garbled = |error: &dyn std::fmt::Display| Trouble::said("STORE", error);
        let facts: HolderFacts = serde_json::from_str(&model.facts).map_err(|e| garbled(&e))?;
        let part: Part = serde_json::from_str(&facts.part).map_err(|e| garbled(&e))?;
        let points = scoring::Table::from_bytes(&model.content).map_err(|e| garbled(&e))?;
        let columns: Vec<ColumnSpec> = part
            .features()
            .iter()
            .map(|feature| ColumnSpec {
                name: feature.column().into(),
                kind: if feature.binning().is_numeric() {
                    ColumnKind::Number
                } else {
                    ColumnKind::Text
                },
                missing: Vec::new(),
            })
            .collect();
        let (table, report) = Table::read(&source.file, &source.key, &columns, source.on_bad)
            .map_err(|error| data::unreadable(&error))?;
        tracing::info!(model = %model.model, subjects = report.distinct, "register read");
        let model = StoredModel { content: Vec::new(), ..model };
        Ok(Self {
            model,
            max_points: facts.max_points,
            points: points.extract(),
            part,
            table,
            stamp,
        })
    }

    /// The bins that a subject falls into, one a feature.
    ///
    /// A subject that is not in the register has no values: the model says whether that is a bin.
    pub(crate) fn picks(&self, subject: &Subject) -> Result<Picks, Trouble> {
        let row = self.table.row(subject);
        let bins = self.part.features().iter().map(|feature| {
            let value = row.and_then(|row| self.table.value(row, feature.column()));
            feature.binning().bin_of(value.as_ref()).and_then(|bin| u16::try_from(bin).ok())
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

fn stamp(file: &Path) -> Stamp {
    let facts = fs::metadata(file).ok()?;
    Some((facts.len(), facts.modified().ok()?))
}
