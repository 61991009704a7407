//! A platform that asks whatever it likes, with its own certificate.

use std::sync::atomic::Ordering;

use domain::RunId;
use envelope::Envelope;
use lab::stand_in::{Sockets, call};
use tokio::runtime::Runtime;
use tonic::Request;
use wire::peer::{self, proposal, reply};

use crate::support::town::{HOLDERS, MODEL, Town, code};
use crate::support::{questions, rules};

/// A platform that asks holders whatever it likes, with its own certificate.
pub(crate) struct Hostile<'a> {
    runtime: &'a Runtime,
    town: &'a Town,
    digest: Vec<u8>,
    rules: peer::Rules,
}

impl<'a> Hostile<'a> {
    pub(crate) fn platform(runtime: &'a Runtime, town: &'a Town) -> Self {
        let models = town.tax.tacit(&["model", "list", "--json"]).done().lines();
        let published = models.iter().find_map(|model| model["digest"].as_str());
        let digest = published.expect("a digest");
        let digest = (0..32)
            .map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        let rules = rules().into();
        Self { runtime, town, digest, rules }
    }

    pub(crate) fn asks(&self, at: u32, shown: Option<&Envelope>) -> peer::Refusal {
        self.shows(at, shown.map(Envelope::to_json).unwrap_or_default())
    }

    pub(crate) fn shows(&self, at: u32, authorisation: Vec<u8>) -> peer::Refusal {
        match self.answer(at, authorisation).outcome {
            Some(reply::Outcome::Refusal(refusal)) => refusal,
            other => panic!("it agreed: {other:?}"),
        }
    }

    /// With a question that the bank has signed: platform and lender are hostile together.
    pub(crate) fn answer(&self, at: u32, authorisation: Vec<u8>) -> peer::Reply {
        let (run, mut terms) = (self.run(), self.terms(at, authorisation));
        let question = questions::of_score(&terms, run, MODEL, &HOLDERS);
        terms.question = questions::signed(&self.town.bank, question, 0).into();
        self.proposes(run, terms)
    }

    /// A number that no run has had.
    pub(crate) fn run(&self) -> RunId {
        use std::sync::atomic::AtomicU8;
        static NEXT: AtomicU8 = AtomicU8::new(1);
        RunId::from_bytes([NEXT.fetch_add(1, Ordering::SeqCst); 16])
    }

    /// A question about a firm that nobody has signed.
    pub(crate) fn terms(&self, at: u32, authorisation: Vec<u8>) -> peer::ScoreTerms {
        peer::ScoreTerms {
            digest: self.digest.clone().into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: code(at),
            authorisation: authorisation.into(),
            persons: Vec::new(),
            fresh: false,
            question: Vec::new().into(),
            salt: vec![7; 32].into(),
        }
    }

    pub(crate) fn proposes(&self, run: RunId, terms: peer::ScoreTerms) -> peer::Reply {
        self.proposes_for(run, terms, "pre_loan")
    }

    pub(crate) fn proposes_for(
        &self,
        run: RunId,
        terms: peer::ScoreTerms,
        purpose: &str,
    ) -> peer::Reply {
        let rules = peer::Rules { purpose: purpose.into(), ..self.rules.clone() };
        let proposal = peer::Proposal {
            version: wire::VERSION,
            from: "platform".into(),
            to: "tax".into(),
            run: run.to_bytes().to_vec().into(),
            rules: Some(rules),
            terms: Some(proposal::Terms::Score(terms)),
        };
        let sockets = Sockets::default();
        let mut client = call(self.runtime, &self.town.platform, &self.town.tax, &sockets);
        let reply = self.runtime.block_on(client.propose(Request::new(proposal)));
        reply.expect("it answers").into_inner()
    }
}
