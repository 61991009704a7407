//! `tacit model monitor`: what a model in use shows once outcomes are known.

mod rows;

use std::path::Path;

use domain::Text;
use report::{Before, Challenge, Measures, Monitoring, Performance};
use scorecard::monitoring::{self, Calibration, Cell, Shift, Swap};
use terminal::table::list;
use terminal::units::{as_float, count};
use terminal::{Failure, Table, Voice, say};

use self::rows::{Joined, Pair, Scores};
use super::unusable;
use crate::arguments::MonitorArguments;
use crate::commands::{json_line, print, write_page};
use crate::phrases;

pub(super) fn monitor(monitor: &MonitorArguments, voice: Voice) -> Result<(), Failure> {
    let found = found(monitor)?;
    if let Some(file) = &monitor.html {
        write_page(file, &found.to_html(voice.language()), voice)?;
    }
    if monitor.json {
        json_line(&found);
    } else {
        show(&found, voice);
    }
    Ok(())
}

fn found(monitor: &MonitorArguments) -> Result<Monitoring, Failure> {
    let file = &monitor.scores;
    let scores = Scores::read(file)?;
    let joined = Joined::of(&scores, &monitor.outcomes, monitor, monitor.segment.as_deref())?;
    measured(&joined, &monitor.outcomes)?;
    let probability = joined.probability.as_ref();
    let performance = Performance::of(&joined.score, probability, &joined.bad, monitor.groups);
    let performance = performance.map_err(|error| unusable(file, &error))?;
    let base = monitor.base.as_deref();
    let base = base.map(|file| Scores::read(file).map(|scores| (file, scores))).transpose()?;
    let shift = base.as_ref().map(|(file, before)| {
        let shifted = monitoring::shift(before.all().view(), scores.all().view(), monitor.groups);
        shifted.map_err(|error| unusable(file, &error))
    });
    let before = base.as_ref().zip(monitor.base_outcomes.as_deref());
    let before = before.map(|((_, scores), outcomes)| {
        let joined = Joined::of(scores, outcomes, monitor, None)?;
        let measures = measured(&joined, outcomes)?;
        Ok::<_, Failure>(Before { outcomes: joined.source, measures })
    });
    let challenge = monitor.challenger.as_deref().zip(monitor.approve_from);
    let challenge = challenge.map(|(file, from)| {
        let Pair { champion, challenger, bad } = joined.with(&Scores::read(file)?, file)?;
        let found = Challenge::of(&champion, &challenger, &bad, from);
        found.map_err(|error| unusable(file, &error))
    });
    Ok(Monitoring {
        scored: scores.len(),
        without_score: scores.without_score,
        without_outcome: joined.without_outcome,
        unknown: joined.unknown,
        performance,
        shift: shift.transpose()?,
        before: before.transpose()?,
        segments: joined.segments(),
        challenge: challenge.transpose()?,
        scores: scores.source,
        outcomes: joined.source,
    })
}

/// How well scores part good from bad, of which there must be two each.
fn measured(joined: &Joined, outcomes: &Path) -> Result<Measures, Failure> {
    let measures = Measures::of(joined.score.view(), joined.bad.view());
    let measures = measures.filter(|measures| measures.auc_95.is_some());
    measures.ok_or_else(|| Failure::new("DATA", phrases::one_outcome_known(outcomes.display())))
}

fn show(found: &Monitoring, voice: Voice) {
    let language = voice.language();
    print(&list(language, &summary(found)));
    say::line("");
    print(&gains(found, voice));
    if let Some(shift) = &found.shift {
        say::line("");
        print(&shifted(shift, voice));
        voice.tell(&report::stability_words(shift.index));
    }
    if !found.segments.is_empty() {
        say::line("");
        print(&segments(found, voice));
    }
    if let Some(challenge) = &found.challenge {
        say::line("");
        print(&swapped(&challenge.swap, voice));
        let (difference, p) = (format!("{:+.4}", challenge.difference), p_value(challenge.p));
        voice.tell(&phrases::challenged(difference, p));
    }
}

