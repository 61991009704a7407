//! Grades by cut-off.

use maud::{Markup, html};
use terminal::Language;
use terminal::units::count;

use super::figures::percent;
use crate::html::{Cell, Column, Table, Tone, flag};
use crate::{GradeCard, ModelCard, phrases};

pub(super) fn grades(card: &ModelCard, language: Language) -> Markup {
    let measured = card.measured.is_some();
    let mut columns = vec![
        Column::words(phrases::head_grade()),
        Column::number(phrases::head_score_from()),
        Column::number(phrases::head_probability_from()),
    ];
    if measured {
        columns.extend([
            Column::number(phrases::head_rows()),
            Column::number(phrases::head_share()),
            Column::number(phrases::head_bads()),
            Column::number(phrases::head_bad_rate()),
        ]);
    }
    let mut table = Table::new(phrases::grades_caption(), columns);
    for grade in &card.grades {
        let mut row = vec![
            match &grade.name {
                Some(name) => Cell::Plain(name.clone()),
                None => Cell::Text(phrases::below_grades()),
            },
            Cell::known(grade.from, |from| from.to_string()),
            Cell::known(grade.probability, percent),
        ];
        if measured {
            row.extend([
                Cell::known(grade.rows, count),
                Cell::known(grade.share, percent),
                Cell::known(grade.bad, count),
                Cell::known(grade.bad_rate, percent),
            ]);
        }
        table.row(row);
    }
    let (tone, words) = match rise(&card.grades) {
        true => (Tone::Fine, phrases::grades_rise()),
        false => (Tone::Look, phrases::grades_do_not_rise()),
    };
    html! {
        (table.markup(language))
        @if measured { p { (flag(language, tone, &words)) } }
    }
}

/// Whether each grade with rows has a higher bad rate than the better one before it.
fn rise(grades: &[GradeCard]) -> bool {
    grades.iter().filter_map(|grade| grade.bad_rate).is_sorted_by(|better, worse| better < worse)
}
