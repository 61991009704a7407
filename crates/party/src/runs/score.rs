//! One firm's score: a lender asks, a platform adds, holders answer.

use std::collections::HashMap;
use std::sync::Arc;

use consent::{Authorisation, AuthorisationId, MAX_PERSONS};
use domain::{
    CheckMode, Digest, Duty, Field, ModelId, Output, PartyId, Purpose, Refusal, RunId, Subject,
    SubjectKind,
};
use envelope::Envelope;
use scoring::score::{Holder, Lender, Platform};
use scoring::{
    Answer, Encode, Fingerprint, LENDER, MaskPublicKey, ModelDigest, PLATFORM, PublicKey, Query,
    QueryId, Terms, holder,
};
use session::Session;
use store::{ModelPart, StoredModel};
use tokio::task::JoinSet;
use wire::{ScoreTerms, peer};

use crate::config;
use crate::data::Source;
use crate::drive::{Driven, Link};
use crate::governance::authorise::{self, Granted, Question};
use crate::governance::models;
use crate::governance::release::{About, Asking, hashed, release};
use crate::node::Node;
use crate::runs::card::{Card, Reading};
use crate::runs::conduct::{Outcome, conduct, record};
use crate::runs::holder_cache::{Known, Ready};
use crate::runs::journal::RunJournal;
use crate::runs::own::OwnPoints;
use crate::runs::record::new_run;
use crate::runs::verdict::Cast;
use crate::runs::{self, Run, not_offered, phase, table};
use crate::{Trouble, setup};

/// A lender's view of a model, read once for many scores.
pub(crate) struct Desk {
    pub(crate) model: StoredModel,
    pub(crate) card: Card,
    /// What the lender's own block is worth, where the model has one.
    pub(crate) own: Option<Arc<OwnPoints>>,
    pub(crate) holders: Vec<MaskPublicKey>,
}

impl Desk {
    /// The newest publication of `model` to this lender.
    pub(crate) async fn open(node: &Node, model: &ModelId) -> Result<Self, Trouble> {
        let known = node.store.models().await?;
        let mut known = known.into_iter().filter(|m| m.part == ModelPart::Lender);
        let newest = known.find(|known| known.model == *model);
        let retired = newest.as_ref().is_some_and(|model| model.retired);
        if retired {
            return Err(models::not_in_force());
        }
        let model = newest.ok_or_else(|| {
            Trouble::us(
                "MODEL",
                format!("no platform has published {model} to this party: ask it to run `tacit model publish`"),
                format!("尚无平台向本方发布模型 {model}：请平台运行 `tacit model publish`"),
            )
        })?;
        Self::over(node, model).await
    }

    /// The publication of this digest.
    pub(crate) async fn of(node: &Node, digest: &[u8; 32]) -> Result<Self, Trouble> {
        let model = node.store.model(digest).await?;
        let model = model.filter(|model| model.part == ModelPart::Lender);
        Self::over(node, model.ok_or_else(not_offered)?).await
    }

    async fn over(node: &Node, model: StoredModel) -> Result<Self, Trouble> {
        let card: Card =
            serde_json::from_str(&model.facts).map_err(|e| Trouble::said("STORE", &e))?;
        let own = match &card.own {
            Some(own) => {
                let StoredModel { platform, digest, .. } = &model;
                Some(node.own_cache.points(node, platform, digest, own).await?)
            }
            None => None,
        };
        let holders = mask_keys(node, &model.holders)?;
        Ok(Self { model, card, own, holders })
    }

    /// Asks for one score; a second time where not every holder has the same earlier answer.
    pub(crate) async fn score(
        &self,
        node: &Arc<Node>,
        kind: SubjectKind,
        subject: &str,
        shown: &Letters,
    ) -> (Option<RunId>, Result<Reading, Trouble>) {
        match self.score_once(node, kind, subject, shown, false).await {
            (_, Err(trouble)) if trouble.code == ANSWERS_DIFFER => {
                self.score_once(node, kind, subject, shown, true).await
            }
            scored => scored,
        }
    }

