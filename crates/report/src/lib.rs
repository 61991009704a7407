//! What is said of a model, of the scores of one in use, and of data: typed, as JSON, and as one page.
//!
//! | type | what it says | who makes it |
//! |---|---|---|
//! | [`ModelCard`] | what a scorecard is, how it came about, its bins, its rules, how it does on a [`Sample`] | `tacit model check` |
//! | [`Monitoring`] | what a score in use shows once outcomes are known | `tacit model monitor` |
//! | [`DataCheck`] | what is in a table, column by column, and what is wrong with it | `tacit data check` |
//!
//! Each is one struct: its [`Serialize`](serde::Serialize) is what `--json` prints, its `to_html` the page, so that both
//! say the same. A page is one file that needs nothing else: no script, no font, no picture, nothing from
//! elsewhere; it is read on a telephone and printed. Callers hand over types, never markup: whatever a
//! file or a peer has named (a column, a title) is escaped on its way into the page.
//!
//! Nothing here reads a file or asks the time: the same input makes the same bytes.

mod data_check;
mod feature_card;
mod html;
mod measures;
mod model_card;
mod monitoring;
mod pages;
mod performance;
pub mod phrases;
mod provenance;
mod sample;
mod source;

pub use data_check::{CheckedColumn, DataCheck, kind_words};
pub use feature_card::{BinCard, BinKind, Counted, FeatureCard};
pub use measures::{Measures, Segment};
pub use model_card::{Baseline, GradeCard, Measured, ModelCard};
pub use monitoring::{Before, Challenge, Monitoring};
pub use pages::{rule_asks, rule_figure, rule_limit, rule_place, stability_words};
pub use performance::{GainGroup, Performance};
pub use provenance::{JobReference, PartyShare, PointsPolicy, Provenance, Window};
pub use sample::Sample;
pub use source::Source;
