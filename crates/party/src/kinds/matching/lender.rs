//! A lender asks about a list, stretch by stretch, and writes the answers down.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Answer, CheckMode, PartyId, Refusal, RunKind, RunRole, Subject, SubjectKind};
use psi::equality::{Answer as Compared, Asker, Claims, HOLDER, Terms};
use registers::Table;
use serde_json::json;
use store::{RunState, StoredRun};
use wire::{MAX_FIELDS, MAX_ROWS, MatchRow, MatchTerms, row_refusals};

use super::{CONTEXT, rounds, tables};
use crate::data::Source;
use crate::node::Node;
use crate::runs::asking::Asking;
use crate::runs::driving;
use crate::runs::journal::RunJournal;
use crate::runs::letters::Letters;
use crate::runs::record::stored;
use crate::runs::{Run, Watcher, phase, result_file, unreadable};
use crate::{Trouble, setup};

/// Bytes of authorisations that one proposal carries; a message has room for a little more.
const MOST_LETTERS: usize = 768 << 10;

/// What an operator asks for.
pub(crate) struct Ask {
    pub(crate) peer: PartyId,
    pub(crate) their_register: String,
    pub(crate) file: PathBuf,
    /// The column of the identifiers.
    pub(crate) column: String,
    pub(crate) kind: SubjectKind,
    pub(crate) check: CheckMode,
    pub(crate) skip_bad: bool,
    /// Columns of ours, and what each claims: a field, or a column of the peer's.
    pub(crate) claims: Vec<(String, String)>,
    pub(crate) letters: Letters,
    /// Where the result goes; into the party's results where nothing is said.
    pub(crate) result: Option<PathBuf>,
}

/// What came of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Answered(Answer),
    Refused(Refusal),
    /// The list claims nothing of it.
    NothingClaimed,
    /// The run failed before.
    NotReached,
}

/// Asks about a whole list.
pub(crate) async fn ask(
    node: &Arc<Node>,
    ask: Ask,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    node.line(&ask.peer)?;
    if ask.claims.is_empty() || ask.claims.len() > MAX_FIELDS {
        return Err(Trouble::us(
            "USAGE",
            format!("a claim is made of 1 to {MAX_FIELDS} columns"),
            format!("一项申报由 1 至 {MAX_FIELDS} 列组成"),
        ));
    }
    let fields: Vec<&str> = ask.claims.iter().map(|(_, field)| field.as_str()).collect();
    let terms = json!({ "register": ask.their_register, "fields": fields }).to_string();
    let (kind, peers) = ((RunKind::Match, RunRole::Lender), vec![ask.peer.clone()]);
    let run = Run::ours(node, kind, peers, terms, watcher).await?;
    let id = run.id;
    let done = answered(node, &ask, &run).await;
    let outcome = |(report, result): (String, PathBuf)| driving::Outcome {
        confirmed: true,
        report,
        result: Some(result.display().to_string()),
    };
    run.end(done.map(outcome)).await?;
    stored(&node.store, id).await
}

