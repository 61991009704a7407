//! Files that a party reads and writes for us: where it shares them with us by their paths, else brought
//! there and fetched from there.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, absolute};
use std::sync::{Arc, OnceLock};

use control::messages::{FileChunk, Run};
use control::{Address, Client};
use terminal::Failure;

use crate::phrases;

/// Bytes that are sent at a time.
const CHUNK: usize = 256 << 10;

/// A file as the party takes it: its whole path, for its working directory is not ours; over a shared
/// socket the handle that it has there, once it is brought.
pub(super) async fn given(
    party: &Address,
    control: &Client,
    path: &Path,
) -> Result<String, Failure> {
    if !party.is_shared() {
        return text(path);
    }
    let failed = |error| Failure::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    // The stream has no place for an error of ours: it ends, and the error is told afterwards.
    let broken = Arc::new(OnceLock::new());
    let note = Arc::clone(&broken);
    let chunks = std::iter::from_fn(move || {
        let mut body = Vec::with_capacity(CHUNK);
        match Read::by_ref(&mut file).take(CHUNK as u64).read_to_end(&mut body) {
            Ok(0) => None,
            Ok(_) => Some(FileChunk { body: body.into() }),
            Err(error) => {
                note.get_or_init(|| error.to_string());
                None
            }
        }
    });
    let kept = control.upload(tokio_stream::iter(chunks)).await?;
    match broken.get() {
        Some(error) => Err(Failure::new("FILE", phrases::file_trouble(path.display(), error))),
        None => Ok(kept.handle),
    }
}

/// A result's place as the party takes it; over a shared socket its own, from where it is fetched.
pub(super) fn wanted(party: &Address, result: Option<&Path>) -> Result<String, Failure> {
    result.filter(|_| !party.is_shared()).map_or(Ok(String::new()), text)
}

/// Fetches the result of a run to where it is wanted, where the party could not write there itself.
pub(super) async fn fetched(
    party: &Address,
    control: &Client,
    mut run: Run,
    result: Option<&Path>,
) -> Result<Run, Failure> {
    if let Some(result) = result.filter(|_| party.is_shared() && !run.result.is_empty()) {
        fetch(control, &run.id, result).await?;
        run.result = result.display().to_string();
    }
    Ok(run)
}

/// Fetches the result of a run, whole or not at all; a file that is there is not touched before.
pub(super) async fn fetch(control: &Client, run: &str, out: &Path) -> Result<u64, Failure> {
    let failed = |error| Failure::file(out, &error);
    let mut chunks = control.result(run.into()).await?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let file = file.as_mut().map_err(|error| Failure::file(out, error))?;
    let mut bytes = 0;
    while let Some(FileChunk { body }) = chunks.next().await? {
        file.write_all(&body).map_err(failed)?;
        bytes += body.len() as u64;
    }
    file.as_file().sync_all().map_err(failed)?;
    fs::rename(file.path(), out).map_err(failed)?;
    Ok(bytes)
}

/// A path as the party takes it: its working directory is not ours.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let whole = absolute(path).map_err(|error| Failure::file(path, &error))?;
    whole.into_os_string().into_string().map_err(|path| {
        let path = Path::new(&path).display().to_string();
        Failure::new("FILE", phrases::path_not_unicode(path))
    })
}
