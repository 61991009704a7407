//! A holder takes no table and no registration but what it can stand by.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use consent::Registration;
use domain::RunId;
use envelope::{Envelope, SigningKey};
use lab::relay::{Fate, Passing, Relay, Side};
use lab::secrets::secret;
use lab::stand_in::{Sockets, call};
use lab::{Party, until};
use scorecard::admission::{Finding, Limit, Rule};
use tonic::Request;
use wire::peer::{self, frame, model_reply, model_request, proposal, reply};

use super::{bytes, changes, runtime, shown};
use crate::support::rules;
use crate::support::town::{HOLDERS, MODEL, Town, clear_points};

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
        let model: scorecard::Scorecard = scorecard::Scorecard::from_toml(
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
        let model = scorecard::Scorecard::from_toml(&card).expect("a model");
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
