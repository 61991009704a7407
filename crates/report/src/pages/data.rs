//! What is in a table, as a page.

use domain::Text;
use maud::{Markup, html};
use registers::{BadRows, Distinct};
use terminal::Language;
use terminal::units::count;

use super::figures::percent;
use super::reasons;
use crate::data_check::kind_words;
use crate::html::{
    Axis, Cell, Column, Frame, Ink, Mark, Plot, Section, Table, Tile, Tone, entries, note,
    side_by_side,
};
use crate::{CheckedColumn, DataCheck, phrases};

/// How many bad rows a page lists; all are counted, and JSON has the first thousand.
const SHOWN: usize = 200;

/// How many columns a plot has room for.
const DRAWN: usize = 12;

impl DataCheck {
    /// Writes what is in the table as one page.
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let problems = self.problems();
        let verdict = match problems {
            0 => (Tone::Fine, phrases::data_is_fine()),
            _ => (Tone::Wrong, phrases::data_has_problems(count(problems))),
        };
        let tile = |name: Text, figure: u64| Tile { name, figure: count(figure), beside: None };
        let load = &self.load;
        let sections = vec![
            Section {
                anchor: "rows",
                heading: phrases::section_rows(),
                body: entries(language, &self.counts()),
            },
            Section {
                anchor: "columns",
                heading: phrases::section_columns(),
                body: self.columns_body(language),
            },
            Section {
                anchor: "problems",
                heading: phrases::section_problems(),
                body: self.problems_body(language),
            },
            Section {
                anchor: "reading",
                heading: phrases::how_to_read(),
                body: note(language, &phrases::read_privacy()),
            },
        ];
        Frame {
            language,
            kind: phrases::data_check(),
            title: self.file.clone(),
            name: self.file.clone(),
            verdict: Some(verdict),
            tiles: vec![
                tile(phrases::head_rows(), load.rows),
                tile(phrases::head_distinct(), load.distinct),
                tile(phrases::head_repeated(), load.duplicates.count),
                tile(phrases::head_bad(), load.bad.count),
            ],
            sections,
        }
        .html()
    }

    fn counts(&self) -> Vec<(Text, Cell)> {
        let load = &self.load;
        let plain = |number: u64| Cell::Plain(count(number));
        let encoding = load.encoding.map(|encoding| format!(" · {encoding}"));
        let format = format!("{}{}", load.format, encoding.unwrap_or_default());
        let mut counts = vec![
            (phrases::head_content(), Cell::Name(self.content.to_string())),
            (phrases::head_format(), Cell::Plain(format)),
            (phrases::head_identifier(), Cell::Text(phrases::identifier(&self.key, &self.kind))),
            (phrases::head_rows(), plain(load.rows)),
            (phrases::head_distinct(), plain(load.distinct)),
            (phrases::head_repeated(), plain(load.duplicates.count)),
            (phrases::head_contradicted(), plain(load.contradicted)),
            (phrases::head_normalised(), plain(load.normalised)),
            (phrases::head_flagged(), plain(load.flagged.identifiers)),
            (phrases::head_bad(), plain(load.bad.count)),
        ];
        let flaws = [
            (phrases::flaw_check_character(), load.flagged.check_character),
            (phrases::flaw_organisation_code(), load.flagged.organisation_code),
            (phrases::flaw_division(), load.flagged.division),
        ];
        let found = flaws.into_iter().filter(|(_, number)| *number > 0);
        counts.extend(found.map(|(name, number)| (name, plain(number))));
        counts
    }

    fn columns_body(&self, language: Language) -> Markup {
        let classes: Vec<String> = self.classes.iter().map(ToString::to_string).collect();
        let held = match classes.is_empty() {
            true => phrases::no_classes(),
            false => phrases::classes_held(classes.join(", ")),
        };
        html! {
            (self.columns_table(language).markup(language))
            (note(language, &held))
            @if let Some(plot) = self.missing_plot(language) { (side_by_side(&[plot.figure()])) }
        }
    }

    fn columns_table(&self, language: Language) -> Table {
        let mut columns = vec![
            Column::number(phrases::head_place()),
            Column::words(phrases::head_column()),
            Column::words(phrases::head_kind()),
            Column::number(phrases::head_missing()),
            Column::number(phrases::head_missing_share()),
            Column::number(phrases::head_different()),
        ];
        if !self.classes.is_empty() {
            columns.push(Column::words(phrases::head_field()));
            columns.push(Column::words(phrases::head_verdict()));
        }
        let mut table = Table::new(phrases::columns_caption(), columns);
        for (place, column) in self.columns.iter().enumerate() {
            let profile = &column.profile;
            let different = match profile.distinct {
                Distinct::Exactly(number) => Text::same(count(number)),
                Distinct::AtLeast(number) => phrases::at_least_different(count(number)),
            };
            let mut row = vec![
                Cell::Plain((place + 1).to_string()),
                Cell::Name(profile.name.clone()),
                Cell::Text(kind_words(profile.kind)),
                Cell::Plain(count(profile.missing)),
                Cell::Plain(percent(self.missing(column))),
                Cell::Text(different),
            ];
            if !self.classes.is_empty() {
                row.extend(field(column, language));
            }
            table.row(row);
        }
        table
    }

    /// The emptiest columns; nothing where none has an empty cell.
    fn missing_plot(&self, language: Language) -> Option<Plot> {
        let say = |text: &Text| language.words(text).to_owned();
        let mut emptiest: Vec<(usize, f64)> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| (place, self.missing(column)))
            .filter(|(_, share)| *share > 0.0)
            .collect();
        emptiest.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        emptiest.truncate(DRAWN);
        let most = emptiest.first()?.1;
        let marks = emptiest.iter().zip(0_u32..).map(|((_, share), at)| {
            let at = f64::from(at);
            Mark::Bar { from: (at + 0.14, 0.0), until: (at + 0.86, *share), ink: Ink::Plain }
        });
        let numbers = emptiest.iter().map(|(place, _)| (place + 1).to_string());
        Some(Plot {
            id: "missing".into(),
            title: say(&phrases::missing_title()),
            description: say(&phrases::missing_description(emptiest.len())),
            x: Axis::names(say(&phrases::axis_columns()), numbers.collect()),
            y: Axis::shares(say(&phrases::axis_empty()), most),
            right: None,
            marks: marks.collect(),
            legend: Vec::new(),
        })
    }

    fn problems_body(&self, language: Language) -> Markup {
        let bad = &self.load.bad;
        let misfits = self.columns.iter().filter_map(misfit);
        let misfits: Vec<Text> = misfits.collect();
        html! {
            @if !misfits.is_empty() {
                ul { @for misfit in &misfits { li { (language.words(misfit)) } } }
            }
            @if bad.count == 0 {
                (note(language, &phrases::no_problems()))
            } @else {
                (reasons::counted(bad).markup(language))
                (listed(bad).markup(language))
                @let rest = bad.count.saturating_sub(bad.listed.len().min(SHOWN) as u64);
                @if rest > 0 { (note(language, &phrases::problems_more(count(rest)))) }
            }
            @if self.load.duplicates.count > 0 {
                (self.repeats().markup(language))
                @let shown = self.load.duplicates.listed.len().min(SHOWN) as u64;
                @let rest = self.load.duplicates.count.saturating_sub(shown);
                @if rest > 0 { (note(language, &phrases::problems_more(count(rest)))) }
            }
        }
    }

    fn repeats(&self) -> Table {
        let columns =
            vec![Column::number(phrases::head_line()), Column::number(phrases::head_first_line())];
        let mut table = Table::new(phrases::repeats_caption(), columns);
        for repeat in self.load.duplicates.listed.iter().take(SHOWN) {
            table.row(vec![
                Cell::Plain(repeat.line.to_string()),
                Cell::Plain(repeat.first.to_string()),
            ]);
        }
        table
    }
}