/// Everything from file to file.
async fn answered(node: &Arc<Node>, ask: &Ask, run: &Run) -> Result<(String, PathBuf), Trouble> {
    run.advance(RunState::Proposed, phase::named("reading our list", "读取本方名单")).await?;
    let columns: Vec<String> = ask.claims.iter().map(|(column, _)| column.clone()).collect();
    let table = {
        let Ask { file, column, kind, check, skip_bad, .. } = ask;
        let source = Source::new(file.clone(), column.clone(), *kind, *check, *skip_bad);
        let columns = columns.clone();
        let read = tokio::task::spawn_blocking(move || tables::texts(&source, &columns)).await;
        read.map_err(|error| Trouble::from_error("OURS", &error))??.0
    };
    let list =
        List { node, ask, run, outcomes: Mutex::new(claimed(&table, &columns)), table, columns };
    run.show(|progress| progress.total = list.table.len() as u64);
    run.advance(RunState::Running, phase::named("asking", "询问")).await?;
    let stretches = list.stretches();
    // Two lanes, so that we blind one stretch while the holder answers another.
    let lane = |first: usize| {
        let stretches: Vec<_> = stretches.iter().skip(first).step_by(2).collect();
        let list = &list;
        async move {
            for stretch in stretches {
                list.put(stretch).await?;
            }
            Ok::<_, Trouble>(())
        }
    };
    let done = tokio::try_join!(lane(0), lane(1));
    let outcomes = list.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let count = |wanted: Answer| {
        outcomes.iter().filter(|outcome| **outcome == Outcome::Answered(wanted)).count()
    };
    let answers: Vec<usize> = Answer::ALL.iter().copied().map(count).collect();
    let answered: usize = answers.iter().sum();
    let path = ask.result.clone();
    let path = path.unwrap_or_else(|| node.dir.join("results").join(format!("{}.csv", run.id)));
    if done.is_ok() || answered > 0 {
        result_file::write(&path, |file| write(file, &ask.column, &list.table, &outcomes))?;
    }
    done.map_err(|trouble| broken_off(trouble, answered, &path))?;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Refused(_))).count();
    let nothing = outcomes.iter().filter(|outcome| **outcome == Outcome::NothingClaimed).count();
    let mut report =
        json!({ "subjects": outcomes.len(), "refused": refused, "unclaimed": nothing });
    for (answer, count) in Answer::ALL.iter().zip(answers) {
        report[answer.code()] = count.into();
    }
    Ok((report.to_string(), path))
}

/// A list under way.
struct List<'a> {
    node: &'a Arc<Node>,
    ask: &'a Ask,
    run: &'a Run,
    table: Table,
    columns: Vec<String>,
    /// Of each subject of the table, in its order.
    outcomes: Mutex<Vec<Outcome>>,
}

/// Who follows one another in the list, and is asked about in one run: all of them claim something.
struct Stretch {
    first: usize,
    rows: usize,
}

