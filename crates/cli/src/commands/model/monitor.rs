//! `tacit model monitor`: what a model in use shows once outcomes are known.

mod figures;
mod rows;

use domain::Text;
use scorecard::monitoring::{self, Calibration, Cell, Shift, Swap};
use terminal::table::list;
use terminal::units::{as_float, count};
use terminal::{Failure, Table, Voice, say};

use self::figures::{Challenge, Figures, Measures};
use self::rows::{Joined, Scores};
use super::unusable;
use crate::arguments::MonitorArguments;
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) fn monitor(monitor: &MonitorArguments, voice: Voice) -> Result<(), Failure> {
    let figures = figures(monitor)?;
    if monitor.json {
        json_line(&figures);
    } else {
        show(&figures, voice);
    }
    Ok(())
}

fn figures(monitor: &MonitorArguments) -> Result<Figures, Failure> {
    let file = &monitor.scores;
    let scores = Scores::read(file)?;
    let joined = Joined::of(&scores, monitor)?;
    let fault = |error: scorecard::Error| unusable(file, &error);
    let all = Measures::of(&joined.score, &joined.bad).ok_or_else(|| {
        Failure::new("DATA", phrases::one_outcome_known(monitor.outcomes.display()))
    })?;
    let (risks, bad) = (joined.score.mapv(|score| -score), joined.bad.view());
    let gains = scorecard::gains(risks.view(), bad, monitor.groups).map_err(fault)?;
    let calibration = joined.probability.as_ref().map(|probability| {
        monitoring::calibration(probability.view(), bad, monitor.groups).map_err(fault)
    });
    let (calibration, brier) = calibration.transpose()?.unzip();
    let shift = monitor.base.as_deref().map(|base| {
        let (before, now) = (Scores::read(base)?.all(), scores.all());
        let shifted = monitoring::shift(before.view(), now.view(), monitor.groups);
        shifted.map_err(|error| unusable(base, &error))
    });
    let challenge = monitor.challenger.as_deref().zip(monitor.approve_from);
    let challenge = challenge.map(|(file, from)| {
        let challenger = joined.with(&Scores::read(file)?, file)?;
        Challenge::of(&challenger, from).map_err(|error| unusable(file, &error))
    });
    Ok(Figures {
        scored: scores.len(),
        without_score: scores.without_score,
        without_outcome: joined.without_outcome,
        unknown: joined.unknown,
        all,
        brier,
        gains,
        calibration,
        shift: shift.transpose()?,
        segments: joined.segments(),
        challenge: challenge.transpose()?,
    })
}

fn show(figures: &Figures, voice: Voice) {
    let language = voice.language();
    print(&list(language, &summary(figures)));
    say::line("");
    print(&gains(figures, voice));
    if let Some(shift) = &figures.shift {
        say::line("");
        print(&shifted(shift, voice));
        voice.tell(&moved(shift.index));
    }
    if !figures.segments.is_empty() {
        say::line("");
        print(&segments(figures, voice));
    }
    if let Some(challenge) = &figures.challenge {
        say::line("");
        print(&swapped(&challenge.swap, voice));
        let (difference, p) = (format!("{:+.4}", challenge.difference), p_value(challenge.p));
        voice.tell(&phrases::challenged(difference, p));
    }
}

fn summary(figures: &Figures) -> Vec<(Text, String)> {
    let Figures { all, .. } = figures;
    let mut entries = vec![
        (phrases::head_scored(), count(figures.scored)),
        (phrases::head_without_score(), count(figures.without_score)),
        (phrases::head_without_outcome(), count(figures.without_outcome)),
        (phrases::head_unknown_outcome(), count(figures.unknown)),
        (phrases::head_known(), count(all.rows)),
        (phrases::head_bads(), format!("{} ({:.2}%)", count(all.bad), 100.0 * all.bad_rate)),
        (phrases::head_auc(), all.auc_words()),
        (phrases::head_ks_gini(), format!("{:.4} / {:.4}", all.ks, all.gini)),
    ];
    if let Some(brier) = figures.brier {
        entries.push((phrases::head_brier(), format!("{brier:.5}")));
    }
    entries
}

/// A line a group, the riskiest first.
fn gains(figures: &Figures, voice: Voice) -> Vec<String> {
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
    if figures.calibration.is_some() {
        heads.push(phrases::head_predicted());
    }
    let numbers: Vec<usize> = (0..heads.len()).collect();
    let mut table = Table::new(voice.language(), &heads).right(&numbers);
    let predicted: Vec<Option<&Calibration>> = match &figures.calibration {
        Some(groups) => groups.iter().map(Some).collect(),
        None => vec![None; figures.gains.len()],
    };
    for (gain, predicted) in figures.gains.iter().zip(predicted) {
        let mut row = vec![
            format!("{:.0}%", 100.0 * gain.group),
            count(gain.good + gain.bad),
            count(gain.bad),
            percent(gain.badrate),
            format!("{:.2}", gain.lift),
            percent(gain.cumbad),
            percent(gain.cumgood),
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

fn segments(figures: &Figures, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_segment(),
        phrases::head_rows(),
        phrases::head_bads(),
        phrases::head_bad_rate(),
        phrases::head_auc(),
        Text::same("KS"),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 2, 3]);
    for segment in &figures.segments {
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

/// What an index of stability is usually taken for.
fn moved(index: f64) -> Text {
    let figure = format!("{index:.4}");
    if index < 0.1 {
        phrases::stable(figure)
    } else if index < 0.25 {
        phrases::has_moved(figure)
    } else {
        phrases::another_population(figure)
    }
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