/// Bad rows by line.
fn listed(bad: &BadRows) -> Table {
    let columns = vec![
        Column::number(phrases::head_line()),
        Column::words(phrases::head_column()),
        Column::sentences(phrases::head_problem()),
    ];
    let mut table = Table::new(phrases::problems_caption(), columns);
    for row in bad.listed.iter().take(SHOWN) {
        table.row(vec![
            Cell::Plain(row.line.to_string()),
            row.column.as_ref().map_or(Cell::None, |column| Cell::Name(column.to_string())),
            Cell::Text(reasons::words(&row.reason)),
        ]);
    }
    table
}

/// The field that a column stands for, and whether it can.
fn field(column: &CheckedColumn, language: Language) -> [Cell; 2] {
    let words = |text: &Text| Cell::Plain(language.words(text).to_owned());
    match (&column.field, &column.problem) {
        (None, _) => [words(&phrases::no_field()), Cell::None],
        (Some(field), None) => {
            [Cell::Name(field.to_string()), Cell::Flag(Tone::Fine, phrases::fits_field())]
        }
        (Some(field), Some(_)) => {
            [Cell::Name(field.to_string()), Cell::Flag(Tone::Wrong, phrases::misfits_field())]
        }
    }
}

/// Why a column cannot stand for its field.
fn misfit(column: &CheckedColumn) -> Option<Text> {
    column.problem.as_ref()?;
    let field = column.field.as_ref()?;
    let kind = kind_words(column.profile.kind);
    let name = &column.profile.name;
    let in_words = |kind: &str| phrases::misfit(name, kind, field);
    Some(Text::new(in_words(&kind.en).en, in_words(&kind.zh).zh))
}
