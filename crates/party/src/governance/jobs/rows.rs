//! The rows of a training job where they lie in its order: at its lender, who hands them out.

use std::fs;
use std::path::PathBuf;

use consent::Job;
use domain::Digest;

use crate::Trouble;
use crate::data::{self, Source};
use crate::node::Node;
use crate::runs::list;

/// Rows read from a table and written in their order. They are gone with this value where nobody
/// [keeps](Written::keep) them.
pub(super) struct Written {
    part: PathBuf,
    pub(super) count: u32,
    pub(super) list: Digest,
}

/// Reads a table's rows and writes them in their order.
///
/// # Errors
///
/// `DUPLICATE` where an identifier stands more than once, and what is wrong with the table.
pub(super) async fn written(node: &Node, source: Source) -> Result<Written, Trouble> {
    let kind = source.key.kind;
    let (subjects, report) = data::load(source).await?;
    if report.distinct < report.rows {
        return Err(Trouble::us(
            "DUPLICATE",
            "an identifier stands more than once among the rows: each subject is one row. Nothing has been proposed or accepted.",
            "训练行中有重复的标识：每个主体只能有一行。未提出或同意任何任务。",
        ));
    }
    let part = folder(node).join(format!("{}.new", node.new_run_id()?));
    // In the order of the identifiers: what order the lender has them in stays at home.
    let list::Agreed { subjects: count, hash, .. } = list::write(&part, kind, subjects)?;
    Ok(Written { part, count, list: Digest::from_bytes(hash) })
}

impl Written {
    /// Refuses rows that are not those of the job.
    ///
    /// # Errors
    ///
    /// `JOB_ROWS`.
    pub(super) fn check(&self, job: &Job) -> Result<(), Trouble> {
        if (self.count, self.list) == (job.rows.count, job.rows.list) {
            return Ok(());
        }
        let (found, stated) = (self.count, job.rows.count);
        Err(Trouble::us(
            "JOB_ROWS",
            format!(
                "these {found} rows are not the {stated} that the job is about: get the list from {}. Nothing has been accepted.",
                job.proposer
            ),
            format!(
                "这 {found} 行与任务所列的 {stated} 行不一致：请向 {} 索取名单。未同意任何任务。",
                job.proposer
            ),
        ))
    }

    /// Keeps them as the rows of a job.
    pub(super) fn keep(&self, node: &Node, job: &[u8; 32]) -> Result<(), Trouble> {
        let path = of(node, job);
        fs::rename(&self.part, &path).map_err(|error| Trouble::file(&path, &error))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // Where they were kept they have another name by now.
        let _ = fs::remove_file(&self.part);
    }
}

/// Where the rows of a job lie at its lender.
pub(crate) fn of(node: &Node, job: &[u8; 32]) -> PathBuf {
    folder(node).join(format!("{}.rows", hex::encode(job)))
}

fn folder(node: &Node) -> PathBuf {
    node.dir.join("jobs")
}
