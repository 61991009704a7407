//! Models are registered, countersigned, published and retired.

use std::fs;

use super::{changes, shown};
use crate::support::program;
use crate::support::town::{HOLDERS, MODEL, Town, clear_points, code};

#[test]
fn a_model_is_used_only_while_every_holder_stands_by_it() {
    let mut town = Town::built();
    town.start_parties();
    let registered = town.platform.tacit(&["model", "register", MODEL, "--json"]).done().json();
    assert_eq!((&registered["state"], &registered["part"]), (&"asked".into(), &"platform".into()));
    // Nobody has countersigned: nothing is published, and it says who is waited for.
    let said = town.publish();
    assert!(said.err.contains("MODEL_NOT_COUNTERSIGNED"), "{}", said.err);
    assert!(HOLDERS.iter().all(|holder| said.err.contains(holder)), "{}", said.err);

    // A holder sees its own columns and bins, all figures, and nobody's points.
    let seen = shown(&town.tax);
    let columns: Vec<&str> = seen["features"]
        .as_array()
        .expect("features")
        .iter()
        .filter_map(|feature| feature["column"].as_str())
        .collect();
    assert_eq!(columns, ["vat", "arrears", "normal"]);
    assert_eq!(seen["figures"].as_array().map(Vec::len), Some(10));
    assert!(!seen.to_string().contains("usage3") && !seen.to_string().contains("\"points\""));
    assert_eq!(seen["holders"], serde_json::json!(HOLDERS));

    // One refuses, and says why; the platform knows.
    town.tax.tacit(&["model", "countersign", MODEL]).done();
    town.social.tacit(&["model", "refuse", MODEL, "--reason", "too few bins"]).done();
    town.power.tacit(&["model", "countersign", MODEL]).done();
    let at_platform = shown(&town.platform);
    assert_eq!(at_platform["state"], "refused");
    assert!(at_platform.to_string().contains("too few bins"));
    assert!(town.publish().err.contains("social"), "it names who refuses");

    // It changes its mind; now it is published and answers.
    town.social.tacit(&["model", "countersign", MODEL]).done();
    town.publish().done();
    let (_, sealed) = town.authorised(3);
    let scored = town.score(3, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(3)));

    // A holder takes its word back: nothing is answered any more, at its own door and at the
    // platform's.
    town.power.tacit(&["model", "refuse", MODEL, "--reason", "under review"]).done();
    let refused = town.score(3, Some(&sealed), &[]);
    assert!(refused.out.contains("MODEL_NOT_IN_FORCE"), "{}", refused.out);
    town.power.tacit(&["model", "countersign", MODEL]).done();
    town.score(3, Some(&sealed), &[]).done();

    // Retired: everybody knows, for good.
    let reason = ["--reason", "a newer version is out"];
    town.platform.tacit(&[&["model", "retire", MODEL][..], &reason].concat()).done();
    let refused = town.score(3, Some(&sealed), &[]);
    assert!(refused.err.contains("MODEL_NOT_IN_FORCE"), "{}", refused.err);
    for party in town.holders().into_iter().chain([&town.platform]) {
        assert_eq!(shown(party)["state"], "retired", "{}", party.name);
    }
    assert!(town.tax.tacit(&["model", "countersign", MODEL]).err.contains("MODEL_RETIRED"));
    assert!(town.platform.tacit(&["model", "register", MODEL]).err.contains("MODEL_RETIRED"));
    // Both forms of its table are in the log.
    let taken = ["registered", "countersigned", "published", "published"];
    let power = [&taken[..], &["refused", "countersigned", "retired"]].concat();
    assert_eq!(changes(&town.power), power);
    // Once the model is laid before everybody it is told again as it stands, to whoever missed it.
    town.platform.tacit(&[&["model", "retire", MODEL][..], &reason].concat()).done();
}

#[test]
fn a_holder_that_was_down_is_asked_again_and_its_word_is_kept_while_the_platform_is_away() {
    let mut town = Town::built();
    let Town { node, tax, power, platform, bank, .. } = &mut town;
    for party in [node, tax, power, platform, bank] {
        party.start();
    }
    // The third is not up yet: the model is registered all the same.
    let said = town.platform.tacit(&["model", "register", MODEL]);
    assert!(said.err.contains("NOT_REACHED") && said.err.contains("social"), "{}", said.err);
    town.social.start();
    town.platform.tacit(&["model", "register", MODEL]).done();
    assert_eq!(shown(&town.social)["state"], "asked");
    // Now the platform is away when a holder countersigns.
    town.platform.process = None;
    let said = town.social.tacit(&["model", "countersign", MODEL]);
    assert_eq!(said.status.code(), Some(1), "{}", said.out);
    assert!(said.err.contains("own word is kept"), "{}", said.err);
    assert_eq!(shown(&town.social)["state"], "countersigned");
    town.platform.start();
    for holder in town.holders() {
        holder.tacit(&["model", "countersign", MODEL]).done();
    }
    assert_eq!(shown(&town.platform)["state"], "countersigned");
    town.publish().done();
}

