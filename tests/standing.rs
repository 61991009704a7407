//! Whose word counts, and until when: registries, models, members and keys whose standing changes while
//! somebody is asking, with real processes.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use consent::{Authorisation, LogPlace, State, Statement};
use domain::{Digest, RunId};
use envelope::{Envelope, SigningKey};
use lab::relay::{Fate, Passing, Relay};
use lab::secrets::secret;
use lab::stand_in::{Sockets, call, host};
use lab::{Party, until};
use serde_json::json;
use time::macros::datetime;
use tokio::runtime::Runtime;
use tonic::{Request, Response, Status, Streaming};
use wire::peer::{self, attest_reply, attest_request, proposal, reply};

use crate::support::town::{HOLDERS, MODEL, Town, clear_points, code};
use crate::support::{questions, refusal, rules, runtime, spawn, subjects};

// Registries

#[test]
fn a_peer_that_a_letter_names_as_registry_is_not_asked_and_cannot_poison_a_firms_state() {
    let (runtime, mut town) = (runtime(), Town::built());
    let (firm, victims) = (town.firm(0, &json!({})), Arc::<AtomicU32>::default());
    let sealed = firm.grants();
    // The platform would sign, for anybody's number, that it is revoked, and date that far ahead.
    let forger = Forger {
        key: signing_key(&town.platform),
        about: sealed.clone(),
        asked: Arc::clone(&victims),
    };
    let address = host(&runtime, &town.platform, forger, &Sockets::default());
    let heard = Relay::between(&runtime, &town.tax, &town.node, |_| Fate::Pass);
    town.start();
    // From here on the bureau finds it where the platform was.
    town.tax.process = None;
    town.tax.redirect(&town.platform, &address).expect("the peer is pinned");
    town.tax.start();
    town.node.submit(std::slice::from_ref(&sealed));

    let hostile = Hostile::platform(&runtime, &town);
    // The platform is the letter's registry where it names no node.
    let own_registry = json!({ "grantee": { "node_id": null } });
    let elsewhere = town.firm(0, &own_registry);
    assert_eq!(hostile.asks(0, &elsewhere.forged()), "AUTH_SIGNATURE");
    assert_eq!(hostile.asks(0, &elsewhere.grants()), "AUTH_UNREGISTERED");
    assert_eq!(victims.load(Ordering::SeqCst), 0, "nobody but the registry is asked");

    // Letters with no signature of a subject's make the bureau call nobody at all, and neither do
    // good ones of another firm's or for another bank.
    let id = subjects::id_of(&code(0)).into_bytes();
    let calls = || {
        let heard = heard.lock().expect("nobody panicked");
        heard.requests.windows(id.len()).filter(|at| *at == id).count()
    };
    for _ in 0..20 {
        assert_eq!(hostile.asks(0, &firm.forged()), "AUTH_SIGNATURE");
    }
    assert_eq!(hostile.asks(1, &sealed), "AUTH_MISSING");
    let for_another = town.firm(0, &json!({ "grantee": { "institution_id": "bank-b" } }));
    assert_eq!(hostile.asks(0, &for_another.grants()), "AUTH_GRANTEE");
    assert_eq!(calls(), 0, "calls that a forged letter has caused");

    // The firm's own letter is what it was, and the registry is asked about it.
    let scored = town.score(0, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(0)));
    assert!(calls() > 0);
    town.node.submit(&[firm.revokes(&sealed)]);
    assert_eq!(refusal(&town.score(0, Some(&sealed), &[])), "AUTH_REVOKED");
}

// Models

#[test]
fn a_model_that_is_withdrawn_between_the_agreement_and_the_answer_is_not_answered() {
    let (runtime, mut town) = (runtime(), Town::built());
    let armed = Arc::new(AtomicBool::new(false));
    let (dir, trigger) = (town.tax.dir.clone(), Arc::clone(&armed));
    Relay::between(&runtime, &town.platform, &town.tax, move |passing| {
        if let Passing::Reply = passing
            && trigger.swap(false, Ordering::SeqCst)
        {
            // The holder has agreed, and not yet answered.
            tokio::task::block_in_place(|| {
                spawn(&dir, &["model", "refuse", MODEL, "--reason", "a test"]).end().done();
            });
        }
        Fate::Pass
    });
    town.start();
    let (_, sealed) = town.authorised(0);
    town.score(0, Some(&sealed), &[]).done();
    let released =
        || town.tax.tacit(&["audit", "reconcile", "--json"]).done().json()["releases"].clone();
    assert_eq!(released(), 1);
    armed.store(true, Ordering::SeqCst);
    // Neither a new answer leaves, nor the one that is there already.
    let said = town.score(0, Some(&sealed), &[]);
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    assert!(said.out.contains("the model is not in force"), "{}{}", said.out, said.err);
    assert_eq!(town.tax.ended_run()["trouble"]["code"], "MODEL_NOT_IN_FORCE");
    assert!(!armed.load(Ordering::SeqCst), "it was withdrawn at its moment");
    assert_eq!(released(), 1);
    // In force again, it is answered again.
    town.tax.tacit(&["model", "countersign", MODEL]).done();
    town.score(0, Some(&sealed), &[]).done();
}

