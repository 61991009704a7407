//! What a model is for, what it is, and how it came about.

use domain::Text;
use maud::{Markup, html};
use scorecard::Fact;
use terminal::Language;
use terminal::units::count;

use crate::html::{Cell, Column, Table, entries};
use crate::{ModelCard, PointsPolicy, Provenance, phrases};

pub(super) fn identity(card: &ModelCard, language: Language) -> Markup {
    html! {
        (entries(language, &named(card)))
        (parties(&card.provenance).markup(language))
        @if !card.provenance.facts.is_empty() { (facts(&card.provenance).markup(language)) }
    }
}

fn named(card: &ModelCard) -> Vec<(Text, Cell)> {
    let Provenance { purpose, outcome, window, job, policy, certificate, receipts, .. } =
        &card.provenance;
    let plain = |words: String| Cell::Plain(words);
    let mut named = vec![
        (phrases::head_title(), plain(card.title.clone())),
        (phrases::head_model(), Cell::Name(card.model.to_string())),
        (phrases::head_model_digest(), Cell::Name(card.digest.to_string())),
    ];
    if let Some(purpose) = purpose {
        let words = Text::new(purpose.name_en(), purpose.name_zh());
        named.push((phrases::head_intended(), Cell::Text(words)));
    }
    if let Some(outcome) = outcome {
        named.push((phrases::head_outcome(), plain(outcome.clone())));
    }
    if let Some(window) = window {
        let days = format!("{} – {}", window.from, window.until);
        named.push((phrases::head_window(), plain(days)));
    }
    let scale = card.scale;
    let words = phrases::scale(scale.base_score, scale.base_odds, scale.pdo);
    named.push((phrases::head_scale(), Cell::Text(words)));
    let offset = phrases::offset(card.offset, card.most_points);
    named.push((phrases::head_offset(), Cell::Text(offset)));
    if let Some(day) = &card.valid_until {
        named.push((phrases::head_last_day(), plain(day.clone())));
    }
    if let Some(policy) = policy {
        let words = match policy {
            PointsPolicy::Lender => phrases::policy_lender(),
            PointsPolicy::Nobody => phrases::policy_nobody(),
        };
        named.push((phrases::head_policy(), Cell::Text(words)));
    }
    if let Some(job) = job {
        let words = format!("{} · {}", job.job, job.digest);
        named.push((phrases::head_training_job(), Cell::Name(words)));
    }
    if let Some(certificate) = certificate {
        named.push((phrases::head_certificate(), Cell::Name(certificate.to_string())));
    }
    for receipt in receipts {
        named.push((phrases::head_receipts(), Cell::Name(receipt.to_string())));
    }
    named
}

fn parties(provenance: &Provenance) -> Table {
    let named = provenance.parties.iter().any(|share| share.party.is_some());
    let mut columns = vec![Column::words(phrases::head_slot())];
    if named {
        columns.push(Column::words(phrases::head_party()));
    }
    columns.push(Column::number(phrases::head_features()));
    columns.push(Column::words(phrases::head_remark()));
    let mut table = Table::new(phrases::parties_caption(), columns);
    for share in &provenance.parties {
        let mut row = vec![Cell::Name(share.slot.to_string())];
        if named {
            row.push(share.party.as_ref().map_or(Cell::None, |it| Cell::Name(it.to_string())));
        }
        row.push(Cell::Plain(count(share.features)));
        row.push(match share.lender {
            true => Cell::Text(phrases::own_block()),
            false => Cell::Plain(String::new()),
        });
        table.row(row);
    }
    table
}

fn facts(provenance: &Provenance) -> Table {
    let columns =
        vec![Column::words(phrases::head_fact()), Column::sentences(phrases::head_value())];
    let mut table = Table::new(phrases::facts_caption(), columns);
    for (name, fact) in &provenance.facts {
        let value = match fact {
            Fact::Integer(integer) => integer.to_string(),
            Fact::Number(number) => number.to_string(),
            Fact::Text(text) => text.clone(),
        };
        table.row(vec![Cell::Name(name.clone()), Cell::Plain(value)]);
    }
    table
}
