//! `tacit model check`: the rules of admission, and what labelled rows say.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use domain::{Slot, Text, Value};
use scorecard::admission::{Admission, FigureOf, Finding, Limit, Rule, Verdict};
use scorecard::{CsvTable, Reference, Scorecard, Separation, Tally};
use serde_json::json;
use terminal::table::list;
use terminal::units::count;
use terminal::{Failure, Table, Voice, say};

use super::{card_of, text_of, unusable};
use crate::arguments::CheckArguments;
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) fn check(check: &CheckArguments, voice: Voice) -> Result<(), Failure> {
    let card = card_of(&check.file)?;
    let measured = match (&check.data, &check.label) {
        (Some(data), Some(label)) => {
            let (key, lender) = (check.key.as_deref(), check.lender.as_ref());
            Some(Measured::of(&card, (data, label, key), lender)?)
        }
        (None, _) | (_, None) => None,
    };
    if let (Some(file), Some(measured)) = (&check.reference, &measured) {
        let text = format!("{REFERENCE_HEAD}{}", measured.reference.to_toml(&card));
        fs::write(file, text).map_err(|error| Failure::file(file, &error))?;
        voice.note(&phrases::reference_written(file.display()));
    }
    let reference = measured.as_ref().map(|measured| &measured.reference);
    let admission = Admission::of(&card, check.lender.as_ref(), reference);
    if check.json {
        json_line(&record(&card, &admission, measured.as_ref()));
    } else {
        print(&rules(admission.findings(), voice));
        if let Some(measured) = &measured {
            say::line("");
            print(&bins(&card, &measured.reference, voice));
            say::line("");
            print(&list(voice.language(), &measured.entries(&card)));
        }
    }
    if let Some(lacks) = card.lacks()
        && !check.json
    {
        voice.note(&phrases::bins_lacked(lacks));
    }
    let findings = admission.findings().iter();
    let broken = findings.filter(|finding| finding.verdict == Verdict::Fails).count();
    if broken > 0 {
        let what = phrases::rules_broken(broken, card.model());
        return Err(Failure::new("MODEL_RULES", what).advise(phrases::rules_broken_advice()));
    }
    if !check.json {
        let complete = admission.is_complete();
        let kept = if complete { phrases::rules_kept } else { phrases::rules_open };
        voice.note(&kept(card.model()));
    }
    Ok(())
}

/// What a file of statistics begins with.
const REFERENCE_HEAD: &str = "\
    # Reference statistics of a model, counted by `tacit model check --data ... --reference FILE`:\n\
    # how rows fall into its bins, and what of the score one feature and one holder explain (0 to 1).\n\
    # `bins` is the hash of its holders, columns, bins and points: the file is of no other model.\n";

/// What labelled rows say of a card.
struct Measured {
    rows: usize,
    bads: usize,
    unplaced: usize,
    reference: Reference,
    rounded: Separation,
    exact: Option<Separation>,
}

impl Measured {
    fn of(
        card: &Scorecard,
        (data, label, key): (&Path, &str, Option<&str>),
        lender: Option<&Slot>,
    ) -> Result<Self, Failure> {
        let sheet = CsvTable::read(&text_of(data)?).map_err(|error| unusable(data, &error))?;
        let named = |column: &str| {
            let what = || phrases::no_column(data.display(), column);
            sheet.find(column).ok_or_else(|| Failure::new("DATA", what()))
        };
        let columns = card.features().map(|(slot, feature, _)| {
            let own = sheet.find(&format!("{slot}.{}", feature.column()));
            own.map_or_else(|| named(feature.column()), Ok)
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let (label_at, key_at) = (named(label)?, key.map(named).transpose()?);
        let mut keys = HashSet::new();
        let mut tally = Tally::new(card, lender);
        let (mut rounded, mut exact, mut unplaced) = (Vec::new(), Vec::new(), 0);
        for (index, row) in sheet.rows().iter().enumerate() {
            if let (Some(at), Some(key)) = (key_at, key)
                && !keys.insert(&row[at])
            {
                let what = phrases::key_twice(data.display(), index + 1, key);
                return Err(Failure::new("DATA", what));
            }
            let bad = outcome(&row[label_at]).ok_or_else(|| {
                Failure::new("DATA", phrases::odd_label(data.display(), index + 1, label))
            })?;
            let Some(bins) = bins_of(card, row, &columns) else {
                unplaced += 1;
                continue;
            };
            tally.count(&bins);
            rounded.extend(card.points_of(&bins).map(|points| (f64::from(points), bad)));
            exact.extend(card.exact_score(&bins).map(|score| (score, bad)));
        }
        let found = tally.reference().zip(Separation::of(&rounded));
        let one_outcome = || Failure::new("DATA", phrases::one_outcome(data.display()));
        let (reference, separation) = found.ok_or_else(one_outcome)?;
        Ok(Self {
            rows: rounded.len(),
            bads: rounded.iter().filter(|(_, bad)| *bad).count(),
            unplaced,
            reference,
            rounded: separation,
            exact: Separation::of(&exact),
        })
    }

    fn entries(&self, card: &Scorecard) -> Vec<(Text, String)> {
        let pair = |one: f64, other: f64| format!("{one:.4} / {other:.4}");
        let whole = |number: usize| count(number.try_into().unwrap_or(u64::MAX));
        let holders = card.holders().into_iter().zip(&self.reference.holder_dominance);
        let mut entries: Vec<_> = holders
            .filter(|(slot, _)| self.reference.lender.as_ref() != Some(slot))
            .map(|(slot, share)| (phrases::head_explains(), format!("{slot} {share:.3}")))
            .collect();
        entries.extend([
            (phrases::head_rows(), whole(self.rows)),
            (phrases::head_bads(), whole(self.bads)),
            (phrases::head_unplaced(), whole(self.unplaced)),
            (phrases::head_rounded(), pair(self.rounded.auc, self.rounded.ks)),
        ]);
        if let Some(exact) = self.exact {
            let (auc, ks) = (exact.auc - self.rounded.auc, exact.ks - self.rounded.ks);
            entries.push((phrases::head_exact(), pair(exact.auc, exact.ks)));
            entries.push((phrases::head_lost(), pair(auc, ks)));
        }
        entries
    }
}

/// A row's bins; `None` when a value has none.
fn bins_of(card: &Scorecard, row: &[String], columns: &[usize]) -> Option<Vec<usize>> {
    let bin = |((_, feature, _), at): ((&Slot, &scorecard::Feature, &[u16]), &usize)| {
        let cell = row[*at].trim();
        let value = (!cell.is_empty()).then(|| {
            let number = cell.parse().ok().filter(|_| feature.binning().is_numeric());
            number.map_or_else(|| Value::text(cell), Value::Number)
        });
        feature.binning().bin_of(value.as_ref())
    };
    card.features().zip(columns).map(bin).collect()
}

/// What stands in a column of outcomes: `true` for bad.
pub(super) fn outcome(cell: &str) -> Option<bool> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "bad" => Some(true),
        "0" | "0.0" | "good" => Some(false),
        _ => None,
    }
}

