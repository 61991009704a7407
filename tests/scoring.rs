//! The online score as a service: models registered, countersigned and retired; earlier answers
//! handed over again; holders that are down or late. With real processes.

#[path = "support/relay.rs"]
#[expect(dead_code, reason = "rounds and cuts are for failures.rs")]
mod relay;
#[path = "support/subjects.rs"]
#[expect(dead_code, reason = "what else subjects do is for governance.rs")]
mod subjects;
#[expect(dead_code, reason = "results are for psi.rs and failures.rs")]
mod support;
#[path = "support/town.rs"]
#[expect(dead_code, reason = "towns that simply run are for governance.rs")]
mod town;

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use consent::Registration;
use domain::RunId;
use domain::scorecard::admission::{Finding, Limit, Rule};
use envelope::{Envelope, SigningKey};
use relay::{Fate, Passing, Relay, Side, Sockets, call, round_of, rules, secret};
use serde_json::Value;
use support::{Party, Said, until};
use tokio::runtime::{Builder, Runtime};
use tonic::Request;
use town::{FIRMS, HOLDERS, MODEL, Town, clear_points, code};
use wire::peer::{self, frame, model_reply, model_request, proposal, reply};

/// The code with which the one question of a command was refused.
fn refusal(said: &Said) -> String {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    said.json()["trouble"]["code"].as_str().unwrap_or("-").to_owned()
}

fn shown(party: &Party) -> Value {
    party.tacit(&["model", "show", MODEL, "--json"]).done().json()["models"][0].clone()
}

/// Events of this kind in a party's log.
fn changes(party: &Party) -> Vec<String> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let all = 0..size.as_u64().expect("a number of records");
    let event = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"]["model"]["change"].as_str().map(ToOwned::to_owned)
    };
    all.filter_map(event).collect()
}

// The registry

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
    let chinese = Command::new(env!("CARGO_BIN_EXE_tacit"))
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
fn a_firm_that_no_bin_holds_is_answered_in_as_many_bytes_logged_and_charged() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut town = Town::built();
    // Of firm 7 the tax bureau does not know what it has paid.
    let path = town.tax.dir.join("taxpayers.csv");
    let rows = fs::read_to_string(&path).unwrap();
    let unknown = rows.replace(&format!("{},7000,", code(7)), &format!("{},,", code(7)));
    assert_ne!(rows, unknown);
    fs::write(&path, unknown).unwrap();
    let lines = [(&town.bank, &town.platform), (&town.platform, &town.tax)]
        .map(|(asker, answerer)| Relay::between(&runtime, asker, answerer, |_| Fate::Pass));
    town.start();
    let taken = || {
        lines.each_ref().map(|line| {
            let mut line = line.lock().expect("nobody panicked");
            // What is asked holds times, which may have fewer digits; what is answered holds none.
            let asked = std::mem::take(&mut line.asked).len();
            (asked, std::mem::take(&mut line.answered).len())
        })
    };
    let released = || {
        let usage = town.tax.tacit(&["usage", "--json"]).done().json();
        usage["released"].as_u64().expect("a number")
    };
    let mut lengths = Vec::new();
    for at in [3, 7, FIRMS + 5] {
        let (_, sealed) = town.authorised(at);
        taken();
        let before = released();
        let scored = town.score(at, Some(&sealed), &[]).done().json();
        // Its bin, and that of whoever has no value.
        let points = if at == 7 { clear_points(7) - 10 + 5 } else { clear_points(at) };
        assert_eq!(scored["points"].as_u64(), Some(points));
        lengths.push(taken());
        assert_eq!(released(), before + 1, "logged, and so charged");
    }
    assert!(lengths.iter().all(|each| *each == lengths[0]), "{lengths:?}");
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
    subjects::envelopes(&letter, std::slice::from_ref(&shown));
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

