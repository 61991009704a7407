//! Questions as a lender signs them, for platforms made of test code.

use consent::{Asks, Question, SubjectSalt};
use domain::{CheckMode, Digest, Purpose, RunId, Subject};
use envelope::SigningKey;
use lab::Party;
use lab::secrets::secret;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use wire::peer;

/// The question of a score, as an honest lender asks it over `platform`.
pub(crate) fn of_score(
    terms: &peer::ScoreTerms,
    run: RunId,
    model: &str,
    holders: &[&str],
) -> Question {
    let terms = wire::ScoreTerms::try_from(terms.clone()).expect("terms that can be read");
    let asks = Asks::Score {
        model: model.parse().expect("a model"),
        publication: Digest::from_bytes(terms.digest),
    };
    let subject = Subject::parse(terms.kind, &terms.subject, CheckMode::Report);
    Question {
        lender: terms.lender.clone(),
        platform: party("platform"),
        holders: holders.iter().map(|holder| party(holder)).collect(),
        run,
        purpose: Purpose::PreLoan,
        asks,
        subject: SubjectSalt::from_bytes(terms.salt).commit(&subject.expect("a subject").value),
        terms: hashed("tacit/party/v1/score-terms", &terms.signed_bytes()),
    }
}

/// The question of a verification, likewise.
pub(crate) fn of_verify(terms: &peer::VerifyTerms, run: RunId, holders: &[String]) -> Question {
    let terms = wire::VerifyTerms::try_from(terms.clone()).expect("terms that can be read");
    let subject = Subject::parse(terms.kind, &terms.subject, CheckMode::Report);
    Question {
        lender: terms.lender.clone(),
        platform: party("platform"),
        holders: holders.iter().map(|holder| party(holder)).collect(),
        run,
        purpose: Purpose::PreLoan,
        asks: Asks::Verify { formula: hashed("tacit/party/v1/formula", terms.formula.as_bytes()) },
        subject: SubjectSalt::from_bytes(terms.salt).commit(&subject.expect("a subject").value),
        terms: hashed("tacit/party/v1/verify-terms", &terms.signed_bytes()),
    }
}

/// The question of a step of a batch, likewise.
pub(crate) fn of_list(
    terms: &wire::BatchTerms,
    run: RunId,
    model: &str,
    holders: &[&str],
) -> Question {
    Question {
        lender: terms.lender.clone(),
        platform: party("platform"),
        holders: holders.iter().map(|holder| party(holder)).collect(),
        run,
        purpose: Purpose::PreLoan,
        asks: Asks::List {
            model: model.parse().expect("a model"),
            publication: Digest::from_bytes(terms.digest),
        },
        subject: Digest::from_bytes(terms.list),
        terms: hashed("tacit/party/v1/batch-terms", &terms.signed_bytes()),
    }
}

/// Signs a question as `signer`, so many seconds from now.
pub(crate) fn signed(signer: &Party, question: Question, after: i64) -> Vec<u8> {
    let seed = secret(&signer.dir, "signing.key");
    let key = SigningKey::from_seed(&seed.try_into().expect("32 bytes"));
    let at = OffsetDateTime::now_utc() + time::Duration::seconds(after);
    question.sign(&key, at).expect("a question").to_json()
}

fn hashed(domain: &str, bytes: &[u8]) -> Digest {
    let hash = Sha256::new().chain_update(domain).chain_update(bytes).finalize();
    Digest::from_bytes(hash.into())
}

fn party(name: &str) -> domain::PartyId {
    name.parse().expect("a party's name")
}
