//! Which table a holder has taken first.

use crate::{Error, Store};

/// Names a model's table: the registration that it belongs to, the lender's key that it is encrypted
/// under, and its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableName {
    /// The registration's digest.
    pub registration: [u8; 32],
    /// Fingerprint of the lender's key.
    pub lender_key: [u8; 32],
    /// Whether it is the table of the batch form.
    pub batch: bool,
}

impl Store {
    /// Records the digest of a table, unless one of this name is recorded; returns the recorded one.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn first_table(
        &self,
        name: &TableName,
        digest: &[u8; 32],
        now_ms: i64,
    ) -> Result<[u8; 32], Error> {
        let (registration, key) = (hex::encode(name.registration), hex::encode(name.lender_key));
        // One statement: of two tables that come at once, one is the first.
        let first: String = sqlx::query_scalar(
            "INSERT INTO tables (registration, lender_key, batch, digest, first_ms)
             VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (registration, lender_key, batch) DO UPDATE SET first_ms = first_ms
             RETURNING digest",
        )
        .bind(registration)
        .bind(key)
        .bind(name.batch)
        .bind(hex::encode(digest))
        .bind(now_ms)
        .fetch_one(&self.pool)
        .await?;
        let mut recorded = [0; 32];
        hex::decode_to_slice(first, &mut recorded).map_err(|_| Error::Garbled("tables.digest"))?;
        Ok(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_table_of_a_name_stays_the_first_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("party.db");
        let store = Store::open(&path).await.unwrap();
        let name = TableName { registration: [1; 32], lender_key: [2; 32], batch: false };
        let others = [
            TableName { registration: [3; 32], ..name },
            TableName { lender_key: [3; 32], ..name },
            TableName { batch: true, ..name },
        ];
        assert_eq!(store.first_table(&name, &[7; 32], 5).await.unwrap(), [7; 32]);
        assert_eq!(store.first_table(&name, &[8; 32], 6).await.unwrap(), [7; 32]);
        for (digest, other) in (10..).zip(others) {
            assert_eq!(store.first_table(&other, &[digest; 32], 5).await.unwrap(), [digest; 32]);
        }
        store.close().await;
        let store = Store::open(&path).await.unwrap();
        assert_eq!(store.first_table(&name, &[9; 32], 7).await.unwrap(), [7; 32]);
    }
}