    async fn score_once(
        &self,
        node: &Arc<Node>,
        kind: SubjectKind,
        subject: &str,
        shown: &Letters,
        fresh: bool,
    ) -> (Option<RunId>, Result<Reading, Trouble>) {
        let begun = async {
            let subject = Subject::parse(kind, subject, CheckMode::Report)
                .map_err(|error| Trouble::said("SUBJECT", &error))?
                .value;
            // Before anything is asked: without a bin of its own there is no total.
            let own = self.own.as_ref().map_or(Ok(0), |own| own.of(&subject))?;
            let permit = node.permit()?;
            let id = node.new_run_id()?;
            let platform = self.model.platform.clone();
            let new = new_run(id, "score", "lender", vec![platform], true, self.terms_json());
            Ok((Run::begin_unseen(&node.store, new).await?, subject, own, permit))
        };
        let (run, subject, own, _permit) = match begun.await {
            Ok(begun) => begun,
            Err(trouble) => return (None, Err(trouble)),
        };
        let id = run.id;
        let outcome = match self.ask(node, &run, &subject, shown, fresh).await {
            Ok(Driven { output, confirmed }) => {
                // The report says that a score was read, never which.
                run.finish(confirmed, self.terms_json(), None)
                    .await
                    .map(|()| self.card.read(output.0 + own))
            }
            Err(trouble) => Err(run.fail(trouble).await),
        };
        (Some(id), outcome)
    }

    async fn ask(
        &self,
        node: &Arc<Node>,
        run: &Run,
        subject: &Subject,
        shown: &Letters,
        fresh: bool,
    ) -> Result<Driven<scoring::Points>, Trouble> {
        let key = node.identity.scoring_key.as_ref().ok_or_else(not_offered)?;
        let platform = &self.model.platform;
        let asked = ScoreTerms {
            digest: self.model.digest,
            lender: node.config.name.clone(),
            kind: subject.kind(),
            subject: subject.reveal().into(),
            authorisation: shown.of(subject).map(<[u8]>::to_vec),
            persons: shown.of_persons(subject),
            fresh,
        };
        let asked = wire::Terms::Score(asked);
        let (_, agreement) = node.propose(platform, run.id, shown.purpose, asked).await?;
        let terms = terms(
            key.public().fingerprint(),
            self.model.digest,
            self.number(node, run, &agreement).await?,
            self.card.most_points,
            self.holders.clone(),
        )?;
        let lender = Lender::new(terms, Arc::clone(key)).map_err(|e| Trouble::said("OURS", &e))?;
        let link = node.exchange(platform, PLATFORM, run.id).await?;
        let cast = Cast::from([(PLATFORM, platform.clone())]);
        talk(node, run, &cast, lender, vec![link]).await
    }

    /// The number under which the answers were computed: this run's, or an earlier one's of ours.
    async fn number(
        &self,
        node: &Node,
        run: &Run,
        agreement: &peer::Agreement,
    ) -> Result<RunId, Trouble> {
        let platform = &self.model.platform;
        let stored = wire::stored_run(agreement).map_err(|e| Trouble::said("UNREADABLE", &e));
        let Some(stored) = stored.map_err(|trouble| trouble.by(platform))? else {
            return Ok(run.id);
        };
        let earlier = node.store.runs(&stored.to_string(), 1).await?;
        let ours = earlier.first().is_some_and(|earlier| {
            earlier.protocol == "score" && earlier.ours && earlier.terms == self.terms_json()
        });
        if ours {
            return Ok(stored);
        }
        Err(Trouble::us(
            "REPLAY",
            "the platform hands over the answer of a run that is none of this party's on this model",
            "平台转交的答复不属于本方就该模型发起的运行",
        )
        .by(platform))
    }

    /// What the record of a question says: the model, and never the subject.
    fn terms_json(&self) -> String {
        serde_json::json!({ "model": self.model.model }).to_string()
    }
}

/// The code with which a platform says that holders have different earlier answers, or some none.
pub(crate) const ANSWERS_DIFFER: &str = "ANSWERS_DIFFER";

/// The authorisations that a lender shows with its questions, and what the scores are for.
pub(crate) struct Letters {
    purpose: Purpose,
    by_subject: HashMap<Subject, Letter>,
    by_id: HashMap<AuthorisationId, Vec<u8>>,
}

/// A subject's authorisation as it came, and those of persons that it leans on.
struct Letter {
    bytes: Vec<u8>,
    leans_on: Vec<AuthorisationId>,
}

impl Letters {
    /// Sorts envelopes by the subjects that they name; whether they hold is for others to say.
    pub(crate) fn new(purpose: Purpose, envelopes: Vec<bytes::Bytes>) -> Result<Self, Trouble> {
        let (mut by_subject, mut by_id) = (HashMap::new(), HashMap::new());
        for bytes in envelopes {
            let sealed = Envelope::from_json(&bytes).map_err(|error| unreadable(&error))?;
            let record = Authorisation::unverified(&sealed).map_err(|error| unreadable(&error))?;
            let consents = record.separate_consents().iter();
            let leans_on = consents.map(|consent| consent.authorisation().clone()).collect();
            let bytes = bytes.to_vec();
            by_id.insert(record.id().clone(), bytes.clone());
            by_subject.insert(record.subject().clone(), Letter { bytes, leans_on });
        }
        Ok(Self { purpose, by_subject, by_id })
    }

