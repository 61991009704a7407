//! What the console shows, whichever command shows it.
//!
//! | module | what is in it |
//! |---|---|
//! | `language`, [`mod@phrases`] | Chinese and English; how a sentence is written in both |
//! | [`say`] | the one place that prints: results on stdout, everything else on stderr |
//! | `failure`, `interrupt` | why a command ended, by code, sentence, advice and exit code; Ctrl-C |
//! | [`table`], [`units`] | columns that fit both languages; counts, bytes, spans and moments |
//! | `follow`, `painter` | a run followed to its end, with a bar where somebody watches |
//! | [`answers`], `document` | a party's answers as the JSON that `--json` prints, and shown member by member |
//! | [`runs`], `training_report` | a run's record and the reports in it |
//! | `output` | a word that more than one command takes |
//!
//! Nothing here knows a command: what can be typed and what it means is `tacit`'s own.

// First: its macro is in scope of what follows.
#[macro_use]
pub mod phrases;

pub mod answers;
mod document;
mod failure;
mod follow;
mod interrupt;
mod language;
mod output;
mod painter;
pub mod runs;
pub mod say;
pub mod table;
mod training_report;
pub mod units;

pub use document::{Document, View};
pub use failure::{Exit, Failure};
pub use follow::{follow, follow_or_leave, short};
pub use interrupt::{Interrupt, unless_interrupted};
pub use language::Language;
pub use output::Output;
pub use say::Voice;
pub use table::Table;
pub use training_report::{
    Certainty, Evaluation, ScorecardReport, ScoredBin, ScoredColumn, TrainingReport,
};
