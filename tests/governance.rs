//! Every answer is covered or refused: the user stories of governance, with real processes.
//!
//! The numbers of the stories are those of POLICY.md §8.

mod authorised;
mod catalogued;
mod hostile;
mod members;
mod recorded;
mod statements;

use crate::support::{records, refusal, runtime, stop};
