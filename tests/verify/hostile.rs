//! A platform that asks whatever it likes, and lenders that hand over whatever they like.

use std::fs;
use std::sync::atomic::{AtomicU8, Ordering};

use domain::{CheckMode, RunId, Subject};
use envelope::Envelope;
use lab::Party;
use lab::stand_in::{Sockets, call};
use tokio::runtime::Runtime;
use tonic::Request;
use wire::peer::{self, proposal, reply};

use crate::support::town::{Town, code};
use crate::support::{questions, rules};

/// A platform that asks the tax bureau whatever it likes, with its own certificate.
pub(crate) struct Hostile<'a> {
    runtime: &'a Runtime,
    town: &'a Town,
    lender_key: Vec<u8>,
    public_key: Vec<u8>,
}

/// The largest body of a chunk.
pub(crate) const CHUNK: usize = 1 << 20;

/// Bytes of a lender's public key, which lead its evaluation key.
const PUBLIC_KEY: usize = 16 + 8 * 2048 + 32;

impl<'a> Hostile<'a> {
    pub(crate) fn new(runtime: &'a Runtime, town: &'a Town) -> Self {
        let key = fs::read(town.bank.dir.join("identity/1/evaluation.key")).expect("its own file");
        let (lender_key, public_key) = (fingerprint(town), key[..PUBLIC_KEY].to_vec());
        Self { runtime, town, lender_key, public_key }
    }

    /// A question that nobody has signed, and a number for its run.
    pub(crate) fn terms(
        &self,
        at: u32,
        shown: Option<&Envelope>,
        change: impl FnOnce(&mut peer::VerifyTerms),
    ) -> (RunId, peer::VerifyTerms) {
        let mut terms = peer::VerifyTerms {
            formula: "2.in_arrears_now".into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: code(at),
            authorisation: shown.map(Envelope::to_json).unwrap_or_default().into(),
            persons: Vec::new(),
            lender_key: self.lender_key.clone().into(),
            thresholds: Vec::new(),
            routing: Some(peer::Routing { holders: vec!["tax".into()], places: vec![0].into() }),
            public_key: self.public_key.clone().into(),
            claims: Vec::new(),
            boxes: Vec::new(),
            question: Vec::new().into(),
            salt: vec![7; 32].into(),
        };
        change(&mut terms);
        (next(), terms)
    }

    pub(crate) fn asks(
        &self,
        at: u32,
        shown: Option<&Envelope>,
        change: impl FnOnce(&mut peer::VerifyTerms),
    ) -> peer::Reply {
        let (run, mut terms) = self.terms(at, shown, change);
        // The bank signs it: platform and lender are hostile together.
        if let Ok(read) = wire::VerifyTerms::try_from(terms.clone())
            && let Some(routing) = &terms.routing
            && Subject::parse(read.kind, &read.subject, CheckMode::Report).is_ok()
        {
            let question = questions::of_verify(&terms, run, &routing.holders);
            terms.question = questions::signed(&self.town.bank, question, 0).into();
        }
        self.proposes(run, terms)
    }

    /// Proposes terms as they are.
    pub(crate) fn proposes(&self, run: RunId, terms: peer::VerifyTerms) -> peer::Reply {
        let terms = proposal::Terms::Verify(terms);
        propose_as(self.runtime, &self.town.platform, &self.town.tax, (run, terms))
    }

    pub(crate) fn refusal(
        &self,
        at: u32,
        shown: Option<&Envelope>,
        change: impl FnOnce(&mut peer::VerifyTerms),
    ) -> String {
        refusal_of(&self.asks(at, shown, change))
    }
}

/// The fingerprint of the bank's verification key, as its peers have pinned it.
pub(crate) fn fingerprint(town: &Town) -> Vec<u8> {
    let card = fs::read_to_string(town.bank.card()).expect("its own file");
    let card: toml::Table = card.parse().expect("TOML");
    let digits = card["verification_key"].as_str().expect("a lender has one");
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16);
    (0..32).map(|at| byte(at).expect("hexadecimal")).collect()
}

pub(crate) fn terms_of(town: &Town) -> proposal::Terms {
    proposal::Terms::Evaluation(peer::EvaluationTerms { lender_key: fingerprint(town).into() })
}

pub(crate) fn refusal_of(reply: &peer::Reply) -> String {
    match &reply.outcome {
        Some(reply::Outcome::Refusal(refusal)) => refusal.code.clone(),
        Some(reply::Outcome::Agreement(_)) => "agreed".into(),
        None => "nothing".into(),
    }
}

/// Proposes a run as `from`, with its certificate.
pub(crate) fn propose(
    runtime: &Runtime,
    from: &Party,
    to: &Party,
    terms: proposal::Terms,
) -> (RunId, peer::Reply) {
    let run = next();
    (run, propose_as(runtime, from, to, (run, terms)))
}

/// A number that no run has had.
pub(crate) fn next() -> RunId {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    RunId::from_bytes([NEXT.fetch_add(1, Ordering::SeqCst); 16])
}

fn propose_as(
    runtime: &Runtime,
    from: &Party,
    to: &Party,
    (run, terms): (RunId, proposal::Terms),
) -> peer::Reply {
    let proposal = peer::Proposal {
        version: wire::VERSION,
        from: from.name.clone(),
        to: to.name.clone(),
        run: run.to_bytes().to_vec().into(),
        rules: Some(rules().into()),
        terms: Some(terms),
    };
    let mut client = call(runtime, from, to, &Sockets::default());
    let reply = runtime.block_on(client.propose(Request::new(proposal)));
    reply.expect("it answers").into_inner()
}
