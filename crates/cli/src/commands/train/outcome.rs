//! What came of a training: the model as a table, how good it is, what it cost.

use control::Address;
use control::messages::Run;
use domain::Text;
use terminal::runs::report_file;
use terminal::units::{bytes, count, seconds};
use terminal::{
    Certainty, Evaluation, ScorecardReport, ScoredColumn, Table, TrainingReport, Voice, say, short,
    table,
};

use crate::commands::print;
use crate::phrases;

/// Below this a p-value is not written out.
const SMALLEST: f64 = 1e-4;

pub(in crate::commands) fn summarise(party: &Address, run: &Run, voice: Voice) {
    voice.tell(&phrases::run_done(short(&run.id)));
    if let Some(report) = TrainingReport::read(&run.report) {
        print(&model(&report, voice));
        if let Some(scorecard) = &report.scorecard {
            say::line("");
            print(&bins(scorecard, voice));
        }
        say::line("");
        print(&table::list(voice.language(), &figures(party, run, &report, voice)));
        for note in notes(&report) {
            voice.tell(&note);
        }
    }
}

/// The weights, the intercept last; nothing where they stay in shares.
fn model(report: &TrainingReport, voice: Voice) -> Vec<String> {
    let Some(weights) = &report.weights else {
        return vec![voice.words(&phrases::weights_in_shares()).to_owned()];
    };
    let heads = [
        phrases::head_column(),
        phrases::head_party(),
        phrases::head_weight(),
        phrases::head_standard_error(),
        Text::same("z"),
        Text::same("p"),
        Text::same(""),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[2, 3, 4, 5]);
    for (at, (column, weight)) in report.columns.iter().zip(weights).enumerate() {
        let (name, party) = (column.column.clone(), column.party.clone());
        table.row(row(name, party, *weight, report.certainty(at)));
    }
    if let Some(intercept) = report.intercept {
        let name = voice.words(&phrases::intercept()).to_owned();
        table.row(row(name, "-".into(), intercept, report.certainty_of_intercept()));
    }
    let mut lines = table.lines();
    if report.certainty_of_intercept().p.is_some() {
        lines.push(voice.words(&phrases::stars()).to_owned());
    }
    lines
}

/// The columns of a scorecard, each with its bins and their points.
fn bins(scorecard: &ScorecardReport, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_column(),
        phrases::head_party(),
        phrases::head_iv(),
        phrases::head_bins(),
        Text::same("WOE"),
        phrases::head_points(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[2, 4, 5]);
    for column in &scorecard.columns {
        for (at, bin) in column.bins.iter().enumerate() {
            let only_first = |text: String| if at == 0 { text } else { String::new() };
            table.row(vec![
                only_first(column.column.clone()),
                only_first(column.party.clone()),
                only_first(format!("{:.3}", column.iv)),
                bin.bin.clone(),
                format!("{:.3}", bin.woe),
                bin.points.map_or_else(|| "-".into(), count),
            ]);
        }
    }
    table.lines()
}

fn row(name: String, party: String, weight: f64, certainty: Certainty) -> Vec<String> {
    let number = |number: Option<f64>, digits: usize| {
        number.map_or_else(|| "-".into(), |number| format!("{number:.digits$}"))
    };
    let Certainty { error, z, p } = certainty;
    let p_in_words = match p {
        Some(p) if p < SMALLEST => format!("<{SMALLEST}"),
        p => number(p, 4),
    };
    let stars = p.map_or("", stars).to_owned();
    vec![name, party, format!("{weight:.6}"), number(error, 6), number(z, 2), p_in_words, stars]
}

/// How surely a weight is not 0, as statistics programs mark it.
fn stars(p: f64) -> &'static str {
    match p {
        p if p < 0.001 => "***",
        p if p < 0.01 => "**",
        p if p < 0.05 => "*",
        _ => "",
    }
}

