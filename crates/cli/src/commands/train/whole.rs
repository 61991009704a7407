//! A training job in words that an operator can decide by.

use domain::{Purpose, SubjectKind, Text};
use terminal::units::count;
use terminal::{Table, View, Voice, table};

use crate::commands::train::state;
use crate::phrases;

/// A job with all that it says: the terms, the warning, each party's columns, what opens to whom,
/// and what each party has said.
pub(super) fn whole(job: View<'_>, voice: Voice) -> Vec<String> {
    let mut lines = table::list(voice.language(), &terms(job, voice));
    lines.push(String::new());
    lines.push(voice.words(&warning(job)).to_owned());
    for part in [columns(job, voice), openings(job, voice), parties(job, voice)] {
        lines.push(String::new());
        lines.extend(part);
    }
    lines
}

fn terms(job: View<'_>, voice: Voice) -> Vec<(Text, String)> {
    let words = |text: Text| voice.words(&text).to_owned();
    let computing = job.at("computing");
    let (label, training) = (job.at("label"), job.at("training"));
    let held_out = training.number("held_out_percent").unwrap_or(0);
    let scorecard = job.at("scorecard");
    let mut terms = vec![
        (phrases::head_job(), job.word("job")),
        (phrases::head_digest(), job.word("digest")),
        (phrases::head_state(), words(state(job))),
        (phrases::head_reason(), job.word("reason")),
        (phrases::head_proposer(), job.word("proposer")),
        (phrases::head_purpose(), words(purpose(job))),
        (phrases::head_until(), job.word("valid_until")),
        (
            phrases::head_computing(),
            words(phrases::computing(
                computing.word("department"),
                computing.word("platform"),
                computing.word("lender"),
            )),
        ),
        (phrases::head_rows(), words(rows(job))),
        (phrases::head_label(), label.word("meaning")),
        (
            phrases::head_label_column(),
            words(phrases::label_of(
                label.word("register"),
                label.word("column"),
                computing.word("lender"),
            )),
        ),
        (phrases::head_row_weight(), label.word("weight")),
        (phrases::head_ridge(), training.word("ridge")),
        (phrases::head_newton_steps(), training.word("newton_steps")),
        (
            phrases::head_held_out(),
            words(match held_out {
                0 => phrases::none_held_out(),
                percent => phrases::held_out(percent),
            }),
        ),
    ];
    if is_scorecard(job) {
        let of = |name| scorecard.word(name);
        let bins = (of("prebins"), of("most_bins"), of("least_percent"));
        terms.push((
            phrases::head_scorecard(),
            words(phrases::scorecard_bins(bins.0, bins.1, bins.2)),
        ));
        let single = scorecard.list("trends").map(|own| {
            let trend = words(trend(&own.word("trend")));
            format!("{}.{}: {trend}", own.word("party"), own.word("column"))
        });
        let all = [words(trend(&of("trend")))].into_iter().chain(single).collect::<Vec<_>>();
        terms.push((phrases::head_trend(), all.join(", ")));
        let scale = (of("base_score"), of("base_odds"), of("pdo"));
        terms.push((
            phrases::head_scale(),
            words(phrases::scorecard_scale(scale.0, scale.1, scale.2)),
        ));
    }
    terms
}

fn is_scorecard(job: View<'_>) -> bool {
    job.at("scorecard").value().is_object()
}

/// A trend in both languages; one that we do not know, in its own word.
fn trend(word: &str) -> Text {
    match word {
        "auto" => phrases::trend_auto(),
        "ascending" => phrases::trend_ascending(),
        "descending" => phrases::trend_descending(),
        "peak" => phrases::trend_peak(),
        "valley" => phrases::trend_valley(),
        "none" => phrases::trend_none(),
        other => Text::same(other),
    }
}

fn purpose(job: View<'_>) -> Text {
    match job.read::<Purpose>("purpose") {
        Some(purpose) => Text { en: purpose.name_en().into(), zh: purpose.name_zh().into() },
        None => Text::same(job.word("purpose")),
    }
}

/// How many rows there are, and what whoever brings columns learns of them.
fn rows(job: View<'_>) -> Text {
    let all = job.count("rows");
    match job.number("cover") {
        None => phrases::rows_of_customers(all),
        // At least so many of them are.
        Some(cover) => {
            let least = job.number("rows").unwrap_or(0).div_ceil(cover.max(1));
            phrases::rows_with_others(all, count(least), cover)
        }
    }
}

