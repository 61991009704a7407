//! The commands of a document, read as a shell reads them.

use std::process::Command;

/// A command as it stands in a document.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The number of its first line in the document, from 1.
    pub(crate) at: usize,
    /// The heading that it stands under, without its signs.
    pub(crate) heading: String,
    /// Without continuations.
    pub(crate) text: String,
}

impl Line {
    /// What the shell makes of it; nothing where it is not a command of ours or of cargo's.
    pub(crate) fn words(&self) -> Option<Vec<String>> {
        let first = self.text.split_whitespace().next()?;
        if !["tacit", "cargo"].contains(&first) {
            return None;
        }
        let shown =
            r#"tacit() { printf '%s\0' tacit "$@"; }; cargo() { printf '%s\0' cargo "$@"; }"#;
        let script = format!("set -eu\n{shown}\n{}\n", self.text);
        let said = Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
        assert!(said.status.success(), "line {}: no shell command: {}", self.at, self.text);
        let words = String::from_utf8(said.stdout).expect("the document is UTF-8");
        Some(words.split_terminator('\0').map(ToOwned::to_owned).collect())
    }
}

/// The commands of the document's `sh` blocks.
pub(crate) fn commands(document: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut goes_on = false;
    for (at, heading, text) in fenced(document, "sh") {
        let (text, more) = text.strip_suffix('\\').map_or((text, false), |text| (text, true));
        match lines.last_mut().filter(|_| goes_on) {
            Some(line) => line.text = format!("{} {}", line.text.trim_end(), text.trim()),
            None if text.trim().is_empty() || text.trim_start().starts_with('#') => continue,
            None => lines.push(Line { at, heading, text: text.trim().to_owned() }),
        }
        goes_on = more;
    }
    lines
}

/// The commands that stand within a sentence or a table: `tacit …` and `cargo …` between backticks.
pub(crate) fn mentions(document: &str) -> Vec<Line> {
    let mut mentions = Vec::new();
    for (at, heading, text) in outside(document) {
        let spans = text.split('`').skip(1).step_by(2);
        let ours = spans.filter(|span| span.starts_with("tacit ") || span.starts_with("cargo "));
        mentions.extend(ours.map(|span| Line { at, heading: heading.clone(), text: span.into() }));
    }
    mentions
}

/// The blocks of this language, whole, each with the heading that it stands under.
pub(crate) fn blocks(document: &str, language: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(usize, String, String)> = Vec::new();
    for (at, heading, text) in fenced(document, language) {
        match blocks.last_mut().filter(|(last, ..)| last + 1 == at) {
            Some((last, _, block)) => {
                *last = at;
                block.push_str(text);
                block.push('\n');
            }
            None => blocks.push((at, heading, format!("{text}\n"))),
        }
    }
    blocks.into_iter().map(|(_, heading, block)| (heading, block)).collect()
}

/// Every line of the document with its number, its heading, and the language of the fence around it.
fn placed(document: &str) -> Vec<(usize, String, Option<String>, &str)> {
    let (mut heading, mut fence) = (String::new(), None::<String>);
    let mut placed = Vec::new();
    for (at, text) in (1..).zip(document.lines()) {
        match (text.trim_start().strip_prefix("```"), &fence) {
            (Some(_), Some(_)) => fence = None,
            (Some(language), None) => fence = Some(language.trim().into()),
            (None, None) if text.starts_with('#') => {
                text.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            (None, _) => placed.push((at, heading.clone(), fence.clone(), text)),
        }
    }
    assert!(fence.is_none(), "a block is not closed");
    placed
}

fn fenced<'a>(document: &'a str, language: &str) -> Vec<(usize, String, &'a str)> {
    let inside = placed(document).into_iter();
    let inside = inside.filter(|(_, _, fence, _)| fence.as_deref() == Some(language));
    inside.map(|(at, heading, _, text)| (at, heading, text)).collect()
}

fn outside(document: &str) -> Vec<(usize, String, &str)> {
    let outside = placed(document).into_iter().filter(|(_, _, fence, _)| fence.is_none());
    outside.map(|(at, heading, _, text)| (at, heading, text)).collect()
}
