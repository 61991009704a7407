//! A party's columns in pre-bins: what it uploads to be counted, and what it keeps to know them again.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use consent::{Contribution, Job, Scorecard};
use domain::{Digest, RunId, Subject};
use scorecard::fitting::PreBins;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use training::woe::{Binned, Floors, Membership, Terms};
use zeroize::Zeroizing;

use super::evidence::Wanted;
use super::{DATA, material, not_gathering};
use crate::Trouble;
use crate::governance::jobs;
use crate::governance::jobs::admission::{columns_of, own_register};
use crate::node::Node;
use crate::runs::result_file;

/// What the terms of a counting are bound to.
const CONTEXT: &[u8] = b"tacit/party/v1/counting-context";

/// What the bins of every row are hashed with.
const BINS: &[u8] = b"tacit/party/v1/bins";

/// The terms of the counting, the same at every party of a job; none where its model is no scorecard.
///
/// Every column has as many pre-bins as the job says: which of them are empty is its holder's to know.
pub(super) fn terms(job: &Job, digest: Digest, training: RunId) -> Option<Terms> {
    let scorecard = job.scorecard.as_ref()?;
    let context = Sha256::new()
        .chain_update(CONTEXT)
        .chain_update(digest.as_bytes())
        .chain_update(training.as_bytes())
        .finalize();
    let features = job.contributions.iter().map(|own| vec![scorecard.prebins; own.columns.len()]);
    let weighted = job.rows.cover.is_some() || job.label.weight.is_some();
    Some(Terms {
        membership: if weighted { Membership::Hidden } else { Membership::Everyone },
        floors: Floors::USUAL,
        ..Terms::new(job.rows.count, features.collect(), context.into())
    })
}

/// A party's columns in the order of the rows, and their pre-bins.
pub(super) struct PreBinned {
    /// What each column is called in the register.
    pub(super) names: Vec<String>,
    /// NaN where there is no value.
    pub(super) columns: Vec<Zeroizing<Vec<f64>>>,
    pub(super) prebins: Vec<PreBins>,
}

/// What a party keeps of its pre-bins, sealed, until its job is over: between the counting and the
/// training its register must put every row into the same bins.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    training: RunId,
    /// Of each column.
    breaks: Vec<Vec<f64>>,
    /// SHA-256 of the bin of every row, in hexadecimal.
    bins: String,
}

/// Reads the columns that this party brings in a place of the job, and finds their pre-bins.
///
/// # Errors
///
/// `TRAIN_DATA`, as [`material::bring`] has it.
pub(super) async fn found(
    node: &Arc<Node>,
    job: &Job,
    place: usize,
    rows: Vec<Subject>,
) -> Result<PreBinned, Trouble> {
    let most = job.scorecard.as_ref().ok_or_else(not_gathering)?.prebins;
    let (names, columns) = read(node, job, place, rows).await?;
    let contribution = job.contributions.get(place).ok_or_else(not_gathering)?.clone();
    material::off_the_reactor(move || {
        let prebins = columns.iter().zip(&contribution.columns).map(|(column, name)| {
            let found = PreBins::equal_frequency(column.as_slice().into(), most.into());
            found.map_err(|_| unusable(name, "it has no values", "没有取值"))
        });
        let prebins = prebins.collect::<Result<_, _>>()?;
        Ok(PreBinned { names, columns, prebins })
    })
    .await
}

/// Reads the columns again, and puts them into the pre-bins that were counted.
///
/// # Errors
///
/// `TRAIN_DATA` where a row is in another bin than it was then.
pub(super) async fn found_again(
    node: &Arc<Node>,
    (job, digest, training): (&Job, Digest, RunId),
    place: usize,
    rows: Vec<Subject>,
) -> Result<PreBinned, Trouble> {
    let kept = Kept::read(node, digest)?;
    if kept.training != training {
        return Err(not_gathering());
    }
    let (names, columns) = read(node, job, place, rows).await?;
    material::off_the_reactor(move || {
        let prebins = kept.breaks.into_iter().map(PreBins::pinned).collect::<Result<Vec<_>, _>>();
        let prebins = prebins.map_err(|error| Trouble::from_error("STORE", &error))?;
        let again = PreBinned { names, columns, prebins };
        if again.columns.len() != again.prebins.len() || again.hash() != kept.bins {
            return Err(Trouble::us(
                DATA,
                "the register has changed since its columns were counted: bring it back to what it was, or agree on a new version of the job",
                "登记表在分箱计数之后有变动：请恢复原状，或以新版本重新商定任务",
            ));
        }
        Ok(again)
    })
    .await
}