#[test]
fn a_holder_takes_no_table_but_the_one_that_it_countersigned_and_heeds_its_platform_alone() {
    let mut town = Town::built();
    town.start_parties();
    town.platform.tacit(&["model", "register", MODEL]).done();
    let runtime = runtime();
    let sheet = shown(&town.tax);
    let digest = bytes(sheet["registration"].as_str().expect("a digest"));
    let card = fs::read_to_string(town.bank.card()).expect("its own file");
    let card: toml::Table = card.parse().expect("TOML");
    let key = bytes(card["scoring_key"].as_str().expect("a lender has one"));
    let part = {
        let model: domain::Scorecard = domain::Scorecard::from_toml(
            &fs::read_to_string(town.platform.dir.join("small.toml")).expect("its own file"),
        )
        .expect("a model");
        serde_json::to_string(&model.part(&"tax".parse().expect("a slot")).expect("a part"))
    }
    .expect("JSON");
    let most = u32::try_from(sheet["max_points"].as_u64().expect("points")).expect("they fit");
    let honest = peer::TableTerms {
        publication: Some(peer::Publication {
            model: MODEL.into(),
            registration: digest.clone().into(),
            lender: "bank".into(),
            holders: HOLDERS.map(Into::into).to_vec(),
        }),
        slot: "tax".into(),
        part: part.clone(),
        lender_key: key.into(),
        max_points: most,
        batch: false,
    };
    let sockets = Sockets::default();
    let client = call(&runtime, &town.platform, &town.tax, &sockets);
    let propose = |run: u8, terms: peer::TableTerms| {
        let proposal = peer::Proposal {
            version: wire::VERSION,
            from: "platform".into(),
            to: "tax".into(),
            run: RunId::from_bytes([run; 16]).to_bytes().to_vec().into(),
            rules: Some(rules().into()),
            terms: Some(proposal::Terms::Table(terms)),
        };
        let reply = runtime.block_on(client.clone().propose(Request::new(proposal)));
        match reply.expect("it answers").into_inner().outcome {
            Some(reply::Outcome::Refusal(refusal)) => refusal.code,
            Some(reply::Outcome::Agreement(_)) => "agreed".into(),
            None => "nothing".into(),
        }
    };
    assert_eq!(propose(1, honest.clone()), "MODEL_NOT_IN_FORCE", "nobody has looked at it");
    town.tax.tacit(&["model", "countersign", MODEL]).done();
    let publication = honest.publication.clone().expect("just made");
    let other = |changed: peer::Publication| peer::TableTerms {
        publication: Some(changed),
        ..honest.clone()
    };
    let fewer =
        peer::Publication { holders: vec!["tax".into(), "power".into()], ..publication.clone() };
    let renamed = peer::Publication { model: "small@2".into(), ..publication.clone() };
    let unknown = peer::Publication { registration: vec![9; 32].into(), ..publication };
    let altered = part.replace("10001", "10002");
    assert_ne!(altered, part, "a bin is another");
    let cases = [
        (other(fewer), "MODEL"),
        (other(renamed), "MODEL"),
        (other(unknown), "MEMBER_STATE"),
        (peer::TableTerms { part: altered, ..honest.clone() }, "MODEL"),
        (peer::TableTerms { max_points: 1_023, ..honest.clone() }, "MODEL"),
        (peer::TableTerms { slot: "social".into(), ..honest.clone() }, "MODEL"),
    ];
    for (run, (terms, code)) in (2..).zip(cases) {
        assert_eq!(propose(run, terms.clone()), code, "{terms:?}");
    }
    assert_eq!(propose(20, honest), "agreed");

    // What others say of it does not count: not the bank that it is retired, nor the platform
    // what another holder thinks, nor a forged signature.
    let say = |from: &Party, to: &Party, about: model_request::About| {
        let mut client = call(&runtime, from, to, &sockets);
        let request = Request::new(peer::ModelRequest { about: Some(about) });
        let reply = runtime.block_on(client.model(request)).expect("it answers").into_inner();
        matches!(reply.outcome, Some(model_reply::Outcome::Taken(_)))
    };
    let retired = || model_request::About::Retired(digest.clone().into());
    say(&town.bank, &town.tax, retired());
    assert_eq!(shown(&town.tax)["state"], "countersigned");
    let refused = peer::ModelRefused { registration: digest.clone().into(), reason: "no".into() };
    assert!(!say(&town.bank, &town.platform, model_request::About::Refused(refused)));
    for junk in [b"{}".to_vec(), vec![0xff; 200]] {
        let junk = model_request::About::Countersigned(junk.into());
        assert!(!say(&town.social, &town.platform, junk));
    }
    assert_eq!(shown(&town.platform)["state"], "asked");
}

