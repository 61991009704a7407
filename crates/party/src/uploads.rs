//! Files that callers bring along, where they share none with the party: kept for one request, within
//! a bound, and for nobody else.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::TokenName;
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::caller::Caller;
use crate::request::path_of;
use crate::{Trouble, setup};

/// Where they lie inside the party's directory.
const FOLDER: &str = "uploads";
/// What a handle begins with, so that it is no path.
const PREFIX: &str = "upload:";
/// How long one waits to be named in a request.
const WAITS: Duration = Duration::from_secs(60 * 60);
/// How many of one caller wait at once.
const MOST_OF_ONE: usize = 16;

/// The files that wait to be named in a request.
pub(crate) struct Uploads {
    folder: PathBuf,
    room: Arc<Room>,
    waiting: Mutex<HashMap<String, Waiting>>,
}

/// The bytes of all files together.
struct Room {
    most: u64,
    taken: Mutex<u64>,
}

struct Waiting {
    upload: Upload,
    owner: Option<TokenName>,
    since: Instant,
}

/// A file that a caller has brought along; removed when it goes.
pub(crate) struct Upload {
    path: PathBuf,
    bytes: u64,
    room: Arc<Room>,
}

/// A file on its way here; nothing is left of it unless it is kept.
pub(crate) struct Incoming {
    upload: Upload,
    file: File,
    hasher: Sha256,
}

/// A file that a request names: by its path on this machine, or as it was brought along.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "PathBuf", into = "PathBuf")]
pub(crate) struct Input {
    path: PathBuf,
    /// There for as long as the request is worked on.
    _upload: Option<Arc<Upload>>,
}

impl Uploads {
    /// An empty folder in the party's own: what an earlier process has left in it is removed.
    pub(crate) fn new(dir: &Path, most: u64) -> Result<Self, Trouble> {
        let folder = dir.join(FOLDER);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Trouble::file(&folder, &error));
            }
            Ok(()) | Err(_) => {}
        }
        let room = Arc::new(Room { most, taken: Mutex::new(0) });
        Ok(Self { folder, room, waiting: Mutex::default() })
    }

    /// Begins to take a file in.
    pub(crate) fn begin(&self) -> Result<Incoming, Trouble> {
        let mut number = [0; 16];
        setup::chacha()?.fill_bytes(&mut number);
        let path = self.folder.join(hex::encode(number));
        let create = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)
        };
        let file = create().map_err(|error| Trouble::file(&path, &error))?;
        let upload = Upload { path, bytes: 0, room: Arc::clone(&self.room) };
        Ok(Incoming { upload, file, hasher: Sha256::new() })
    }

    /// Keeps a file until its caller names it. Returns its handle, its size and its hash.
    pub(crate) fn keep(
        &self,
        incoming: Incoming,
    ) -> Result<(String, u64, domain::Digest), Trouble> {
        let Incoming { upload, file, hasher } = incoming;
        drop(file);
        let owner = Caller::present_token();
        let mut waiting = self.swept();
        if waiting.values().filter(|other| other.owner == owner).count() >= MOST_OF_ONE {
            return Err(Trouble::us(
                "TOO_MANY",
                format!("{MOST_OF_ONE} files that you have brought wait to be named in a request"),
                format!("您上传的文件中已有 {MOST_OF_ONE} 个尚未被请求使用"),
            ));
        }
        let name = upload.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = upload.bytes;
        waiting.insert(name.clone(), Waiting { upload, owner, since: Instant::now() });
        let digest = domain::Digest::from_bytes(hasher.finalize().into());
        Ok((format!("{PREFIX}{name}"), bytes, digest))
    }

    /// The file that a request names: a handle of its caller's, which is used up; or a path, of those
    /// who may open the party's own files.
    pub(crate) fn input(&self, named: String) -> Result<Input, Trouble> {
        let Some(name) = named.strip_prefix(PREFIX) else {
            return Ok(path_of(named)?.unwrap_or_default().into());
        };
        let owner = Caller::present_token();
        let mut waiting = self.swept();
        match waiting.remove(name) {
            Some(found) if found.owner == owner => {
                let path = found.upload.path.clone();
                Ok(Input { path, _upload: Some(Arc::new(found.upload)) })
            }
            other => {
                // Another caller's stays, and is not told of.
                waiting.extend(other.map(|other| (name.to_owned(), other)));
                Err(gone())
            }
        }
    }

    /// Whether a file was brought along for an earlier request, and is not here any more.
    pub(crate) fn is_gone(&self, input: &Input) -> bool {
        input.path.starts_with(&self.folder) && !input.path.exists()
    }

    /// The files that wait, without those that have waited too long.
    fn swept(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, waiting| waiting.since.elapsed() < WAITS);
        waiting
    }

    /// Removes what has waited too long, for as long as the party runs.
    pub(crate) async fn sweep(&self) {
        loop {
            tokio::time::sleep(WAITS / 60).await;
            drop(self.swept());
        }
    }
}

