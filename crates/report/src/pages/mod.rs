//! What each report looks like as a page.

mod bins;
mod curves;
mod data;
mod features;
mod figures;
mod grades;
mod identity;
mod model;
mod monitoring;
mod performance;
mod reasons;
mod rules;
mod stability;

pub use rules::{rule_asks, rule_figure, rule_limit, rule_place};
pub use stability::stability_words;
