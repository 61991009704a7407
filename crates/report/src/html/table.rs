//! Tables: a head for each column, a head for each row.

use domain::Text;
use maud::{Markup, html};
use terminal::Language;

use super::Tone;

/// A column's head.
pub(crate) struct Column {
    head: Text,
    class: Option<&'static str>,
}

impl Column {
    /// A column of words.
    pub(crate) const fn words(head: Text) -> Self {
        Self { head, class: None }
    }

    /// A column of sentences: never as narrow as a word.
    pub(crate) const fn sentences(head: Text) -> Self {
        Self { head, class: Some("sentences") }
    }

    /// A column of numbers: on the right, digits below one another.
    pub(crate) const fn number(head: Text) -> Self {
        Self { head, class: Some("number") }
    }
}

/// What stands in a table.
pub(crate) enum Cell {
    /// The same in every language: a number, a name.
    Plain(String),
    /// A sentence of ours.
    Text(Text),
    /// A name from a file, in letters of one width.
    Name(String),
    /// A judgement.
    Flag(Tone, Text),
    /// Nothing is known.
    None,
}

impl Cell {
    /// A number where there is one.
    pub(crate) fn known<T>(value: Option<T>, shown: impl FnOnce(T) -> String) -> Self {
        value.map_or(Self::None, |value| Self::Plain(shown(value)))
    }

    pub(crate) fn markup(&self, language: Language) -> Markup {
        html! {
            @match self {
                Self::Plain(words) => { (words) }
                Self::Text(text) => { (language.words(text)) }
                Self::Name(name) => { code { (name) } }
                Self::Flag(tone, text) => { (super::flag(language, *tone, text)) }
                Self::None => { "–" }
            }
        }
    }
}

/// A table.
pub(crate) struct Table {
    caption: Text,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without a row.
    pub(crate) const fn new(caption: Text, columns: Vec<Column>) -> Self {
        Self { caption, columns, rows: Vec::new() }
    }

    /// Adds a row, a cell a column; the first names the row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    pub(crate) fn markup(&self, language: Language) -> Markup {
        let class = |at: usize| self.columns.get(at).and_then(|column| column.class);
        html! {
            // A table wider than a telephone is moved under the finger, and by the keyboard.
            div.wide role="region" tabindex="0" aria-label=(language.words(&self.caption)) {
                table {
                    caption { (language.words(&self.caption)) }
                    thead {
                        tr {
                            @for (at, column) in self.columns.iter().enumerate() {
                                th scope="col" class=[class(at)] { (language.words(&column.head)) }
                            }
                        }
                    }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                @for (at, cell) in row.iter().enumerate() {
                                    @if at == 0 {
                                        th scope="row" class=[class(at)] { (cell.markup(language)) }
                                    } @else {
                                        td class=[class(at)] { (cell.markup(language)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
