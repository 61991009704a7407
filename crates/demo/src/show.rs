//! How the demonstration looks: numbered steps with the time each took, names with what they hold.

use std::cell::Cell;
use std::env;
use std::io::{BufRead, IsTerminal, stdin, stdout};
use std::thread;
use std::time::Duration;

use domain::Text;
use indicatif::{ProgressBar, ProgressStyle};
use terminal::table::width;
use terminal::units::{count, span};
use terminal::{Table, Voice, say};
use tokio::sync::oneshot;

use super::fold::{COLUMNS, continued, folded, folded_with};
use super::phrases;

/// What stands before everything that belongs to a heading or a step.
const INDENT: &str = "   ";

const ROOM: usize = COLUMNS - INDENT.len();

/// Prints the demonstration: with emphasis on a terminal, plain elsewhere.
pub(super) struct Show {
    voice: Voice,
    steps: Cell<u32>,
    colour: bool,
    pause: bool,
}

impl Show {
    /// `pause`: somebody wants to be waited for, and sits there.
    pub(super) fn new(voice: Voice, pause: bool) -> Self {
        let colour = stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        Self { voice, steps: Cell::new(0), colour, pause: pause && stdin().is_terminal() }
    }

    pub(super) fn words(&self, text: &Text) -> String {
        self.voice.words(text).to_owned()
    }

    /// A heading.
    pub(super) fn title(&self, text: &Text) {
        for line in folded(&self.words(text), COLUMNS) {
            say::line(&self.painted(BOLD, &line));
        }
    }

    /// A line under a heading or a step.
    pub(super) fn under(&self, text: &Text) {
        for line in folded(&self.words(text), ROOM) {
            say::line(&format!("{INDENT}{line}"));
        }
    }

    /// Names, and beside each what there is to say.
    pub(super) fn list(&self, entries: &[(Text, Text)]) {
        let names: Vec<_> = entries.iter().map(|(name, _)| self.words(name)).collect();
        let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
        for (name, (_, text)) in names.iter().zip(entries) {
            let lines = folded(&self.words(text), ROOM.saturating_sub(widest + 2));
            for (at, line) in lines.iter().enumerate() {
                let name = if at == 0 { name.as_str() } else { "" };
                let gap = " ".repeat(widest - width(name));
                say::line(format!("{INDENT}{name}{gap}  {line}").trim_end());
            }
        }
    }

    /// A table; the columns `right` are figures.
    pub(super) fn table(&self, heads: &[Text], right: &[usize], rows: Vec<Vec<String>>) {
        let mut table = Table::new(self.voice.language(), heads).right(right);
        rows.into_iter().for_each(|row| table.row(row));
        for line in table.lines() {
            say::line(&format!("{INDENT}{line}"));
        }
    }

    /// A step that is done, the time it took, and what an operator would have typed.
    pub(super) fn step(&self, text: &Text, took: Duration, commands: &[String]) {
        self.steps.set(self.steps.get() + 1);
        let number = format!("{:<1$}", self.steps.get(), INDENT.len());
        say::line("");
        let title = folded_with(&self.words(text), &format!("[{}]", span(took)), ROOM);
        for (at, line) in title.iter().enumerate() {
            let front = if at == 0 { &number } else { INDENT };
            say::line(&self.painted(BOLD, &format!("{front}{line}")));
        }
        for command in commands {
            for (at, line) in continued(command, ROOM - 2).iter().enumerate() {
                let prompt = if at == 0 { "$ " } else { "  " };
                say::line(&self.painted(FAINT, &format!("{INDENT}{prompt}{line}")));
            }
        }
    }

    /// An empty line.
    pub(super) fn gap(&self) {
        say::line("");
    }

    /// One sentence beside the story.
    pub(super) fn aside(&self, text: &Text) {
        self.voice.note(text);
    }

    /// A bar on a terminal; nothing elsewhere: indicatif looks at stderr.
    pub(super) fn bar(&self, what: &Text, length: usize) -> ProgressBar {
        let style = ProgressStyle::with_template("   {msg} {bar:40} {pos}/{len} {eta}")
            .expect("the template is a constant");
        let bar = ProgressBar::new(length as u64).with_style(style);
        bar.with_message(self.words(what))
    }

    /// Waits for Enter, where that was asked for and somebody sits at a terminal.
    pub(super) async fn rest(&self) {
        if !self.pause {
            return;
        }
        say::line("");
        self.aside(&phrases::go_on());
        let (pressed, came) = oneshot::channel();
        // A thread of its own: reading standard input cannot be given up, and must not keep the
        // runtime from ending at Ctrl-C.
        thread::spawn(move || {
            let mut line = String::new();
            let _ = stdin().lock().read_line(&mut line);
            let _ = pressed.send(());
        });
        let _ = came.await;
    }

    fn painted(&self, style: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.into() }
    }
}

const BOLD: &str = "1";
const FAINT: &str = "2";

/// How many there are, with the thousands apart.
pub(super) fn length(number: usize) -> String {
    count(number as u64)
}
