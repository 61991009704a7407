use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use terminal::{Language, Voice};

use super::{found, monitor, show};
use crate::arguments::MonitorArguments;

/// A file of scores and one of outcomes.
struct Files {
    root: TempDir,
}

impl Files {
    /// A hundred subjects: of the lower half every second one is bad, of the upper half every tenth.
    fn written() -> Self {
        let root = tempfile::tempdir().unwrap();
        let files = Self { root };
        let (mut scores, mut base) = (String::from(HEAD), String::from(HEAD));
        let (mut outcomes, mut challenger) =
            (String::from("id,bad,industry\n"), String::from(HEAD));
        for row in 0..100 {
            let (score, bad) = (500 + row, row % if row < 50 { 2 } else { 10 } == 0);
            let probability = if row < 50 { 0.5 } else { 0.1 };
            let industry = if row % 4 < 2 { "mills" } else { "shops" };
            writeln!(scores, "firm-{row},1,{score},{probability},A,").unwrap();
            writeln!(base, "firm-{row},1,{},{probability},A,", score - 40).unwrap();
            writeln!(challenger, "firm-{row},1,{},{probability},A,", u32::from(!bad)).unwrap();
            writeln!(outcomes, "firm-{row},{},{industry}", u32::from(bad)).unwrap();
        }
        scores += "nobody,,,,,no bin\nlate,1,555,0.1,A,\n";
        outcomes += "stranger,1,mills\n";
        files.write("scores.csv", &scores);
        files.write("base.csv", &base);
        files.write("challenger.csv", &challenger);
        files.write("outcomes.csv", &outcomes);
        let before = (0..100).map(|row| format!("firm-{row},{}\n", u32::from(row < 25)));
        files.write("base-outcomes.csv", &format!("id,bad\n{}", before.collect::<String>()));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn arguments(&self) -> MonitorArguments {
        MonitorArguments {
            scores: self.path("scores.csv"),
            outcomes: self.path("outcomes.csv"),
            key: "id".into(),
            label: "bad".into(),
            segment: Some("industry".into()),
            base: Some(self.path("base.csv")),
            challenger: Some(self.path("challenger.csv")),
            approve_from: Some(570.0),
            groups: 10,
            base_outcomes: Some(self.path("base-outcomes.csv")),
            html: None,
            json: true,
        }
    }
}

const HEAD: &str = "subject,points,score,probability,grade,note\n";

#[test]
fn everything_that_is_asked_for_is_measured() {
    let files = Files::written();
    let found: Value = serde_json::to_value(found(&files.arguments()).unwrap()).unwrap();
    for (what, expected) in [
        ("scored", json!(101)),
        ("without_score", json!(1)),
        ("without_outcome", json!(1)),
        ("unknown", json!(1)),
    ] {
        assert_eq!(found[what], expected, "{what}");
    }
    assert_eq!((&found["all"]["rows"], &found["all"]["bad"]), (&json!(100), &json!(30)));
    // Of 30 · 70 pairs, by hand: 25 bad below, 5 above.
    let auc = found["all"]["auc"].as_f64().unwrap();
    let by_hand = (0..100)
        .filter(|row| is_bad(*row))
        .map(|bad| (0..100).filter(|row| !is_bad(*row) && *row > bad).count());
    let by_hand = by_hand.sum::<usize>() as f64 / (30.0 * 70.0);
    assert!((auc - by_hand).abs() < 1e-12, "{auc} {by_hand}");
    let [low, high] = [0, 1].map(|end| found["all"]["auc_95"][end].as_f64().unwrap());
    assert!(low < auc && auc < high);
    let groups = found["gains"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[0]["bad"]), (10, &json!(5)));
    assert_eq!(found["calibration"][0], json!({"rows": 10, "predicted": 0.5, "observed": 0.5}));
    assert!(found["shift"]["index"].as_f64().unwrap() > 0.25);
    // Then, whoever had a score below 485 was bad.
    let before = &found["before"]["measures"];
    assert_eq!(
        (&before["rows"], &before["bad"], &before["auc"]),
        (&json!(100), &json!(25), &json!(1.0))
    );
    let segments = found["segments"].as_array().unwrap();
    assert_eq!(segments.len(), 2);
    assert_eq!((&segments[0]["value"], &segments[0]["rows"]), (&json!("mills"), &json!(50)));
    // The challenger parts all; as many are approved, and every one is good.
    let challenge = &found["challenge"];
    assert!(challenge["difference"].as_f64().unwrap() > 0.2, "{challenge}");
    assert!(challenge["p"].as_f64().unwrap() < 1e-3, "{challenge}");
    assert_eq!(challenge["swap"]["swapped_in"]["bad"], json!(0));
    assert_eq!(challenge["swap"]["swapped_out"], json!({"good": 0, "bad": 3}));
}

fn is_bad(row: usize) -> bool {
    row.is_multiple_of(if row < 50 { 2 } else { 10 })
}

#[test]
fn it_is_shown_in_both_languages_with_and_without_what_may_be_left_out() {
    let files = Files::written();
    for language in [Language::En, Language::Zh] {
        let all = files.arguments();
        let few = files.arguments();
        let few = MonitorArguments {
            segment: None,
            base: None,
            base_outcomes: None,
            challenger: None,
            approve_from: None,
            ..few
        };
        for arguments in [all, few] {
            show(&found(&arguments).unwrap(), Voice::new(language));
        }
    }
}

#[test]
fn the_same_is_left_as_a_page_in_the_operators_language() {
    let files = Files::written();
    let page = files.path("page.html");
    for (language, words) in [(Language::En, "Champion and challenger"), (Language::Zh, "挑战模型")]
    {
        let arguments = MonitorArguments { html: Some(page.clone()), ..files.arguments() };
        monitor(&arguments, Voice::new(language)).unwrap();
        let written = fs::read_to_string(&page).unwrap();
        let expected = found(&files.arguments()).unwrap();
        assert_eq!(written, expected.to_html(language));
        assert!(written.contains(words) && written.contains("mills"), "{words}");
        assert!(!written.contains(files.root.path().to_str().unwrap()), "no folder is named");
    }
}

#[test]
fn what_cannot_be_measured_is_refused_by_name() {
    let files = Files::written();
    let refused = |change: &dyn Fn(&mut MonitorArguments, &Path), words: &str| {
        let mut arguments = files.arguments();
        change(&mut arguments, files.root.path());
        let failure = found(&arguments).map(|_| ()).unwrap_err();
        assert!(failure.what().en.contains(words), "{}", failure.what().en);
    };
    refused(&|asked, _| asked.label = "industry".into(), "neither 1, bad, 0 nor good");
    refused(&|asked, _| asked.key = "code".into(), "no column `code`");
    refused(&|asked, _| asked.segment = Some("region".into()), "no column `region`");
    refused(&|asked, _| asked.approve_from = Some(9e3), "nobody has a score");
    files.write("odd.csv", "subject,score\nfirm-1,high\n");
    refused(&|asked, root| asked.scores = root.join("odd.csv"), "row 1 has `high`");
    files.write("twice.csv", "subject,score\nfirm-1,1\nfirm-1,2\n");
    refused(&|asked, root| asked.scores = root.join("twice.csv"), "an earlier row has");
    files.write("others.csv", "subject,score\nx,1\n");
    refused(
        &|asked, root| asked.challenger = Some(root.join("others.csv")),
        "none of the subjects",
    );
    refused(&|asked, root| asked.scores = root.join("others.csv"), "fewer than two good");
    files.write("missing.csv", "id,score\nx,1\n");
    refused(&|asked, root| asked.base = Some(root.join("missing.csv")), "no column `subject`");
}