// Keys of firms

#[test]
fn a_key_that_its_issuer_revokes_signs_no_more_anywhere_and_the_next_one_does() {
    let mut town = Town::built();
    for holder in town.holders() {
        holder.configure("[governance]\nstatement_max_age_s = 2\n");
    }
    town.start();
    let path = |name: &str| town.file(name).to_str().expect("a plain path").to_owned();
    let tacit = |words: &[&str]| spawn(town.root.path(), words).end().done();
    // The key of the issuer that everybody trusts: 32 times 41.
    fs::write(path("licences.key"), "29".repeat(32)).expect("it can be written");
    let issuer = ["--issuer", "licences", "--issuer-key", &path("licences.key")].map(str::to_owned);
    let issuer: Vec<&str> = issuer.iter().map(String::as_str).collect();
    let granted = |at: u32, subject_key: &str, letter: &str| {
        let [key, certificate] = ["key", "cert"].map(|end| path(&format!("{subject_key}.{end}")));
        let letter = path(&format!("{letter}.json"));
        let grant = ["authorisation", "grant", &code(at), "--to", "bank", "--over", "platform"];
        let subject_key = ["--node", "node", "--key", &key, "--certificate", &certificate];
        let scope = ["--scope", "1:score", "--scope", "2:score", "--scope", "10:score"];
        let rest = ["--scope", "14:score", "--any-model", "--purpose", "pre_loan"];
        tacit(&[&grant[..], &subject_key, &scope, &rest, &["--out", &letter]].concat());
        letter
    };
    let letter = |at: u32, name: &str| {
        let [key, certificate] = ["key", "cert"].map(|end| path(&format!("{name}.{end}")));
        let public = tacit(&["subject", "key", "--out", &key]).out;
        let certify = ["subject", "certify", &code(at), "--key", public.trim()];
        tacit(&[&certify[..], &issuer, &["--out", &certificate]].concat());
        let letter = granted(at, name, name);
        town.node.tacit(&["authorisation", "submit", &letter]).done();
        letter
    };
    let score = |at: u32, letter: &str| {
        let words = ["score", &code(at), "--model", MODEL, "--authorisation", letter, "--json"];
        town.bank.tacit(&words)
    };
    let (lost, other) = (letter(0, "lost"), letter(1, "other"));
    score(0, &lost).done();

    let (first, second) = (path("revoked-1.json"), path("revoked-2.json"));
    let (cert, unused) = (path("lost.cert"), SigningKey::from_seed(&[77; 32]).public().to_string());
    tacit(&[&["subject", "revoke", "--key", &unused, "--out", &first][..], &issuer].concat());
    let more = ["subject", "revoke", &cert, "--previous", &first, "--out", &second];
    tacit(&[&more[..], &issuer].concat());
    // The registry has the list from its operator, and the holders have it from the registry.
    let taken = town.node.tacit(&["subject", "revocations", &second, "--json"]).done().json();
    assert_eq!((&taken["lists"][0]["keys"], &taken["void"]), (&json!(2), &json!(1)));
    for holder in town.holders() {
        until(&format!("{} has the list", holder.name), || {
            let lists = holder.tacit(&["subject", "revocations", "--json"]).done().json();
            (lists["lists"][0]["number"] == 2).then_some(())
        });
    }
    assert_eq!(refusal(&score(0, &lost)), "AUTH_SIGNATURE");
    // Nor does it grant anything anew, whatever date it writes.
    let anew = granted(0, "lost", "anew");
    let refused = town.node.tacit(&["authorisation", "submit", &anew]);
    assert!(refused.err.contains("AUTH_SIGNATURE"), "{}{}", refused.out, refused.err);
    // The list is not put back by an older one, nor made by anybody else.
    let refused = town.tax.tacit(&["subject", "revocations", &first]);
    assert!(refused.err.contains("REVOCATIONS"), "{}", refused.err);
    fs::write(path("stranger.key"), "2a".repeat(32)).expect("it can be written");
    let forged = path("forged.json");
    let stranger = ["--issuer", "licences", "--issuer-key", &path("stranger.key")];
    let words = ["subject", "revoke", &path("other.cert"), "--out", &forged];
    tacit(&[&words[..], &stranger].concat());
    let refused = town.tax.tacit(&["subject", "revocations", &forged]);
    assert!(refused.err.contains("REVOCATIONS"), "{}", refused.err);

    // One certificate is lost: another firm's stands, and so does this firm's next one.
    score(1, &other).done();
    let next = letter(0, "next");
    score(0, &next).done();
    // What is known stays known.
    town.tax.process = None;
    town.tax.start();
    assert_eq!(refusal(&score(0, &lost)), "AUTH_SIGNATURE");
}

