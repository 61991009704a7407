//! The lender's side: asks, opens, reads.

use std::sync::Arc;

use domain::{CheckMode, ModelId, RunId, RunKind, RunRole, Subject, SubjectKind};
use scoring::score::Lender;
use scoring::{MaskPublicKey, PLATFORM};
use store::{ModelPart, StoredModel};
use wire::{ScoreTerms, peer};

use super::rounds;
use crate::Trouble;
use crate::drive::Driven;
use crate::governance::{models, questions};
use crate::kinds::issue::card::{Card, Reading};
use crate::kinds::issue::own::OwnPoints;
use crate::kinds::score::{ANSWERS_DIFFER, mask_keys, question, terms};
use crate::node::Node;
use crate::runs::asking::Asking;
use crate::runs::driving::Outcome;
use crate::runs::journal::RunJournal;
use crate::runs::letters::Letters;
use crate::runs::record::unseen;
use crate::runs::{Run, not_offered};

/// A lender's view of a model, read once for many scores.
pub(crate) struct ModelView {
    pub(crate) model: StoredModel,
    pub(crate) card: Card,
    /// What the lender's own block is worth, where the model has one.
    pub(crate) own: Option<Arc<OwnPoints>>,
    pub(crate) holders: Vec<MaskPublicKey>,
}

impl ModelView {
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
        Self::read(node, model).await
    }

    /// The publication of this digest.
    pub(crate) async fn of(node: &Node, digest: &[u8; 32]) -> Result<Self, Trouble> {
        let model = node.store.model(digest).await?;
        let model = model.filter(|model| model.part == ModelPart::Lender);
        Self::read(node, model.ok_or_else(not_offered)?).await
    }

    async fn read(node: &Node, model: StoredModel) -> Result<Self, Trouble> {
        let card: Card =
            serde_json::from_str(&model.facts).map_err(|e| Trouble::from_error("STORE", &e))?;
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
                .map_err(|error| Trouble::from_error("SUBJECT", &error))?
                .value;
            // Before anything is asked: without a bin of its own there is no total.
            let own = self.own.as_ref().map_or(Ok(0), |own| own.of(&subject))?;
            let permit = node.permit()?;
            let (kind, peers) =
                ((RunKind::Score, RunRole::Lender), vec![self.model.platform.clone()]);
            let run = Run::ours(node, kind, peers, self.terms_json(), unseen()).await?;
            Ok((run, subject, own, permit))
        };
        let (run, subject, own, _permit) = match begun.await {
            Ok(begun) => begun,
            Err(trouble) => return (None, Err(trouble)),
        };
        let id = run.id;
        let asked = self.ask(node, &run, &subject, shown, fresh).await;
        // The report says that a score was read, never which.
        let points = |Driven { output, confirmed, .. }: Driven<scoring::Points>| {
            (output, Outcome::with_report(confirmed, self.terms_json()))
        };
        let read = run.end_with(asked.map(points)).await;
        (Some(id), read.map(|points| self.card.read(points.0 + own)))
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
        let mut asked = ScoreTerms {
            digest: self.model.digest,
            lender: node.config.name.clone(),
            kind: subject.kind(),
            subject: subject.reveal().into(),
            authorisation: shown.of(subject).map(<[u8]>::to_vec),
            persons: shown.of_persons(subject),
            fresh,
            question: Vec::new(),
            salt: questions::salt()?,
        };
        let purpose = shown.purpose();
        let question = question(&asked, &self.model, run.id, purpose, subject);
        asked.question = questions::sign(node, question)?;
        let ask = Asking::new(node, run, (PLATFORM, platform), purpose);
        let agreed = ask.propose(asked).await?;
        let terms = terms(
            key.public().fingerprint(),
            self.model.digest,
            self.number(node, run, &agreed.added).await?,
            self.card.most_points,
            self.holders.clone(),
        )?;
        let lender =
            Lender::new(terms, Arc::clone(key)).map_err(|e| Trouble::from_error("OURS", &e))?;
        ask.drive_run(RunJournal::brief(run, rounds::round), lender).await
    }

    /// The number under which the answers were computed: this run's, or an earlier one's of ours.
    async fn number(
        &self,
        node: &Node,
        run: &Run,
        added: &peer::ScoreAgreement,
    ) -> Result<RunId, Trouble> {
        let platform = &self.model.platform;
        let stored = wire::stored_run(added).map_err(|e| Trouble::from_error("UNREADABLE", &e));
        let Some(stored) = stored.map_err(|trouble| trouble.by(platform))? else {
            return Ok(run.id);
        };
        let earlier = node.store.runs(&stored.to_string(), 1).await?;
        let ours = earlier.first().is_some_and(|earlier| {
            earlier.kind == Some(RunKind::Score)
                && earlier.ours
                && earlier.terms == self.terms_json()
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
