//! Private set intersection between two processes: what comes out is the plain intersection, and
//! each side's report says what that side learned. Over either protocol.

mod checked;
mod protocols;
mod self_check;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Uscc;
use envelope::Envelope;
use lab::{Party, list};
use serde_json::Value;
use serde_json::json;

use crate::support::bank_and_tax;
use crate::support::subjects::Issuer;

/// The protocols that yield members, and what reports call them.
const PROTOCOLS: [(&str, &str); 2] =
    [("ecdh", "psi/v1 ecdh ristretto255-sha512"), ("vole", "psi/v1 vole parameters-1 semi-honest")];

/// What the bank has: 400 firms, of which 200 are taxpayers, with 50 of them twice.
struct Scene {
    // Dropped first: a party must not outlive its folder.
    bank: Party,
    tax: Party,
    ours: PathBuf,
    shared: BTreeSet<String>,
    /// Each firm's authorisation, in the order of their numbers.
    signed: Vec<Envelope>,
    _root: tempfile::TempDir,
}

impl Scene {
    fn set() -> Self {
        Self::authorised(400)
    }

    /// The scene when so many firms have authorised the bank.
    fn authorised(firms: u32) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let codes = |from, to| (from..to).map(code).collect::<Vec<_>>();
        let mut customers = codes(0, 400);
        customers.extend(codes(150, 200));
        let mut taxpayers = codes(200, 800);
        // As people write them: small letters, blanks around, and the same firm twice.
        taxpayers.push(format!(" {} ", code(300).to_lowercase()));
        taxpayers.extend(codes(790, 800));
        let (mut bank, mut tax) = bank_and_tax(root.path(), "uscc", &taxpayers);
        let ours = root.path().join("customers.csv");
        list(&ours, "id", &customers);
        // The bureau keeps the registry itself.
        let issuer = Issuer::new();
        tax.configure(&format!("[governance]\nregistry = 'tax'\n{}", issuer.trusted()));
        tax.start();
        let grantee = json!({ "grantee": { "node_id": "tax" } });
        let signed: Vec<_> =
            codes(0, firms).iter().map(|code| issuer.firm(code, &grantee).grants()).collect();
        tax.submit(&signed);
        bank.start();
        let shared = codes(200, 400).into_iter().collect();
        Self { bank, tax, ours, shared, signed, _root: root }
    }

    fn psi(&self, more: &[&str]) -> Value {
        let kind = ["--kind", "uscc"];
        self.bank.psi("tax", "taxpayers", &self.ours, &[&kind, more].concat()).done().json()
    }
}

#[test]
fn a_one_sided_run_gives_the_asker_the_intersection_and_the_other_side_nothing() {
    let scene = Scene::set();
    for (protocol, name) in PROTOCOLS {
        one_sided(&scene, protocol, name);
        for party in [&scene.bank, &scene.tax] {
            party.forget_results();
        }
    }
}

fn one_sided(scene: &Scene, protocol: &str, name: &str) {
    let run = scene.psi(&["--protocol", protocol]);
    assert_eq!(text(&run["report"], "protocol"), name);
    assert_eq!(text(&run["terms"], "protocol"), protocol);
    assert_eq!((text(&run, "state"), text(&run, "role")), ("done", "receiver"));
    assert_eq!(column(&result_of(&run)), scene.shared);
    let report = &run["report"];
    let counts = ["rows", "duplicates", "bad_rows", "items", "items_sent", "peer_items_sent"];
    assert_eq!(counts.map(|count| number(report, count)), [450, 50, 0, 400, 400, 600]);
    assert_eq!(number(report, "matches"), 200);
    assert!(learned(report, "we_learned").starts_with("we learned which of the own items"));
    assert!(learned(report, "we_learned").contains("sent 600 items"));
    assert_eq!(
        learned(report, "peer_learned"),
        "tax learned that the other side sent 400 items (padding included), and nothing else"
    );
    // The report lies beside the result, and says the same.
    let beside = result_of(&run).with_extension("json");
    let beside: Value =
        serde_json::from_slice(&fs::read(beside).expect("it lies there")).expect("it is JSON");
    assert_eq!(&beside, report);

    let other = scene.tax.ended_run();
    assert_eq!((text(&other, "state"), text(&other, "role")), ("done", "sender"));
    assert_eq!(text(&other["report"], "protocol"), name);
    assert_eq!(text(&other["terms"], "protocol"), protocol);
    assert_eq!(text(&other, "id"), text(&run, "id"));
    assert!(other["report"].get("matches").is_none() && other.get("result").is_none());
    assert!(learned(&other["report"], "we_learned").ends_with("and nothing else"));
    assert_eq!(scene.tax.results(), Vec::<String>::new(), "the sender keeps no result");
    // The bytes agree: what one sent the other received.
    let bytes = |report: &Value| {
        [number(report, "chunk_bytes_sent"), number(report, "chunk_bytes_received")]
    };
    let [sent, received] = bytes(report);
    assert_eq!(bytes(&other["report"]), [received, sent]);
}

