//! What an operator would do, done over the same calls.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use control::messages::{self, RunKind, run_event, score_reply, verify_reply};
use control::{Replies, text};
use domain::{Purpose, Text};
use lab::PartyProcess;
use terminal::Failure;
use tokio::task::{JoinError, JoinSet};

use super::letters::Letters;
use super::material::{Bank, Material};
use super::parties::{CUSTOMERS, PLATFORM, register_file};
use super::phrases;

/// What the bank asks for: applicants are to be scored.
/// Finds which of a bank's customers are on a holder's register. Only the bank learns it.
pub(super) async fn align(
    bank: &PartyProcess,
    (holder, register): (&str, &str),
    key: &str,
) -> Result<HashSet<String>, Failure> {
    let request = messages::PsiRequest {
        peer: holder.into(),
        their_register: register.into(),
        register: CUSTOMERS.into(),
        output: messages::PsiOutput::OneSided.into(),
        purpose: messages::Purpose::from(Purpose::PreLoan).into(),
        ..messages::PsiRequest::default()
    };
    let run = finished(bank.control().psi(request).await?).await?;
    let path = bank.dir().join(&run.result);
    let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    Ok(subjects(&text, key))
}

/// Has the platform encrypt the card's points to a bank's key and hand them to the holders.
pub(super) async fn publish(
    platform: &PartyProcess,
    lender: &str,
    material: &Material,
) -> Result<(), Failure> {
    let request = messages::PublishRequest {
        model: material.card.model().to_string(),
        lender: lender.into(),
    };
    finished(platform.control().publish(request).await?).await.map(drop)
}

/// Every customer of a bank's signs, and the registry takes note; `heard` is called at each.
pub(super) async fn authorise(
    registry: &PartyProcess,
    (material, bank): (&Material, &Bank),
    letters: &mut Letters,
    mut heard: impl FnMut(),
) -> Result<(), Failure> {
    let mut submitted = JoinSet::new();
    for code in bank.customers() {
        let signed = letters.sign(material, bank.name, code)?.to_vec();
        // The next firm signs while the registry takes note of these.
        while submitted.len() >= AT_ONCE {
            heard_of(submitted.join_next().await, &mut heard)?;
        }
        let control = registry.control().clone();
        submitted.spawn(async move { Ok(control.submit(signed).await.map(drop)?) });
    }
    while !submitted.is_empty() {
        heard_of(submitted.join_next().await, &mut heard)?;
    }
    Ok(())
}

/// How many letters are on their way to the registry at a time.
const AT_ONCE: usize = 8;

fn heard_of(
    submitted: Option<Result<Result<(), Failure>, JoinError>>,
    heard: &mut impl FnMut(),
) -> Result<(), Failure> {
    match submitted {
        None => Ok(()),
        Some(Ok(outcome)) => outcome.map(|()| heard()),
        Some(Err(error)) => Err(Failure::new("OURS", Text::same(error.to_string()))),
    }
}

/// One applicant's encrypted score, or why there is none.
pub(super) struct Answer {
    pub(super) subject: String,
    /// The run's number; empty where none began.
    pub(super) run: String,
    pub(super) outcome: Result<messages::Score, Failure>,
    /// From the request to the decrypted points, as the bank's process measured it.
    pub(super) latency: Duration,
}

/// Scores the applicants one after another; `heard` is called at each answer.
pub(super) async fn score(
    bank: &PartyProcess,
    (material, lender): (&Material, &'static str),
    letters: &Letters,
    subjects: &[String],
    mut heard: impl FnMut(),
) -> Result<Vec<Answer>, Failure> {
    let request = messages::ScoreRequest {
        model: material.card.model().to_string(),
        kind: messages::SubjectKind::from(material.kind).into(),
        subjects: subjects.to_vec(),
        authorisations: letters.of(lender, subjects).into_iter().map(Into::into).collect(),
        purpose: messages::Purpose::from(Purpose::PreLoan).into(),
    };
    let mut replies = bank.control().score(request).await?;
    let mut answers = Vec::with_capacity(subjects.len());
    while let Some(reply) = replies.next().await? {
        let outcome = match reply.outcome {
            Some(score_reply::Outcome::Score(score)) => Ok(score),
            Some(score_reply::Outcome::Failed(trouble)) => Err(Failure::from_party(trouble)),
            None => Err(Failure::new("PARTY", phrases::endings::empty_answer())),
        };
        let latency = Duration::from_micros(reply.latency_us);
        answers.push(Answer { subject: reply.subject, run: reply.run, outcome, latency });
        heard();
    }
    Ok(answers)
}

/// The answer to a formula about one firm, or why there is none.
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) outcome: Result<domain::Answer, Failure>,
    pub(super) latency: Duration,
}