#[test]
fn a_holder_takes_no_registration_whose_figures_or_co_holders_do_not_hold() {
    let mut town = Town::built();
    town.start_parties();
    town.platform.tacit(&["model", "register", MODEL]).done();
    let seen = shown(&town.tax);
    let part = {
        let card = fs::read_to_string(town.platform.dir.join("small.toml")).expect("its own file");
        let model = domain::Scorecard::from_toml(&card).expect("a model");
        model.part(&"tax".parse().expect("a slot")).expect("a part")
    };
    let registration = |digest: u8| Registration {
        model: MODEL.parse().expect("a model"),
        digest: domain::Digest::from_bytes([digest; 32]),
        platform: "platform".parse().expect("a name"),
        holder: "tax".parse().expect("a name"),
        slot: "tax".parse().expect("a slot"),
        holders: HOLDERS.map(|holder| holder.parse().expect("a name")).to_vec(),
        lender: None,
        part: Registration::hash_of(&part),
        max_points: u16::try_from(seen["max_points"].as_u64().expect("points")).expect("they fit"),
        valid_until: None,
        research: false,
        figures: serde_json::from_value(seen["figures"].clone()).expect("figures"),
    };
    let runtime = runtime();
    let sockets = Sockets::default();
    let seed = secret(&town.platform.dir, "signing.key");
    let key = SigningKey::from_seed(&seed.try_into().expect("32 bytes"));
    // Signed as the platform itself signs, whatever it says.
    let lay = |registration: &Registration| {
        let payload = serde_json::to_vec(registration).expect("JSON");
        let sheet = peer::ModelSheet {
            registration: Envelope::sign(Registration::TYPE, payload, &key).to_json().into(),
            part: serde_json::to_string(&part).expect("JSON"),
        };
        let about = Some(model_request::About::Asked(sheet));
        let mut client = call(&runtime, &town.platform, &town.tax, &sockets);
        let reply = runtime.block_on(client.model(Request::new(peer::ModelRequest { about })));
        match reply.expect("it answers").into_inner().outcome {
            Some(model_reply::Outcome::Taken(_)) => "taken".to_owned(),
            Some(model_reply::Outcome::Refusal(refusal)) => refusal.code,
            None => "nothing".into(),
        }
    };
    let named = |names: &[&str]| names.iter().map(|name| name.parse().expect("a name")).collect();
    let altered = |digest, alter: &dyn Fn(&mut Registration)| {
        let mut altered = registration(digest);
        alter(&mut altered);
        lay(&altered)
    };
    let of = |rule: Rule, alter: &dyn Fn(&mut Finding)| {
        altered(9, &|registration| {
            let of_rule = registration.figures.iter_mut().filter(|finding| finding.rule == rule);
            of_rule.for_each(alter);
        })
    };
    assert_eq!(altered(9, &|registration| registration.figures.clear()), "MODEL_RULES");
    assert_eq!(altered(9, &|registration| registration.max_points -= 1), "MODEL_RULES");
    // Broken, whatever is said of it; by a limit of the platform's own; against what the part shows.
    assert_eq!(of(Rule::UnitVector, &|finding| finding.figure = Some(0.97)), "MODEL_RULES");
    assert_eq!(of(Rule::UnitVector, &|finding| finding.limit = Limit::Most(1.0)), "MODEL_RULES");
    assert_eq!(of(Rule::Bins, &|finding| finding.figure = Some(9.0)), "MODEL_RULES");
    assert_eq!(of(Rule::HolderFeatures, &|finding| finding.figure = Some(4.0)), "MODEL_RULES");
    // One twice, the platform itself, and a lender among the holders.
    let with = |holders: &[&str]| altered(9, &|registration| registration.holders = named(holders));
    assert_eq!(with(&["tax", "social", "social"]), "REGISTRATION");
    assert_eq!(with(&["tax", "social", "platform"]), "REGISTRATION");
    assert_eq!(with(&["tax", "social", "bank"]), "MODEL");
    // As the platform itself laid it, it is taken: nothing else was wrong with these.
    let mut laid = registration(9);
    let digest = seen["registration"].as_str().expect("digits");
    laid.digest = format!("sha256:{digest}").parse().expect("a digest");
    assert_eq!(lay(&laid), "taken");
}