    /// What the answers are for.
    pub(crate) fn purpose(&self) -> Purpose {
        self.purpose
    }

    pub(crate) fn of(&self, subject: &Subject) -> Option<&[u8]> {
        self.by_subject.get(subject).map(|letter| letter.bytes.as_slice())
    }

    /// Those of the persons whom the subject's names; one that is not here is the holder's to miss.
    pub(crate) fn of_persons(&self, subject: &Subject) -> Vec<Vec<u8>> {
        let leans_on = self.by_subject.get(subject).into_iter().flat_map(|letter| &letter.leans_on);
        leans_on.filter_map(|id| self.by_id.get(id)).take(MAX_PERSONS).cloned().collect()
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "AUTHORISATION",
        format!("an authorisation cannot be read: {error}"),
        format!("授权文件无法读取：{error}"),
    )
}

/// A question that this holder has agreed to answer.
pub(crate) struct AcceptedAnswer {
    pub(crate) run: Run,
    ready: Arc<Ready>,
    content: Content,
    /// What lets it answer about a firm or a person; research data is about nobody.
    granted: Option<(Granted, Digest)>,
}

/// What an answer is made of.
enum Content {
    /// It is computed.
    New(Query),
    /// It was computed in this run for the same question over the same register: a second
    /// ciphertext would tell nothing new, and a little more of the noise.
    Stored(RunId, Answer),
}

/// A question that this platform has agreed to relay: every holder has agreed to answer.
pub(crate) struct AcceptedRelay {
    pub(crate) run: Run,
    terms: Terms,
    holders: Vec<PartyId>,
}

/// Decides on a question, as a holder or as a platform.
pub(crate) async fn accept(
    node: &Arc<Node>,
    peer: &PartyId,
    id: RunId,
    asked: ScoreTerms,
    purpose: Purpose,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    if asked.lender == *peer {
        return accept_relay(node, peer, id, asked, purpose).await;
    }
    accept_answer(node, peer, id, asked, purpose).await
}

async fn accept_answer(
    node: &Arc<Node>,
    platform: &PartyId,
    id: RunId,
    asked: ScoreTerms,
    purpose: Purpose,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    let register = table::answering(node, platform, &asked.lender)?;
    let known = node.holder_cache.known(node, &asked.digest).await?;
    let model = &known.model;
    if model.lender != asked.lender || model.platform != *platform || asked.kind != register.kind {
        return Err(not_offered());
    }
    let subject = subject_of(&asked)?;
    // Before anything of the register is touched, and the same way whether it has the firm or not.
    let granted = if register.is_governed() {
        Some(granted(node, register, &known, id, &asked, purpose, &subject).await?)
    } else {
        None
    };
    let ready = node.holder_cache.ready(node, &asked.digest, Source::of(register)).await?;
    let (key, keys) = (ready.points.terms().lender_key(), mask_keys(node, &model.holders)?);
    let terms = |number| terms(key, asked.digest, number, ready.max_points, keys.clone());
    let me = model.holders.iter().position(|holder| *holder == node.config.name);
    let me = holder(me.ok_or_else(not_offered)?);
    let earlier = if granted.is_some() && !asked.fresh {
        let pseudonym = node.pseudonym(&subject).to_bytes();
        let batch = ready.batch();
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
            if let Some((granted, request)) = &granted {
                within_budget(node, &known, id, &asked, granted, *request).await?;
            }
            let query = Query::new(terms(id)?, me, ready.picks(&subject)?);
            Content::New(query.map_err(|error| Trouble::said("OURS", &error))?)
        }
    };
    let agreement = match &content {
        Content::New(_) => peer::Agreement::default(),
        Content::Stored(run, _) => {
            peer::Agreement { stored: run.to_bytes().to_vec().into(), ..peer::Agreement::default() }
        }
    };
    let json = serde_json::json!({ "model": model.model, "lender": asked.lender }).to_string();
    // From here on the run's number is used up: the same question is not answered twice.
    let new = new_run(id, "score", "holder", vec![platform.clone()], false, json);
    let run = Run::begin_unseen(&node.store, new).await?;
    let accepted = AcceptedAnswer { run, ready, content, granted };
    Ok((runs::Accepted::Answer(Box::new(accepted)), agreement))
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
    let purpose = covered.purpose.ok_or_else(|| Trouble::said("OURS", &"no purpose"))?;
    let told = asked_of(asked, run, purpose, fields, &known.model, request)?;
    Err(node.record_refusal(Duty::Holder, told, &covered.subject, trouble).await)
}