impl Incoming {
    /// Takes the next bytes, as far as there is room.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let more = bytes.len() as u64;
        {
            let mut taken = self.upload.room.locked();
            if self.upload.room.most.saturating_sub(*taken) < more {
                return Err(full(self.upload.room.most));
            }
            *taken += more;
            self.upload.bytes += more;
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|error| Trouble::file(&self.upload.path, &error))
    }
}

impl Room {
    fn locked(&self) -> MutexGuard<'_, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("{} cannot be removed: {error}", self.path.display());
        }
        let mut taken = self.room.locked();
        *taken = taken.saturating_sub(self.bytes);
    }
}

impl Input {
    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self { path, _upload: None }
    }
}

impl From<Input> for PathBuf {
    fn from(input: Input) -> Self {
        input.path
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

/// What was brought along for a request, and is not here any more.
pub(crate) fn gone() -> Trouble {
    Trouble::us(
        "UPLOAD",
        "no file that you have brought has this handle: it is used up by one request, or after an hour. Bring it again.",
        "没有您上传的文件具有此句柄：句柄用于一次请求后或一小时后失效。请重新上传。",
    )
}

fn full(most: u64) -> Trouble {
    let mebibytes = most >> 20;
    Trouble::us(
        "UPLOADS_FULL",
        format!(
            "this party keeps {mebibytes} MiB of files that callers bring ([control] uploads_mib): wait, or bring a smaller one"
        ),
        format!(
            "本参与方最多保存 {mebibytes} MiB 上传文件（[control] uploads_mib）：请稍候，或上传较小的文件"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Socket;

    fn brought(uploads: &Uploads, bytes: &[u8]) -> Result<String, Trouble> {
        let mut incoming = uploads.begin()?;
        incoming.take(bytes)?;
        uploads.keep(incoming).map(|(handle, ..)| handle)
    }

    async fn by<T>(token: &str, socket: Socket, work: impl FnOnce() -> T) -> T {
        let token = Some(token.parse().unwrap());
        Caller { token, socket }.does(async { work() }).await
    }

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir.join(FOLDER)).into_iter().flatten().count()
    }

    #[tokio::test]
    async fn a_file_is_its_callers_alone_for_one_request_and_removed_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(dir.path(), 1 << 20).unwrap();
        let handle = by("li", Socket::Shared, || brought(&uploads, b"id\nf1\n").unwrap()).await;
        let code = |named: &str| uploads.input(named.into()).err().map(|trouble| trouble.code);
        let wang = by("wang", Socket::Shared, || code(&handle)).await;
        assert_eq!((wang, code(&handle)), (Some("UPLOAD"), Some("UPLOAD")));
        let input = by("li", Socket::Shared, || uploads.input(handle.clone()).unwrap()).await;
        assert_eq!(fs::read(input.path()).unwrap(), b"id\nf1\n");
        assert_eq!(by("li", Socket::Shared, || code(&handle)).await, Some("UPLOAD"), "used up");
        let again: Input = serde_json::from_str(&serde_json::to_string(&input).unwrap()).unwrap();
        assert!(!uploads.is_gone(&again));
        drop(input);
        assert!(uploads.is_gone(&again) && files(dir.path()) == 0);
        assert_eq!(*uploads.room.locked(), 0);
    }

    #[tokio::test]
    async fn a_path_is_taken_from_those_alone_who_may_open_the_partys_own_socket() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(dir.path(), 1 << 20).unwrap();
        let code = || uploads.input("/etc/passwd".into()).err().map(|trouble| trouble.code);
        assert_eq!(by("li", Socket::Own, code).await, None);
        assert_eq!(by("li", Socket::Shared, code).await, Some("PATH"));
        assert_eq!(code(), Some("PATH"), "nobody has asked");
        let empty = by("li", Socket::Shared, || uploads.input(String::new())).await.unwrap();
        assert_eq!(empty.path(), Path::new(""));
    }

    #[test]
    fn what_is_too_much_or_breaks_off_leaves_nothing_and_takes_no_room() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(dir.path(), 100).unwrap();
        let mut first = uploads.begin().unwrap();
        first.take(&[1; 60]).unwrap();
        assert_eq!(brought(&uploads, &[2; 60]).unwrap_err().code, "UPLOADS_FULL");
        drop(first);
        assert_eq!((*uploads.room.locked(), files(dir.path())), (0, 0));
        brought(&uploads, &[2; 100]).unwrap();
        assert_eq!(brought(&uploads, &[3]).unwrap_err().code, "UPLOADS_FULL");
        // Another process finds what this one has left, and removes it.
        assert_eq!(files(dir.path()), 1);
        Uploads::new(dir.path(), 100).unwrap();
        assert_eq!(files(dir.path()), 0);
    }

    #[test]
    fn one_caller_does_not_take_all_places() {
        let dir = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(dir.path(), 100).unwrap();
        for _ in 0..MOST_OF_ONE {
            brought(&uploads, b"x").unwrap();
        }
        assert_eq!(brought(&uploads, b"x").unwrap_err().code, "TOO_MANY");
        assert_eq!(files(dir.path()), MOST_OF_ONE);
    }
}
