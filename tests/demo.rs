//! The main job, as a newcomer runs it: four parties as processes, every score compared.

use std::process::{Command, Output};

#[test]
fn the_demo_scores_made_firms_and_every_score_is_right() {
    let shown = demo(&["--lang", "en", "demo", "--firms", "60", "--scores", "12"]);
    assert_eq!(figure(&shown, "wrong"), Some("0"), "{shown}");
    assert_eq!(figure(&shown, "right"), Some("12"), "{shown}");
}

#[test]
fn the_demo_speaks_chinese() {
    let shown = demo(&["--lang", "zh", "demo", "--firms", "60", "--scores", "3"]);
    assert_eq!(figure(&shown, "不一致"), Some("0"), "{shown}");
    assert_eq!(figure(&shown, "一致"), Some("3"), "{shown}");
}

#[test]
fn the_demo_scores_real_credit_data_and_every_score_is_right() {
    const FOLDER: &str = "TACIT_CREDIT_DATA";
    let Ok(folder) = std::env::var(FOLDER) else {
        eprintln!("skipped: {FOLDER} names no folder with the UCI credit card data");
        return;
    };
    let shown = demo(&["--lang", "en", "demo", "--data", &folder, "--scores", "200"]);
    assert_eq!(figure(&shown, "wrong"), Some("0"), "{shown}");
    assert_eq!(figure(&shown, "right"), Some("200"), "{shown}");
}

#[test]
fn a_folder_without_the_data_is_told_which_files_are_missing() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let folder = empty.path().to_str().expect("its path is text");
    let ended = run(&["--lang", "en", "demo", "--data", folder]);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    assert!(said.contains("uci_credit_lender.csv"), "{said}");
}

fn demo(arguments: &[&str]) -> String {
    let ended = run(arguments);
    let (out, err) =
        (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{out}\n{err}");
    format!("{out}{err}")
}

fn run(arguments: &[&str]) -> Output {
    let tacit = Command::new(env!("CARGO_BIN_EXE_tacit")).args(arguments).output();
    tacit.expect("the binary runs")
}

/// The figure behind a label at the beginning of a line.
fn figure<'a>(shown: &'a str, label: &str) -> Option<&'a str> {
    shown.lines().find_map(|line| line.trim_start().strip_prefix(label)?.split_whitespace().next())
}