pub(super) fn rules(findings: &[Finding], voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_rule(),
        phrases::head_verdict(),
        phrases::head_figure(),
        phrases::head_limit(),
        phrases::head_worst(),
        phrases::head_asks(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[2]);
    for finding in findings {
        let limit = match finding.limit {
            Limit::Least(least) => phrases::at_least(shown(finding.rule, least)),
            Limit::Most(most) => phrases::at_most(shown(finding.rule, most)),
        };
        let figure = finding.figure.map_or_else(|| "-".into(), |it| shown(finding.rule, it));
        let cells = [verdict(finding), Text::same(figure), limit, place(&finding.place)];
        let mut row = vec![finding.rule.code().to_owned()];
        row.extend(cells.iter().map(|cell| voice.words(cell).to_owned()));
        row.push(voice.words(&asked(finding.rule)).to_owned());
        table.row(row);
    }
    table.lines()
}

/// Every bin with its share, and what each feature explains.
fn bins(card: &Scorecard, reference: &Reference, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_feature(),
        phrases::head_explains(),
        phrases::head_bin(),
        phrases::head_points(),
        phrases::head_share(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 3, 4]);
    let shares = reference.bin_shares.iter().zip(&reference.feature_dominance);
    for ((slot, feature, points), (shares, explains)) in card.features().zip(shares) {
        for (bin, (points, share)) in points.iter().zip(shares).enumerate() {
            let (name, explains) = match bin {
                0 => {
                    // The lender's own features are not in the sum that it opens.
                    let own = reference.lender.as_ref() == Some(slot);
                    let explains = if own { "-".into() } else { format!("{explains:.3}") };
                    (format!("{slot}.{}", feature.column()), explains)
                }
                _ => (String::new(), String::new()),
            };
            let label = feature.binning().label(bin).unwrap_or_default();
            table.row(vec![name, explains, label, points.to_string(), format!("{share:.3}")]);
        }
    }
    table.lines()
}

fn verdict(finding: &Finding) -> Text {
    match finding.verdict {
        Verdict::Holds => phrases::rule_kept(),
        Verdict::Flagged => phrases::rule_flagged(),
        Verdict::Fails => phrases::rule_broken(),
        Verdict::Unknown => phrases::rule_unknown(),
    }
}

fn place(place: &FigureOf) -> Text {
    match place {
        FigureOf::Model => Text::same("-"),
        FigureOf::Holder(slot) => Text::same(slot.to_string()),
        FigureOf::Feature(slot, column) => Text::same(format!("{slot}.{column}")),
        FigureOf::Bin(slot, column, bin) => Text::same(format!("{slot}.{column}: {bin}")),
        FigureOf::Below(points) => phrases::spans_below(points),
    }
}

fn asked(rule: Rule) -> Text {
    Text { en: rule.en().into(), zh: rule.zh().into() }
}

/// A figure of a rule: counts and points are whole, shares have three digits.
fn shown(rule: Rule, figure: f64) -> String {
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

fn record(
    card: &Scorecard,
    admission: &Admission,
    measured: Option<&Measured>,
) -> serde_json::Value {
    let separation = |of: Separation| json!({ "auc": of.auc, "ks": of.ks });
    let measured = measured.map(|measured| {
        let reference = &measured.reference;
        json!({
            "rows": measured.rows,
            "bad": measured.bads,
            "without_bin": measured.unplaced,
            "rounded": separation(measured.rounded),
            "exact": measured.exact.map(separation),
            "bin_shares": reference.bin_shares,
            "feature_dominance": reference.feature_dominance,
            "holder_dominance": reference.holder_dominance,
        })
    });
    json!({
        "model": card.model(),
        "rules": admission.findings(),
        "lacks_bins": card.lacks(),
        "measured": measured,
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