impl List<'_> {
    /// The list cut so that each piece fits a proposal; whoever claims nothing lies between two.
    fn stretches(&self) -> Vec<Stretch> {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stretches: Vec<Stretch> = Vec::new();
        let (mut open, mut letters) = (false, 0);
        for (at, subject) in self.table.subjects().iter().enumerate() {
            if outcomes[at] == Outcome::NothingClaimed {
                open = false;
                continue;
            }
            let persons = self.ask.letters.of_persons(subject);
            let size = self.ask.letters.of(subject).map_or(0, <[u8]>::len)
                + persons.iter().map(Vec::len).sum::<usize>();
            match stretches.last_mut() {
                Some(last) if open && last.rows < MAX_ROWS && letters + size <= MOST_LETTERS => {
                    last.rows += 1;
                    letters += size;
                }
                _ => {
                    stretches.push(Stretch { first: at, rows: 1 });
                    (open, letters) = (true, size);
                }
            }
        }
        stretches
    }

    /// Asks about a stretch: agreement on whom to answer about, then the claims, blinded.
    async fn put(&self, stretch: &Stretch) -> Result<(), Trouble> {
        let Self { node, ask, run, .. } = self;
        let subjects = &self.table.subjects()[stretch.first..][..stretch.rows];
        let row = |subject: &Subject| MatchRow {
            subject: subject.reveal().into(),
            authorisation: ask.letters.of(subject).map(<[u8]>::to_vec),
            persons: ask.letters.of_persons(subject),
        };
        let asked = MatchTerms {
            register: ask.their_register.clone(),
            kind: ask.kind,
            fields: ask.claims.iter().map(|(_, field)| field.clone()).collect(),
            list: run.id,
            first: stretch.first as u64,
            rows: subjects.iter().map(row).collect(),
        };
        let peer = &ask.peer;
        let put = Asking::apart(node, run, (HOLDER, peer), ask.letters.purpose())?;
        let agreed = put.propose(asked).await?;
        let refused = row_refusals(&agreed.added, subjects.len());
        let refused = refused.map_err(|error| unreadable(&error).by(peer))?;
        let mut outcomes = vec![Outcome::NotReached; subjects.len()];
        for (row, refusal) in refused {
            outcomes[row] = Outcome::Refused(refusal);
        }
        let open: Vec<usize> =
            (0..outcomes.len()).filter(|row| outcomes[*row] == Outcome::NotReached).collect();
        if !open.is_empty() {
            let theirs = node.line(peer)?.peer.fingerprint();
            let ours = node.identity.fingerprint();
            let context = agreed.context(CONTEXT, &ours, &theirs);
            let terms = Terms { rows: open.len() as u64, context };
            let asked = open.iter().map(|row| &subjects[*row]);
            let answers = self.compare(&put, terms, asked).await?;
            for (row, answer) in open.into_iter().zip(answers) {
                outcomes[row] = Outcome::Answered(match answer {
                    Compared::Equal => Answer::Yes,
                    Compared::Unequal => Answer::No,
                    Compared::Unknown => Answer::Unknown,
                });
            }
        }
        let mut all = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        all[stretch.first..][..stretch.rows].copy_from_slice(&outcomes);
        run.show(|progress| progress.done += stretch.rows as u64);
        Ok(())
    }

    /// Runs the protocol about these subjects.
    async fn compare<'s>(
        &self,
        put: &Asking<'_>,
        terms: Terms,
        subjects: impl Iterator<Item = &'s Subject>,
    ) -> Result<Vec<Compared>, Trouble> {
        let claim = |subject: &Subject| {
            let claim = tables::row(&self.table, subject, &self.columns);
            let claim = claim.ok_or_else(|| Trouble::from_error("OURS", &"a claim has gone"))?;
            Ok((subject.psi_item(), claim))
        };
        let claims = subjects.map(claim).collect::<Result<Vec<_>, Trouble>>()?;
        let ours = |error: psi::Error| Trouble::from_error("OURS", &error);
        let claims = Claims::new(claims).map_err(ours)?;
        let asker = Asker::new(terms, claims, &mut setup::chacha()?).map_err(ours)?;
        let journal = RunJournal::blocks(self.run, rounds::round);
        Ok(put.drive_run(journal, asker).await?.output)
    }
}

/// Before anybody is asked: who claims something, and who does not.
fn claimed(table: &Table, columns: &[String]) -> Vec<Outcome> {
    let outcome = |subject| match tables::row(table, subject, columns) {
        Some(_) => Outcome::NotReached,
        None => Outcome::NothingClaimed,
    };
    table.subjects().iter().map(outcome).collect()
}

/// The answers as a table: each row with its number, under which its receipt is fetched.
fn write(
    file: &mut dyn Write,
    column: &str,
    table: &Table,
    outcomes: &[Outcome],
) -> std::io::Result<()> {
    let rows = table.subjects().iter().zip(outcomes).enumerate().map(|(at, (subject, outcome))| {
        let (answer, reason) = match outcome {
            Outcome::Answered(answer) => (answer.code(), ""),
            Outcome::Refused(refusal) => ("", refusal.code()),
            Outcome::NothingClaimed => ("", "NOTHING_CLAIMED"),
            Outcome::NotReached => ("", "NOT_REACHED"),
        };
        [(at + 1).to_string(), subject.reveal().into(), answer.into(), reason.into()]
    });
    registers::write_rows(file, &["row", column, "answer", "reason"], rows)
}

/// A failure that leaves answers behind says where they are: they count, and need not be asked again.
fn broken_off(trouble: Trouble, answered: usize, path: &std::path::Path) -> Trouble {
    if answered == 0 {
        return trouble;
    }
    let path = path.display();
    let en = format!("{} {answered} subjects were answered about before; see {path}.", trouble.en);
    let zh = format!("{}此前已答复 {answered} 个主体，见 {path}。", trouble.zh);
    Trouble { en, zh, ..trouble }
}