/// What stands in every job; in our own words where the party's answer has none.
fn warning(job: View<'_>) -> Text {
    let warning = job.at("warning");
    match (warning.read::<String>("en"), warning.read::<String>("zh")) {
        (Some(en), Some(zh)) => Text { en, zh },
        (Some(_) | None, _) => phrases::two_read_every_row(),
    }
}

/// Whose columns go in, by the catalogue's names where the party knows them.
fn columns(job: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_party(),
        phrases::head_register(),
        phrases::head_column(),
        phrases::head_catalogue_name(),
        phrases::head_where_missing(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    let words = |text: Text| voice.words(&text).to_owned();
    for brought in job.list("contributions") {
        let (party, register) = (brought.word("party"), brought.word("register"));
        let missing = words(match brought.word("missing").as_str() {
            "refuse" => phrases::missing_refused(),
            "mean" => phrases::missing_mean(),
            "bin" => phrases::missing_bin(),
            other => Text::same(other),
        });
        let names: Vec<String> = brought.list("names").map(View::itself).collect();
        for (at, column) in brought.list("columns").enumerate() {
            let name = names.get(at).cloned().unwrap_or_else(|| "-".into());
            table.row(vec![
                party.clone(),
                register.clone(),
                column.itself(),
                name,
                missing.clone(),
            ]);
        }
        if brought.read("absence") == Some(true) {
            let absent = words(phrases::absence_column(kind(job, voice)));
            table.row(vec![party, register, "absent".into(), absent, "-".into()]);
        }
    }
    table.lines()
}

fn kind(job: View<'_>, voice: Voice) -> String {
    let kind = match job.read::<String>("kind").and_then(|kind| kind.parse().ok()) {
        Some(SubjectKind::Uscc) => phrases::kind_firms(),
        Some(SubjectKind::CnId) => phrases::kind_persons(),
        Some(SubjectKind::Opaque) | None => phrases::kind_subjects(),
    };
    voice.words(&kind).to_owned()
}

/// What opens to whom.
fn openings(job: View<'_>, voice: Voice) -> Vec<String> {
    let words = |text: Text| voice.words(&text).to_owned();
    let (computing, outputs) = (job.at("computing"), job.at("outputs"));
    let lender = computing.word("lender");
    let nobody = words(phrases::opens_to_nobody());
    let to = |opens: bool| if opens { lender.clone() } else { nobody.clone() };
    let yes = |name| outputs.read(name) == Some(true);
    let two = [computing.word("department"), computing.word("platform")].join(", ");
    let mut table =
        Table::new(voice.language(), &[phrases::head_opens(), phrases::head_opens_to()]);
    table.row(vec![words(phrases::opens_weights()), to(outputs.word("weights") == "lender")]);
    table.row(vec![words(phrases::opens_errors()), to(yes("standard_errors"))]);
    table.row(vec![words(phrases::opens_evaluation()), to(yes("evaluation"))]);
    if is_scorecard(job) {
        table.row(vec![words(phrases::opens_bins()), lender.clone()]);
        table.row(vec![words(phrases::opens_points()), lender.clone()]);
        let each = words(phrases::opens_to_each_party());
        table.row(vec![words(phrases::opens_counts()), each]);
    }
    table.row(vec![words(phrases::opens_convergence()), [two.as_str(), &lender].join(", ")]);
    table.row(vec![words(phrases::opens_rows()), nobody.clone()]);
    table.lines()
}

/// Each party, what it does, and what it has said.
fn parties(job: View<'_>, voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_party(),
        phrases::head_role(),
        phrases::head_state(),
        phrases::head_reason(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for party in job.list("parties") {
        let roles = party.list("roles").map(|role| voice.words(&role_of(role)).to_owned());
        let roles = roles.collect::<Vec<_>>().join(", ");
        let at = voice.words(&state(party)).to_owned();
        table.row(vec![party.word("party"), roles, at, party.word("reason")]);
    }
    table.lines()
}

/// A role in both languages; one that we do not know, in its own word.
fn role_of(role: View<'_>) -> Text {
    match role.itself().as_str() {
        "proposer" => phrases::role_proposer(),
        "department" => phrases::role_department(),
        "platform" => phrases::role_platform(),
        "lender" => phrases::role_lender(),
        "contributor" => phrases::role_contributor(),
        other => Text::same(other),
    }
}

#[cfg(test)]
mod tests {
    use terminal::{Document, Language, Voice};

    use super::whole;

    const JOB: &str = r#"{
        "job": "small-firms@1", "digest": "ab12", "proposer": "bank", "state": "asked",
        "reason": "", "valid_until": "2027-06-30", "purpose": "product_development",
        "rows": 30001, "kind": "uscc", "cover": 4,
        "computing": {"department": "tax", "platform": "platform", "lender": "bank"},
        "label": {"register": "loans", "column": "defaulted", "meaning": "90 days past due"},
        "contributions": [
            {"party": "tax", "register": "declarations", "columns": ["1.vat_paid_12m_cny"],
             "names": ["近12个月增值税"], "missing": "mean", "absence": true},
            {"party": "bank", "register": "loans", "columns": ["amount"], "missing": "refuse"}
        ],
        "training": {"ridge": 0.001, "newton_steps": 3, "held_out_percent": 30},
        "outputs": {"weights": "lender", "standard_errors": false, "evaluation": true},
        "parties": [
            {"party": "bank", "state": null, "reason": null, "roles": ["proposer", "lender"]},
            {"party": "tax", "state": "asked", "reason": "", "roles": ["department", "contributor"]}
        ],
        "warning": {"en": "Any two can read every row.", "zh": "任意两方可还原每一行。"}
    }"#;

    fn shown(language: Language) -> String {
        whole(Document::written(JOB).view(), Voice::new(language)).join("\n")
    }

    #[test]
    fn a_job_says_who_computes_whose_columns_go_in_and_what_opens_to_whom() {
        let shown = shown(Language::En);
        let line = |start: &str| {
            let found = shown.lines().find(|line| line.starts_with(start));
            found.unwrap_or_else(|| panic!("no {start} in {shown}")).to_owned()
        };
        assert!(shown.contains("Any two can read every row."), "{shown}");
        assert!(line("computing").contains("tax") && line("computing").contains("platform"));
        // 30,001 in four, rounded up.
        assert!(line("rows").contains("30,001") && line("rows").contains("7,501"), "{shown}");
        assert!(line("purpose").contains("financial product development"));
        assert!(shown.contains("1.vat_paid_12m_cny  近12个月增值税"), "{shown}");
        assert!(shown.contains("declarations  absent"), "{shown}");
        assert!(line("weights").ends_with("bank") && line("standard errors").ends_with("nobody"));
        assert!(line("rows, products").ends_with("nobody"), "{shown}");
        assert!(shown.contains("department, brings columns"), "{shown}");
    }

    #[test]
    fn a_job_is_shown_in_chinese_too() {
        let shown = shown(Language::Zh);
        for words in ["任意两方可还原每一行。", "金融产品开发", "待同意", "30%", "2027-06-30"]
        {
            assert!(shown.contains(words), "no {words} in {shown}");
        }
        assert!(!shown.contains("nobody") && !shown.contains("department"), "{shown}");
    }

    #[test]
    fn of_a_scorecard_it_is_shown_that_bins_counts_and_points_open_and_to_whom() {
        let scorecard = r#""scorecard": {"prebins": 20, "most_bins": 6, "least_percent": 5,
            "trend": "auto", "base_score": 600, "base_odds": 50, "pdo": 20, "trends":
            [{"party": "tax", "column": "1.vat_paid_12m_cny", "trend": "descending"}]},
            "cover""#;
        let job = JOB.replacen("\"cover\"", scorecard, 1);
        assert_ne!(job, JOB);
        let of = |language| whole(Document::written(&job).view(), Voice::new(language)).join("\n");
        let (en, zh) = (of(Language::En), of(Language::Zh));
        let line = |start: &str| en.lines().find(|line| line.starts_with(start)).expect(start);
        assert!(line("bins of every column").ends_with("bank"), "{en}");
        assert!(line("points of every bin").ends_with("bank"), "{en}");
        assert!(line("how many good and bad rows").ends_with("each party that brings columns"));
        assert!(line("trend").ends_with("auto, tax.1.vat_paid_12m_cny: descending"), "{en}");
        assert!(line("scale").contains("600 = 50:1"), "{en}");
        for words in ["评分卡", "分箱", "分值", "递减"] {
            assert!(zh.contains(words), "no {words} in {zh}");
        }
        assert!(!shown(Language::En).contains("points of every bin"));
    }

    #[test]
    fn the_warning_stands_even_where_the_answer_has_none() {
        let bare = Document::written(r#"{"job":"j@1"}"#);
        let shown = whole(bare.view(), Voice::new(Language::En)).join("\n");
        assert!(shown.contains("Any two of the three"), "{shown}");
    }
}
