//! The holder's side: decides, picks, releases, answers.

use std::sync::Arc;

use domain::{Digest, Duty, Output, PartyId, Purpose, RunId, RunKind, RunRole, Subject};
use scoring::score::Holder;
use scoring::{Answer, Encode, PLATFORM, Query, holder};
use session::Role;
use wire::{ScoreTerms, peer};

use super::rounds;
use crate::config;
use crate::drive::Link;
use crate::governance::authorise::{self, Granted, Question};
use crate::governance::models;
use crate::governance::questions::{self, VerifiedQuestion};
use crate::governance::release::{Asking, PendingRelease, ReleaseContext, release, revalidate};
use crate::kinds::issue::holder_cache::{Known, Ready};
use crate::kinds::issue::table;
use crate::kinds::score::{asked_of, finish, mask_keys, question, request_hash, subject_of, terms};
use crate::node::Node;
use crate::runs::agreed::{self, AgreedRun};
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::drive_run_for;
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered};
use crate::{Trouble, setup};

/// A question that this holder has agreed to answer.
pub(crate) struct AcceptedAnswer {
    run: Run,
    ready: Arc<Ready>,
    /// Names what is in the register that answers it.
    batch: Digest,
    content: Content,
    /// What lets it answer about a firm or a person; research data is about nobody.
    granted: Option<(Granted, VerifiedQuestion)>,
}

/// What an answer is made of.
enum Content {
    /// It is computed.
    New(Query),
    /// It was computed in this run for the same question over the same register: a second
    /// ciphertext would tell nothing new, and a little more of the noise.
    Stored(RunId, Answer),
}

/// Decides on a question that `platform` relays.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: platform, run: id, purpose, terms: asked, .. }: Proposed<'_, ScoreTerms>,
) -> Result<agreed::Answer, Trouble> {
    let register = table::answering(node, platform, &asked.lender)?;
    let known = node.holder_cache.known(node, &asked.digest).await?;
    let model = &known.model;
    if model.lender != asked.lender || model.platform != *platform || asked.kind != register.kind {
        return Err(not_offered());
    }
    let subject = subject_of(&asked)?;
    let by = Asker { register, known: &known, id, asked: &asked, purpose, subject: &subject };
    // Before anything is looked up anywhere: the lender asks, and nobody in its name.
    let question = by.question(node).await?;
    // Before anything of the register is touched, and the same way whether it has the firm or not.
    let governed = register.is_governed();
    let granted = if governed {
        // Nobody is refused for want of a bin: the refusal would tell what is on the register.
        models::holder::holds_everybody(&known.part)?;
        Some((by.granted(node, question.id).await?, question))
    } else {
        node.members.admitted(&asked.lender)?;
        None
    };
    let (ready, loaded) = node.holder_cache.ready(node, &asked.digest, register).await?;
    let batch = loaded.batch();
    let (key, keys) = (ready.points.terms().lender_key(), mask_keys(node, &model.holders)?);
    let terms = |number| terms(key, asked.digest, number, ready.max_points, keys.clone());
    let me = model.holders.iter().position(|holder| *holder == node.config.name);
    let me = holder(me.ok_or_else(not_offered)?);
    let earlier = if granted.is_some() && !asked.fresh {
        let pseudonym = node.pseudonym(&subject).to_bytes();
        node.store.earlier(&asked.lender, &pseudonym, &asked.digest, batch.as_bytes()).await?
    } else {
        None
    };
    // One that was made under another key or with other holders is of no use any more.
    let stored = earlier.and_then(|(run, answer)| {
        Some((run, Answer::from_bytes(&answer, &terms(run).ok()?, me).ok()?))
    });
    let content = match stored {
        Some((run, answer)) => Content::Stored(run, answer),
        None => {
            if let Some((granted, question)) = &granted {
                within_budget(node, &known, id, &asked, granted, question.id).await?;
            }
            let query = Query::new(terms(id)?, me, ready.picks(&loaded, &subject, governed)?);
            Content::New(query.map_err(|error| Trouble::from_error("OURS", &error))?)
        }
    };
    let stored = match &content {
        Content::New(_) => Vec::new(),
        Content::Stored(run, _) => run.to_bytes().to_vec(),
    };
    let json = serde_json::json!({ "model": model.model, "lender": asked.lender }).to_string();
    // From here on the run's number is used up: the same question is not answered twice.
    let new = new_run(id, RunKind::Score, RunRole::Holder, vec![platform.clone()], false, json);
    let run = Run::begin_unseen(&node.store, new).await?;
    let accepted = AcceptedAnswer { run, ready, batch, content, granted };
    Ok(agreed::agreed(accepted, peer::ScoreAgreement { stored: stored.into() }))
}

