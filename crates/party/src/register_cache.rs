//! Registers in memory: a file is read once, whoever asks about it and however often.
//!
//! A register is kept with the columns that were asked about so far. One more column is read together
//! with these, where that loses no row: a row that cannot be used by one column must not be missing
//! from the answers about another. Where it does, the columns are kept apart.
//!
//! The runs keep only what they derive from a [`Loaded`]: tables of points, bins, sets of items. Two
//! that have the same [`Loaded::batch`] have the same rows.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use domain::{Digest, Subject, Value};
use registers::{ColumnKind, ColumnSpec, LoadReport, Table};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

use crate::Trouble;
use crate::config::Register;
use crate::data::{Source, unreadable};

/// How many sets of columns of one register are kept apart at most.
const APART: usize = 8;

/// This party's registers, as far as they were asked about.
pub(crate) struct RegisterCache {
    kept: Mutex<HashMap<String, Kept>>,
    readers: Readers,
    commit: Arc<Commit>,
}

/// Commits to a register's content under this party's own key: registers are raw detail, and a bare
/// hash of one would tell when two are the same.
type Commit = dyn Fn(&Digest) -> Digest + Send + Sync;

/// What is in memory of a register.
#[derive(Default)]
struct Kept {
    /// With every column that costs no row.
    whole: Option<Arc<Loaded>>,
    /// Columns by which rows cannot be used, each with those that it was asked about with.
    apart: VecDeque<Arc<Loaded>>,
}

/// Columns of a register as its file was at one time.
pub(crate) struct Loaded {
    table: Table,
    report: LoadReport,
    columns: Vec<ColumnSpec>,
    batch: Digest,
    stamp: Stamp,
}

/// Tells whether a file has changed.
type Stamp = Option<(u64, SystemTime)>;

impl RegisterCache {
    pub(crate) fn new(commit: impl Fn(&Digest) -> Digest + Send + Sync + 'static) -> Self {
        Self { kept: Mutex::default(), readers: Readers::default(), commit: Arc::new(commit) }
    }

    /// A register with these columns at least, read again when its file has changed.
    ///
    /// # Errors
    ///
    /// `DATA` with what is wrong with the file: for this party's own operator, and nobody else.
    pub(crate) async fn loaded(
        &self,
        register: &Register,
        columns: &[ColumnSpec],
    ) -> Result<Arc<Loaded>, Trouble> {
        if let Some(loaded) = self.find(register, stamp(&register.file), columns) {
            return Ok(loaded);
        }
        let _alone = self.readers.alone(&register.file).await;
        // Before it is read: what is written meanwhile makes it old again.
        let stamp = stamp(&register.file);
        if let Some(loaded) = self.find(register, stamp, columns) {
            return Ok(loaded);
        }
        let known = self.locked().get(&register.name).and_then(|kept| kept.whole.clone());
        if let Some(known) = known.filter(|known| known.stamp == stamp) {
            let together = self.read(register, stamp, known.columns.iter().chain(columns)).await?;
            let none_besides = known.columns.iter().all(|column| columns.contains(column));
            if together.is_whole() || none_besides {
                return Ok(self.keep(register, together));
            }
        }
        let loaded = self.read(register, stamp, columns.iter()).await?;
        Ok(self.keep(register, loaded))
    }

    /// [`RegisterCache::loaded`] to answer a peer. What is wrong is told to this party's own log alone.
    ///
    /// # Errors
    ///
    /// `REGISTER`, whatever is wrong.
    pub(crate) async fn answering(
        &self,
        register: &Register,
        columns: &[ColumnSpec],
    ) -> Result<Arc<Loaded>, Trouble> {
        self.loaded(register, columns).await.map_err(|trouble| {
            tracing::warn!(register = register.name, "the register cannot be read: {trouble}");
            Trouble::us(
                "REGISTER",
                "the register cannot be read now; its operator finds the reason in the log",
                "登记表目前无法读取；原因见对方日志",
            )
        })
    }

    /// What is in memory of a register whose file is as it was.
    fn find(
        &self,
        register: &Register,
        stamp: Stamp,
        columns: &[ColumnSpec],
    ) -> Option<Arc<Loaded>> {
        let kept = self.locked();
        let kept = kept.get(&register.name)?;
        let fits = |loaded: &&Arc<Loaded>| loaded.stamp == stamp && loaded.has(columns);
        kept.whole.iter().chain(&kept.apart).find(fits).cloned()
    }

