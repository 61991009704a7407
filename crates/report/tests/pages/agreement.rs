//! The page and the JSON say the same: one struct is behind both.

use serde_json::Value as Json;
use terminal::Language;

use crate::dom::{Element, read};
use crate::samples::{data_check, model_card, monitoring};

fn percent(json: &Json) -> String {
    json.as_f64().map_or_else(|| "–".into(), |share| format!("{:.2}%", 100.0 * share))
}

fn four(json: &Json) -> String {
    json.as_f64().map_or_else(|| "–".into(), |number| format!("{number:.4}"))
}

fn count(json: &Json) -> String {
    json.as_u64().map_or_else(|| "–".into(), terminal::units::count)
}

/// A column of a table, by its head.
fn column(table: &Element, head: &str) -> Vec<String> {
    let heads = table.heads();
    let at = heads.iter().position(|it| it == head);
    let at = at.unwrap_or_else(|| panic!("no column `{head}` among {heads:?}"));
    table.rows().into_iter().map(|row| row[at].clone()).collect()
}

fn all(json: &Json, shown: impl Fn(&Json) -> String) -> Vec<String> {
    json.as_array().expect("a list").iter().map(shown).collect()
}

/// What a score shows, which cards and monitoring have alike.
fn performance(page: &Element, json: &Json) {
    let gains = page.table("Gains and lift, the riskiest rows first");
    assert_eq!(column(gains, "bad"), all(&json["gains"], |it| count(&it["bad"])));
    assert_eq!(column(gains, "bad rate"), all(&json["gains"], |it| percent(&it["bad_rate"])));
    assert_eq!(column(gains, "of all bad"), all(&json["gains"], |it| percent(&it["bad_so_far"])));
    assert_eq!(column(gains, "KS"), all(&json["gains"], |it| four(&it["ks"])));
    let predicted = all(&json["calibration"], |it| percent(&it["predicted"]));
    assert_eq!(column(gains, "predicted"), predicted);
    // Groups of one table are groups of the other.
    let observed = all(&json["calibration"], |it| percent(&it["observed"]));
    assert_eq!(column(gains, "bad rate"), observed);
    let distribution = page.table("Rows by score");
    assert_eq!(column(distribution, "good"), all(&json["distribution"], |it| count(&it["good"])));
    let tiles: Vec<String> = page.named("dd").iter().map(|tile| tile.text()).collect();
    assert!(tiles[0].starts_with(&four(&json["all"]["auc"])), "{tiles:?}");
    assert!(tiles[0].contains(&four(&json["all"]["auc_95"][0])), "{tiles:?}");
    assert!(tiles[1].starts_with(&four(&json["all"]["ks"])), "{tiles:?}");
    let ks = [&json["all"]["ks"], &json["curve"]["ks"]].map(|ks| ks.as_f64().expect("a number"));
    assert!((ks[0] - ks[1]).abs() < 1e-12);
}

