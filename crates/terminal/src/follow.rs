//! Follows a run to its end.

use control::Replies;
use control::messages::{Run, RunEvent, run_event};
use tokio::select;

use crate::Failure;
use crate::Interrupt;
use crate::Voice;
use crate::painter::Painter;
use crate::phrases;

/// Shows a run's progress until it is done, and returns its record.
///
/// # Errors
///
/// Why the run failed, and where its record is.
pub async fn follow(voice: Voice, events: Replies<RunEvent>) -> Result<Run, Failure> {
    Follower::new(voice).follow(events).await
}

/// As [`follow`]; at Ctrl-C it leaves, says where the run goes on, and lets it.
///
/// # Errors
///
/// As [`follow`], and when interrupted.
pub async fn follow_or_leave(voice: Voice, events: Replies<RunEvent>) -> Result<Run, Failure> {
    let mut interrupt = Interrupt::watch()?;
    let mut follower = Follower::new(voice);
    let outcome = select! {
        outcome = follower.follow(events) => Some(outcome),
        () = interrupt.came() => None,
    };
    outcome.unwrap_or_else(|| {
        let advice = match &follower.run {
            Some(id) => phrases::run_goes_on(short(id)),
            None => phrases::run_may_go_on(),
        };
        Err(Failure::interrupted().advise(advice))
    })
}

/// As many digits of a run's number as tell it from others.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

struct Follower {
    voice: Voice,
    painter: Painter,
    /// The run's number, once it is known.
    run: Option<String>,
}

impl Follower {
    fn new(voice: Voice) -> Self {
        Self { voice, painter: Painter::new(voice), run: None }
    }

    async fn follow(&mut self, mut events: Replies<RunEvent>) -> Result<Run, Failure> {
        loop {
            let event = events.next().await.map_err(|error| self.with_record(error.into()))?;
            let Some(event) = event else {
                return Err(self.with_record(Failure::new("LINE_LOST", phrases::ended_early())));
            };
            match event.kind {
                Some(run_event::Kind::Started(run)) => self.begin(run.id),
                Some(run_event::Kind::Progress(progress)) => {
                    if self.run.is_none() && !progress.run.is_empty() {
                        self.begin(progress.run.clone());
                    }
                    self.painter.show(&progress);
                }
                Some(run_event::Kind::Finished(run)) => return Ok(run),
                Some(run_event::Kind::Failed(trouble)) => {
                    return Err(self.with_record(Failure::from_party(trouble)));
                }
                // An event of a later version.
                None => {}
            }
        }
    }

    fn begin(&mut self, id: String) {
        self.voice.note(&phrases::run_started(short(&id)));
        self.run = Some(id);
    }

    fn with_record(&self, failure: Failure) -> Failure {
        match &self.run {
            Some(id) => failure.advise(phrases::run_kept(short(id))),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_number_is_shown_by_its_start() {
        assert_eq!(short("00016162636465666768696a6b6cfeff"), "000161626364");
        assert_eq!(short("00"), "00");
    }
}