impl PreBinned {
    /// The bin of each row, column by column: what is uploaded to be counted.
    pub(super) fn features(&self, bins: u8) -> Result<Vec<Binned>, Trouble> {
        let of = |rows: Zeroizing<Vec<Option<u8>>>| Binned::new(&rows, bins);
        let features = self.indices().map(of).collect::<Result<_, _>>();
        features.map_err(|error| Trouble::from_error("OURS", &error))
    }

    /// Keeps the pre-bins, before anything of them leaves.
    pub(super) fn keep(&self, node: &Node, digest: Digest, training: RunId) -> Result<(), Trouble> {
        let breaks = self.prebins.iter().map(|prebins| prebins.breaks().to_vec()).collect();
        let kept = Kept { training, breaks, bins: self.hash() };
        let json =
            serde_json::to_vec(&kept).map_err(|error| Trouble::from_error("OURS", &error))?;
        let sealed = node.at_rest.seal(&name(digest), &Zeroizing::new(json))?;
        let path = jobs::rows::bins_of(node, digest.as_bytes());
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|error| Trouble::file(folder, &error))?;
        }
        result_file::write(&path, |file| file.write_all(&sealed))
    }

    /// Whether some row of a column has no value.
    pub(super) fn lacks(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.iter().any(|value| value.is_nan()))
    }

    fn indices(&self) -> impl Iterator<Item = Zeroizing<Vec<Option<u8>>>> {
        self.columns.iter().zip(&self.prebins).map(|(column, prebins)| {
            // At most 64 pre-bins.
            let bin = |value: &f64| prebins.bin_of(*value).and_then(|bin| u8::try_from(bin).ok());
            Zeroizing::new(column.iter().map(bin).collect())
        })
    }

    fn hash(&self) -> String {
        let mut hash = Sha256::new_with_prefix(BINS);
        for rows in self.indices() {
            hash.update((rows.len() as u64).to_be_bytes());
            rows.iter().for_each(|bin| hash.update([bin.unwrap_or(u8::MAX)]));
        }
        hex::encode(hash.finalize())
    }
}

impl Kept {
    fn read(node: &Node, digest: Digest) -> Result<Self, Trouble> {
        let path = jobs::rows::bins_of(node, digest.as_bytes());
        // Where nothing was counted there is nothing to weigh.
        let sealed = std::fs::read(&path).map_err(|_| not_gathering())?;
        let opened = node.at_rest.open_sealed(&name(digest), &sealed);
        let kept = opened.and_then(|json| serde_json::from_slice(&json).ok());
        kept.ok_or_else(not_gathering)
    }
}

/// What a job wants of the bins of a column.
pub(super) fn wanted(scorecard: &Scorecard, own: &Contribution, column: &str) -> Wanted {
    Wanted {
        trend: scorecard.trend_of(&own.party, column),
        most_bins: scorecard.most_bins,
        least_percent: scorecard.least_percent,
    }
}

/// A column that cannot be scored by: told to the lender by its name in the job, without a count.
pub(super) fn unusable(column: &str, en: &str, zh: &str) -> Trouble {
    Trouble::us(
        DATA,
        format!("the column `{column}` cannot be used: {en}"),
        format!("列 `{column}` 无法使用：{zh}"),
    )
}

async fn read(
    node: &Arc<Node>,
    job: &Job,
    place: usize,
    rows: Vec<Subject>,
) -> Result<(Vec<String>, Vec<Zeroizing<Vec<f64>>>), Trouble> {
    let contribution = job.contributions.get(place).ok_or_else(not_gathering)?.clone();
    let register = own_register(node, &contribution.register)?.clone();
    let names = columns_of(&register, &contribution)?;
    material::off_the_reactor(move || {
        let columns = material::with_gaps(&register, &contribution, &names, &rows)?;
        Ok((names, columns))
    })
    .await
}

fn name(digest: Digest) -> String {
    format!("job/{}/bins", hex::encode(digest.as_bytes()))
}
