//! How far a population has moved.

use domain::Text;
use maud::{Markup, html};
use scorecard::monitoring::Shift;
use terminal::Language;
use terminal::units::count;

use super::curves;
use super::figures::{four, percent, score};
use crate::html::{Cell, Column, Table, Tone, flag, side_by_side};
use crate::measures::share;
use crate::phrases;

/// What an index of stability is usually taken for.
#[must_use]
pub fn stability_words(index: f64) -> Text {
    let figure = four(index);
    match moved(index) {
        Tone::Fine => phrases::stable(figure),
        Tone::Look => phrases::has_moved(figure),
        Tone::Wrong | Tone::Unknown => phrases::another_population(figure),
    }
}

/// An index, coloured by what it is taken for.
pub(super) fn index(index: f64) -> Cell {
    Cell::Flag(moved(index), Text::same(four(index)))
}

/// The scores before and now, with a judgement.
pub(super) fn scores(shift: &Shift, language: Language) -> Markup {
    html! {
        p { (flag(language, moved(shift.index), &stability_words(shift.index))) }
        (side_by_side(&[curves::shift(shift, language).figure()]))
        (table(shift).markup(language))
    }
}

fn moved(index: f64) -> Tone {
    if index < 0.1 {
        Tone::Fine
    } else if index < 0.25 {
        Tone::Look
    } else {
        Tone::Wrong
    }
}

/// A line a bin of scores: how many rows there were, and are.
fn table(shift: &Shift) -> Table {
    let columns = vec![
        Column::number(phrases::head_score_from()),
        Column::number(phrases::head_score_until()),
        Column::number(phrases::population_before()),
        Column::number(phrases::head_share_before()),
        Column::number(phrases::population_now()),
        Column::number(phrases::head_share_now()),
    ];
    let mut table = Table::new(phrases::shift_caption(), columns);
    let ends = shift.breaks.iter().copied().map(Some);
    let from = std::iter::once(None).chain(ends.clone());
    let until = ends.chain([None]);
    let all = |counts: &[u64]| counts.iter().sum::<u64>();
    let (before, now) = (all(&shift.before), all(&shift.now));
    let counts = shift.before.iter().zip(&shift.now);
    for ((from, until), (own_before, own_now)) in from.zip(until).zip(counts) {
        table.row(vec![
            Cell::known(from, score),
            Cell::known(until, score),
            Cell::Plain(count(*own_before)),
            Cell::Plain(percent(share(*own_before, before))),
            Cell::Plain(count(*own_now)),
            Cell::Plain(percent(share(*own_now, now))),
        ]);
    }
    table
}