/// Asks a formula about firms, one after another; `sealed` are the numbers that no holder sees.
pub(super) async fn verify(
    bank: &PartyProcess,
    (material, lender): (&Material, &'static str),
    letters: &Letters,
    (formula, sealed): (&str, &[String]),
    subjects: &[String],
) -> Result<Vec<Told>, Failure> {
    let request = messages::VerifyRequest {
        formula: formula.into(),
        sealed: sealed.to_vec(),
        kind: messages::SubjectKind::from(material.kind).into(),
        subjects: subjects.to_vec(),
        authorisations: letters.of(lender, subjects).into_iter().map(Into::into).collect(),
        purpose: messages::Purpose::from(Purpose::PreLoan).into(),
        platform: PLATFORM.into(),
    };
    let mut replies = bank.control().verify(request).await?;
    let mut told = Vec::with_capacity(subjects.len());
    while let Some(reply) = replies.next().await? {
        let outcome = match reply.outcome {
            Some(verify_reply::Outcome::Answer(answer)) => {
                let answer = messages::Answer::try_from(answer).unwrap_or_default();
                answer
                    .try_into()
                    .map_err(|_| Failure::new("PARTY", phrases::endings::empty_answer()))
            }
            Some(verify_reply::Outcome::Failed(trouble)) => Err(Failure::from_party(trouble)),
            Some(verify_reply::Outcome::Mistake(mistake)) => {
                Err(Failure::new("FORMULA", text(mistake.text)))
            }
            None => Err(Failure::new("PARTY", phrases::endings::empty_answer())),
        };
        let latency = Duration::from_micros(reply.latency_us);
        told.push(Told { subject: reply.subject, outcome, latency });
    }
    Ok(told)
}

/// Scores all of a bank's customers in one batch, research data only.
pub(super) async fn batch(
    bank: &PartyProcess,
    material: &Material,
) -> Result<Vec<Answer>, Failure> {
    let list = bank.dir().join(register_file(material.bank().name));
    let list = fs::canonicalize(&list).map_err(|error| Failure::file(&list, &error))?;
    let request = messages::BatchRequest {
        model: material.card.model().to_string(),
        file: list.to_string_lossy().into_owned(),
        column: material.key.into(),
        kind: messages::SubjectKind::from(material.kind).into(),
        purpose: messages::Purpose::from(Purpose::PreLoan).into(),
        ..messages::BatchRequest::default()
    };
    let run = finished(bank.control().batch(request).await?).await?;
    let path = bank.dir().join(&run.result);
    let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    Ok(answers(&run.id, &text))
}

/// The rows of a batch's result, one answer a subject; a row that cannot be read is none.
fn answers(run: &str, csv: &str) -> Vec<Answer> {
    let mut seen = HashSet::new();
    let row = |line: &str| {
        let mut cells = line.splitn(6, ',');
        let subject = cells.next()?.to_owned();
        let score = messages::Score {
            points: cells.next()?.parse().ok()?,
            score: cells.next()?.parse().ok()?,
            probability: cells.next()?.parse().ok()?,
            grade: cells.next()?.into(),
        };
        Some(Answer { subject, run: run.into(), outcome: Ok(score), latency: Duration::ZERO })
    };
    let rows = csv.lines().skip(1).filter_map(row);
    rows.filter(|answer| seen.insert(answer.subject.clone())).collect()
}

/// How many questions of the scoring protocol a party has a record of.
pub(super) async fn questions(party: &PartyProcess, at_most: u32) -> Result<u64, Failure> {
    let request = messages::RunsRequest { limit: at_most, id: String::new() };
    let runs = party.control().runs(request).await?;
    Ok(runs.iter().filter(|run| run.protocol() == RunKind::Score).count() as u64)
}

/// A run's end, its progress passed over.
async fn finished(mut events: Replies<messages::RunEvent>) -> Result<messages::Run, Failure> {
    while let Some(event) = events.next().await? {
        match event.kind {
            Some(run_event::Kind::Finished(run)) => return Ok(run),
            Some(run_event::Kind::Failed(trouble)) => return Err(Failure::from_party(trouble)),
            Some(run_event::Kind::Progress(_) | run_event::Kind::Started(_)) | None => {}
        }
    }
    Err(Failure::new("LINE_LOST", terminal::phrases::ended_early()))
}

/// The identifiers in a result file: its column of this name, or else its first.
fn subjects(csv: &str, key: &str) -> HashSet<String> {
    let mut lines = csv.lines();
    let header: Vec<_> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let at = header.iter().position(|name| *name == key).unwrap_or(0);
    lines.filter_map(|line| line.split(',').nth(at)).map(|cell| cell.trim().into()).collect()
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn a_subject_has_one_answer_and_a_garbled_row_none() {
        let csv = "subject,points,score,probability,grade,note\n\
                   a,3,403,0.25,B,\na,4,404,0.25,B,\nb,,,,,no bin\nc,5,405,0.5,,\n";
        let found: Vec<_> = answers("00ff", csv)
            .into_iter()
            .map(|answer| (answer.subject, answer.outcome.unwrap().points))
            .collect();
        assert_eq!(found, [("a".to_owned(), 3), ("c".to_owned(), 5)]);
    }
}
