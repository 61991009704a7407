//! A holder says which claims are so: decided subject by subject, before its register is touched and
//! again before an answer leaves.

use std::collections::HashSet;
use std::sync::Arc;

use ::catalogue::TypedAtom;
use audit::{Asked, Fields};
use domain::{
    CheckMode, Digest, Duty, Field, Output, PartyId, Purpose, Refusal, RunId, RunKind, RunRole,
    Subject,
};
use psi::equality::{ASKER, Holder, Records, Terms};
use serde_json::json;
use session::Role;
use wire::{MatchTerms, peer};

use super::release::{AnswerGate, PendingAnswers, Row};
use super::tables::Held;
use super::{CONTEXT, Offer, number, rounds};
use crate::clock::today;
use crate::config::{self, Register};
use crate::drive::Link;
use crate::governance::authorise::{self, Granted, Question};
use crate::governance::disclosures;
use crate::governance::release::hashed;
use crate::kinds::verify::AgreedFormula;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed, without_exchange};
use crate::runs::driving::{Outcome, drive_with_peer, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, context, not_offered};
use crate::{Trouble, setup};

/// Claims that this holder has agreed to answer.
pub(crate) struct AcceptedClaims {
    run: Run,
    terms: Terms,
    register: Register,
    columns: Vec<String>,
    subjects: Vec<Subject>,
    /// Nothing where the register is about nobody.
    due: Option<PendingAnswers>,
}

/// Decides about a stretch of a lender's list. Where nobody may be answered about, nothing is accepted.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: lender, run: id, purpose, terms: asked, message }: Proposed<'_, MatchTerms>,
) -> Result<Answer, Trouble> {
    let (register, platform) = offered(node, lender, &asked)?;
    let decided = match platform {
        Some(platform) => {
            let claimed = Claimed::of(node, register, &asked)?;
            let told = Told { node, lender, platform, purpose, claimed: &claimed, asked: &asked };
            told.decide().await?
        }
        None => research(register, &asked)?,
    };
    let Decided { columns, subjects, refused, due } = decided;
    let refusal = |(row, refusal): (usize, Refusal)| {
        let row = u32::try_from(row).map_err(|error| Trouble::from_error("OURS", &error))?;
        Ok(peer::RowRefusal { row, code: refusal.code().into() })
    };
    let refused = refused.into_iter().map(refusal).collect::<Result<_, Trouble>>()?;
    let agreement = peer::MatchAgreement { refused }.into();
    if subjects.is_empty() {
        return Ok(without_exchange(agreement));
    }
    let theirs = node.line(lender)?.peer.fingerprint();
    let context = context(CONTEXT, (message, &agreement), &theirs, &node.identity.fingerprint());
    let terms = Terms { rows: subjects.len() as u64, context };
    let json = json!({ "register": register.name, "fields": asked.fields, "rows": terms.rows });
    let new =
        new_run(id, RunKind::Match, RunRole::Holder, vec![lender.clone()], false, json.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    let register = register.clone();
    Ok(agreed(AcceptedClaims { run, terms, register, columns, subjects, due }, agreement))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedClaims {
    fn proposer(&self) -> Role {
        ASKER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Reads the register, answers, releases, and only then sends.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, terms, register, columns, subjects, due } = *self;
        let answering = async {
            let held = Held::of(node, &register, columns).await?;
            let rows = subjects.iter().map(|subject| (subject.psi_item(), held.tuple(subject)));
            let records = Records::new(rows).map_err(|error| ours(&error))?;
            let session = Holder::new(terms, records, &mut setup::chacha()?);
            Ok::<_, Trouble>((session.map_err(|error| ours(&error))?, held.batch()))
        };
        let done = match answering.await {
            Ok((session, batch)) => {
                let journal = RunJournal::brief(&run, rounds::round);
                let peer = (ASKER, &lender);
                match due {
                    Some(due) => {
                        let session = (session, terms.answer_length());
                        let (unreleased, session) = AnswerGate::of(node, due, batch, session);
                        let journal = journal.with_gate(unreleased);
                        drive_with_peer(node, journal, peer, session, link).await
                    }
                    None => drive_with_peer(node, journal, peer, session, link).await,
                }
            }
            Err(trouble) => {
                link.refuse(&trouble).await;
                Err(trouble)
            }
        };
        record(run, done.map(Outcome::of)).await;
    }
}

/// What came of the decisions: about whom is answered, and why about nobody else.
struct Decided {
    /// Of the register, in the order of the claim.
    columns: Vec<String>,
    subjects: Vec<Subject>,
    /// By their places, ascending.
    refused: Vec<(usize, Refusal)>,
    due: Option<PendingAnswers>,
}

/// The register that is open to this lender's claims, and over whom subjects authorise it.
fn offered<'a>(
    node: &'a Node,
    lender: &PartyId,
    asked: &MatchTerms,
) -> Result<(&'a Register, Option<&'a PartyId>), Trouble> {
    let offer = node.config.offers.iter().find_map(|offer| {
        let config::Offer::Match(Offer { register, platform, to }) = offer else { return None };
        let fits = *register == asked.register && to.contains(lender);
        Some((node.config.register(register).filter(|_| fits)?, platform.as_ref()))
    });
    match offer {
        Some((register, platform)) if register.kind == asked.kind => {
            Ok((register, platform.filter(|_| register.is_governed())))
        }
        Some(_) | None => Err(not_offered()),
    }
}