#[test]
fn a_model_that_has_no_bin_for_some_firm_is_not_taken_by_a_holder_of_firms() {
    let mut town = Town::built();
    let file = town.platform.dir.join("small.toml");
    let card = fs::read_to_string(&file).unwrap();
    let bin = "[[feature.bin]]\nbelow = 10001\n";
    let bins = format!("[[feature.bin]]\nbelow = 5001\npoints = 8\n{bin}");
    let card = card.replacen("missing = 5\n", "", 1).replacen(bin, &bins, 1);
    fs::write(&file, card).unwrap();
    town.start_parties();
    let checked = town.platform.tacit(&["model", "check", file.to_str().unwrap()]);
    assert!(checked.err.contains("tax.vat (missing)"), "{}", checked.err);
    let refused = town.platform.tacit(&["model", "register", MODEL]);
    assert!(!refused.status.success());
    for said in ["MODEL_BINS", "vat (missing)", "new version"] {
        assert!(refused.err.contains(said), "{said}: {}", refused.err);
    }
    let chinese = program()
        .command()
        .args(["--lang", "zh", "model", "register", MODEL, "--dir"])
        .arg(&town.platform.dir)
        .output()
        .expect("it runs");
    let chinese = String::from_utf8_lossy(&chinese.stderr);
    assert!(chinese.contains("缺少者：vat (missing)"), "{chinese}");
    // The others have it before them; the one that it would make talk has not.
    assert_eq!(shown(&town.social)["state"], "asked");
    let said = town.tax.tacit(&["model", "countersign", MODEL]);
    assert!(!said.status.success() && said.err.contains("no model small@1"), "{}", said.err);
}

#[test]
fn what_breaks_a_rule_of_admission_is_not_registered_and_research_stays_research() {
    let mut town = Town::built();
    let feature = |holder: &str, column: &str, bins: [u16; 3]| {
        let [none, low, high] = bins;
        format!(
            "[[feature]]\nholder = '{holder}'\ncolumn = '{column}'\nmissing = {none}\n\
             [[feature.bin]]\nbelow = 11\npoints = {low}\n[[feature.bin]]\npoints = {high}\n"
        )
    };
    let own = [
        ("tax", ["vat", "arrears", "normal"]),
        ("social", ["insured", "months", "base"]),
        ("power", ["usage3", "usage6", "owing"]),
    ];
    let model = |name: &str, points: fn(u16) -> [u16; 3]| {
        let mut file = format!(
            "model = '{name}'\nversion = 1\ntitle = 't'\noffset = 0\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n"
        );
        let columns = own
            .iter()
            .flat_map(|(holder, columns)| columns.iter().map(move |column| (*holder, *column)));
        for (at, (holder, column)) in (0..).zip(columns) {
            file += &feature(holder, column, points(at));
        }
        fs::write(town.platform.dir.join(format!("{name}.toml")), file).expect("it is ours");
    };
    // One feature says it all; the digits of a number in base 3; and one that is as it should be.
    model("unit", |at| if at == 0 { [0, 500, 1_000] } else { [0, 1, 0] });
    model("radix", |at| {
        if at < 6 { [0, 1, 2].map(|digit| digit * 3_u16.pow(at.into())) } else { [1, 0, 0] }
    });
    model("fair", |at| [10 + at, 0, 40 + at]);
    let mut pieces = String::new();
    let all = [("unit", false), ("radix", false), ("fair", true), ("small", false)];
    for (name, research) in all {
        pieces += &format!(
            "[[model]]\nfile = '{name}.toml'\nlenders = ['bank']\nresearch = {research}\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\n"
        );
    }
    town.platform.configure(&pieces);
    town.start_parties();
    let register = |model: &str| town.platform.tacit(&["model", "register", model]);
    let unit = register("unit@1");
    assert!(
        unit.err.contains("MODEL_RULES") && unit.err.contains("S1.unit-vector"),
        "{}",
        unit.err
    );
    let radix = register("radix@1");
    assert!(radix.err.contains("S2.mixed-radix"), "{}", radix.err);
    assert!(town.platform.tacit(&["model", "list"]).done().out.is_empty());
    // A model for research alone is not taken over a register of firms.
    let fair = register("fair@1");
    assert!(fair.err.contains("MODEL_RESEARCH_ONLY"), "{}", fair.err);
    assert!(town.tax.tacit(&["model", "list"]).done().out.is_empty());
    // Another file under the name of a registered model is another model.
    register(MODEL).done();
    let file = town.platform.dir.join("small.toml");
    let changed = fs::read_to_string(&file).expect("ours").replace("points = 100", "points = 101");
    fs::write(&file, changed).expect("ours");
    assert!(register(MODEL).err.contains("registered another model"), "{}", register(MODEL).err);
}

#[test]
fn a_third_model_about_one_firm_is_one_too_many() {
    let mut town = Town::built();
    let card = fs::read_to_string(town.platform.dir.join("small.toml")).expect("the card");
    let mut entries = String::new();
    for version in 1..4 {
        let file = town.platform.dir.join(format!("small-{version}.toml"));
        fs::write(file, card.replace("version = 1", &format!("version = {version}")))
            .expect("ours");
        entries += &format!(
            "[[model]]\nfile = 'small-{version}.toml'\nlenders = ['bank']\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\n"
        );
    }
    town.platform.configure(&entries);
    town.start_parties();
    let (_, shown) = town.authorised(3);
    let letter = town.file("letter.json");
    lab::envelopes(&letter, std::slice::from_ref(&shown));
    let letter = letter.to_str().expect("a plain path");
    let score = |version: u32| {
        let model = format!("small@{version}");
        town.platform.tacit(&["model", "register", &model]).done();
        for holder in town.holders() {
            holder.tacit(&["model", "countersign", &model]).done();
        }
        town.platform.tacit(&["model", "publish", &model, "--to", "bank"]).done();
        let words = ["score", &code(3), "--model", &model, "--authorisation", letter, "--json"];
        town.bank.tacit(&words).json()
    };
    let points = [1, 2].map(|version| score(version)["points"].as_u64());
    assert_eq!(points, [Some(clear_points(3)); 2]);
    assert_eq!(score(3)["trouble"]["code"], "QUERY_BUDGET");
}