#[test]
fn a_table_that_is_altered_on_its_way_is_refused_and_the_same_one_again_is_not() {
    let mut town = Town::built();
    let (runtime, exchanging) = (runtime(), Arc::new(AtomicBool::new(false)));
    let exchanges = Arc::clone(&exchanging);
    Relay::between(&runtime, &town.platform, &town.tax, move |passing| {
        if let Passing::Frame(Side::Asker, frame) = passing
            && exchanges.load(Ordering::SeqCst)
            && let Some(frame::Kind::Chunk(chunk)) = &mut frame.kind
            // The lender's key comes first, and is checked against the terms.
            && chunk.round > 1
        {
            let mut body = chunk.body.to_vec();
            let middle = body.len() / 2;
            body[middle] ^= 1;
            chunk.body = body.into();
        }
        Fate::Pass
    });
    town.start();
    let tables = || {
        let runs = town.tax.runs().into_iter().filter(|run| run["protocol"] == "table");
        let mut runs: Vec<String> = runs
            .map(|run| match run["state"].as_str() {
                Some("failed") => run["trouble"]["code"].as_str().unwrap_or("-").to_owned(),
                state => state.unwrap_or("-").to_owned(),
            })
            .collect();
        runs.sort();
        runs
    };
    assert_eq!(tables(), ["done", "done"], "the single form and the batch form");
    // Again, as it was: the platform makes the same bytes.
    town.publish().done();
    assert_eq!(tables(), ["done"; 4]);
    let published = changes(&town.tax).into_iter().filter(|change| change == "published");
    assert_eq!(published.count(), 2, "the log tells of each form once");
    // One bit of it is another.
    exchanging.store(true, Ordering::SeqCst);
    town.publish();
    let after = until("the table is refused", || {
        let after = tables();
        after.iter().any(|state| state == "PEER_MISBEHAVED").then_some(after)
    });
    assert_eq!(after.iter().filter(|state| *state == "done").count(), 4, "{after:?}");
    // The first one still answers.
    let (_, sealed) = town.authorised(3);
    let scored = town.score(3, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(3)));
}

// Earlier answers

/// What each holder has sent.
type Answers = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

#[test]
fn a_repeated_question_gets_the_stored_ciphertext_until_a_register_changes() {
    let mut town = Town::built();
    let runtime = runtime();
    let answers = Answers::default();
    for holder in town.holders() {
        let (name, answers) = (holder.name.clone(), Arc::clone(&answers));
        Relay::between(&runtime, &town.platform, holder, move |passing| {
            if let Passing::Frame(Side::Answerer, frame) = passing
                && let Some(frame::Kind::Chunk(chunk)) = &frame.kind
                && chunk.body.len() < 20_000
            {
                answers.lock().expect("one at a time").push((name.clone(), chunk.body.to_vec()));
            }
            Fate::Pass
        });
    }
    town.start();
    let (_, sealed) = town.authorised(0);
    let (_, other) = town.authorised(1);
    let asked = |at: u32, sealed| {
        answers.lock().expect("one at a time").clear();
        let scored = town.score(at, Some(sealed), &[]).done().json();
        assert_eq!(scored["points"].as_u64(), Some(clear_points(at)));
        let mut answers = answers.lock().expect("one at a time").clone();
        answers.sort();
        assert_eq!(answers.len(), 3, "one from each holder");
        answers
    };
    let first = asked(0, &sealed);
    // The same lender, firm, model and registers: the same three ciphertexts, byte for byte.
    assert_eq!(asked(0, &sealed), first);
    assert_eq!(asked(0, &sealed), first);
    // Another firm has ciphertexts of its own, whatever its bins.
    assert!(asked(1, &other).iter().zip(&first).all(|(one, other)| one.1 != other.1));
    // A register that has changed: no holder's old answer is used, not even where its own register
    // is what it was.
    let file = town.tax.dir.join("taxpayers.csv");
    fs::write(&file, town::rows("tax") + &format!("{},1,0,1\n", code(FIRMS + 9))).expect("ours");
    let second = asked(0, &sealed);
    assert!(second.iter().zip(&first).all(|(one, other)| one.1 != other.1));
    assert_eq!(asked(0, &sealed), second);
    // Each is a release with a receipt of its own.
    let released = town.tax.tacit(&["usage", "--json"]).done().json();
    assert_eq!(released["released"], 6);
}

// Holders that are down, late, or without a record

