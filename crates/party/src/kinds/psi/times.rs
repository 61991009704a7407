//! What the time of an intersection went to on this side, from the file to the file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::psi::{Error, Learned, Profile, Stage};
use session::{Chunk, Role, Session, Turn};

/// What this party does itself: rows read and identifiers checked.
pub(super) const READ: &str = "read";
/// The result written.
pub(super) const WRITE: &str = "write";
/// Neither of this side's work: the line, and the peer's work.
pub(super) const WAIT: &str = "wait";
/// Whatever else the session does, and what lies between its turns.
const REST: &str = "rest";

/// One side's time by stages, all of it: each stretch goes to the stage that is named at its end.
pub(super) struct Times(Mutex<State>);

struct State {
    since: Instant,
    spent: BTreeMap<&'static str, Duration>,
}

impl Times {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { since: Instant::now(), spent: BTreeMap::new() })))
    }

    /// Counts the time since it was called last as that of `stage`.
    pub(super) fn mark(&self, stage: &'static str) {
        let mut state = self.locked();
        let now = Instant::now();
        let took = now - std::mem::replace(&mut state.since, now);
        *state.spent.entry(stage).or_default() += took;
    }

    /// Seconds by stage.
    pub(super) fn seconds(&self) -> BTreeMap<&'static str, f64> {
        let state = self.locked();
        state.spent.iter().map(|(stage, spent)| (*stage, spent.as_secs_f64())).collect()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Profile for Times {
    fn spent(&self, stage: Stage) {
        self.mark(match stage {
            Stage::Hash => "hash",
            Stage::Curve => "curve",
            Stage::Ot => "ot",
            Stage::Lpn => "lpn",
            Stage::Okvs => "okvs",
            Stage::Compare => "compare",
        });
    }
}

/// A session whose turns are told from the time between them.
pub(super) struct Timed<S> {
    session: S,
    times: Arc<Times>,
}

impl<S> Timed<S> {
    pub(super) fn new(session: S, times: Arc<Times>) -> Self {
        times.mark(REST);
        Self { session, times }
    }
}

impl<S: Session<Output = Learned, Error = Error>> Session for Timed<S> {
    type Output = Learned;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Learned>, Error> {
        self.times.mark(WAIT);
        let turn = self.session.advance();
        self.times.mark(REST);
        turn
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        self.times.mark(WAIT);
        let taken = self.session.receive(from, chunk);
        self.times.mark(REST);
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use ::psi::{Profile, Stage};

    use super::{READ, Times};

    #[test]
    fn each_stretch_goes_to_the_stage_that_is_named_at_its_end_and_all_of_it_to_some() {
        let began = Instant::now();
        let times = Times::start();
        let stretch = Duration::from_millis(20);
        sleep(stretch);
        times.mark(READ);
        times.spent(Stage::Ot);
        sleep(stretch);
        times.spent(Stage::Lpn);
        sleep(stretch);
        times.mark(READ);
        let all = began.elapsed().as_secs_f64();
        let seconds = times.seconds();
        let stretch = stretch.as_secs_f64();
        assert!(seconds["read"] >= 2.0 * stretch && seconds["lpn"] >= stretch, "{seconds:?}");
        assert!(seconds["ot"] < seconds["lpn"], "{seconds:?}");
        let sum: f64 = seconds.values().sum();
        assert!(sum >= 3.0 * stretch && sum <= all, "{sum} of {all}");
    }
}
