//! One party as a process of its own.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use control::Client;
use control::messages::StatusReply;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::failure::Failure;
use crate::phrases;

/// What the process says goes here, inside the party's directory.
const LOG: &str = "party.log";

/// How much of the log an error repeats.
const TAIL: u64 = 2 << 10;

/// How long a party may take to answer after its start: it reads its registers first.
const START: Duration = Duration::from_secs(60);

/// How long a party may take to stop.
const STOP: Duration = Duration::from_secs(10);

const POLL: Duration = Duration::from_millis(10);

/// A running party, of this very executable: `tacit --dir DIR party run`.
///
/// Dropping it kills the process. Should we be killed ourselves, the process sees the end of its
/// standard input (`--leash`) and stops.
#[derive(Debug)]
pub(crate) struct PartyProcess {
    process: Leashed,
    dir: PathBuf,
    control: Client,
}

impl PartyProcess {
    /// Starts the party of a directory, and waits until it answers.
    ///
    /// # Errors
    ///
    /// With the end of its log when it died or did not answer in a minute.
    pub(crate) async fn start(dir: &Path) -> Result<Self, Failure> {
        let mut process = Leashed::spawn(dir)?;
        let started = Instant::now();
        loop {
            if let Some(control) = answer(dir, process.0.id()).await {
                return Ok(Self { process, dir: dir.into(), control });
            }
            if let Some(status) = process.ended()? {
                let what = phrases::party_died(dir.display(), status, tail(dir));
                return Err(Failure::new("PARTY_DIED", what));
            }
            if started.elapsed() > START {
                let what = phrases::party_silent(dir.display(), START.as_secs(), tail(dir));
                return Err(Failure::new("PARTY_SILENT", what));
            }
            sleep(POLL).await;
        }
    }

    /// The line for the operator's calls.
    pub(crate) fn control(&self) -> &Client {
        &self.control
    }

    /// The party's directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the party is, and what it has used so far.
    pub(crate) async fn status(&self) -> Result<StatusReply, Failure> {
        Ok(self.control.status().await?)
    }

    async fn ask_to_stop(&self) {
        if self.control.stop().await.is_err() {
            self.process.ask_to_end();
        }
    }

    async fn stopped(mut self) -> Result<(), Failure> {
        let asked = Instant::now();
        loop {
            match self.process.ended()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    let what = phrases::party_died(self.dir.display(), status, tail(&self.dir));
                    return Err(Failure::new("PARTY_DIED", what));
                }
                None if asked.elapsed() > STOP => {
                    let what = phrases::party_stuck(self.dir.display(), STOP.as_secs());
                    return Err(Failure::new("PARTY_STUCK", what));
                }
                None => sleep(POLL).await,
            }
        }
    }
}

/// Stops parties in order, as `tacit party stop` does, all at once; one that takes too long is killed.
///
/// # Errors
///
/// The first failure: a party had to be killed, or left with an error of its own.
pub(crate) async fn stop(parties: Vec<PartyProcess>) -> Result<(), Failure> {
    for party in &parties {
        party.ask_to_stop().await;
    }
    let mut outcome = Ok(());
    for party in parties {
        let stopped = party.stopped().await;
        outcome = outcome.and(stopped);
    }
    outcome
}

/// The other end of the leash, for `tacit party run --leash`: resolves when our starter is gone.
pub(crate) fn leash() -> oneshot::Receiver<()> {
    let (end, ended) = oneshot::channel();
    // A thread of its own: reading standard input cannot be given up, and must not keep the
    // runtime from ending.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = end.send(());
    });
    ended
}

/// A process that ends with us. Its standard input is the leash: we never write, only hold it.
#[derive(Debug)]
struct Leashed(Child);

impl Leashed {
    fn spawn(dir: &Path) -> Result<Self, Failure> {
        let exe =
            env::current_exe().map_err(|error| Failure::new("PROGRAM", phrases::no_exe(error)))?;
        let path = dir.join(LOG);
        let log = File::create(&path).map_err(|error| Failure::file(&path, &error))?;
        let child = Command::new(&exe)
            .arg("--dir")
            .arg(dir)
            .args(["party", "run", "--leash"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C is for us: we stop our parties in order.
            .process_group(0)
            .spawn()
            .map_err(|error| Failure::file(&exe, &error))?;
        Ok(Self(child))
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.0.try_wait().map_err(|error| Failure::new("PROGRAM", phrases::no_exe(error)))
    }

    fn ask_to_end(&self) {
        if let Ok(pid) = i32::try_from(self.0.id()) {
            // It may have ended by itself; whether it did is seen by waiting for it.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        // Both fail only where the process has ended and been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The line to this very process; `None` while it does not answer, or another does.
async fn answer(dir: &Path, pid: u32) -> Option<Client> {
    let control = Client::open(dir).await.ok()?;
    let status = control.status().await.ok()?;
    (status.pid == pid).then_some(control)
}

/// The end of what the process said.
fn tail(dir: &Path) -> String {
    read_tail(&dir.join(LOG)).unwrap_or_else(|error| error.to_string())
}

fn read_tail(path: &Path) -> io::Result<String> {
    let start = fs::metadata(path)?.len().saturating_sub(TAIL);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LOG, TAIL, tail};

    #[test]
    fn the_tail_is_the_end_of_the_log() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOG), format!("{}the end\n", "x".repeat(5_000))).unwrap();
        let tail = tail(dir.path());
        assert!(tail.ends_with("xthe end"));
        assert_eq!(tail.len() as u64, TAIL - 1);
    }
}
