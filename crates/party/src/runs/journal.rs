//! What a driven run writes down: every round before its first chunk leaves.

use session::Role;
use store::{Phase, RunState};

use crate::Trouble;
use crate::drive::{Journal, Moved};
use crate::governance::alignment::Alignment;
use crate::node::Node;
use crate::runs::verify::Unreleased;
use crate::runs::{Run, matching};

/// Writes a run's rounds into its record and counts what moves.
pub(crate) struct RunJournal<'a> {
    run: &'a Run,
    phase: fn(u32) -> Phase,
    /// The round that was recorded last.
    recorded: u32,
    /// Scores have one round a party: their record is written before they begin.
    every_round: bool,
    /// How far a batch is, its blocks say and not its bytes.
    counts_bytes: bool,
    gate: Option<Gate<'a>>,
}

/// What is decided again before the first chunk of a round leaves.
pub(crate) enum Gate<'a> {
    /// Whether tags may be returned.
    Alignment { round: u32, node: &'a Node, alignment: &'a Alignment },
    /// Whether a holder's atoms may leave; they are released here.
    Release(Box<Unreleased<'a>>),
    /// The same of a holder's answers to claims.
    Claims(Box<matching::Unreleased<'a>>),
}

impl<'a> RunJournal<'a> {
    /// A journal that records every round.
    pub(crate) fn new(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        Self { run, phase, recorded: 0, every_round: true, counts_bytes: true, gate: None }
    }

    /// A journal of a run whose record says already that it is under way.
    pub(crate) fn brief(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        Self { run, phase, recorded: 0, every_round: false, counts_bytes: true, gate: None }
    }

    /// A journal of a span of blocks, whose progress somebody else tells.
    pub(crate) fn blocks(run: &'a Run, phase: fn(u32) -> Phase) -> Self {
        Self { counts_bytes: false, ..Self::brief(run, phase) }
    }

    /// The same journal, which decides again before a round.
    #[must_use]
    pub(crate) fn with_gate(self, gate: Gate<'a>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// The run that it writes down.
    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }
}

impl Journal for RunJournal<'_> {
    async fn before_round(&mut self, _to: Role, round: u32) -> Result<(), Trouble> {
        if round <= self.recorded {
            return Ok(());
        }
        self.recorded = round;
        let phase = (self.phase)(round);
        if self.every_round {
            self.run.advance(RunState::Running, phase).await?;
        } else {
            self.run.show(|progress| progress.phase = phase);
        }
        match &mut self.gate {
            Some(Gate::Alignment { round: due, node, alignment }) if *due == round => {
                alignment.before_release(node, self.run.id).await
            }
            Some(Gate::Release(unreleased)) => unreleased.before_round(round).await,
            Some(Gate::Claims(unreleased)) => unreleased.before_round(round).await,
            Some(Gate::Alignment { .. }) | None => Ok(()),
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
                progress.phase = (self.phase)(round);
            }
        });
    }
}
