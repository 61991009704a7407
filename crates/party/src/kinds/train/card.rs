//! The lender's scorecard: whole points of a fit over weights of evidence, as `tacit model` reads them.

use std::collections::BTreeMap;

use domain::{Field, Slot, SubjectKind};
use scorecard::fitting::{Counts, information_value};
use scorecard::{Binning, Fact, Feature, Fitted, Head, Scale, Scorecard};
use serde_json::{Value, json};
use wire::BinnedColumn;

use super::evidence::{counted, weights};
use super::gathering::Gathering;
use super::not_gathering;
use super::report::Fit;
use crate::Trouble;

/// Below this information value a column hardly tells good from bad.
const WEAK: f64 = 0.02;

/// A card, and what the lender's report says of it.
pub(super) struct Card {
    /// The model file; none where points do not fit an encrypted answer.
    pub(super) file: Option<String>,
    pub(super) report: Value,
}

/// Makes the card of a training whose columns were binned.
pub(super) fn of(
    gathering: &Gathering,
    told: &[Vec<BinnedColumn>],
    fit: &Fit,
    figures: &Value,
) -> Result<Card, Trouble> {
    let job = &gathering.job;
    let wanted = job.scorecard.as_ref().ok_or_else(not_gathering)?;
    let columns = job.contributions.iter().zip(told);
    let columns =
        columns.flat_map(|(own, told)| own.columns.iter().map(move |name| (own, name)).zip(told));
    let (mut fitted, mut reports) = (Vec::new(), Vec::new());
    for (at, ((own, called), column)) in columns.enumerate() {
        let coef = fit.weights.get(at).copied().ok_or_else(not_gathering)?;
        let bins: Vec<Counts> = column.bins.iter().map(|cell| counted(*cell)).collect();
        let woe = weights(&bins, column.missing);
        let binning = Binning::numbers(column.breaks.clone(), true).map_err(|e| unfit(&e))?;
        let labels: Vec<Option<String>> = (0..woe.len()).map(|bin| binning.label(bin)).collect();
        let is_field = job.rows.kind != SubjectKind::Opaque && own.party != job.computing.lender;
        let field = called.parse::<Field>().ok().filter(|_| is_field);
        let feature = Feature::new(&column.column, binning).map_err(|e| unfit(&e))?;
        let holder: Slot = own.party.as_str().parse().map_err(|e| unfit(&e))?;
        let apart = column.missing.apart().map(counted);
        let cells: Vec<Counts> = bins.iter().copied().chain(apart).collect();
        let iv = information_value(&cells);
        let certain = fit.certain.as_ref().and_then(|all| all.get(at));
        reports.push(json!({
            "party": own.party, "register": own.register, "column": called,
            "called": column.column, "iv": iv, "coef": coef,
            "standard_error": certain.map(|one| one.error),
            "z": certain.map(|one| one.z),
            "p": certain.map(|one| one.p),
            "wrong_sign": coef <= 0.0,
            "weak": iv < WEAK,
            "bins": labels.into_iter().enumerate().map(|(bin, label)| {
                let cell = cells.get(bin);
                json!({
                    "bin": label, "woe": woe[bin],
                    "good": cell.map(|cell| cell.good), "bad": cell.map(|cell| cell.bad),
                })
            }).collect::<Vec<_>>(),
        }));
        fitted.push(Fitted { holder, field, feature, woe, coef });
    }
    let scale = Scale {
        base_score: wanted.base_score,
        base_odds: wanted.base_odds.into(),
        pdo: wanted.pdo.into(),
    };
    let title = match job.label.meaning.trim() {
        "" => job.id.to_string(),
        meaning => meaning.to_owned(),
    };
    let head = Head { model: job.id.clone(), title, scale };
    let card = Scorecard::from_regression(head, fit.intercept, facts(gathering, figures), fitted);
    let (card, trouble) = match card {
        Ok(card) => (Some(card), None),
        Err(error) => (None, Some(error.to_string())),
    };
    if let Some(card) = &card {
        for (report, (_, _, points)) in reports.iter_mut().zip(card.features()) {
            let bins = report["bins"].as_array_mut().into_iter().flatten();
            bins.zip(points).for_each(|(bin, points)| bin["points"] = json!(points));
        }
    }
    let report = json!({
        "offset": card.as_ref().map(Scorecard::offset),
        "most_points": card.as_ref().map(Scorecard::most_points),
        "base_score": wanted.base_score, "base_odds": wanted.base_odds, "pdo": wanted.pdo,
        "columns": reports, "trouble": trouble,
    });
    Ok(Card { file: card.map(|card| card.to_toml()), report })
}

/// How the card came about, for its readers; of what it is worth no more than they may know: two
/// decimals.
fn facts(gathering: &Gathering, figures: &Value) -> BTreeMap<String, Fact> {
    let measured = ["held_out", "evaluation"].into_iter().find(|of| figures[*of].is_object());
    let figure = |name: &str| {
        let figure = figures[measured?][name].as_f64()?;
        Some((name.to_owned(), Fact::Number((figure * 100.0).round() / 100.0)))
    };
    let said = [
        ("job", Fact::Text(hex::encode(gathering.digest.as_bytes()))),
        ("training", Fact::Text(gathering.training.to_string())),
        ("rows", Fact::Integer(gathering.job.rows.count.into())),
    ];
    let said = said.into_iter().map(|(name, fact)| (name.to_owned(), fact));
    said.chain(["auc", "ks"].into_iter().filter_map(figure)).collect()
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::from_error("OURS", error)
}