/// Whether this lender may ask once more about this subject; a refusal is written down.
async fn within_budget(
    node: &Arc<Node>,
    known: &Known,
    run: RunId,
    asked: &ScoreTerms,
    granted: &Granted,
    request: Digest,
) -> Result<(), Trouble> {
    let covered = granted.covered.request();
    let Err(trouble) = authorise::within_budget(node, covered).await else { return Ok(()) };
    let fields = covered.fields.iter().map(|(field, _)| field.clone()).collect();
    let purpose = covered.purpose.ok_or_else(|| Trouble::from_error("OURS", &"no purpose"))?;
    let told = asked_of(asked, run, purpose, fields, &known.model, request)?;
    Err(node.record_refusal(Duty::Holder, told, &covered.subject, trouble).await)
}

/// A question as a platform brings it.
struct Asker<'a> {
    register: &'a config::Register,
    known: &'a Known,
    id: RunId,
    asked: &'a ScoreTerms,
    purpose: Purpose,
    subject: &'a Subject,
}

impl Asker<'_> {
    /// Verifies that the lender has asked it; a refusal is written down.
    async fn question(&self, node: &Arc<Node>) -> Result<VerifiedQuestion, Trouble> {
        let Self { register, known, id, asked, purpose, subject } = *self;
        let brought = question(asked, &known.model, id, purpose, subject);
        match questions::verify_once(node, &asked.question, &brought, asked.salt).await {
            Ok(question) => Ok(question),
            Err(trouble) => {
                let fields = match register.is_governed() {
                    true => models::holder::fields(register, &known.part)?,
                    false => Vec::new(),
                };
                let request = request_hash(node, asked, id, subject);
                let asked = asked_of(asked, id, purpose, fields, &known.model, request)?;
                Err(node.record_refusal(Duty::Holder, asked, subject, trouble).await)
            }
        }
    }

    /// Decides about a question on a firm or a person; a refusal is written down.
    async fn granted(&self, node: &Arc<Node>, request: Digest) -> Result<Granted, Trouble> {
        let Self { register, known: Known { model, part, .. }, id, asked, purpose, subject } =
            *self;
        let fields = models::holder::fields(register, part)?;
        let question = Question {
            subject: subject.clone(),
            lender: asked.lender.clone(),
            platform: model.platform.clone(),
            purpose,
            output: Output::Score,
            fields: fields.clone(),
            model: Some(model.model.clone()),
            authorisation: asked.authorisation.clone(),
            persons: asked.persons.clone(),
        };
        match authorise::decide(node, question).await {
            Ok(granted) => Ok(granted),
            Err(trouble) => {
                let asked = asked_of(asked, id, purpose, fields, model, request)?;
                Err(node.record_refusal(Duty::Holder, asked, subject, trouble).await)
            }
        }
    }
}

#[tonic::async_trait]
impl AgreedRun for AcceptedAnswer {
    fn proposer(&self) -> Role {
        PLATFORM
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Answers: decides once more, makes the answer, releases it, and only then sends it.
    async fn drive(self: Box<Self>, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, ready, batch, content, granted } = *self;
        let done = match released(node, run.id, (&ready, batch), content, granted).await {
            Ok(answer) => {
                let assignment = RoleAssignment::from([(PLATFORM, platform)]);
                let journal = RunJournal::brief(&run, rounds::round);
                let whom = (&assignment, Some(&ready.model.lender));
                drive_run_for(node, journal, whom, Holder::sending(&answer), vec![link]).await
            }
            Err(trouble) => {
                link.refuse(&trouble).await;
                Err(trouble)
            }
        };
        finish(run, done).await;
    }
}

/// The answer to a question, once it is released: when this returns, it may leave.
async fn released(
    node: &Arc<Node>,
    run: RunId,
    (ready, batch): (&Ready, Digest),
    content: Content,
    granted: Option<(Granted, VerifiedQuestion)>,
) -> Result<Answer, Trouble> {
    let asking = Asking::Model(ready.model.model.clone(), Digest::from_bytes(ready.model.digest));
    // The second look covers the model too: it may have been withdrawn, or have run out, since.
    models::holder::revalidate(node, &ready.model).await?;
    let granted = match granted {
        Some((granted, question)) => {
            Some((revalidate(node, granted, (run, question.id), &asking).await?, question))
        }
        None => {
            node.members.admitted(&ready.model.lender)?;
            None
        }
    };
    let (answer, repeats) = match content {
        Content::New(query) => {
            let mut rng = setup::chacha()?;
            let answer = || query.answer(&ready.points, &node.identity.mask_key, &mut rng);
            let answer = tokio::task::block_in_place(answer);
            (answer.map_err(|error| Trouble::from_error("OURS", &error))?, None)
        }
        Content::Stored(run, answer) => (answer, Some(run)),
    };
    if let Some((granted, question)) = granted {
        let context = ReleaseContext {
            run,
            request: question.id,
            question: Some(question),
            asking,
            batch,
            repeats,
            disclosure: None,
        };
        let pending = PendingRelease { context, granted, answer: answer.to_bytes() };
        release(node, vec![pending]).await?;
    }
    Ok(answer)
}
