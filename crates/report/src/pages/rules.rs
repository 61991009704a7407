//! The rules of admission, as a table.

use domain::Text;
use scorecard::admission::{FigureOf, Finding, Limit, Rule, Verdict};

use crate::html::{Cell, Column, Table, Tone};
use crate::phrases;

/// A figure of a rule as people read it: counts and points are whole, shares have three digits.
#[must_use]
pub fn rule_figure(rule: Rule, figure: f64) -> String {
    match rule {
        Rule::Holders | Rule::HolderFeatures | Rule::Features | Rule::Bins | Rule::Room => {
            format!("{figure:.0}")
        }
        Rule::BinShare
        | Rule::FeatureDominance
        | Rule::HolderDominance
        | Rule::UnitVector
        | Rule::MixedRadix => format!("{figure:.3}"),
    }
}

/// The limit that a figure must keep, in words.
#[must_use]
pub fn rule_limit(finding: &Finding) -> Text {
    match finding.limit {
        Limit::Least(least) => phrases::at_least(rule_figure(finding.rule, least)),
        Limit::Most(most) => phrases::at_most(rule_figure(finding.rule, most)),
    }
}

/// What a figure is about, in words.
#[must_use]
pub fn rule_place(place: &FigureOf) -> Text {
    match place {
        FigureOf::Model => Text::same("-"),
        FigureOf::Holder(slot) => Text::same(slot.to_string()),
        FigureOf::Feature(slot, column) => Text::same(format!("{slot}.{column}")),
        FigureOf::Bin(slot, column, bin) => Text::same(format!("{slot}.{column}: {bin}")),
        FigureOf::Below(points) => phrases::spans_below(points),
    }
}

/// What a rule asks, in words.
#[must_use]
pub fn rule_asks(rule: Rule) -> Text {
    Text::new(rule.en(), rule.zh())
}

/// How a model fares with all rules, in a sentence.
pub(super) fn verdict(rules: &[Finding]) -> (Tone, Text) {
    let with = |verdict| rules.iter().filter(|finding| finding.verdict == verdict).count();
    match (with(Verdict::Fails), with(Verdict::Unknown)) {
        (0, 0) => (Tone::Fine, phrases::verdict_kept()),
        (0, _) => (Tone::Unknown, phrases::verdict_open()),
        (broken, _) => (Tone::Wrong, phrases::verdict_broken(broken)),
    }
}

/// Every rule with its figure.
pub(super) fn table(rules: &[Finding]) -> Table {
    let columns = vec![
        Column::words(phrases::head_rule()),
        Column::words(phrases::head_verdict()),
        Column::number(phrases::head_figure()),
        Column::number(phrases::head_limit()),
        Column::words(phrases::head_worst()),
        Column::sentences(phrases::head_asks()),
    ];
    let mut table = Table::new(phrases::rules_caption(), columns);
    for finding in rules {
        let (tone, word) = match finding.verdict {
            Verdict::Holds => (Tone::Fine, phrases::rule_kept()),
            Verdict::Flagged => (Tone::Look, phrases::rule_flagged()),
            Verdict::Fails => (Tone::Wrong, phrases::rule_broken()),
            Verdict::Unknown => (Tone::Unknown, phrases::rule_unmeasured()),
        };
        table.row(vec![
            Cell::Name(finding.rule.code().into()),
            Cell::Flag(tone, word),
            Cell::known(finding.figure, |figure| rule_figure(finding.rule, figure)),
            Cell::Text(rule_limit(finding)),
            match &finding.place {
                FigureOf::Model => Cell::None,
                FigureOf::Below(_) => Cell::Text(rule_place(&finding.place)),
                FigureOf::Holder(_) | FigureOf::Feature(..) | FigureOf::Bin(..) => {
                    Cell::Name(rule_place(&finding.place).en)
                }
            },
            Cell::Text(rule_asks(finding.rule)),
        ]);
    }
    table
}
