//! The rows of a training: identifiers in ascending order, each once.

use std::path::Path;

use consent::Job;
use domain::{Subject, SubjectKind};

use crate::Trouble;
use crate::runs::list;

/// What a list of a job's rows must be.
pub(super) fn agreed(job: &Job) -> list::Agreed {
    list::Agreed { kind: job.rows.kind, subjects: job.rows.count, hash: *job.rows.list.as_bytes() }
}

/// Reads rows that were written before.
pub(super) fn read(path: &Path, kind: SubjectKind) -> Result<Vec<Subject>, Trouble> {
    let subjects = list::Subjects::open(path, kind, 0).and_then(Iterator::collect);
    subjects.map_err(|error| Trouble::file(path, &error))
}