    /// Reads columns off the reactor, each once.
    async fn read(
        &self,
        register: &Register,
        stamp: Stamp,
        columns: impl Iterator<Item = &ColumnSpec>,
    ) -> Result<Loaded, Trouble> {
        let mut wanted: Vec<ColumnSpec> = Vec::new();
        for column in columns {
            if !wanted.contains(column) {
                wanted.push(column.clone());
            }
        }
        let (source, name) = (Source::of(register), register.name.clone());
        let commit = Arc::clone(&self.commit);
        let read = move || {
            let loaded = Loaded::read(&source, wanted, stamp, &*commit)?;
            tracing::info!(register = name, subjects = loaded.report.distinct, "register read");
            Ok(loaded)
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|error| Trouble::from_error("OURS", &error))?
    }

    /// Keeps what was read in place of all that is older or has less.
    fn keep(&self, register: &Register, loaded: Loaded) -> Arc<Loaded> {
        let loaded = Arc::new(loaded);
        let mut kept = self.locked();
        let kept = kept.entry(register.name.clone()).or_default();
        kept.whole.take_if(|known| known.stamp != loaded.stamp);
        kept.apart.retain(|known| known.stamp == loaded.stamp);
        if loaded.is_whole() {
            kept.whole = Some(Arc::clone(&loaded));
        } else {
            if kept.apart.len() == APART {
                kept.apart.pop_front();
            }
            kept.apart.push_back(Arc::clone(&loaded));
        }
        loaded
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loaded {
    /// Reads columns of a file, and commits to its whole content in the same reading.
    fn read(
        source: &Source,
        columns: Vec<ColumnSpec>,
        stamp: Stamp,
        commit: &Commit,
    ) -> Result<Self, Trouble> {
        let Source { file, key, on_bad } = source;
        let mut hasher = Sha256::new();
        let take = |piece: &[u8]| hasher.update(piece);
        let read = Table::read_with_content(file, key, &columns, *on_bad, take);
        let (table, report) = read.map_err(|error| unreadable(&error))?;
        let batch = commit(&Digest::from_bytes(hasher.finalize().into()));
        Ok(Self { table, report, columns, batch, stamp })
    }

    /// Whether no row is left out for what is in these columns: fewer of them give the same rows.
    fn is_whole(&self) -> bool {
        self.report.bad.by_columns() == 0
    }

    fn has(&self, columns: &[ColumnSpec]) -> bool {
        columns.iter().all(|column| self.columns.contains(column))
    }

    /// Names the register's content, so that two answers can be told to come from the same rows
    /// without showing any.
    pub(crate) fn batch(&self) -> Digest {
        self.batch
    }

    /// What was found in the file.
    pub(crate) fn report(&self) -> &LoadReport {
        &self.report
    }

    /// Everybody in the register, a row each.
    pub(crate) fn subjects(&self) -> &[Subject] {
        self.table.subjects()
    }

    /// The row of a subject; nothing of one that the register does not have.
    pub(crate) fn row(&self, subject: &Subject) -> Option<usize> {
        self.table.row(subject)
    }

    /// What a row has in a column, read as `kind`.
    pub(crate) fn value(&self, row: usize, column: &str, kind: ColumnKind) -> Option<Value> {
        self.table.value_as(row, column, kind)
    }
}

/// Lets one read a file at a time: whoever comes meanwhile waits, and finds it read.
#[derive(Default)]
struct Readers(Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>);

impl Readers {
    /// Waits until nobody else reads this file.
    async fn alone(&self, file: &Path) -> OwnedMutexGuard<()> {
        let door = {
            let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(doors.entry(file.to_owned()).or_default())
        };
        door.lock_owned().await
    }
}

/// A file as it is now.
fn stamp(file: &Path) -> Stamp {
    let facts = fs::metadata(file).ok()?;
    Some((facts.len(), facts.modified().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{CheckMode, SubjectKind};
    use tempfile::TempDir;
    use tokio::time::timeout;

    use super::*;

    fn register(text: &str, skip_bad: bool) -> (TempDir, Register) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sample.csv");
        fs::write(&file, text).unwrap();
        let register = format!(
            "name = 'sample'\nfile = '{}'\ncolumn = 'id'\nkind = 'opaque'\nskip_bad = {skip_bad}",
            file.display()
        );
        (folder, toml::from_str(&register).unwrap())
    }

    fn cache() -> RegisterCache {
        RegisterCache::new(|content| *content)
    }

    fn column(name: &str, kind: ColumnKind) -> ColumnSpec {
        ColumnSpec { name: name.into(), kind, missing: Vec::new() }
    }

    fn subject(text: &str) -> Subject {
        Subject::parse(SubjectKind::Opaque, text, CheckMode::Report).unwrap().value
    }

    #[tokio::test]
    async fn a_register_is_read_once_until_its_file_changes() {
        let (_folder, register) = register("id\na\nb\n", false);
        let cache = cache();
        let (one, other) =
            tokio::join!(cache.loaded(&register, &[]), cache.answering(&register, &[]));
        let one = one.unwrap();
        assert!(Arc::ptr_eq(&one, &other.unwrap()));
        assert_eq!((one.subjects().len(), one.report().distinct), (2, 2));
        fs::write(&register.file, "id\na\nb\nc\n").unwrap();
        let changed = cache.loaded(&register, &[]).await.unwrap();
        assert_eq!(changed.subjects().len(), 3);
        assert_ne!(changed.batch(), one.batch());
        fs::write(&register.file, "code\na\n").unwrap();
        assert_eq!(cache.loaded(&register, &[]).await.err().unwrap().code, "DATA");
        let told = cache.answering(&register, &[]).await.err().unwrap();
        assert_eq!(told.code, "REGISTER", "what failed is not kept, nor told to a peer");
        assert!(!told.en.contains("code"));
    }

    #[tokio::test]
    async fn columns_of_all_who_ask_are_in_one_table_each_as_it_was_asked_for() {
        let (_folder, register) = register("id,x,y\na,1,one\nb,2,two\n", false);
        let cache = cache();
        let (number, text) = (column("x", ColumnKind::Number), column("x", ColumnKind::Text));
        let bare = cache.loaded(&register, &[]).await.unwrap();
        let numbers = cache.loaded(&register, std::slice::from_ref(&number)).await.unwrap();
        let wanted = [text, column("y", ColumnKind::Text)];
        let all = cache.loaded(&register, &wanted).await.unwrap();
        assert!(Arc::ptr_eq(&all, &cache.loaded(&register, &[number]).await.unwrap()));
        assert!(Arc::ptr_eq(&all, &cache.loaded(&register, &[]).await.unwrap()));
        assert_eq!((bare.batch(), numbers.batch()), (all.batch(), all.batch()));
        let row = all.row(&subject("b")).unwrap();
        assert!(all.value(row, "x", ColumnKind::Number) == Some(Value::Number(2.0)));
        assert!(all.value(row, "x", ColumnKind::Text) == Some(Value::text("2")));
        assert!(all.value(row, "y", ColumnKind::Number).is_none());
    }

    #[tokio::test]
    async fn a_row_that_one_column_spoils_is_there_for_the_others_in_whatever_order_they_are_asked()
    {
        let (x, y) = (column("x", ColumnKind::Number), column("y", ColumnKind::Number));
        for order in [[&x, &y], [&y, &x]] {
            let (_folder, register) = register("id,x,y\na,1,bad\nb,2,3\n", true);
            let cache = cache();
            for column in order.into_iter().chain(order) {
                let wanted = std::slice::from_ref(column);
                let loaded = cache.loaded(&register, wanted).await.unwrap();
                assert_eq!(loaded.subjects().len(), if *column == x { 2 } else { 1 });
            }
            let both = cache.loaded(&register, &[x.clone(), y.clone()]).await.unwrap();
            assert_eq!(both.subjects().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_column_that_cannot_be_read_spoils_no_other() {
        let (_folder, register) = register("id,x,y\na,1,bad\nb,2,3\n", false);
        let cache = cache();
        let x = [column("x", ColumnKind::Number)];
        let before = cache.loaded(&register, &x).await.unwrap();
        for name in ["y", "z"] {
            assert!(cache.loaded(&register, &[column(name, ColumnKind::Number)]).await.is_err());
        }
        assert!(Arc::ptr_eq(&before, &cache.loaded(&register, &x).await.unwrap()));
    }

    #[tokio::test]
    async fn no_more_sets_of_columns_are_kept_apart_than_there_is_room_for() {
        let columns: Vec<String> = (0..APART + 2).map(|at| format!("c{at}")).collect();
        let row = vec!["bad"; columns.len()].join(",");
        let text = format!("id,{}\na,{row}\nb,{row}\n", columns.join(","));
        let (_folder, register) = register(&text, true);
        let cache = cache();
        for name in &columns {
            let wanted = [column(name, ColumnKind::Number)];
            assert_eq!(cache.loaded(&register, &wanted).await.unwrap().subjects().len(), 0);
        }
        assert_eq!(cache.locked()["sample"].apart.len(), APART);
    }

    #[tokio::test]
    async fn a_file_is_read_by_one_at_a_time_and_another_file_meanwhile() {
        let readers = Readers::default();
        let (one, other) = (Path::new("one.csv"), Path::new("other.csv"));
        let first = readers.alone(one).await;
        let soon = Duration::from_millis(20);
        assert!(timeout(soon, readers.alone(one)).await.is_err());
        assert!(timeout(soon, readers.alone(other)).await.is_ok());
        drop(first);
        assert!(timeout(soon, readers.alone(one)).await.is_ok());
    }
}
