//! `tacit model check`: the rules of admission, and what labelled rows say.

mod rows;

use std::fs;

use domain::Text;
use report::{BinCard, BinKind, Measured, ModelCard, Provenance};
use scorecard::admission::{Admission, Finding, Verdict};
use scorecard::{Reference, Scorecard};
use terminal::table::list;
use terminal::units::count;
use terminal::{Failure, Table, Voice, say};

use self::rows::{Columns, Rows};
use super::{card_of, text_of, unusable};
use crate::arguments::CheckArguments;
use crate::commands::{json_line, print, source, write_page};
use crate::phrases;

/// Groups of as many rows, in tables and plots.
const GROUPS: usize = 10;

pub(super) fn check(check: &CheckArguments, voice: Voice) -> Result<(), Failure> {
    let card = card_of(&check.file)?;
    let (found, reference) = found(&card, check)?;
    if let (Some(file), Some(reference)) = (&check.reference, &reference) {
        let text = format!("{REFERENCE_HEAD}{}", reference.to_toml(&card));
        fs::write(file, text).map_err(|error| Failure::file(file, &error))?;
        voice.note(&phrases::reference_written(file.display()));
    }
    if let Some(file) = &check.html {
        write_page(file, &found.to_html(voice.language()), voice)?;
    }
    if check.json {
        json_line(&found);
    } else {
        show(&found, voice);
    }
    let with = |verdict| found.rules.iter().filter(|finding| finding.verdict == verdict).count();
    let broken = with(Verdict::Fails);
    if broken > 0 {
        let what = phrases::rules_broken(broken, card.model());
        return Err(Failure::new("MODEL_RULES", what).advise(phrases::rules_broken_advice()));
    }
    if !check.json {
        let complete = with(Verdict::Unknown) == 0;
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

/// The model's card, and the statistics of the rows, where there are rows.
fn found(
    card: &Scorecard,
    check: &CheckArguments,
) -> Result<(ModelCard, Option<Reference>), Failure> {
    let lender = check.lender.as_ref();
    let provenance = Provenance::of(card, lender);
    let (Some(data), Some(label)) = (&check.data, &check.label) else {
        let admission = Admission::of(card, lender, None);
        return Ok((ModelCard::of(card, provenance, &admission), None));
    };
    let columns = Columns { label, optional: false, key: check.key.as_deref(), lender };
    let Rows { sample, source: rows, .. } = Rows::read(card, data, columns)?;
    let reference = sample.reference();
    let admission = Admission::of(card, lender, reference.as_ref());
    let mut found = ModelCard::of(card, provenance, &admission);
    if !sample.has_both_classes() {
        return Err(Failure::new("DATA", phrases::one_outcome(data.display())));
    }
    let measured = found.measure(&sample, rows, GROUPS);
    measured.map_err(|error| unusable(data, &error))?;
    let Some(file) = &check.base else { return Ok((found, reference)) };
    // Statistics are TOML and rows are a CSV; no CSV is called .toml.
    if file.extension().is_some_and(|ending| ending == "toml") {
        let text = text_of(file)?;
        let before = Reference::from_toml(&text, card).map_err(|error| unusable(file, &error))?;
        found.compare_with_statistics(&before, source(file, &text));
        return Ok((found, reference));
    }
    let before = Rows::read(card, file, Columns { optional: true, key: None, ..columns })?;
    let measures = before.sample.measures().filter(|_| before.labelled);
    let compared = found.compare(&sample, &before.sample, (before.source, measures), GROUPS);
    compared.map_err(|error| unusable(file, &error))?;
    Ok((found, reference))
}

fn show(found: &ModelCard, voice: Voice) {
    print(&rules(&found.rules, voice));
    if let Some(measured) = &found.measured {
        say::line("");
        print(&bins(found, voice));
        say::line("");
        print(&list(voice.language(), &entries(measured)));
    }
    if let Some(shift) = found.before.as_ref().and_then(|before| before.shift.as_ref()) {
        voice.tell(&report::stability_words(shift.index));
    }
    if let Some(lacks) = &found.lacks_bins {
        voice.note(&phrases::bins_lacked(lacks));
    }
}

fn entries(measured: &Measured) -> Vec<(Text, String)> {
    let pair = |one: f64, other: f64| format!("{one:.4} / {other:.4}");
    let holders = measured.holders.iter();
    let mut entries: Vec<_> = holders
        .map(|(slot, share)| (phrases::head_explains(), format!("{slot} {share:.3}")))
        .collect();
    let all = &measured.performance.all;
    entries.extend([
        (phrases::head_rows(), count(all.rows)),
        (phrases::head_bads(), count(all.bad)),
        (phrases::head_unplaced(), count(measured.without_bin)),
        (phrases::head_auc(), all.auc_words()),
        (phrases::head_rounded(), pair(all.auc, all.ks)),
    ]);
    if let Some(exact) = measured.before_rounding {
        entries.push((phrases::head_exact(), pair(exact.auc, exact.ks)));
        entries.push((phrases::head_lost(), pair(exact.auc - all.auc, exact.ks - all.ks)));
    }
    entries
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
        let figure = finding.figure.map(|it| report::rule_figure(finding.rule, it));
        let cells = [
            verdict(finding),
            Text::same(figure.unwrap_or_else(|| "-".into())),
            report::rule_limit(finding),
            report::rule_place(&finding.place),
            report::rule_asks(finding.rule),
        ];
        let mut row = vec![finding.rule.code().to_owned()];
        row.extend(cells.iter().map(|cell| voice.words(cell).to_owned()));
        table.row(row);
    }
    table.lines()
}

/// Every bin with its share, and what each feature explains.
fn bins(found: &ModelCard, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_feature(),
        phrases::head_explains(),
        phrases::head_bin(),
        phrases::head_points(),
        phrases::head_share(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 3, 4]);
    for feature in &found.features {
        let named = format!("{}.{}", feature.holder, feature.column);
        let explains = feature.explains.map_or_else(|| "-".into(), |it| format!("{it:.3}"));
        let mut head = Some((named, explains));
        for bin in &feature.bins {
            let (named, explains) = head.take().unwrap_or_default();
            let points = bin.points.map_or_else(|| "-".into(), |points| points.to_string());
            let share = bin.counted.map(|counted| format!("{:.3}", counted.share));
            table.row(vec![named, explains, takes(bin, voice), points, share.unwrap_or_default()]);
        }
    }
    table.lines()
}

fn takes(bin: &BinCard, voice: Voice) -> String {
    match bin.kind {
        BinKind::Values => bin.takes.clone(),
        BinKind::Other => voice.words(&phrases::bin_other()).to_owned(),
        BinKind::Missing => voice.words(&phrases::bin_missing()).to_owned(),
    }
}

fn verdict(finding: &Finding) -> Text {
    match finding.verdict {
        Verdict::Holds => phrases::rule_kept(),
        Verdict::Flagged => phrases::rule_flagged(),
        Verdict::Fails => phrases::rule_broken(),
        Verdict::Unknown => phrases::rule_unknown(),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