#[test]
fn without_every_holder_there_is_no_score_and_no_share_of_one_opens() {
    let mut town = Town::built();
    town.power.configure("[limits]\nidle_s = 2\n");
    town.platform.configure("[limits]\nidle_s = 2\n");
    let runtime = runtime();
    let (slow, sums) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let waits = Arc::clone(&slow);
    Relay::between(&runtime, &town.platform, &town.power, move |passing| {
        if matches!(passing, Passing::Frame(Side::Answerer, _)) && waits.load(Ordering::SeqCst) {
            tokio::task::block_in_place(|| thread::sleep(Duration::from_secs(4)));
        }
        Fate::Pass
    });
    let seen = Arc::clone(&sums);
    Relay::between(&runtime, &town.bank, &town.platform, move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && round_of(frame).is_some()
        {
            seen.store(true, Ordering::SeqCst);
        }
        Fate::Pass
    });
    town.start();
    let (_, sealed) = town.authorised(2);
    // A firm on no register has the points that the model gives for that.
    let (_, unknown) = town.authorised(FIRMS + 2);
    let scored = town.score(FIRMS + 2, Some(&unknown), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(FIRMS + 2)));

    // One is late: the platform gives up, and no sum leaves.
    slow.store(true, Ordering::SeqCst);
    sums.store(false, Ordering::SeqCst);
    let late = town.score(2, Some(&sealed), &[]);
    assert_eq!(late.status.code(), Some(1), "{}", late.out);
    assert!(late.err.contains("nothing moved for 2s"), "{}{}", late.out, late.err);
    let run = town.platform.runs().into_iter().find(|run| run["state"] == "failed");
    let why = run.expect("it is on record")["trouble"].to_string();
    assert!(why.contains("SILENT") && why.contains("power"), "{why}");
    assert!(!sums.load(Ordering::SeqCst), "a sum without a holder's answer has left the platform");
    slow.store(false, Ordering::SeqCst);

    // One is down: the same.
    town.power.process = None;
    let down = town.score(2, Some(&sealed), &[]);
    assert_eq!(refusal(&down), "REFUSED");
    assert!(down.err.contains("power"), "{}", down.err);
    assert!(!sums.load(Ordering::SeqCst), "a sum without a holder's answer has left the platform");
    // It is back: the question is asked again and answered.
    town.power.start();
    let scored = town.score(2, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(2)));
}

