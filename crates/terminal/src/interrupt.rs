//! Ctrl-C and SIGTERM, so that what was started is put away in order.

use std::future::Future;

use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Failure;
use crate::phrases;

/// Watches for Ctrl-C and SIGTERM from its making on.
#[derive(Debug)]
pub struct Interrupt {
    ctrl_c: Signal,
    terminate: Signal,
}

impl Interrupt {
    /// Begins to watch; from now on a signal no longer ends the program by itself.
    pub fn watch() -> Result<Self, Failure> {
        let watch =
            |kind| signal(kind).map_err(|error| Failure::new("SIGNALS", phrases::signals(error)));
        Ok(Self {
            ctrl_c: watch(SignalKind::interrupt())?,
            terminate: watch(SignalKind::terminate())?,
        })
    }

    /// Resolves at the next signal.
    pub async fn came(&mut self) {
        select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Does the work until a signal comes. The work is then dropped, which ends every process of a lab.
///
/// # Errors
///
/// The work's own, or that of an interruption.
pub async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut interrupt = Interrupt::watch()?;
    select! {
        outcome = work => outcome,
        () = interrupt.came() => Err(Failure::interrupted()),
    }
}
