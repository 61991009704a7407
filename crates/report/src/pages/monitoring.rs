//! What a score in use shows, as a page.

use domain::Text;
use maud::{Markup, html};
use scorecard::monitoring::Cell as Approved;
use terminal::Language;
use terminal::units::count;

use super::figures::{four, p_value, percent, score};
use super::{model, performance, stability};
use crate::html::{Cell, Column, Frame, Section, Table, Tile, entries, note};
use crate::measures::share;
use crate::{Challenge, Monitoring, Segment, phrases};

impl Monitoring {
    /// Writes what was found as one page.
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let mut tiles = performance::tiles(&self.performance);
        if let Some(shift) = &self.shift {
            tiles.push(Tile { name: Text::same("PSI"), figure: four(shift.index), beside: None });
        }
        let mut sections = vec![
            Section {
                anchor: "performance",
                heading: phrases::section_performance(),
                body: html! {
                    (entries(language, &self.counts()))
                    (performance::body(&self.performance, language))
                },
            },
            Section {
                anchor: "stability",
                heading: phrases::section_stability(),
                body: self.stability(language),
            },
        ];
        if !self.segments.is_empty() {
            sections.push(Section {
                anchor: "segments",
                heading: phrases::section_segments(),
                body: segments(&self.segments).markup(language),
            });
        }
        if let Some(challenge) = &self.challenge {
            sections.push(Section {
                anchor: "challenge",
                heading: phrases::section_challenge(),
                body: challenged(challenge, language),
            });
        }
        sections.push(Section {
            anchor: "reading",
            heading: phrases::how_to_read(),
            body: self.reading(language),
        });
        Frame {
            language,
            kind: phrases::monitoring_report(),
            title: language.words(&phrases::monitoring_title()).to_owned(),
            name: self.scores.file.clone(),
            verdict: None,
            tiles,
            sections,
        }
        .html()
    }

    fn counts(&self) -> Vec<(Text, Cell)> {
        let all = &self.performance.all;
        let rows =
            phrases::performance_rows(count(all.rows), count(all.bad), percent(all.bad_rate));
        let plain = |number: u64| Cell::Plain(count(number));
        let mut counts = vec![
            (phrases::head_known(), Cell::Text(rows)),
            (phrases::head_scored(), plain(self.scored)),
            (phrases::head_without_score(), plain(self.without_score)),
            (phrases::head_without_outcome(), plain(self.without_outcome)),
            (phrases::head_unknown_outcome(), plain(self.unknown)),
            (phrases::head_auc(), Cell::Plain(all.auc_words())),
            (
                phrases::head_ks_gini(),
                Cell::Plain(format!("{} / {}", four(all.ks), four(all.gini))),
            ),
        ];
        if let Some(brier) = self.performance.brier {
            counts.push((phrases::head_brier(), Cell::Plain(format!("{brier:.5}"))));
        }
        counts
    }

    fn stability(&self, language: Language) -> Markup {
        let before = self.before.as_ref();
        let compared =
            before.map(|before| performance::compared(&before.measures, &self.performance.all));
        html! {
            @if let Some(table) = compared { (table.markup(language)) }
            @match &self.shift {
                Some(shift) => { (stability::scores(shift, language)) }
                None => { (note(language, &phrases::no_base())) }
            }
        }
    }

    fn reading(&self, language: Language) -> Markup {
        let read = [
            phrases::read_auc(),
            phrases::read_ks(),
            phrases::read_calibration(),
            phrases::read_gains(),
            phrases::read_psi(),
        ];
        let then = self.before.iter().map(|before| &before.outcomes);
        let sources: Vec<_> = [&self.scores, &self.outcomes].into_iter().chain(then).collect();
        html! {
            ul.note { @for text in &read { li { (language.words(text)) } } }
            (model::files(&sources).markup(language))
        }
    }
}

fn segments(segments: &[Segment]) -> Table {
    let columns = vec![
        Column::words(phrases::head_segment()),
        Column::number(phrases::head_rows()),
        Column::number(phrases::head_bads()),
        Column::number(phrases::head_bad_rate()),
        Column::number(phrases::head_auc()),
        Column::number(Text::same("KS")),
    ];
    let mut table = Table::new(phrases::segments_caption(), columns);
    for segment in segments {
        let measures = segment.measures.as_ref();
        table.row(vec![
            Cell::Plain(segment.value.clone()),
            Cell::Plain(count(segment.rows)),
            Cell::Plain(count(segment.bad)),
            Cell::Plain(percent(share(segment.bad, segment.rows))),
            Cell::known(measures, |measures| measures.auc_words()),
            Cell::known(measures, |measures| four(measures.ks)),
        ]);
    }
    table
}

fn challenged(challenge: &Challenge, language: Language) -> Markup {
    let columns = vec![
        Column::words(phrases::head_approved_by()),
        Column::number(phrases::head_rows()),
        Column::number(phrases::head_bads()),
        Column::number(phrases::head_bad_rate()),
    ];
    let caption = phrases::swap_caption(score(challenge.approve_from));
    let mut table = Table::new(caption, columns);
    let swap = &challenge.swap;
    for (name, Approved { good, bad }) in [
        (phrases::by_both(), swap.both),
        (phrases::by_challenger(), swap.swapped_in),
        (phrases::by_champion(), swap.swapped_out),
        (phrases::by_neither(), swap.neither),
    ] {
        table.row(vec![
            Cell::Text(name),
            Cell::Plain(count(good + bad)),
            Cell::Plain(count(bad)),
            Cell::known((good + bad > 0).then(|| share(bad, good + bad)), percent),
        ]);
    }
    let difference = format!("{:+.4}", challenge.difference);
    html! {
        p { (language.words(&phrases::challenged(difference, p_value(challenge.p)))) }
        (table.markup(language))
    }
}
