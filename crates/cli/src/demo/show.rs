//! How the demonstration looks: numbered steps with the time each took, names with what they hold.

use std::env;
use std::io::{IsTerminal, stdout};
use std::time::Duration;

use crate::language::Text;
use crate::say::{self, Voice};
use crate::table::{Table, list};
use crate::units::{count, span};

/// What stands before everything that belongs to a heading or a step.
const INDENT: &str = "   ";

/// Prints the demonstration: with emphasis on a terminal, plain elsewhere.
pub(super) struct Show {
    voice: Voice,
    steps: u32,
    colour: bool,
}

impl Show {
    pub(super) fn new(voice: Voice) -> Self {
        let colour = stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        Self { voice, steps: 0, colour }
    }

    pub(super) fn words(&self, text: &Text) -> String {
        self.voice.words(text).to_owned()
    }

    /// A heading.
    pub(super) fn title(&self, text: &Text) {
        say::line(&self.painted(BOLD, &self.words(text)));
    }

    /// A line under a heading or a step.
    pub(super) fn under(&self, text: &Text) {
        say::line(&format!("{INDENT}{}", self.words(text)));
    }

    /// Names, and beside each what there is to say.
    pub(super) fn list(&self, entries: &[(Text, Text)]) {
        let entries: Vec<_> =
            entries.iter().map(|(name, text)| (name.clone(), self.words(text))).collect();
        for line in list(self.voice.language(), &entries) {
            say::line(&format!("{INDENT}{line}"));
        }
    }

    /// A table of figures, its first column the names.
    pub(super) fn table(&self, heads: &[Text], rows: Vec<Vec<String>>) {
        let figures: Vec<_> = (1..heads.len()).collect();
        let mut table = Table::new(self.voice.language(), heads).right(&figures);
        rows.into_iter().for_each(|row| table.row(row));
        for line in table.lines() {
            say::line(&format!("{INDENT}{line}"));
        }
    }

    /// A step that is done, the time it took, and what an operator would have typed.
    pub(super) fn step(&mut self, text: &Text, took: Duration, commands: &[String]) {
        self.steps += 1;
        let title = self.painted(BOLD, &format!("{}  {}", self.steps, self.words(text)));
        say::line("");
        say::line(&format!("{title}  [{}]", span(took)));
        for command in commands {
            say::line(&self.painted(FAINT, &format!("{INDENT}$ {command}")));
        }
    }

    /// An empty line.
    pub(super) fn gap(&self) {
        say::line("");
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