/// Decides about a question on a firm or a person; a refusal is written down.
async fn granted(
    node: &Arc<Node>,
    register: &config::Register,
    known: &Known,
    run: RunId,
    asked: &ScoreTerms,
    purpose: Purpose,
    subject: &Subject,
) -> Result<(Granted, Digest), Trouble> {
    let Known { model, part, .. } = known;
    let fields = table::fields(register, part)?;
    let request = request_hash(node, asked, run, subject);
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
        Ok(granted) => Ok((granted, request)),
        Err(trouble) => {
            let asked = asked_of(asked, run, purpose, fields, model, request)?;
            Err(node.record_refusal(Duty::Holder, asked, subject, trouble).await)
        }
    }
}

/// What was asked, as records have it.
fn asked_of(
    asked: &ScoreTerms,
    run: RunId,
    purpose: Purpose,
    fields: Vec<Field>,
    model: &StoredModel,
    request: Digest,
) -> Result<audit::Asked, Trouble> {
    let fields = audit::Fields::new(fields.into_iter().collect());
    Ok(audit::Asked {
        request,
        run,
        fields: fields.map_err(|error| Trouble::said("OURS", &error))?,
        output: Output::Score,
        purpose,
        question: audit::Question::Model {
            id: model.model.clone(),
            hash: Digest::from_bytes(model.digest),
        },
        platform: model.platform.clone(),
        receiver: asked.lender.clone(),
    })
}

/// The hash of a question: its run, its model and the subject's pseudonym. The identifier itself is
/// not in it: there are few of them, and whoever tried them all would find the one that fits.
fn request_hash(node: &Node, asked: &ScoreTerms, run: RunId, subject: &Subject) -> Digest {
    let pseudonym = node.pseudonym(subject).to_bytes();
    let bytes = [run.as_bytes().as_slice(), &asked.digest, &pseudonym].concat();
    hashed("tacit/party/v1/question", &bytes)
}

fn subject_of(asked: &ScoreTerms) -> Result<Subject, Trouble> {
    let read = Subject::parse(asked.kind, &asked.subject, CheckMode::Report);
    // Which rule it breaks tells its owner more than us: the text is not repeated.
    Ok(read.map_err(|_| Trouble::refused(Refusal::IdInvalid))?.value)
}

