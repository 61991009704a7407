//! What a driven run writes down: every round before its first chunk leaves.

use domain::{Refusal, RunId};
use session::Role;
use store::{Phase, RunState};

use crate::Trouble;
use crate::drive::{Journal, Moved};
use crate::kinds;
use crate::runs::Run;

/// Writes a run's rounds into its record and counts what moves.
pub(crate) struct RunJournal<'a> {
    run: &'a Run,
    /// What a round is called; nothing where somebody else says how far the run is.
    phase: Option<fn(u32) -> Phase>,
    /// The round that was recorded last.
    recorded: u32,
    /// Scores have one round a party: their record is written before they begin.
    every_round: bool,
    /// How far a batch is, its blocks say and not its bytes.
    counts_bytes: bool,
    gate: Option<Box<dyn ReleaseGate + 'a>>,
}

/// What is decided again before the first chunk of a round leaves.
#[tonic::async_trait]
pub(crate) trait ReleaseGate: Send {
    /// Refuses the round, or writes down what it releases; called once a round, before it leaves.
    async fn before_round(&mut self, run: RunId, round: u32) -> Result<(), Trouble>;
}

impl<'a> RunJournal<'a> {
    /// A journal that records every round.
    pub(crate) fn new(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        let phase = Some(phase);
        Self { run, phase, recorded: 0, every_round: true, counts_bytes: true, gate: None }
    }

    /// A journal of a run whose record says already that it is under way.
    pub(crate) fn brief(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        Self { every_round: false, ..Self::new(run, phase) }
    }

    /// A journal of a span of blocks, whose progress somebody else tells.
    pub(crate) fn blocks(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        Self { counts_bytes: false, ..Self::brief(run, phase) }
    }

    /// A journal of a run whose own program tells of its passes.
    pub(crate) fn passes(run: &'a Run) -> Self {
        Self { run, phase: None, recorded: 0, every_round: false, counts_bytes: false, gate: None }
    }

    /// The same journal, which decides again before a round.
    #[must_use]
    pub(crate) fn with_gate(self, gate: impl ReleaseGate + 'a) -> Self {
        Self { gate: Some(Box::new(gate)), ..self }
    }

    /// The run that it writes down.
    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }
}

impl Journal for RunJournal<'_> {
    /// A refusal of the common table, and what a kind of run says without a value.
    fn passes_on(&self, code: &str) -> bool {
        code.parse::<Refusal>().is_ok() || kinds::abort_code(code).is_some()
    }

    async fn before_round(&mut self, _to: Role, round: u32) -> Result<(), Trouble> {
        if round <= self.recorded {
            return Ok(());
        }
        self.recorded = round;
        if let Some(phase) = self.phase.map(|phase| phase(round)) {
            if self.every_round {
                self.run.advance(RunState::Running, phase).await?;
            } else {
                self.run.show(|progress| progress.phase = phase);
            }
        }
        match &mut self.gate {
            Some(gate) => gate.before_round(self.run.id, round).await,
            None => Ok(()),
        }
    }

    fn moved(&mut self, chunk: Moved) {
        self.run.show(|progress| match chunk {
            Moved::Sent(bytes) => {
                progress.sent += bytes as u64;
                progress.done += if self.counts_bytes { bytes as u64 } else { 0 };
            }
            Moved::Received(round, bytes) => {
                progress.received += bytes as u64;
                progress.done += if self.counts_bytes { bytes as u64 } else { 0 };
                // What we are waiting for says more than what we have sent before.
                if let Some(phase) = self.phase {
                    progress.phase = phase(round);
                }
            }
        });
    }
}
