//! Opening the file and bringing it to this version's schema.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::Error;
use crate::log::{Edges, Known};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// An open store; cheap to clone, all clones share one connection.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: SqlitePool,
    pub(crate) edges: Edges,
}

impl Store {
    /// Opens the store at `path`, creating it or bringing it to this version's schema.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`] when a newer program has written the file, [`Error::Open`] and
    /// [`Error::Migrate`] otherwise.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is forgotten is overwritten: run seeds, answers, keys of runs that are over.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            // SQLite has one writer at a time; one connection queues here instead of failing there.
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|source| Error::Open { path: path.to_owned(), source })?;
        MIGRATIONS.run(&pool).await.map_err(|source| match source {
            MigrateError::VersionMissing(found) => {
                let known = MIGRATIONS.iter().map(|step| step.version).max().unwrap_or(0);
                Error::Newer { path: path.to_owned(), found, known }
            }
            source => Error::Migrate { path: path.to_owned(), source },
        })?;
        let edges = Edges::new(Known::read(&pool).await?.into());
        Ok(Self { pool, edges })
    }

    /// Writes what is pending into the file and closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_of_a_newer_program_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("party.db");
        let store = Store::open(&path).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', 1, x'00', 0)",
        )
        .execute(&store.pool)
        .await
        .unwrap();
        store.close().await;
        let refused = Store::open(&path).await.unwrap_err();
        let newest = MIGRATIONS.iter().map(|step| step.version).max().unwrap();
        let told = matches!(refused, Error::Newer { found: 9999, known, .. } if known == newest);
        assert!(told, "{refused}");
        assert!(refused.to_string().contains("newer version of this program"));
    }

    #[tokio::test]
    async fn a_file_that_is_no_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("party.db");
        std::fs::write(
            &path,
            "this is not a database, and long enough to be read as one".repeat(40),
        )
        .unwrap();
        assert!(matches!(
            Store::open(&path).await,
            Err(Error::Open { .. } | Error::Migrate { .. })
        ));
    }
}