/// How good the model is, what it cost, and where it lies.
fn figures(
    party: &Address,
    run: &Run,
    report: &TrainingReport,
    voice: Voice,
) -> Vec<(Text, String)> {
    let mut entries = Vec::new();
    let measured = [
        (report.held_out, phrases::rows_held_out as fn(String, String) -> Text),
        (report.evaluation, phrases::rows_trained_on),
    ];
    for (evaluation, of) in measured {
        let Some(Evaluation { rows, auc, ks }) = evaluation else { continue };
        for (name, figure) in [("AUC", auc), ("KS", ks)] {
            let figure = figure.map_or_else(|| "-".into(), |figure| format!("{figure:.4}"));
            let words = of(figure, count(rows));
            entries.push((Text::same(name), voice.words(&words).to_owned()));
        }
    }
    entries.push((phrases::head_rows(), count(report.rows)));
    if let (Some(customers), Some(bad)) = (report.customers, report.bad) {
        entries.push((phrases::head_customers(), count(customers)));
        entries.push((phrases::head_bads(), count(bad)));
    }
    entries.extend([
        (phrases::head_passes(), count(report.passes)),
        (phrases::head_time(), seconds(report.seconds)),
        (phrases::head_sent(), bytes(report.sent_bytes)),
        (phrases::head_received(), bytes(report.received_bytes)),
        (phrases::head_rounds(), count(report.rounds)),
    ]);
    if !run.result.is_empty() {
        entries.push((phrases::head_result(), run.result.clone()));
    }
    if let Some(card) = &report.card {
        entries.push((phrases::head_card(), card.clone()));
    }
    if let Some(report) = report_file(party.dir(), run) {
        entries.push((phrases::head_report(), report.display().to_string()));
    }
    entries
}

/// What the operator should know before using the model.
fn notes(report: &TrainingReport) -> Vec<Text> {
    let mut notes = Vec::new();
    if report.converged == Some(false) {
        notes.push(phrases::not_converged());
    }
    if report.halved > 0 {
        notes.push(phrases::steps_halved(count(report.halved)));
    }
    // A few of a hundred lie there in any data.
    if let Some(beyond) = report.beyond_table
        && beyond > report.rows_trained_on / 20
    {
        notes.push(phrases::rows_beyond_table(count(beyond)));
    }
    if let Some(scorecard) = &report.scorecard {
        notes.extend(of_scorecard(report, scorecard));
    }
    let warning = report.warning();
    if !warning.en.is_empty() || !warning.zh.is_empty() {
        notes.push(warning);
    }
    notes
}

/// What to do with a scorecard, and which of its columns to look at first.
fn of_scorecard(report: &TrainingReport, scorecard: &ScorecardReport) -> Vec<Text> {
    let mut notes = Vec::new();
    let named = |is: fn(&ScoredColumn) -> bool| {
        let columns = scorecard.columns.iter().filter(|column| is(column));
        let names = columns.map(|column| format!("{}.{}", column.party, column.column));
        names.collect::<Vec<_>>().join(", ")
    };
    let (wrong, weak) = (named(|column| column.wrong_sign), named(|column| column.weak));
    if !wrong.is_empty() {
        notes.push(phrases::wrong_signs(wrong));
    }
    if !weak.is_empty() {
        notes.push(phrases::weak_columns(weak));
    }
    if let Some(why) = &scorecard.trouble {
        notes.push(phrases::no_card(why));
    }
    if let Some(card) = &report.card {
        notes.push(phrases::card_made(card, &report.job));
    }
    notes
}

#[cfg(test)]
mod tests {
    use control::Address;
    use control::messages::Run;
    use terminal::{Language, TrainingReport, Voice};

    use super::{figures, model, notes, stars};

