//! Why the store refuses.

use std::path::PathBuf;

/// Why the store refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or created.
    #[error("cannot open the store {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// A newer program has migrated the file.
    #[error(
        "the store {path} was written by a newer version of this program (schema step {found}, \
         this version knows up to {known}); install that version, or restore a backup"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The newest step in the file.
        found: i64,
        /// The newest step that this program knows.
        known: i64,
    },
    /// A migration failed; the file is as it was before that step.
    #[error("cannot bring the store {path} to this version's schema: {source}")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: sqlx::migrate::MigrateError,
    },
    /// The run's number is taken: a repeated proposal, or a replay.
    #[error("a run with this number exists already")]
    RunExists,
    /// A batch run has its one run seed, or is over.
    #[error("this batch run has its run seed already, or is over: there is no second one")]
    RunSeedBefore,
    /// A platform registers a model once: a changed one is a new version.
    #[error("this platform has registered another model of this name and version already")]
    ModelExists,
    /// A training job is proposed once: a changed one is a new version.
    #[error(
        "this party has proposed, or been asked about, another training job of this name and version already"
    )]
    JobExists,
    /// Every permitted use of an authorisation was made.
    #[error("the permitted number of uses is reached")]
    UsedUp,
    /// Enough was asked about a subject for this period.
    #[error("the limit of questions for this subject and period is reached")]
    AskedEnough,
    /// A peer has asked enough intersections of a register for this period.
    #[error("the limit of intersections with this register in the period is reached")]
    IntersectedEnough,
    /// How an intersection ended is told once, and only if something may have left in it.
    #[error("the end of this intersection is written already, or nothing has left in it")]
    IntersectionOver,
    /// A row does not say what it should; somebody else has written to the file.
    #[error("the store holds a row that this program did not write: {0}")]
    Garbled(&'static str),
    /// The process ends, and the store with it.
    #[error("the store is closing")]
    Closing,
    /// SQLite failed: a full disk, a lost file.
    #[error("the store failed: {0}")]
    Sql(#[from] sqlx::Error),
}