#[test]
fn a_two_sided_run_gives_both_the_same_intersection() {
    let scene = Scene::set();
    for (protocol, _) in PROTOCOLS {
        let run = scene.psi(&["--output", "two-sided", "--protocol", protocol]);
        let other = scene.tax.ended_run();
        for run in [&run, &other] {
            assert_eq!(text(run, "state"), "done");
            assert_eq!(column(&result_of(run)), scene.shared);
            assert_eq!(number(&run["report"], "matches"), 200);
        }
        let learned = learned(&run["report"], "peer_learned");
        assert!(learned.starts_with("tax learned which of the own items"), "{learned}");
    }
}

#[test]
fn a_cardinality_run_tells_how_many_and_leaves_no_list() {
    let scene = Scene::set();
    let run = scene.psi(&["--output", "cardinality"]);
    assert_eq!(number(&run["report"], "matches"), 200);
    assert!(run.get("result").is_none());
    let id = text(&run, "id");
    assert_eq!(scene.bank.results(), [format!("{id}.json")], "the report, and nothing else");
    assert!(learned(&run["report"], "we_learned").contains("how many"));
    let other = scene.tax.ended_run();
    assert!(other["report"].get("matches").is_none());
    assert_eq!(scene.tax.results(), Vec::<String>::new());
}

#[test]
fn more_subjects_than_have_authorised_the_bank_are_refused_before_anything_flows() {
    let scene = Scene::authorised(399);
    for (protocol, _) in PROTOCOLS {
        let ask = ["--kind", "uscc", "--protocol", protocol];
        let refused = scene.bank.psi("tax", "taxpayers", &scene.ours, &ask);
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.err.contains("AUTH_MISSING"), "{}", refused.err);
    }
    assert!(scene.tax.runs().is_empty(), "a refused run has no state");
    // A count over enough firms names nobody and needs no authorisation.
    let counted = scene.psi(&["--output", "cardinality"]);
    assert_eq!(number(&counted["report"], "matches"), 200);
    let few = scene.ours.with_file_name("few.csv");
    list(&few, "id", &(0..9).map(code).collect::<Vec<_>>());
    let few = ["--kind", "uscc", "--output", "cardinality"].as_slice();
    let refused = scene.bank.psi("tax", "taxpayers", &scene.ours.with_file_name("few.csv"), few);
    assert!(refused.err.contains("COHORT_TOO_SMALL"), "{}", refused.err);
}

#[test]
fn a_register_is_not_swept_by_one_intersection_after_the_other() {
    let mut scene = Scene::authorised(200);
    let ask = |scene: &Scene, protocol: &str, from: u32| {
        let part = scene.ours.with_file_name("part.csv");
        list(&part, "id", &(from..from + 200).map(code).collect::<Vec<_>>());
        scene.bank.psi("tax", "taxpayers", &part, &["--kind", "uscc", "--protocol", protocol])
    };
    // As many again as have authorised the bank: a second run, after a mistake, say. One count for
    // both protocols.
    for (from, protocol) in [(200, "ecdh"), (400, "vole")] {
        assert_eq!(number(&ask(&scene, protocol, from).done().json()["report"], "matches"), 200);
    }
    let refused = |scene: &Scene| {
        for (protocol, _) in PROTOCOLS {
            let said = ask(scene, protocol, 600);
            assert_eq!(said.status.code(), Some(1));
            assert!(said.err.contains("INTERSECTION_BUDGET"), "{}", said.err);
        }
        assert_eq!(scene.tax.runs().len(), 2, "a refused run has no state");
    };
    refused(&scene);
    scene.tax.process = None;
    scene.tax.start();
    refused(&scene);
    // Counts are counted apart, and few.
    let count = |scene: &Scene| {
        let counted = ["--kind", "uscc", "--output", "cardinality"];
        scene.bank.psi("tax", "taxpayers", &scene.ours, &counted)
    };
    for _ in 0..3 {
        count(&scene).done();
    }
    let said = count(&scene);
    assert!(said.err.contains("INTERSECTION_BUDGET"), "{}", said.err);

    let usage = scene.tax.tacit(&["usage", "--json"]).done().json();
    let expected = json!({ "peer": "bank", "register": "taxpayers", "runs": 2, "items": 400, "aggregates": 3 });
    assert_eq!(usage["intersections"], json!([expected]));
    let findings = scene.tax.tacit(&["doctor", "--json"]).done().lines();
    let finding = findings.iter().find(|one| one["check"] == "intersections bank taxpayers");
    let finding = finding.expect("the doctor looks at it");
    assert_eq!((&finding["ok"], &finding["warning"]), (&json!(true), &json!(true)));
    assert!(text(finding, "en").starts_with("400 items in 2 runs"), "{finding}");
}

