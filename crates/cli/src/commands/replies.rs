//! Replies about one firm after another: JSON at once, a table at the end.

use control::Replies;
use control::messages::Trouble;
use domain::Text;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use terminal::{Failure, Interrupt, Table, Voice, say};
use tokio::select;

use crate::commands::{json_line, print};

/// The replies as they come.
pub(super) struct ReplyTable {
    voice: Voice,
    json: bool,
    table: Table,
    all: usize,
    answered: usize,
    failures: Vec<Failure>,
    bar: ProgressBar,
}

impl ReplyTable {
    /// A sheet for so many replies; `table` has its heads alone.
    pub(super) fn new(voice: Voice, json: bool, all: usize, table: Table) -> Self {
        let bar = if say::watched() && !json && all > 1 {
            ProgressBar::new(all as u64)
        } else {
            ProgressBar::hidden()
        };
        Self { voice, json, table, all, answered: 0, failures: Vec::new(), bar }
    }

    /// One more reply has come; `object` is what it is in JSON.
    pub(super) fn came(&self, object: impl FnOnce() -> Value) {
        self.bar.inc(1);
        if self.json {
            json_line(&object());
        }
    }

    /// It is an answer.
    pub(super) fn answer(&mut self, row: Vec<String>) {
        self.answered += 1;
        self.table.row(row);
    }

    /// It is none.
    pub(super) fn failure(&mut self, trouble: Trouble, row: Vec<String>) {
        self.failures.push(Failure::from_party(trouble));
        self.table.row(row);
    }

    fn print(&self) {
        self.bar.finish_and_clear();
        if !self.json {
            print(&self.table.lines());
        }
    }

    /// Fails with this code unless every firm has an answer; `what` is told how many have none, and
    /// of how many.
    fn verdict(&self, code: &'static str, what: fn(usize, usize) -> Text) -> Result<(), Failure> {
        if self.answered == self.all {
            return Ok(());
        }
        self.voice.complain_once_each(&self.failures);
        Err(Failure::new(code, what(self.all - self.answered, self.all)))
    }

    /// Takes every reply, and says how it went.
    ///
    /// # Errors
    ///
    /// What `take` says of a reply, a party that goes away, an interruption; or, when all came, what
    /// [`ReplyTable::verdict`] says.
    pub(super) async fn fill<R>(
        mut self,
        mut replies: Replies<R>,
        mut take: impl FnMut(&mut Self, R) -> Result<(), Failure>,
        (code, what): (&'static str, fn(usize, usize) -> Text),
    ) -> Result<(), Failure> {
        let mut interrupt = Interrupt::watch()?;
        loop {
            let reply = select! {
                reply = replies.next() => reply.map_err(Failure::from),
                () = interrupt.came() => Err(Failure::interrupted()),
            };
            match reply {
                Ok(Some(reply)) => take(&mut self, reply)?,
                Ok(None) => break,
                Err(failure) => {
                    // What has been answered is not lost; the party asks no further.
                    self.print();
                    return Err(failure);
                }
            }
        }
        self.print();
        self.verdict(code, what)
    }

    /// A word in the operator's language.
    pub(super) fn words(&self, text: &Text) -> String {
        self.voice.words(text).to_owned()
    }
}

/// A trouble as a member of a reply's JSON.
pub(super) fn trouble(trouble: &Trouble) -> Value {
    let text = trouble.text.clone().unwrap_or_default();
    json!({ "code": trouble.code, "side": trouble.side, "en": text.en, "zh": text.zh })
}