fn bytes(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

// Keys, one after the other

/// Prepares new keys, has everybody pin them, and starts everybody again to know of them.
fn prepared(town: &mut Town, who: usize, keys: &[&str]) {
    let all = everybody(town);
    let name = all[who].name.clone();
    all[who].tacit(&[&["keys", "renew"], keys].concat()).done();
    let file = all[who].dir.join(format!("{name}.next.party"));
    let file = file.to_str().expect("a plain path").to_owned();
    for (at, party) in all.into_iter().enumerate().filter(|(at, _)| *at != who) {
        let said = party.tacit(&["peer", "add", &file]).done();
        assert!(said.err.contains("will switch to"), "{at}: {}", said.err);
        party.process = None;
        party.start();
    }
}

/// Switches a party to the keys that it has prepared, and waits until these know of it.
fn switched(town: &mut Town, who: usize, known_to: &[usize]) {
    let all = everybody(town);
    assert!(all[who].tacit(&["keys", "switch"]).err.contains("RUNNING"));
    all[who].process = None;
    all[who].tacit(&["keys", "switch"]).done();
    all[who].start();
    for at in known_to {
        let next = all[*at].dir.join("peers/next").join(format!("{}.party", all[who].name));
        until("a peer learns of new keys", || (!next.exists()).then_some(()));
    }
}

fn everybody(town: &mut Town) -> [&mut Party; 6] {
    let Town { bank, platform, tax, social, power, node, .. } = town;
    [bank, platform, tax, social, power, node]
}

const BANK: usize = 0;
const PLATFORM: usize = 1;
const TAX: usize = 2;

#[test]
fn keys_are_renewed_one_party_after_the_other_while_scores_go_on() {
    let mut town = Town::running();
    let (_, sealed) = town.authorised(3);
    let scored = |town: &Town, at: u32, sealed| {
        let said = town.score(at, Some(sealed), &[]).done().json();
        assert_eq!(said["points"].as_u64(), Some(clear_points(at)));
        said["run"].as_str().expect("a number").to_owned()
    };
    let run = scored(&town, 3, &sealed);

    // A platform's signing key: what it had countersigned before is served on.
    prepared(&mut town, PLATFORM, &["--signing"]);
    let (_, other) = town.authorised(4);
    scored(&town, 4, &other);
    let certificate = |town: &Town, name: &str| {
        let card = fs::read_to_string(town.tax.dir.join("peers").join(format!("{name}.party")));
        card.expect("it is pinned")
    };
    let before = certificate(&town, "platform");
    switched(&mut town, PLATFORM, &[BANK, TAX, 3, 4]);
    assert_ne!(certificate(&town, "platform"), before);
    let (_, another) = town.authorised(5);
    scored(&town, 5, &another);
    // A receipt that it countersigned under the former key is fetched, and holds with the folder.
    // A reader has the bank's own file too: it signed the question.
    let (file, peers) = (town.file("receipt.json"), town.file("reader"));
    let own = town.bank.dir.join("peers");
    let done = Command::new("cp").arg("-r").args([&own, &peers]).status();
    assert!(done.is_ok_and(|status| status.success()));
    fs::copy(town.bank.card(), peers.join("bank.party")).expect("init made it");
    let [file, peers] = [&file, &peers].map(|path| path.to_str().expect("a plain path"));
    town.bank.tacit(&["receipt", "fetch", &run, "--out", file]).done();
    let trusted = town.issuer.trusted();
    let issuer: toml::Table = trusted.parse().expect("TOML");
    let issuer = &issuer["governance"]["issuer"][0];
    let issuer = format!("{}={}", issuer["name"], issuer["key"]).replace('"', "");
    town.bank.tacit(&["receipt", "verify", file, "--peers", peers, "--issuer", &issuer]).done();

    // A holder's masks: the other holders learn of the new key from itself, and the sum comes out.
    prepared(&mut town, TAX, &["--mask"]);
    switched(&mut town, TAX, &[BANK, PLATFORM, 3, 4]);
    let (_, next) = town.authorised(6);
    scored(&town, 6, &next);

    // A lender's keys: models are published to it again.
    prepared(&mut town, BANK, &["--scoring"]);
    switched(&mut town, BANK, &[PLATFORM, TAX, 3, 4]);
    town.publish().done();
    let (_, last) = town.authorised(7);
    scored(&town, 7, &last);

    // The secrets of before are gone, and a second switch has nothing to do.
    let left: Vec<_> = fs::read_dir(town.tax.dir.join("identity/1")).expect("a folder").collect();
    assert_eq!(left.len(), 2, "the certificate and the public file: {left:?}");
    town.tax.process = None;
    assert!(town.tax.tacit(&["keys", "switch"]).err.contains("NO_RENEWAL"));
}

#[test]
fn a_file_that_the_pinned_key_does_not_speak_for_is_no_successor() {
    let town = Town::built();
    town.tax.tacit(&["keys", "renew", "--mask"]).done();
    let file = fs::read_to_string(town.tax.dir.join("tax.next.party")).expect("it is prepared");
    let added = |name: &str, text: &str| {
        let path = town.file(name);
        fs::write(&path, text).expect("it can be written");
        town.bank.tacit(&["peer", "add", path.to_str().expect("a plain path")])
    };
    let table: toml::Table = file.parse().expect("TOML");
    let line = |key: &str| file.lines().find(|line| line.starts_with(key)).expect("it is there");
    // Another's key, a duty more, no word of the former key at all.
    let social = fs::read_to_string(town.social.card()).expect("init made it");
    let theirs = social.lines().find(|line| line.starts_with("mask_key")).expect("it is there");
    let forged = [
        file.replace(line("mask_key"), theirs),
        file.replace("\"holder\"", "\"holder\", \"platform\""),
        file.replace(line("succession"), ""),
    ];
    for (at, text) in forged.iter().enumerate() {
        assert_ne!(*text, file, "{at}");
        let said = added(&format!("{at}.party"), text);
        assert!(said.err.contains("ALREADY_PINNED"), "{at}: {}{}", said.out, said.err);
    }
    assert!(!town.bank.dir.join("peers/next").exists());
    added("tax.party", &file).done();
    assert!(town.bank.dir.join("peers/next/tax.party").exists() && !table.is_empty());
    // Given up, it is prepared again; two at once are refused.
    assert!(town.tax.tacit(&["keys", "renew"]).err.contains("RENEWAL_PENDING"));
    town.tax.tacit(&["keys", "abandon"]).done();
    town.tax.tacit(&["keys", "renew"]).done();
}