#[test]
fn a_count_of_firms_takes_no_padding() {
    let scene = Scene::set();
    let one = scene.ours.with_file_name("one.csv");
    list(&one, "id", &[code(300)]);
    let padded = ["--kind", "uscc", "--output", "cardinality", "--pad-to", "1000"];
    let said = scene.bank.psi("tax", "taxpayers", &one, &padded);
    assert!(said.err.contains("PADDING"), "{}", said.err);
    assert_eq!(said.status.code(), Some(1));
    // Nor does the bureau take it from a bank that would: see failures.rs.
    assert!(scene.tax.runs().is_empty());
}

#[test]
fn padding_hides_both_sizes_and_changes_no_result() {
    // Padding could be anybody: it counts.
    for (protocol, output) in
        [("ecdh", "one-sided"), ("ecdh", "two-sided"), ("vole", "one-sided"), ("vole", "two-sided")]
    {
        let scene = Scene::authorised(1000);
        let ask = ["--pad-to", "1000", "--output", output, "--protocol", protocol];
        let run = scene.psi(&ask);
        assert_eq!(column(&result_of(&run)), scene.shared);
        let sizes = ["items", "items_sent", "peer_items_sent"];
        assert_eq!(sizes.map(|size| number(&run["report"], size)), [400, 1000, 1000]);
        let other = scene.tax.ended_run();
        assert_eq!(sizes.map(|size| number(&other["report"], size)), [600, 1000, 1000]);
    }
}

#[test]
fn the_result_goes_where_it_was_asked_for_and_two_runs_at_once_do_not_meet() {
    let scene = Scene::set();
    let places = ["one.csv", "two.csv"].map(|name| scene.bank.dir.join(name));
    std::thread::scope(|both| {
        for place in &places {
            let place = place.to_str().unwrap();
            both.spawn(|| scene.psi(&["--result", place]));
        }
    });
    for place in &places {
        assert_eq!(column(place), scene.shared);
        assert!(place.with_extension("json").exists());
    }
    assert_eq!(scene.bank.results(), Vec::<String>::new());
    assert_eq!(scene.bank.runs().len(), 2);
}

#[test]
fn the_real_credit_data_intersects_as_it_does_in_the_clear() {
    const FOLDER: &str = "TACIT_CREDIT_DATA";
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        eprintln!(
            "skipped: {FOLDER} is not set; it names the folder with \
             default_credit_hetero_guest.csv and default_credit_hetero_host.csv"
        );
        return;
    };
    let ids = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).expect("the folder has this file");
        let id = |line: &str| line.split(',').next().map(str::to_owned);
        text.lines().skip(1).filter_map(id).collect::<Vec<_>>()
    };
    // Different 80 % of each, by the identifiers' last digits in base 5.
    let keep = |ids: Vec<String>, but: u32| -> Vec<String> {
        let kept = ids.into_iter().filter(|id| id.parse::<u32>().expect("a number") % 5 != but);
        kept.collect()
    };
    let lender = keep(ids("default_credit_hetero_guest.csv"), 1);
    let department = keep(ids("default_credit_hetero_host.csv"), 3);
    let plain: BTreeSet<String> = {
        let theirs: BTreeSet<&String> = department.iter().collect();
        lender.iter().filter(|id| theirs.contains(id)).cloned().collect()
    };
    assert_eq!((lender.len(), department.len(), plain.len()), (24_000, 24_000, 18_000));

    let root = tempfile::tempdir().unwrap();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &department);
    let ours = root.path().join("lender.csv");
    list(&ours, "id", &lender);
    tax.start();
    bank.start();
    for (protocol, _) in PROTOCOLS {
        let ask = ["--kind", "opaque", "--protocol", protocol];
        let run = bank.psi("tax", "taxpayers", &ours, &ask).done().json();
        assert_eq!(column(&result_of(&run)), plain);
        assert_eq!(number(&run["report"], "matches"), 18_000);
    }
}

fn code(index: u32) -> String {
    Uscc::nth_pdy(index).expect("a small index").reveal().to_owned()
}

fn result_of(run: &Value) -> PathBuf {
    text(run, "result").into()
}

/// The identifiers of a result file, each of which must be there once.
fn column(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).expect("the result is there");
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id"));
    for line in lines {
        *times.entry(line).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "an identifier stands there twice");
    times.into_keys().map(str::to_owned).collect()
}

fn learned<'a>(report: &'a Value, who: &str) -> &'a str {
    text(&report[who], "en")
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_else(|| panic!("no {field} in {object}"))
}

fn number(object: &Value, field: &str) -> u64 {
    object[field].as_u64().unwrap_or_else(|| panic!("no {field} in {object}"))
}
