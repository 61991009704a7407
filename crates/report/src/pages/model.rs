//! The card of a model as a page.

use domain::Text;
use maud::{Markup, html};
use terminal::Language;
use terminal::units::count;

use super::figures::{four, percent};
use super::{features, grades, identity, performance, rules, stability};
use crate::html::{Cell, Column, Frame, Section, Table, Tile, entries, note};
use crate::{Baseline, Measured, ModelCard, Source, phrases};

impl ModelCard {
    /// Writes the card as one page.
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let mut sections = vec![
            Section {
                anchor: "identity",
                heading: phrases::section_identity(),
                body: identity::identity(self, language),
            },
            Section {
                anchor: "rules",
                heading: phrases::section_rules(),
                body: html! {
                    (rules::table(&self.rules).markup(language))
                    @if let Some(lacks) = &self.lacks_bins { (note(language, &phrases::lacks(lacks))) }
                },
            },
            Section {
                anchor: "performance",
                heading: phrases::section_performance(),
                body: self.performance(language),
            },
        ];
        if !self.grades.is_empty() {
            sections.push(Section {
                anchor: "grades",
                heading: phrases::section_grades(),
                body: grades::grades(self, language),
            });
        }
        sections.push(Section {
            anchor: "stability",
            heading: phrases::section_stability(),
            body: self.stability(language),
        });
        sections.push(Section {
            anchor: "features",
            heading: phrases::section_features(),
            body: html! {
                (features::overview(self).markup(language))
                @for (feature, place) in self.features.iter().zip(1..) {
                    (features::one(feature, place, language))
                }
            },
        });
        sections.push(Section {
            anchor: "reading",
            heading: phrases::how_to_read(),
            body: self.reading(language),
        });
        let mut tiles =
            self.measured.iter().flat_map(|it| performance::tiles(&it.performance)).collect();
        self.tile_of_stability(&mut tiles);
        Frame {
            language,
            kind: phrases::model_card(),
            title: self.title.clone(),
            name: self.model.to_string(),
            verdict: Some(rules::verdict(&self.rules)),
            tiles,
            sections,
        }
        .html()
    }

    fn tile_of_stability(&self, tiles: &mut Vec<Tile>) {
        if let Some(shift) = self.before.as_ref().and_then(|before| before.shift.as_ref()) {
            tiles.push(Tile { name: Text::same("PSI"), figure: four(shift.index), beside: None });
        }
    }

    fn performance(&self, language: Language) -> Markup {
        let Some(measured) = &self.measured else {
            return note(language, &phrases::no_data());
        };
        let all = &measured.performance.all;
        let rows =
            phrases::performance_rows(count(all.rows), count(all.bad), percent(all.bad_rate));
        let mut named = vec![
            (phrases::head_data(), Cell::Text(rows)),
            (phrases::head_unplaced(), Cell::Plain(count(measured.without_bin))),
            (phrases::head_auc(), Cell::Plain(all.auc_words())),
            (
                phrases::head_ks_gini(),
                Cell::Plain(format!("{} / {}", four(all.ks), four(all.gini))),
            ),
        ];
        if let Some(brier) = measured.performance.brier {
            named.push((phrases::head_brier(), Cell::Plain(format!("{brier:.5}"))));
        }
        html! {
            (entries(language, &named))
            @if let Some(table) = rounding(measured) { (table.markup(language)) }
            (performance::body(&measured.performance, language))
        }
    }

    fn stability(&self, language: Language) -> Markup {
        let Some(before) = &self.before else {
            return note(language, &phrases::no_base());
        };
        let Baseline { data, rows, measures, shift } = before;
        let words = phrases::baseline(count(*rows), &data.file);
        let now = self.measured.as_ref().map(|measured| &measured.performance.all);
        let compared = now.zip(measures.as_ref());
        let compared = compared.map(|(now, before)| performance::compared(before, now));
        html! {
            (entries(language, &[(phrases::head_baseline(), Cell::Text(words))]))
            @if let Some(table) = compared { (table.markup(language)) }
            @match shift {
                Some(shift) => { (stability::scores(shift, language)) }
                None => { (note(language, &phrases::statistics_only())) }
            }
            (csi(self).markup(language))
            (note(language, &phrases::csi_by_feature()))
        }
    }

    fn reading(&self, language: Language) -> Markup {
        let read = [
            phrases::read_auc(),
            phrases::read_ks(),
            phrases::read_calibration(),
            phrases::read_gains(),
            phrases::read_woe(),
            phrases::read_explains(),
            phrases::read_disagree(),
            phrases::read_psi(),
        ];
        let measured = self.measured.iter().map(|measured| &measured.data);
        let sources: Vec<&Source> =
            measured.chain(self.before.iter().map(|before| &before.data)).collect();
        html! {
            ul.note { @for text in &read { li { (language.words(text)) } } }
            @if !sources.is_empty() { (files(&sources).markup(language)) }
        }
    }
}

/// The files that a report leans on.
pub(super) fn files(sources: &[&Source]) -> Table {
    let columns = vec![Column::words(phrases::head_file()), Column::words(phrases::head_sha256())];
    let mut table = Table::new(phrases::files_held(), columns);
    for source in sources {
        table.row(vec![Cell::Name(source.file.clone()), Cell::Name(source.digest.to_string())]);
    }
    table
}

/// What rounding to whole points costs; nothing where the file has no regression.
fn rounding(measured: &Measured) -> Option<Table> {
    let exact = measured.before_rounding?;
    let columns = vec![
        Column::words(phrases::axis_points()),
        Column::number(Text::same("AUC")),
        Column::number(Text::same("KS")),
    ];
    let mut table = Table::new(phrases::rounding_caption(), columns);
    let all = &measured.performance.all;
    for (name, auc, ks) in [
        (phrases::head_whole_points(), all.auc, all.ks),
        (phrases::head_before_rounding(), exact.auc, exact.ks),
    ] {
        table.row(vec![Cell::Text(name), Cell::Plain(four(auc)), Cell::Plain(four(ks))]);
    }
    Some(table)
}

/// How far the bins of each feature have moved.
fn csi(card: &ModelCard) -> Table {
    let columns = vec![
        Column::words(phrases::head_feature()),
        Column::words(phrases::head_holder()),
        Column::number(Text::same("CSI")),
    ];
    let mut table = Table::new(phrases::csi_caption(), columns);
    for feature in &card.features {
        table.row(vec![
            Cell::Name(feature.column.clone()),
            Cell::Name(feature.holder.to_string()),
            feature.csi.map_or(Cell::None, stability::index),
        ]);
    }
    table
}
