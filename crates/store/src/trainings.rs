//! Where the audit log tells of joint trainings.

use domain::RunId;
use sqlx::{Row, SqliteConnection};

use crate::log::{signed, unsigned};
use crate::{Error, Store};

impl Store {
    /// The numbers of the records that tell of a training, in order; at most `limit`.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn training_records(&self, run: RunId, limit: u32) -> Result<Vec<u64>, Error> {
        let rows =
            sqlx::query("SELECT seq FROM training_records WHERE run = ? ORDER BY seq LIMIT ?")
                .bind(run.to_string())
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(|row| unsigned(row.try_get("seq")?)).collect()
    }
}

/// Notes inside a commit that a record tells of a training.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    run: RunId,
    seq: u64,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO training_records (run, seq) VALUES (?, ?)")
        .bind(run.to_string())
        .bind(signed(seq)?)
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, Drafted, Log};

    fn telling(training: Option<RunId>) -> Draft {
        Box::new(move |_| Drafted { training, ..b"a record".to_vec().into() })
    }

    #[tokio::test]
    async fn the_records_of_a_training_are_found_again_in_their_order_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("party.db");
        let store = Store::open(&path).await.unwrap();
        let [one, other] = [1, 2].map(|number| RunId::from_bytes([number; 16]));
        for training in [None, Some(one), Some(other), None, Some(one), Some(one)] {
            store.append(telling(training)).await.unwrap();
        }
        store.close().await;
        let store = Store::open(&path).await.unwrap();
        assert_eq!(store.training_records(one, 9).await.unwrap(), [1, 4, 5]);
        assert_eq!(store.training_records(one, 2).await.unwrap(), [1, 4]);
        assert_eq!(store.training_records(other, 9).await.unwrap(), [2]);
        let stranger = RunId::from_bytes([3; 16]);
        assert!(store.training_records(stranger, 9).await.unwrap().is_empty());
        assert_eq!(store.head(Log::Audit).await.unwrap().size, 6);
    }
}
