//! A running party, operated over its calls.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use control::messages::StatusReply;
use control::{Address, Client};
use tokio::time::sleep;

use crate::{Error, Party, Process};

/// What the process says goes here, inside the party's directory.
const LOG: &str = "party.log";

/// How long a party may take to answer after its start: it reads its registers first.
const START: Duration = Duration::from_secs(60);

/// How long a party may take to stop.
const STOP: Duration = Duration::from_secs(10);

const POLL: Duration = Duration::from_millis(10);

/// A running party, `tacit --dir DIR party run`, with its line for the operator's calls.
///
/// Dropping it kills the process. Should we be killed ourselves, the process sees the end of its
/// standard input (`--leash`) and stops.
#[derive(Debug)]
pub struct PartyProcess {
    process: Process,
    dir: PathBuf,
    control: Client,
}

impl PartyProcess {
    /// Starts a party, and waits until it answers.
    ///
    /// # Errors
    ///
    /// With the end of its log when it died or did not answer in a minute.
    pub async fn start(party: &mut Party) -> Result<Self, Error> {
        party.release_port();
        let dir = party.dir.clone();
        let mut process = spawn(party)?;
        let started = Instant::now();
        loop {
            if let Some(control) = answer(&dir, process.child.id()).await {
                return Ok(Self { process, dir, control });
            }
            if let Some(status) = process.ended().map_err(Error::NoProgram)? {
                return Err(Error::Died { dir, status, tail: process.last_words() });
            }
            if started.elapsed() > START {
                let (seconds, tail) = (START.as_secs(), process.last_words());
                return Err(Error::Silent { dir, seconds, tail });
            }
            sleep(POLL).await;
        }
    }

    /// The line for the operator's calls.
    #[must_use]
    pub fn control(&self) -> &Client {
        &self.control
    }

    /// The party's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the party is, and what it has used so far.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn status(&self) -> Result<StatusReply, Error> {
        Ok(self.control.status().await?)
    }

    async fn ask_to_stop(&self) {
        if self.control.stop().await.is_err() {
            self.process.ask_to_end();
        }
    }

    async fn stopped(mut self) -> Result<(), Error> {
        let asked = Instant::now();
        loop {
            match self.process.ended().map_err(Error::NoProgram)? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(Error::Died {
                        dir: self.dir,
                        status,
                        tail: self.process.last_words(),
                    });
                }
                None if asked.elapsed() > STOP => {
                    return Err(Error::Stuck { dir: self.dir, seconds: STOP.as_secs() });
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
pub async fn stop(parties: Vec<PartyProcess>) -> Result<(), Error> {
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

fn spawn(party: &Party) -> Result<Process, Error> {
    let path = party.dir.join(LOG);
    let mut log = File::options();
    // Its end is read again where the party dies.
    let log = log.read(true).write(true).create(true).truncate(true).open(&path);
    let log = log.map_err(|error| Error::file(&path, error))?;
    let mut command = party.program.command();
    command.arg("--dir").arg(&party.dir).args(["party", "run", "--leash"]);
    // Ctrl-C is for us: we stop our parties in order.
    command.process_group(0);
    Process::start(&mut command, None, log)
        .map_err(|error| Error::file(party.program.path(), error))
}

/// The line to this very process; `None` while it does not answer, or another does.
async fn answer(dir: &Path, pid: u32) -> Option<Client> {
    let control = Client::open(&Address::of(dir)).await.ok()?;
    let status = control.status().await.ok()?;
    (status.pid == pid).then_some(control)
}
