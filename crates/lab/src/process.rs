//! A process that ends with us, and what it has said.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// How long a test waits: longer than anything takes on a loaded machine with two cores.
pub const PATIENCE: Duration = Duration::from_secs(90);

const POLL: Duration = Duration::from_millis(5);

/// How much of its last words an error repeats.
const TAIL: u64 = 2 << 10;

/// A process that is killed when it is dropped. Its standard input is its leash: a party that was
/// started with `--leash` ends when we are gone, whatever took us away.
#[derive(Debug)]
pub struct Process {
    /// The process itself.
    pub child: Child,
    out: Option<File>,
    err: File,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// How it ended.
    pub status: ExitStatus,
    /// Its results.
    pub out: String,
    /// Everything else.
    pub err: String,
}

impl Process {
    /// Starts a command whose results go into `out`, where they are wanted, and all else into `err`.
    ///
    /// # Errors
    ///
    /// When the system does not start it.
    pub fn start(command: &mut Command, out: Option<File>, err: File) -> io::Result<Self> {
        let results = match &out {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        };
        let child = command.stdin(Stdio::piped()).stdout(results).stderr(err.try_clone()?);
        Ok(Self { child: child.spawn()?, out, err })
    }

    /// How it ended, once it has.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it to end, by SIGTERM.
    pub fn ask_to_end(&self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            // It may have ended by itself; whether it did is seen by waiting for it.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }

    /// Waits for the end.
    ///
    /// # Panics
    ///
    /// When it takes too long.
    pub fn end(mut self) -> Said {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended().expect("a child can be waited for") {
                return Said { status, out: self.said(), err: self.complained() };
            }
            assert!(began.elapsed() < PATIENCE, "it hangs: {}", self.complained());
            thread::sleep(POLL);
        }
    }

    /// Its results so far.
    #[must_use]
    pub fn said(&self) -> String {
        self.out.as_ref().map_or_else(String::new, |file| written(file, u64::MAX))
    }

    /// All else that it has written so far.
    #[must_use]
    pub fn complained(&self) -> String {
        written(&self.err, u64::MAX)
    }

    /// The end of what it has written beside its results.
    pub(crate) fn last_words(&self) -> String {
        last_words(&self.err)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where it has ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    /// It succeeded.
    ///
    /// # Panics
    ///
    /// When it did not.
    pub fn done(self) -> Self {
        assert!(self.status.success(), "{}: {}{}", self.status, self.out, self.err);
        self
    }

    /// What it said, as one JSON object a line.
    ///
    /// # Panics
    ///
    /// When a line is none.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).expect("one JSON object a line");
        self.out.lines().map(line).collect()
    }

    /// What it said, as one JSON object.
    ///
    /// # Panics
    ///
    /// When a line is none.
    #[must_use]
    pub fn json(&self) -> Value {
        self.lines().pop().unwrap_or_default()
    }
}

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// When there is none after [`PATIENCE`].
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited too long until {what}");
        thread::sleep(POLL);
    }
}

fn last_words(file: &File) -> String {
    written(file, TAIL).trim().into()
}

/// What a child has written so far, at most so many bytes of its end. The child writes through the
/// same open file, so its position is left where it is.
fn written(file: &File, most: u64) -> String {
    let read = || {
        let length = file.metadata()?.len();
        let start = length.saturating_sub(most);
        let mut bytes = vec![0; usize::try_from(length - start).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, start)?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{TAIL, last_words};

    #[test]
    fn the_last_words_are_the_end_of_the_log() {
        let mut log = tempfile::tempfile().unwrap();
        writeln!(log, "{}the end", "x".repeat(5_000)).unwrap();
        let tail = last_words(&log);
        assert!(tail.ends_with("xthe end"));
        assert_eq!(tail.len() as u64, TAIL - 1);
    }
}
