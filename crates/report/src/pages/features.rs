//! The features of a model: all in one table, then each with its bins.

use domain::Text;
use maud::{Markup, html};
use terminal::Language;

use super::figures::{four, percent};
use super::{bins, stability};
use crate::html::{Cell, Column, Table, Tone};
use crate::{FeatureCard, ModelCard, phrases};

/// Every feature in a line.
pub(super) fn overview(card: &ModelCard) -> Table {
    let any = |known: fn(&FeatureCard) -> bool| card.features.iter().any(known);
    let (coefficient, iv) = (any(|it| it.coefficient.is_some()), any(|it| it.iv.is_some()));
    let (explains, csi) = (any(|it| it.explains.is_some()), any(|it| it.csi.is_some()));
    let points = any(|it| spread(it).is_some());
    let against = any(|it| against(it) > 0);
    let mut columns = vec![
        Column::words(phrases::head_feature()),
        Column::words(phrases::head_holder()),
        Column::number(phrases::head_bin_count()),
    ];
    let mut shown = |is: bool, head: Text| {
        if is {
            columns.push(Column::number(head));
        }
    };
    shown(points, phrases::head_spread());
    shown(iv, Text::same("IV"));
    shown(coefficient, phrases::head_coefficient());
    shown(explains, phrases::head_explains());
    shown(csi, Text::same("CSI"));
    if against {
        columns.push(Column::words(phrases::head_remark()));
    }
    let mut table = Table::new(phrases::features_caption(), columns);
    for feature in &card.features {
        let mut row = vec![
            Cell::Name(feature.column.clone()),
            Cell::Name(feature.holder.to_string()),
            Cell::Plain(feature.bins.len().to_string()),
        ];
        let mut known = |is: bool, cell: Cell| {
            if is {
                row.push(cell);
            }
        };
        known(points, Cell::known(spread(feature), |points| points.to_string()));
        known(iv, Cell::known(feature.iv, four));
        known(coefficient, Cell::known(feature.coefficient, four));
        known(explains, Cell::known(feature.explains, percent));
        known(csi, feature.csi.map_or(Cell::None, stability::index));
        if against {
            row.push(match self::against(feature) {
                0 => Cell::Plain(String::new()),
                bins => Cell::Flag(Tone::Look, phrases::bins_against(bins)),
            });
        }
        table.row(row);
    }
    table
}

/// A feature with its bins as a table and as plots; `place` counts from 1.
pub(super) fn one(feature: &FeatureCard, place: usize, language: Language) -> Markup {
    let name = format!("{}.{}", feature.holder, feature.column);
    let id = format!("feature-{place}");
    let mut facts = Vec::new();
    facts.extend(feature.field.as_ref().map(phrases::fact_field));
    facts.extend(feature.iv.map(|iv| Text::same(format!("IV {}", four(iv)))));
    facts.extend(feature.coefficient.map(|it| phrases::fact_coefficient(four(it))));
    facts.extend(feature.explains.map(|share| phrases::fact_explains(percent(share))));
    facts.extend(feature.csi.map(|csi| Text::same(format!("CSI {}", four(csi)))));
    html! {
        article id=(id) {
            h3 { (place) ". " code { (name) } }
            @if !facts.is_empty() {
                ul.facts { @for fact in &facts { li { (language.words(fact)) } } }
            }
            (bins::table(feature, &name).markup(language))
            (bins::plots(feature, &id, &name, language))
        }
    }
}

/// How far the points of its bins are apart; `None` where nobody learns them.
fn spread(feature: &FeatureCard) -> Option<u16> {
    let points: Option<Vec<u16>> = feature.bins.iter().map(|bin| bin.points).collect();
    let points = points?;
    Some(points.iter().max()? - points.iter().min()?)
}

/// In how many bins points and bad rate disagree.
fn against(feature: &FeatureCard) -> usize {
    feature.bins.iter().filter(|bin| bin.against_points).count()
}