    const REPORT: &str = r#"{
        "columns": [{"party":"tax","register":"r","column":"1.vat"},
                    {"party":"bank","register":"r","column":"amount"}],
        "weights": [0.5, -0.25], "intercept": -1.5, "rows": 1000, "rows_trained_on": 1000,
        "standard_errors": [0.1, 0.2], "z": [5.0, -1.25], "p": [5.7e-7, 0.2113],
        "intercept_standard_error": 0.5, "intercept_z": -3.0, "intercept_p": 0.0027,
        "held_out": {"rows": 300, "auc": 0.7512, "ks": null},
        "evaluation": {"rows": 700, "auc": 0.7604, "ks": 0.4111}, "customers": 1000, "bad": 220,
        "warning": {"en": "Any two can.", "zh": "任意两方可。"}, "converged": true}"#;

    #[test]
    fn a_model_is_a_table_with_the_intercept_last_and_stars_where_a_weight_is_sure() {
        let report = TrainingReport::read(REPORT).unwrap();
        let lines = model(&report, Voice::new(Language::En));
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            words(&lines[1]),
            ["1.vat", "tax", "0.500000", "0.100000", "5.00", "<0.0001", "***"]
        );
        assert_eq!(
            words(&lines[2]),
            ["amount", "bank", "-0.250000", "0.200000", "-1.25", "0.2113"]
        );
        assert_eq!(
            words(&lines[3]),
            ["intercept", "-", "-1.500000", "0.500000", "-3.00", "0.0027", "**"]
        );
        let bare = TrainingReport::read(
            r#"{"columns":[{"party":"a","column":"c"}],"weights":[1.0],"intercept":0.5}"#,
        );
        let lines = model(&bare.unwrap(), Voice::new(Language::Zh));
        assert_eq!(words(&lines[1]), ["c", "a", "1.000000", "-", "-", "-"]);
        assert_eq!(lines.len(), 3, "no stars are explained where there are none");
    }

    #[test]
    fn the_figures_say_on_which_rows_they_are_and_held_out_ones_come_first() {
        let report = TrainingReport::read(REPORT).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let shown =
            figures(&Address::of(dir.path()), &Run::default(), &report, Voice::new(Language::En));
        let shown: Vec<&str> = shown.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(shown[0], "0.7512 (300 rows held out)");
        assert_eq!(shown[1], "- (300 rows held out)");
        assert_eq!(shown[2], "0.7604 (700 rows trained on)");
        assert_eq!(shown[4..7], ["1,000", "1,000", "220"]);
    }

    #[test]
    fn a_model_that_stays_in_shares_is_said_to() {
        let report = TrainingReport::read(r#"{"weights":null}"#).unwrap();
        let lines = model(&report, Voice::new(Language::En));
        assert!(lines.len() == 1 && lines[0].contains("shares"), "{lines:?}");
    }

    #[test]
    fn the_warning_always_stands_and_what_went_badly_before_it() {
        let mut report = TrainingReport::read(REPORT).unwrap();
        assert_eq!(notes(&report).len(), 1);
        assert_eq!(notes(&report)[0].zh, "任意两方可。");
        (report.converged, report.halved, report.beyond_table) = (Some(false), 1, Some(60));
        assert_eq!(notes(&report).len(), 4);
        assert!(notes(&report)[2].en.contains("60 rows"), "{:?}", notes(&report)[2]);
    }

    #[test]
    fn of_a_scorecard_the_next_command_is_said_and_columns_to_look_at_are_named() {
        let mut report = TrainingReport::read(REPORT).unwrap();
        report.job = "small@1".into();
        report.card = Some("/r/model.card.toml".into());
        report.scorecard = serde_json::from_str(
            r#"{"columns": [
                {"party": "tax", "column": "1.vat", "iv": 0.4, "coef": 0.9, "bins": [
                    {"bin": "< 3", "good": 90, "bad": 10, "woe": -0.8, "points": 31},
                    {"bin": "missing", "woe": 0.0, "points": 12}]},
                {"party": "bank", "column": "amount", "iv": 0.01, "coef": -0.1,
                 "wrong_sign": true, "weak": true, "bins": []}]}"#,
        )
        .unwrap();
        let said: Vec<String> = notes(&report).into_iter().map(|note| note.en).collect();
        assert!(said[0].contains("bank.amount") && !said[0].contains("1.vat"), "{said:?}");
        assert!(said[1].contains("bank.amount") && said[1].contains("0.02"), "{said:?}");
        assert!(said[2].contains("tacit model check /r/model.card.toml"), "{said:?}");
        assert!(said[2].contains("tacit model register small@1"), "{said:?}");
        let lines = super::bins(report.scorecard.as_ref().unwrap(), Voice::new(Language::En));
        let words: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(words, ["1.vat", "tax", "0.400", "<", "3", "-0.800", "31"]);
    }

    #[test]
    fn stars_are_those_of_statistics_programs() {
        assert_eq!([0.0009, 0.0099, 0.049, 0.05].map(stars), ["***", "**", "*", ""]);
    }
}
