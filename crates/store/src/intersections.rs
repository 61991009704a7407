//! Intersections answered: what each peer has asked of each register in a period.

use domain::{PartyId, RunId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use crate::log::{signed, unsigned};
use crate::{Error, NewRun, Store, runs};

/// An intersection that this party agrees to answer.
#[derive(Clone, Debug)]
pub struct NewIntersection {
    /// Who asks.
    pub peer: PartyId,
    /// Of which register.
    pub register: String,
    /// Whether the peer learns a count, and not which of its items are shared.
    pub aggregate: bool,
    /// How many items the peer brings, padding included.
    pub items: u64,
}

/// The most that a peer may ask of a register since `since_ms`, this run included.
#[derive(Clone, Copy, Debug)]
pub enum IntersectionLimit {
    /// Research data: whatever it likes.
    Unlimited,
    /// So many items over all runs that tell which are shared.
    Items {
        /// How many.
        most: u64,
        /// From when on they count.
        since_ms: i64,
    },
    /// So many runs that tell a count.
    Aggregates {
        /// How many.
        most: u64,
        /// From when on they count.
        since_ms: i64,
    },
}

/// What a peer has asked of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntersectionUse {
    /// Who asked.
    pub peer: PartyId,
    /// Of which register.
    pub register: String,
    /// Runs that told which items are shared.
    pub runs: u64,
    /// The items of those runs.
    pub items: u64,
    /// Runs that told a count.
    pub aggregates: u64,
}

impl Store {
    /// Records a run that begins together with the intersection that it is, unless the peer would
    /// have asked for more than the limit. Two that are decided at once do not both pass.
    ///
    /// # Errors
    ///
    /// [`Error::IntersectedEnough`], and [`Error::RunExists`] as [`Store::begin`] says it; nothing is
    /// written then.
    pub async fn begin_intersection(
        &self,
        run: &NewRun,
        new: &NewIntersection,
        limit: IntersectionLimit,
        now_ms: i64,
    ) -> Result<(), Error> {
        let mut connection = self.pool.acquire().await?;
        let mut together = connection.begin().await?;
        runs::begin(&mut together, run, now_ms).await?;
        sqlx::query(
            "INSERT INTO intersections (run, peer, register, aggregate, items, agreed_ms)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(run.id.to_string())
        .bind(new.peer.as_str())
        .bind(&new.register)
        .bind(new.aggregate)
        .bind(signed(new.items)?)
        .bind(now_ms)
        .execute(&mut *together)
        .await?;
        within(&mut together, new, limit).await?;
        together.commit().await?;
        Ok(())
    }

    /// Whether a peer would stay within a limit if it asked this as well.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn may_intersect(
        &self,
        new: &NewIntersection,
        limit: IntersectionLimit,
    ) -> Result<bool, Error> {
        let mut connection = self.pool.acquire().await?;
        Ok(match limit {
            IntersectionLimit::Unlimited => true,
            IntersectionLimit::Items { most, since_ms } => {
                let used = used(&mut connection, new, since_ms).await?;
                used.items.saturating_add(new.items) <= most
            }
            IntersectionLimit::Aggregates { most, since_ms } => {
                used(&mut connection, new, since_ms).await?.aggregates < most
            }
        })
    }

