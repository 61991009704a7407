//! A page around what a report says: head, contents, sections.

use domain::Text;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use terminal::Language;

use super::Cell;
use crate::phrases;

/// The one style sheet: light and dark, a telephone, a desk and paper.
const STYLE: &str = include_str!("style.css");

/// A page.
pub(crate) struct Frame {
    pub(crate) language: Language,
    /// What kind of report it is.
    pub(crate) kind: Text,
    pub(crate) title: String,
    /// How a machine names what it is about.
    pub(crate) name: String,
    pub(crate) verdict: Option<(Tone, Text)>,
    pub(crate) tiles: Vec<Tile>,
    pub(crate) sections: Vec<Section>,
}

/// A figure that is read first.
pub(crate) struct Tile {
    pub(crate) name: Text,
    pub(crate) figure: String,
    pub(crate) beside: Option<Text>,
}

/// A part of a page.
pub(crate) struct Section {
    pub(crate) anchor: &'static str,
    pub(crate) heading: Text,
    pub(crate) body: Markup,
}

/// What a judgement is like. It is always said in words too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Fine,
    Look,
    Wrong,
    Unknown,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Fine => "flag fine",
            Self::Look => "flag look",
            Self::Wrong => "flag wrong",
            Self::Unknown => "flag unknown",
        }
    }
}

impl Frame {
    pub(crate) fn html(&self) -> String {
        let language = self.language;
        let words = |text: &Text| language.words(text).to_owned();
        let code = match language {
            Language::Zh => "zh-CN",
            Language::En => "en",
        };
        let page = html! {
            (DOCTYPE)
            html lang=(code) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.name) " · " (words(&self.kind)) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        p.kind { (words(&self.kind)) }
                        h1 { (self.title) }
                        p.name { code { (self.name) } }
                        @if let Some((tone, text)) = &self.verdict {
                            p.verdict { (flag(language, *tone, text)) }
                        }
                        @if !self.tiles.is_empty() {
                            dl.tiles {
                                @for tile in &self.tiles {
                                    div {
                                        dt { (words(&tile.name)) }
                                        dd {
                                            (tile.figure)
                                            @if let Some(beside) = &tile.beside {
                                                small { (words(beside)) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    nav aria-label=(words(&phrases::contents())) {
                        ul {
                            @for section in &self.sections {
                                li { a href=(format!("#{}", section.anchor)) { (words(&section.heading)) } }
                            }
                        }
                    }
                    main {
                        @for section in &self.sections {
                            section id=(section.anchor) {
                                h2 { (words(&section.heading)) }
                                (section.body)
                            }
                        }
                    }
                    footer { p { (words(&phrases::made_by(env!("CARGO_PKG_VERSION")))) } }
                }
            }
        };
        let mut page = page.into_string();
        page.push('\n');
        page
    }
}

/// A judgement in a word.
pub(crate) fn flag(language: Language, tone: Tone, text: &Text) -> Markup {
    html! { span class=(tone.class()) { (language.words(text)) } }
}

/// A sentence under what it explains.
pub(crate) fn note(language: Language, text: &Text) -> Markup {
    html! { p.note { (language.words(text)) } }
}

/// Names with what is said of each.
pub(crate) fn entries(language: Language, entries: &[(Text, Cell)]) -> Markup {
    html! {
        dl.entries {
            @for (name, cell) in entries {
                div { dt { (language.words(name)) } dd { (cell.markup(language)) } }
            }
        }
    }
}

/// Plots beside one another, where there is room.
pub(crate) fn side_by_side(figures: &[Markup]) -> Markup {
    html! { div.plots { @for figure in figures { (figure) } } }
}
