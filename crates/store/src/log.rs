//! Logs: records in order, and the Merkle nodes over them.

use std::sync::Arc;

use audit::{Coordinate, EMPTY_ROOT, Frontier, Head, leaf_hash};
use domain::Digest;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use crate::{Error, Store};

/// Which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Everything that this party does with others' data, and lets others do.
    Audit,
    /// As a registry: every state that an authorisation enters.
    Registry,
}

impl Log {
    const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Registry => "registry",
        }
    }
}

/// The place that the next record will take: what its writer must put into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// Its number, from 0.
    pub seq: u64,
    /// The hash of the record before it; [`EMPTY_ROOT`] for the first.
    pub previous: Digest,
}

/// A record as a log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number, from 0.
    pub seq: u64,
    /// Its hash as the tree holds it.
    pub leaf: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The right edges of the logs, shared by all clones of a store: one writer at a time.
pub(crate) type Edges = Arc<Mutex<Known>>;

/// The edges as they were last seen on disk.
#[derive(Debug)]
pub(crate) struct Known {
    both: Both,
    /// A commit was asked for, and whether it took place was never heard.
    in_doubt: bool,
}

impl Known {
    pub(crate) async fn read(pool: &SqlitePool) -> Result<Self, Error> {
        Ok(Self { both: Both::read(pool).await?, in_doubt: false })
    }

    /// The edges, read again where they are in doubt.
    pub(crate) async fn sure(&mut self, pool: &SqlitePool) -> Result<&Both, Error> {
        if self.in_doubt {
            self.both = Both::read(pool).await?;
            self.in_doubt = false;
        }
        Ok(&self.both)
    }

    /// To be called before a commit: unless [`Known::committed`] follows, the edges are in doubt.
    pub(crate) fn doubt(&mut self) {
        self.in_doubt = true;
    }

    /// Takes over the edges that a commit has written.
    pub(crate) fn committed(&mut self, both: Both) {
        *self = Self { both, in_doubt: false };
    }
}

/// The edge of each log.
#[derive(Clone, Debug)]
pub(crate) struct Both {
    pub(crate) audit: Edge,
    pub(crate) registry: Edge,
}

impl Both {
    pub(crate) async fn read(pool: &SqlitePool) -> Result<Self, Error> {
        let audit = Edge::read(pool, Log::Audit).await?;
        Ok(Self { audit, registry: Edge::read(pool, Log::Registry).await? })
    }
}

/// What is needed to append to a log.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    log: Log,
    frontier: Frontier,
    last: Option<Digest>,
}

impl Edge {
    /// Reads the edge: a few nodes, however long the log is.
    async fn read(pool: &SqlitePool, log: Log) -> Result<Self, Error> {
        let row = sqlx::query("SELECT MAX(seq) AS last FROM log_records WHERE log = ?")
            .bind(log.name())
            .fetch_one(pool)
            .await?;
        let Some(last) = row.try_get::<Option<i64>, _>("last")? else {
            return Ok(Self { log, frontier: Frontier::default(), last: None });
        };
        let size = unsigned(last)? + 1;
        let mut connection = pool.acquire().await?;
        let nodes = nodes(&mut connection, log, &Frontier::coordinates(size)).await?;
        let leaf = Coordinate { level: 0, index: size - 1 };
        let last = one_node(&mut connection, log, leaf).await?;
        let frontier = Frontier::from_nodes(size, nodes);
        Ok(Self {
            log,
            frontier: frontier.map_err(|_| Error::Garbled("log_nodes"))?,
            last: Some(last),
        })
    }

    pub(crate) fn place(&self) -> LogPosition {
        LogPosition { seq: self.frontier.size(), previous: self.last.unwrap_or(EMPTY_ROOT) }
    }

    /// Writes a record and its nodes; the caller keeps the state only if the commit succeeds.
    pub(crate) async fn append(
        &mut self,
        connection: &mut SqliteConnection,
        record: &[u8],
    ) -> Result<u64, Error> {
        let seq = self.frontier.size();
        sqlx::query("INSERT INTO log_records (log, seq, record) VALUES (?, ?, ?)")
            .bind(self.log.name())
            .bind(signed(seq)?)
            .bind(record)
            .execute(&mut *connection)
            .await?;
        let leaf = leaf_hash(record);
        for (at, hash) in self.frontier.append(leaf) {
            sqlx::query("INSERT INTO log_nodes (log, level, position, hash) VALUES (?, ?, ?, ?)")
                .bind(self.log.name())
                .bind(i64::from(at.level))
                .bind(signed(at.index)?)
                .bind(hash.as_bytes().as_slice())
                .execute(&mut *connection)
                .await?;
        }
        self.last = Some(leaf);
        Ok(seq)
    }
}

impl Store {
    /// How long a log is, and the hash over it.
    ///
    /// # Errors
    ///
    /// When SQLite fails, where the last append has failed and the head must be read again.
    pub async fn head(&self, log: Log) -> Result<Head, Error> {
        let mut edges = self.edges.lock().await;
        let both = edges.sure(&self.pool).await?;
        Ok(match log {
            Log::Audit => both.audit.frontier.head(),
            Log::Registry => both.registry.frontier.head(),
        })
    }

    /// The hashes of these complete subtrees, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Garbled`] when one is not there.
    pub async fn nodes(&self, log: Log, wanted: &[Coordinate]) -> Result<Vec<Digest>, Error> {
        let mut connection = self.pool.acquire().await?;
        nodes(&mut connection, log, wanted).await
    }

    /// Records from this number on, at most `limit`, in order.
    ///
    /// # Errors
    ///
    /// When SQLite fails; [`Error::Garbled`] when a record has lost its hash.
    pub async fn records(
        &self,
        log: Log,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredRecord>, Error> {
        let rows = sqlx::query(
            "SELECT records.seq, records.record, nodes.hash FROM log_records AS records
             LEFT JOIN log_nodes AS nodes
               ON nodes.log = records.log AND nodes.level = 0 AND nodes.position = records.seq
             WHERE records.log = ? AND records.seq >= ? ORDER BY records.seq LIMIT ?",
        )
        .bind(log.name())
        .bind(signed(from)?)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &SqliteRow| {
            let hash: Option<Vec<u8>> = row.try_get("hash")?;
            Ok(StoredRecord {
                seq: unsigned(row.try_get("seq")?)?,
                leaf: digest(hash.unwrap_or_default())?,
                bytes: row.try_get("record")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

async fn nodes(
    connection: &mut SqliteConnection,
    log: Log,
    wanted: &[Coordinate],
) -> Result<Vec<Digest>, Error> {
    let mut found = Vec::with_capacity(wanted.len());
    for at in wanted {
        found.push(one_node(connection, log, *at).await?);
    }
    Ok(found)
}

async fn one_node(
    connection: &mut SqliteConnection,
    log: Log,
    at: Coordinate,
) -> Result<Digest, Error> {
    let row: Option<SqliteRow> =
        sqlx::query("SELECT hash FROM log_nodes WHERE log = ? AND level = ? AND position = ?")
            .bind(log.name())
            .bind(i64::from(at.level))
            .bind(signed(at.index)?)
            .fetch_optional(connection)
            .await?;
    let row = row.ok_or(Error::Garbled("log_nodes"))?;
    digest(row.try_get("hash")?)
}

fn digest(bytes: Vec<u8>) -> Result<Digest, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::Garbled("log_nodes.hash"))?;
    Ok(Digest::from_bytes(bytes))
}

pub(crate) fn signed(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Garbled("a number beyond 2^63"))
}

pub(crate) fn unsigned(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::Garbled("a negative number"))
}