    /// The runs in which something that can be told from may have left, and whose end is not in the log:
    /// they were left in the middle, or their end could not be written. For whoever starts, and has no
    /// run under way.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn interrupted_intersections(&self) -> Result<Vec<RunId>, Error> {
        let rows =
            sqlx::query("SELECT run FROM intersections WHERE released = 1 ORDER BY agreed_ms, run")
                .fetch_all(&self.pool)
                .await?;
        let run = |row: &SqliteRow| {
            let run: String = row.try_get("run")?;
            run.parse().map_err(|_| Error::Garbled("intersections.run"))
        };
        rows.iter().map(run).collect()
    }

    /// What every peer has asked of every register in a period, its end left out.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn intersections(
        &self,
        period: std::ops::Range<i64>,
    ) -> Result<Vec<IntersectionUse>, Error> {
        let rows = sqlx::query(
            "SELECT peer, register, SUM(aggregate = 0) AS runs,
               SUM(CASE WHEN aggregate = 0 THEN items ELSE 0 END) AS items,
               SUM(aggregate = 1) AS aggregates
             FROM counted_intersections WHERE agreed_ms >= ? AND agreed_ms < ?
             GROUP BY peer, register ORDER BY peer, register",
        )
        .bind(period.start)
        .bind(period.end)
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &SqliteRow| {
            let peer: String = row.try_get("peer")?;
            Ok(IntersectionUse {
                peer: peer.parse().map_err(|_| Error::Garbled("intersections.peer"))?,
                register: row.try_get("register")?,
                runs: unsigned(row.try_get("runs")?)?,
                items: unsigned(row.try_get("items")?)?,
                aggregates: unsigned(row.try_get("aggregates")?)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// Marks that what can be told from is about to leave: from here on the run counts for good.
pub(crate) async fn release(connection: &mut SqliteConnection, run: RunId) -> Result<(), Error> {
    sqlx::query("UPDATE intersections SET released = 1 WHERE run = ?")
        .bind(run.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks that how it ended is in the log.
///
/// # Errors
///
/// [`Error::IntersectionOver`] when that is so already, or nothing has left in it.
pub(crate) async fn end(connection: &mut SqliteConnection, run: RunId) -> Result<(), Error> {
    let ended = sqlx::query("UPDATE intersections SET released = 2 WHERE run = ? AND released = 1")
        .bind(run.to_string())
        .execute(connection)
        .await?;
    if ended.rows_affected() == 1 { Ok(()) } else { Err(Error::IntersectionOver) }
}

/// Whether the peer has stayed within its limit, with what is written already.
async fn within(
    connection: &mut SqliteConnection,
    new: &NewIntersection,
    limit: IntersectionLimit,
) -> Result<(), Error> {
    let fits = match limit {
        IntersectionLimit::Unlimited => true,
        IntersectionLimit::Items { most, since_ms } => {
            used(connection, new, since_ms).await?.items <= most
        }
        IntersectionLimit::Aggregates { most, since_ms } => {
            used(connection, new, since_ms).await?.aggregates <= most
        }
    };
    if fits { Ok(()) } else { Err(Error::IntersectedEnough) }
}

struct Used {
    items: u64,
    aggregates: u64,
}

async fn used(
    connection: &mut SqliteConnection,
    new: &NewIntersection,
    since_ms: i64,
) -> Result<Used, Error> {
    let row = sqlx::query(
        "SELECT COALESCE(SUM(CASE WHEN aggregate = 0 THEN items ELSE 0 END), 0) AS items,
           COALESCE(SUM(aggregate = 1), 0) AS aggregates
         FROM counted_intersections
         WHERE peer = ? AND register = ? AND agreed_ms >= ?",
    )
    .bind(new.peer.as_str())
    .bind(&new.register)
    .bind(since_ms)
    .fetch_one(connection)
    .await?;
    Ok(Used {
        items: unsigned(row.try_get("items")?)?,
        aggregates: unsigned(row.try_get("aggregates")?)?,
    })
}

#[cfg(test)]
mod tests {
    use domain::{RunKind, RunRole};

    use super::*;
    use crate::{Draft, Drafted, Ending, Log, RunState, Trouble};

    fn run(number: u8) -> NewRun {
        NewRun {
            id: RunId::from_bytes([number; 16]),
            kind: RunKind::Psi,
            role: RunRole::Sender,
            peers: vec!["bank".parse().unwrap()],
            ours: false,
            terms: "{}".into(),
            state: RunState::Agreed,
        }
    }

    fn of(items: u64) -> NewIntersection {
        let (peer, register) = ("bank".parse().unwrap(), "taxpayers".into());
        NewIntersection { peer, register, aggregate: false, items }
    }

    fn counted() -> NewIntersection {
        NewIntersection { aggregate: true, ..of(50) }
    }

    fn items(most: u64) -> IntersectionLimit {
        IntersectionLimit::Items { most, since_ms: 100 }
    }

    async fn released(store: &Store, number: u8) {
        let draft: Draft = Box::new(move |_| Drafted {
            intersection: Some(run(number).id),
            ..b"record".to_vec().into()
        });
        store.append(draft).await.unwrap();
    }

    async fn ended(store: &Store, number: u8, record: &'static [u8]) -> Result<u64, Error> {
        let draft: Draft = Box::new(move |_| Drafted {
            intersection_over: Some(run(number).id),
            ..record.to_vec().into()
        });
        store.append(draft).await
    }

    async fn failed(store: &Store, number: u8) {
        let (code, text) = ("SILENT".into(), String::new());
        let trouble = Trouble { code, en: text.clone(), zh: text.clone(), side: text };
        store.end(run(number).id, &Ending::Failed(trouble), 200).await.unwrap();
    }

    async fn open() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn items_add_up_over_runs_and_restarts_and_what_goes_beyond_is_not_written() {
        let (folder, store) = open().await;
        store.begin_intersection(&run(1), &of(60), items(100), 150).await.unwrap();
        released(&store, 1).await;
        failed(&store, 1).await;
        store.close().await;
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        let refused = store.begin_intersection(&run(2), &of(41), items(100), 160).await;
        assert!(matches!(refused, Err(Error::IntersectedEnough)));
        assert_eq!(store.runs("", 9).await.unwrap().len(), 1, "a refused run has no state");
        assert!(!store.may_intersect(&of(41), items(100)).await.unwrap());
        assert!(store.may_intersect(&of(40), items(100)).await.unwrap());
        store.begin_intersection(&run(2), &of(40), items(100), 160).await.unwrap();
        // Another register, another peer, and another period have their own.
        let other = NewIntersection { register: "payers".into(), ..of(100) };
        store.begin_intersection(&run(3), &other, items(100), 160).await.unwrap();
        let other = NewIntersection { peer: "fund".parse().unwrap(), ..of(100) };
        store.begin_intersection(&run(4), &other, items(100), 160).await.unwrap();
        let later = IntersectionLimit::Items { most: 100, since_ms: 161 };
        store.begin_intersection(&run(5), &of(100), later, 161).await.unwrap();
        let used = store.intersections(0..161).await.unwrap();
        let told: Vec<_> =
            used.iter().map(|u| (u.peer.as_str(), &u.register[..], u.runs, u.items)).collect();
        assert_eq!(
            told,
            [
                ("bank", "payers", 1, 100),
                ("bank", "taxpayers", 2, 100),
                ("fund", "taxpayers", 1, 100)
            ]
        );
    }

    #[tokio::test]
    async fn a_run_counts_while_it_is_under_way_and_for_good_once_something_has_left() {
        let (_folder, store) = open().await;
        store.begin_intersection(&run(1), &of(60), items(100), 150).await.unwrap();
        let refused = store.begin_intersection(&run(2), &of(60), items(100), 150).await;
        assert!(matches!(refused, Err(Error::IntersectedEnough)));
        // Nothing left in the first: it has cost nothing.
        failed(&store, 1).await;
        store.begin_intersection(&run(2), &of(60), items(100), 151).await.unwrap();
        released(&store, 2).await;
        assert_eq!(store.interrupted_intersections().await.unwrap(), [run(2).id]);
        failed(&store, 2).await;
        assert!(!store.may_intersect(&of(60), items(100)).await.unwrap());
    }

    #[tokio::test]
    async fn aggregates_are_counted_by_runs_and_apart_from_items() {
        let (_folder, store) = open().await;
        let twice = IntersectionLimit::Aggregates { most: 2, since_ms: 100 };
        for number in 1..=2 {
            store.begin_intersection(&run(number), &counted(), twice, 150).await.unwrap();
            released(&store, number).await;
            failed(&store, number).await;
        }
        assert!(!store.may_intersect(&counted(), twice).await.unwrap());
        let third = store.begin_intersection(&run(3), &counted(), twice, 150).await;
        assert!(matches!(third, Err(Error::IntersectedEnough)));
        store.begin_intersection(&run(3), &of(100), items(100), 150).await.unwrap();
        let used = store.intersections(0..200).await.unwrap();
        assert_eq!((used[0].runs, used[0].items, used[0].aggregates), (1, 100, 2));
    }

    #[tokio::test]
    async fn the_end_of_an_intersection_is_told_once_and_only_if_something_has_left() {
        let (folder, store) = open().await;
        store.begin_intersection(&run(1), &of(60), items(200), 150).await.unwrap();
        // Nothing has left in it, and of the other there is none.
        for number in [1, 9] {
            let refused = ended(&store, number, b"nothing").await;
            assert!(matches!(refused, Err(Error::IntersectionOver)));
        }
        assert_eq!(store.head(Log::Audit).await.unwrap().size, 0);
        released(&store, 1).await;
        assert_eq!(ended(&store, 1, b"aligned").await.unwrap(), 1);
        let head = store.head(Log::Audit).await.unwrap();
        let again = ended(&store, 1, b"not completed").await;
        assert!(matches!(again, Err(Error::IntersectionOver)));
        assert_eq!(store.head(Log::Audit).await.unwrap(), head);
        // The process ends before the run's own end is kept: the next has nothing to add.
        store.close().await;
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        assert!(store.interrupted_intersections().await.unwrap().is_empty());
        assert!(matches!(ended(&store, 1, b"more").await, Err(Error::IntersectionOver)));
        let records = store.records(Log::Audit, 0, 9).await.unwrap();
        let told: Vec<_> = records.iter().map(|record| record.bytes.as_slice()).collect();
        assert_eq!(told, [&b"record"[..], b"aligned"]);
        // The log goes on, and the run counts for good.
        failed(&store, 1).await;
        assert!(!store.may_intersect(&of(60), items(100)).await.unwrap());
        store.begin_intersection(&run(2), &of(60), items(200), 160).await.unwrap();
        released(&store, 2).await;
        assert_eq!(store.interrupted_intersections().await.unwrap(), [run(2).id]);
        assert_eq!(ended(&store, 2, b"not completed").await.unwrap(), 3);
        assert!(store.interrupted_intersections().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_end_that_could_not_be_written_is_told_at_the_next_start_and_once() {
        let (folder, store) = open().await;
        store.begin_intersection(&run(1), &of(60), items(100), 150).await.unwrap();
        released(&store, 1).await;
        // No end of it is in the log, and the run is over all the same.
        failed(&store, 1).await;
        for told in [true, false] {
            let store = Store::open(&folder.path().join("party.db")).await.unwrap();
            let left = store.interrupted_intersections().await.unwrap();
            assert_eq!(left, if told { vec![run(1).id] } else { Vec::new() });
            assert_eq!(ended(&store, 1, b"not completed").await.is_ok(), told);
            assert_eq!(store.head(Log::Audit).await.unwrap().size, 2);
            store.close().await;
        }
    }

    #[tokio::test]
    async fn of_two_ends_that_are_told_at_once_one_is_written() {
        let (_folder, store) = open().await;
        for number in 1..=8 {
            store.begin_intersection(&run(number), &of(1), items(100), 150).await.unwrap();
            released(&store, number).await;
            let before = store.head(Log::Audit).await.unwrap().size;
            let told = tokio::join!(
                ended(&store, number, b"aligned"),
                ended(&store, number, b"not completed"),
            );
            let written = [told.0, told.1].map(|told| match told {
                Ok(_) => true,
                Err(Error::IntersectionOver) => false,
                Err(other) => panic!("{other}"),
            });
            assert!(written == [true, false] || written == [false, true], "{written:?}");
            assert_eq!(store.head(Log::Audit).await.unwrap().size, before + 1);
        }
    }
}
