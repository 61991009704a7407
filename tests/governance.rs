//! Every answer is covered or refused: governance, with real processes.

mod authorised;
mod catalogued;
mod hostile;
mod members;
mod recorded;
mod statements;

use crate::support::{records, refusal, runtime, sql, stop};