/// Claims about nobody: every row is answered, and nothing is released.
fn research(register: &Register, asked: &MatchTerms) -> Result<Decided, Trouble> {
    // Configurations are checked: a governed register is not offered without a platform.
    if register.is_governed() {
        return Err(not_offered());
    }
    let subject = |row: &wire::MatchRow| {
        let read = Subject::parse(asked.kind, &row.subject, CheckMode::Report);
        Ok(read.map_err(|_| Trouble::refused(Refusal::IdInvalid))?.value)
    };
    let subjects = asked.rows.iter().map(subject).collect::<Result<_, Trouble>>()?;
    Ok(Decided { columns: asked.fields.clone(), subjects, refused: Vec::new(), due: None })
}

/// What a lender's claims are about.
struct Claimed {
    fields: Vec<Field>,
    columns: Vec<String>,
    claim: TypedAtom,
    hash: Digest,
}

impl Claimed {
    /// What may be claimed, by the rules of a formula's `match`: a tuple of one class, of fields that
    /// this register has.
    fn of(node: &Node, register: &Register, asked: &MatchTerms) -> Result<Self, Trouble> {
        let parsed = asked.fields.iter().map(|field| field.parse::<Field>());
        let fields: Vec<Field> = parsed
            .collect::<Result<_, _>>()
            .map_err(|error| Trouble::from_error("FORMULA", &error))?;
        // The claims themselves are never here.
        let parts: Vec<String> = fields.iter().map(|field| format!("{field} = claimed")).collect();
        let text = format!("match({})", parts.join(", "));
        let formula = AgreedFormula::received(&node.rules.catalogue, &text)?;
        let column = |field: &Field| {
            let bound = register.fields.iter().find(|(_, bound)| *bound == field);
            let (column, _) = bound.ok_or_else(|| {
                Trouble::us(
                    "FIELD_NOT_HELD",
                    format!("the register `{}` has no {field}", register.name),
                    format!("登记表 `{}` 没有字段 {field}", register.name),
                )
            })?;
            Ok(column.clone())
        };
        let columns = fields.iter().map(column).collect::<Result<_, Trouble>>()?;
        let claim = formula.atoms().first().cloned();
        let claim = claim.ok_or_else(|| Trouble::from_error("OURS", &"a match without an atom"))?;
        Ok(Self { fields, columns, claim, hash: formula.hash() })
    }
}

/// A lender's claims as they are decided about and written down.
#[derive(Clone, Copy)]
struct Told<'a> {
    node: &'a Arc<Node>,
    lender: &'a PartyId,
    /// Over whom its subjects authorise it.
    platform: &'a PartyId,
    purpose: Purpose,
    claimed: &'a Claimed,
    asked: &'a MatchTerms,
}