fn summary(found: &Monitoring) -> Vec<(Text, String)> {
    let all = &found.performance.all;
    let mut entries = vec![
        (phrases::head_scored(), count(found.scored)),
        (phrases::head_without_score(), count(found.without_score)),
        (phrases::head_without_outcome(), count(found.without_outcome)),
        (phrases::head_unknown_outcome(), count(found.unknown)),
        (phrases::head_known(), count(all.rows)),
        (phrases::head_bads(), format!("{} ({:.2}%)", count(all.bad), 100.0 * all.bad_rate)),
        (phrases::head_auc(), all.auc_words()),
        (phrases::head_ks_gini(), format!("{:.4} / {:.4}", all.ks, all.gini)),
    ];
    if let Some(before) = &found.before {
        entries.push((phrases::head_auc_before(), before.measures.auc_words()));
    }
    if let Some(brier) = found.performance.brier {
        entries.push((phrases::head_brier(), format!("{brier:.5}")));
    }
    entries
}

/// A line a group, the riskiest first.
fn gains(found: &Monitoring, voice: Voice) -> Vec<String> {
    let mut heads = vec![
        phrases::head_riskiest(),
        phrases::head_rows(),
        phrases::head_bads(),
        phrases::head_bad_rate(),
        phrases::head_lift(),
        phrases::head_bads_so_far(),
        phrases::head_goods_so_far(),
        Text::same("KS"),
    ];
    if found.performance.calibration.is_some() {
        heads.push(phrases::head_predicted());
    }
    let numbers: Vec<usize> = (0..heads.len()).collect();
    let mut table = Table::new(voice.language(), &heads).right(&numbers);
    let predicted: Vec<Option<&Calibration>> = match &found.performance.calibration {
        Some(groups) => groups.iter().map(Some).collect(),
        None => vec![None; found.performance.gains.len()],
    };
    for (gain, predicted) in found.performance.gains.iter().zip(predicted) {
        let mut row = vec![
            format!("{:.0}%", 100.0 * gain.group),
            count(gain.good + gain.bad),
            count(gain.bad),
            percent(gain.bad_rate),
            format!("{:.2}", gain.lift),
            percent(gain.bad_so_far),
            percent(gain.good_so_far),
            format!("{:.3}", gain.ks),
        ];
        row.extend(predicted.map(|group| percent(group.predicted)));
        table.row(row);
    }
    table.lines()
}

/// A line a bin of scores: how many rows there were, and are.
fn shifted(shift: &Shift, voice: Voice) -> Vec<String> {
    let heads =
        [phrases::head_score_from(), phrases::head_share_before(), phrases::head_share_now()];
    let mut table = Table::new(voice.language(), &heads).right(&[0, 1, 2]);
    let from = std::iter::once("-".into()).chain(shift.breaks.iter().map(ToString::to_string));
    let shares = |counts: &[u64]| {
        let all: u64 = counts.iter().sum();
        counts.iter().map(|own| percent(share(*own, all))).collect::<Vec<_>>()
    };
    let (before, now) = (shares(&shift.before), shares(&shift.now));
    for ((from, before), now) in from.zip(before).zip(now) {
        table.row(vec![from, before, now]);
    }
    table.lines()
}

fn segments(found: &Monitoring, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_segment(),
        phrases::head_rows(),
        phrases::head_bads(),
        phrases::head_bad_rate(),
        phrases::head_auc(),
        Text::same("KS"),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 2, 3]);
    for segment in &found.segments {
        let (auc, ks) = match &segment.measures {
            Some(measures) => (measures.auc_words(), format!("{:.4}", measures.ks)),
            None => ("-".into(), "-".into()),
        };
        let (rows, bad) = (segment.rows, segment.bad);
        let rate = percent(share(bad, rows));
        table.row(vec![segment.value.clone(), count(rows), count(bad), rate, auc, ks]);
    }
    table.lines()
}

fn swapped(swap: &Swap, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_approved_by(),
        phrases::head_rows(),
        phrases::head_bads(),
        phrases::head_bad_rate(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 2, 3]);
    for (name, Cell { good, bad }) in [
        (phrases::by_both(), swap.both),
        (phrases::by_challenger(), swap.swapped_in),
        (phrases::by_champion(), swap.swapped_out),
        (phrases::by_neither(), swap.neither),
    ] {
        let rows = good + bad;
        let name = voice.words(&name).to_owned();
        table.row(vec![name, count(rows), count(bad), percent(share(bad, rows))]);
    }
    table.lines()
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("= {p:.3}") }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", 100.0 * share)
}

/// A share of nothing is nothing.
fn share(of: u64, all: u64) -> f64 {
    as_float(of) / as_float(all.max(1))
}

#[cfg(test)]
#[path = "monitor_tests.rs"]
mod tests;