/// A peer that signs whatever it is asked about, as if it were a registry.
struct Forger {
    key: SigningKey,
    about: Envelope,
    asked: Arc<AtomicU32>,
}

impl Forger {
    fn says(&self, id: &str) -> Envelope {
        let record = Authorisation::unverified(&self.about).expect("the test signed it");
        let ahead = datetime!(2199-01-01 00:00 UTC);
        let empty = Digest::from_bytes([0; 32]);
        let statement = Statement {
            registry: "platform".parse().expect("a name"),
            issued_at: ahead,
            authorisation: id.parse().expect("a number"),
            version: record.version(),
            record_hash: record.record_hash(),
            state: State::Active,
            since: ahead,
            log: LogPlace { index: 0, size: 1, root: empty, proof: Vec::new() },
        };
        statement.sign(&self.key).expect("a statement")
    }
}

#[tonic::async_trait]
impl peer::peer_server::Peer for Forger {
    async fn greet(&self, _: Request<peer::Greeting>) -> Result<Response<peer::Greeting>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    async fn propose(&self, _: Request<peer::Proposal>) -> Result<Response<peer::Reply>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    type ExchangeStream = tokio_stream::Empty<Result<peer::Frame, Status>>;

    async fn exchange(
        &self,
        _: Request<Streaming<peer::Frame>>,
    ) -> Result<Response<Self::ExchangeStream>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    async fn attest(
        &self,
        request: Request<peer::AttestRequest>,
    ) -> Result<Response<peer::AttestReply>, Status> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let Some(attest_request::About::Authorisation(id)) = request.into_inner().about else {
            return Err(Status::unimplemented("it attests to letters"));
        };
        let outcome = attest_reply::Outcome::Statement(self.says(&id).to_json().into());
        Ok(Response::new(peer::AttestReply { outcome: Some(outcome) }))
    }

    async fn register(
        &self,
        _: Request<peer::RegisterRequest>,
    ) -> Result<Response<peer::RegisterReply>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    async fn receipts(
        &self,
        _: Request<peer::ReceiptsRequest>,
    ) -> Result<Response<peer::ReceiptsReply>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    async fn model(
        &self,
        _: Request<peer::ModelRequest>,
    ) -> Result<Response<peer::ModelReply>, Status> {
        let taken = peer::model_reply::Outcome::Taken(peer::ModelTaken {});
        Ok(Response::new(peer::ModelReply { outcome: Some(taken) }))
    }

    async fn job(&self, _: Request<peer::JobRequest>) -> Result<Response<peer::JobReply>, Status> {
        Err(Status::unimplemented("it attests"))
    }

    async fn deposit(
        &self,
        _: Request<peer::DepositRequest>,
    ) -> Result<Response<peer::DepositReply>, Status> {
        Err(Status::unimplemented("it attests"))
    }
}

/// A platform that asks holders whatever it likes, with its own certificate.
struct Hostile<'a> {
    runtime: &'a Runtime,
    town: &'a Town,
    digest: Vec<u8>,
    asked: AtomicU32,
}

impl<'a> Hostile<'a> {
    fn platform(runtime: &'a Runtime, town: &'a Town) -> Self {
        let models = town.tax.tacit(&["model", "list", "--json"]).done().lines();
        let published = models.iter().find_map(|model| model["digest"].as_str());
        let digest = published.expect("a digest");
        let digest = (0..32)
            .map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        Self { runtime, town, digest, asked: AtomicU32::new(1) }
    }

    /// The code with which the tax bureau refuses a question.
    fn asks(&self, at: u32, shown: &Envelope) -> String {
        let mut run = [7; 16];
        run[..4].copy_from_slice(&self.asked.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        let mut terms = peer::ScoreTerms {
            digest: self.digest.clone().into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: code(at),
            authorisation: shown.to_json().into(),
            persons: Vec::new(),
            fresh: false,
            salt: vec![7; 32].into(),
            question: Vec::new().into(),
        };
        let run = RunId::from_bytes(run);
        // The bank has signed what is asked: it is the letter that does not hold.
        let question = questions::of_score(&terms, run, MODEL, &HOLDERS);
        terms.question = questions::signed(&self.town.bank, question, 0).into();
        let proposal = peer::Proposal {
            version: wire::VERSION,
            from: "platform".into(),
            to: "tax".into(),
            run: run.to_bytes().to_vec().into(),
            rules: Some(rules().into()),
            terms: Some(proposal::Terms::Score(terms)),
        };
        let sockets = Sockets::default();
        let mut client = call(self.runtime, &self.town.platform, &self.town.tax, &sockets);
        let reply = self.runtime.block_on(client.propose(Request::new(proposal)));
        match reply.expect("it answers").into_inner().outcome {
            Some(reply::Outcome::Refusal(refusal)) => refusal.code,
            other => panic!("it agreed: {other:?}"),
        }
    }
}

fn signing_key(party: &Party) -> SigningKey {
    let seed = secret(&party.dir, "signing.key");
    SigningKey::from_seed(&seed.try_into().expect("32 bytes"))
}