impl Told<'_> {
    async fn decide(self) -> Result<Decided, Trouble> {
        let Self { node, claimed, asked, .. } = self;
        // The same for every subject, and for whoever asks: said once.
        node.rules.needs_of(&claimed.fields, Output::Verify, self.purpose)?;
        let subjects: Vec<Option<Subject>> = asked
            .rows
            .iter()
            .map(|row| Subject::parse(asked.kind, &row.subject, CheckMode::Report).ok())
            .map(|read| read.map(|read| read.value))
            .collect();
        let mut seen = HashSet::new();
        if subjects.iter().flatten().any(|subject| !seen.insert(subject)) {
            return Err(Trouble::us(
                "DUPLICATE",
                "a subject stands twice among the rows: each is asked about once",
                "同一主体出现两次：每个主体只询问一次",
            ));
        }
        let questions = subjects.iter().zip(&asked.rows).filter_map(|(subject, row)| {
            let (authorisation, persons) = (row.authorisation.clone(), row.persons.clone());
            Some(self.question(subject.clone()?, authorisation, persons))
        });
        let decisions = authorise::decide_all(node, questions.collect()).await?;
        let mut decisions = decisions.into_iter();
        let mut decided = Decided {
            columns: claimed.columns.clone(),
            subjects: Vec::with_capacity(subjects.len()),
            refused: Vec::new(),
            due: None,
        };
        let (mut rows, mut refusals) = (Vec::with_capacity(subjects.len()), Vec::new());
        for (place, subject) in subjects.into_iter().enumerate() {
            let number = number(self.lender, asked.list, asked.first + place as u64);
            let Some(subject) = subject else {
                decided.refused.push((place, Refusal::IdInvalid));
                continue;
            };
            let request = self.request(number, &subject);
            let granted = decisions.next();
            let granted =
                granted.ok_or_else(|| Trouble::from_error("OURS", &"a row without a decision"))?;
            match self.counted(granted).await? {
                Ok(granted) => {
                    rows.push(Row { number, request, granted });
                    decided.subjects.push(subject);
                }
                Err(refusal) => {
                    let recorded = self.recorded(number, request)?;
                    refusals.push(node.refusal(refusal, recorded, &subject));
                    decided.refused.push((place, refusal));
                }
            }
        }
        node.record_refusals(Duty::Holder, self.lender, refusals).await;
        let (claim, hash) = (claimed.claim.clone(), claimed.hash);
        decided.due = Some(PendingAnswers { rows, claim, hash, today: today() });
        Ok(decided)
    }

    fn question(
        &self,
        subject: Subject,
        authorisation: Option<Vec<u8>>,
        persons: Vec<Vec<u8>>,
    ) -> Question {
        Question {
            subject,
            lender: self.lender.clone(),
            platform: self.platform.clone(),
            purpose: self.purpose,
            output: Output::Verify,
            fields: self.claimed.fields.clone(),
            model: None,
            authorisation,
            persons,
        }
    }

    /// What was granted, if there is a match left.
    async fn counted(
        &self,
        granted: Result<Granted, Refusal>,
    ) -> Result<Result<Granted, Refusal>, Trouble> {
        let granted = match granted {
            Ok(granted) => granted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (request, claim) = (granted.covered.request(), &self.claimed.claim);
        let claims = std::slice::from_ref(claim);
        match disclosures::after(self.node, request, claims, &[], today()).await {
            Ok(_) => Ok(Ok(granted)),
            Err(trouble) => trouble.code.parse().map(Err).map_err(|_| trouble),
        }
    }

    /// The hash of a question: its number, what is claimed about, and the subject's pseudonym.
    fn request(&self, number: RunId, subject: &Subject) -> Digest {
        let pseudonym = self.node.pseudonym(subject).to_bytes();
        let hash = self.claimed.hash;
        let bytes = [number.as_bytes().as_slice(), hash.as_bytes(), &pseudonym].concat();
        hashed("tacit/party/v1/question", &bytes)
    }

    /// A question as the log has it.
    fn recorded(&self, number: RunId, request: Digest) -> Result<Asked, Trouble> {
        let fields = self.claimed.fields.iter().cloned().collect();
        Ok(Asked {
            request,
            run: number,
            fields: Fields::new(fields).map_err(|error| Trouble::from_error("OURS", &error))?,
            output: Output::Verify,
            purpose: self.purpose,
            question: audit::Question::Predicate { hash: self.claimed.hash },
            // Nobody stands between the two.
            platform: self.lender.clone(),
            receiver: self.lender.clone(),
        })
    }
}

fn ours(error: &psi::Error) -> Trouble {
    Trouble::from_error("OURS", error)
}