impl AcceptedAnswer {
    /// Answers: decides once more, makes the answer, releases it, and only then sends it.
    pub(crate) async fn drive(self, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, ready, content, granted } = self;
        let done = match released(node, run.id, &ready, content, granted).await {
            Ok(answer) => {
                let cast = Cast::from([(PLATFORM, platform)]);
                talk(node, &run, &cast, Holder::sending(&answer), vec![link]).await
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
    ready: &Ready,
    content: Content,
    granted: Option<(Granted, Digest)>,
) -> Result<Answer, Trouble> {
    let granted = match granted {
        Some((granted, request)) => Some((authorise::still(node, granted).await?, request)),
        None => None,
    };
    let (answer, repeats) = match content {
        Content::New(query) => {
            let mut rng = setup::chacha()?;
            let answer = || query.answer(&ready.points, &node.identity.mask_key, &mut rng);
            let answer = tokio::task::block_in_place(answer);
            (answer.map_err(|error| Trouble::said("OURS", &error))?, None)
        }
        Content::Stored(run, answer) => (answer, Some(run)),
    };
    if let Some((granted, request)) = granted {
        let about = About {
            run,
            request,
            asking: Asking::Model(
                ready.model.model.clone(),
                Digest::from_bytes(ready.model.digest),
            ),
            batch: ready.batch(),
            repeats,
            disclosure: None,
        };
        release(node, about, granted, &answer.to_bytes()).await?;
    }
    Ok(answer)
}

async fn accept_relay(
    node: &Arc<Node>,
    lender: &PartyId,
    id: RunId,
    asked: ScoreTerms,
    purpose: Purpose,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    let model = node.store.model(&asked.digest).await?;
    let model = model.filter(|m| m.part == ModelPart::Platform && m.lender == *lender);
    let model = model.ok_or_else(not_offered)?;
    models::in_force(node, &model.registration).await?;
    let card: Card = serde_json::from_str(&model.facts).map_err(|e| Trouble::said("STORE", &e))?;
    let key = PublicKey::from_bytes(&model.content).map_err(|e| Trouble::said("STORE", &e))?;
    if asked.kind != SubjectKind::Opaque && asked.authorisation.is_none() {
        // Holders decide for themselves; this only spares them what none of them may answer.
        let subject = subject_of(&asked)?;
        let request = request_hash(node, &asked, id, &subject);
        let told = asked_of(&asked, id, purpose, Vec::new(), &model, request)?;
        let trouble = Trouble::refused(Refusal::AuthMissing);
        return Err(node.record_refusal(Duty::Platform, told, &subject, trouble).await);
    }
    let json = serde_json::json!({ "model": model.model, "lender": lender }).to_string();
    let peers = std::iter::once(lender).chain(&model.holders).cloned().collect();
    let run = Run::begin_unseen(&node.store, new_run(id, "score", "platform", peers, false, json))
        .await?;
    match ask_holders(node, &model.holders, id, &asked, purpose).await {
        Ok(agreement) => {
            let number = wire::stored_run(&agreement).ok().flatten().unwrap_or(id);
            let keys = mask_keys(node, &model.holders)?;
            let terms = terms(key.fingerprint(), asked.digest, number, card.most_points, keys)?;
            let relay = AcceptedRelay { run, terms, holders: model.holders };
            Ok((runs::Accepted::Relay(relay), agreement))
        }
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// Proposes the question to every holder at once; all must agree, and to the same: a new answer, or
/// the one of the same earlier run.
async fn ask_holders(
    node: &Arc<Node>,
    holders: &[PartyId],
    id: RunId,
    asked: &ScoreTerms,
    purpose: Purpose,
) -> Result<peer::Agreement, Trouble> {
    let mut asking = JoinSet::new();
    for party in holders {
        let (node, party, asked) = (Arc::clone(node), party.clone(), asked.clone());
        let terms = wire::Terms::Score(asked);
        asking.spawn(async move { node.propose(&party, id, purpose, terms).await });
    }
    let mut agreed: Option<peer::Agreement> = None;
    let mut differ = false;
    while let Some(answered) = asking.join_next().await {
        let (_, agreement) = answered.map_err(|error| Trouble::said("OURS", &error))??;
        differ |= agreed.as_ref().is_some_and(|agreed| agreed.stored != agreement.stored);
        agreed = Some(agreement);
    }
    if differ {
        return Err(Trouble::us(
            ANSWERS_DIFFER,
            "not every holder has the same earlier answer to this question: a register has changed since; ask for a new one",
            "各数据方保存的历史答复不一致（登记表已变更）：请重新计算",
        )
        .by_nobody());
    }
    agreed.ok_or_else(not_offered)
}

impl AcceptedRelay {
    /// Collects the holders' answers, adds them, and hands the sum to the lender.
    pub(crate) async fn drive(self, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, terms, holders } = self;
        let done = async {
            let mut links = vec![link];
            let mut cast = Cast::from([(LENDER, lender)]);
            for (index, party) in holders.into_iter().enumerate() {
                links.push(node.exchange(&party, holder(index), run.id).await?);
                cast.insert(holder(index), party);
            }
            talk(node, &run, &cast, Platform::new(terms), links).await
        };
        let done = done.await;
        finish(run, done).await;
    }
}

fn terms(
    lender_key: Fingerprint,
    digest: [u8; 32],
    run: RunId,
    max_points: u16,
    holders: Vec<MaskPublicKey>,
) -> Result<Terms, Trouble> {
    // One question a run: the run's number is the question's too.
    let number = run.to_bytes();
    let (run, query) = (scoring::RunId(number), QueryId(number));
    Terms::new(lender_key, ModelDigest(digest), run, query, max_points, holders)
        .map_err(|error| Trouble::said("MODEL", &error))
}

/// The holders' mask keys, from their own files.
pub(crate) fn mask_keys(node: &Node, holders: &[PartyId]) -> Result<Vec<MaskPublicKey>, Trouble> {
    let key = |party: &PartyId| {
        if *party == node.config.name {
            return Ok(node.identity.mask_key.public());
        }
        Ok(node.line(party)?.peer.mask_key)
    };
    holders.iter().map(key).collect()
}

/// Drives one side, whose record says already that it is under way.
async fn talk<S: Session>(
    node: &Node,
    run: &Run,
    cast: &Cast,
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    conduct(node, RunJournal::brief(run, phase::score), cast, session, links).await
}

async fn finish(run: Run, done: Result<Driven<()>, Trouble>) {
    let outcome = |driven: Driven<()>| Outcome {
        confirmed: driven.confirmed,
        report: "{}".into(),
        result: None,
    };
    record(run, done.map(outcome)).await;
}