#[test]
fn a_card_says_on_its_page_what_it_says_in_json() {
    let card = model_card("vat_paid");
    let json = serde_json::to_value(&card).unwrap();
    let page = read(&card.to_html(Language::En));
    performance(&page, &json["measured"]);
    let overview = page.table("Features, in the order of the model");
    assert_eq!(column(overview, "IV"), all(&json["features"], |it| four(&it["iv"])));
    assert_eq!(column(overview, "CSI"), all(&json["features"], |it| four(&it["csi"])));
    assert_eq!(column(overview, "explains"), all(&json["features"], |it| percent(&it["explains"])));
    assert_eq!(
        column(overview, "coefficient"),
        all(&json["features"], |it| four(&it["coefficient"]))
    );
    let mut bins = 0;
    for feature in json["features"].as_array().unwrap() {
        let name = format!(
            "{}.{}",
            feature["holder"].as_str().unwrap(),
            feature["column"].as_str().unwrap()
        );
        let table = page.table(&format!("Bins of {name}"));
        let of = |head: &str, shown: &dyn Fn(&Json) -> String| {
            assert_eq!(column(table, head), all(&feature["bins"], shown), "{name} {head}");
        };
        of("points", &|it| count(&it["points"]));
        of("rows", &|it| count(&it["counted"]["rows"]));
        of("good", &|it| count(&it["counted"]["good"]));
        of("bad", &|it| count(&it["counted"]["bad"]));
        of("bad rate", &|it| percent(&it["counted"]["bad_rate"]));
        of("WOE", &|it| four(&it["counted"]["woe"]));
        of("IV", &|it| four(&it["counted"]["iv"]));
        of("WOE fitted", &|it| four(&it["fitted_woe"]));
        of("share before", &|it| percent(&it["share_before"]));
        bins += feature["bins"].as_array().unwrap().len();
        // Bins add up to the rows, and their parts to the information value.
        let sum = |what: &str| -> f64 {
            let bins = feature["bins"].as_array().unwrap().iter();
            bins.map(|bin| bin["counted"][what].as_f64().unwrap_or(0.0)).sum()
        };
        assert_eq!(sum("rows"), json["measured"]["all"]["rows"].as_f64().unwrap());
        assert!((sum("iv") - feature["iv"].as_f64().unwrap()).abs() < 1e-12);
    }
    assert_eq!(bins, 40);
    let rules = page.table("Each rule, where the model fares worst with it");
    assert_eq!(
        column(rules, "rule"),
        all(&json["rules"], |it| it["rule"].as_str().unwrap().into())
    );
    let grades = page.table("Grades by cut-off, best first");
    assert_eq!(column(grades, "bad rate"), all(&json["grades"], |it| percent(&it["bad_rate"])));
    let shift = page.table("Scores before and now");
    assert_eq!(column(shift, "now"), all(&json["before"]["shift"]["now"], count));
    let text = page.text();
    for named in
        ["/digest", "/provenance/certificate", "/provenance/job/digest", "/measured/data/digest"]
    {
        let digest = json.pointer(named).and_then(Json::as_str).expect(named);
        assert!(text.contains(digest), "{named}");
    }
}

#[test]
fn monitoring_says_on_its_page_what_it_says_in_json() {
    let monitoring = monitoring("shops");
    let json = serde_json::to_value(&monitoring).unwrap();
    let page = read(&monitoring.to_html(Language::En));
    performance(&page, &json);
    let compared = page.table("The score before and now");
    let auc = column(compared, "AUC (95 of 100)");
    assert!(auc[0].starts_with(&four(&json["before"]["measures"]["auc"])), "{auc:?}");
    assert!(auc[1].starts_with(&four(&json["all"]["auc"])), "{auc:?}");
    let swap = &json["challenge"]["swap"];
    let bad = ["both", "swapped_in", "swapped_out", "neither"].map(|who| count(&swap[who]["bad"]));
    assert_eq!(
        column(page.table("Who approves whom, the model in use from a score of 560"), "bad"),
        bad
    );
    assert_eq!(column(page.table("By the values of a column"), "segment"), ["shops"]);
}

#[test]
fn a_data_check_says_on_its_page_what_it_says_in_json() {
    let check = data_check("企业.csv");
    let json = serde_json::to_value(&check).unwrap();
    let page = read(&check.to_html(Language::En));
    let columns = page.table("Columns, in the order of the file");
    assert_eq!(
        column(columns, "column"),
        all(&json["columns"], |it| it["name"].as_str().unwrap().into())
    );
    assert_eq!(column(columns, "missing"), all(&json["columns"], |it| count(&it["missing"])));
    let rows = page.table("Rows that cannot be used, the first thing wrong with each");
    assert_eq!(
        column(rows, "line"),
        all(&json["load"]["bad"]["listed"], |it| it["line"].to_string())
    );
    let codes = page.table("How many rows, by what is wrong");
    let by_reason = json["load"]["bad"]["by_reason"].as_object().unwrap();
    assert_eq!(column(codes, "code"), by_reason.keys().cloned().collect::<Vec<_>>());
    assert!(by_reason.len() >= 3, "{by_reason:?}");
    // No cell is on the page, and no identifier.
    let text = page.text();
    for cell in ["91320100PDY00001XR", "913205", "丁", "2025-01-31"] {
        assert!(!text.contains(cell), "{cell}");
    }
}
