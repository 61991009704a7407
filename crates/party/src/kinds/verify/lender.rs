//! A lender asks one formula about many firms, one after the other.

use std::ops::Range;
use std::sync::Arc;

use ::catalogue::Mistake;
use domain::{
    Answer, CheckMode, Duty, Output, PartyId, RunId, RunKind, RunRole, Subject, SubjectKind,
};
use serde_json::json;
use verification::verify::Lender;
use verification::{LenderKey, PLATFORM, SealedThreshold};
use wire::control;
use wire::control::handed_key::Outcome;
use wire::{Route, VerifyTerms};

use super::claims::{CLAIM, Claims};
use super::formula::{AgreedFormula, Bindings};
use super::keys::{self, KEY_WANTED, no_own_key};
use super::sealing::Numbers;
use super::{NO_ROUTE, OTHER_HOLDERS, ours, question, rounds, routed};
use crate::Trouble;
use crate::drive::Driven;
use crate::governance::questions;
use crate::node::Node;
use crate::runs::asking::Asking;
use crate::runs::driving;
use crate::runs::journal::RunJournal;
use crate::runs::letters::Letters;
use crate::runs::record::unseen;
use crate::runs::{Run, unreadable};

/// One formula, ready to be asked about firms.
pub(crate) struct PreparedFormula {
    platform: PartyId,
    formula: AgreedFormula,
    claims: Claims,
    sealed: Numbers,
    kind: SubjectKind,
    letters: Letters,
    key: Arc<LenderKey>,
}

/// After these a question is asked once more: our key may have to be handed over, or the platform's
/// routes have changed.
const AGAIN: [&str; 4] = [KEY_WANTED, CLAIM, OTHER_HOLDERS, NO_ROUTE];

/// Why a formula is not asked about anybody.
pub(crate) enum NotAsked {
    /// Bytes of the formula's text are wrong.
    Mistake { at: Range<usize>, en: String, zh: String },
    /// Something else.
    Trouble(Trouble),
}

impl From<Trouble> for NotAsked {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Mistake> for NotAsked {
    fn from(mistake: Mistake) -> Self {
        let (en, zh) = (mistake.en(), mistake.zh());
        Self::Mistake { at: mistake.at, en, zh }
    }
}

impl PreparedFormula {
    /// Reads a formula as it was typed; nobody is asked before it is in order.
    pub(crate) fn open(
        node: &Node,
        (text, sealed): (&str, &[String]),
        platform: Option<PartyId>,
        kind: SubjectKind,
        letters: Letters,
    ) -> Result<Self, NotAsked> {
        let (formula, claims) = AgreedFormula::typed(&node.rules.catalogue, text)?;
        formula.combines()?;
        let sealed = Numbers::read(&formula, sealed)?;
        if kind == SubjectKind::Opaque {
            return Err(NotAsked::Trouble(Trouble::us(
                "USAGE",
                "a formula asks about fields of the catalogue, and research data (opaque identifiers) has none",
                "公式询问清单字段，研究数据（opaque 标识）没有清单字段，不可核验",
            )));
        }
        // What no holder may answer is not asked; each decides for itself all the same.
        node.rules.needs_of(&formula.fields(), Output::Verify, letters.purpose())?;
        let platform = over(node, platform)?;
        let key = node.identity.verification_key.clone().ok_or_else(no_own_key)?;
        let claims = Claims(claims);
        Ok(Self { platform, formula, claims, sealed, kind, letters, key })
    }

    /// Asks about one firm; a second time where somebody turns out not to have our key, or the platform
    /// to ask other holders than it said.
    pub(crate) async fn verify(
        &self,
        node: &Arc<Node>,
        subject: &str,
    ) -> (Option<RunId>, Result<Answer, Trouble>) {
        match self.verify_once(node, subject).await {
            (_, Err(trouble)) if AGAIN.contains(&trouble.code) => {
                node.lender_keys.forget();
                self.verify_once(node, subject).await
            }
            verified => verified,
        }
    }

    async fn verify_once(
        &self,
        node: &Arc<Node>,
        subject: &str,
    ) -> (Option<RunId>, Result<Answer, Trouble>) {
        let begun = async {
            let subject = Subject::parse(self.kind, subject, CheckMode::Report)
                .map_err(|error| Trouble::from_error("SUBJECT", &error))?
                .value;
            let permit = node.permit()?;
            let routes = self.hand_key(node).await?;
            let (kind, peers) = ((RunKind::Verify, RunRole::Lender), vec![self.platform.clone()]);
            let run = Run::ours(node, kind, peers, self.terms_json(), unseen()).await?;
            Ok((run, subject, routes, permit))
        };
        let (run, subject, routes, _permit) = match begun.await {
            Ok(begun) => begun,
            Err(trouble) => return (None, Err(trouble)),
        };
        let id = run.id;
        let asked = self.ask(node, &run, &subject, &routes).await;
        // The report says that an answer was read, never which.
        let answer = |Driven { output, confirmed, .. }| {
            let answer = match output {
                verification::Answer::Yes => Answer::Yes,
                verification::Answer::No => Answer::No,
                verification::Answer::Unknown => Answer::Unknown,
            };
            (answer, driving::Outcome::with_report(confirmed, self.terms_json()))
        };
        (Some(id), run.end_with(asked.map(answer)).await)
    }

    /// Sees to it that the platform has our key, and every holder that is to compare under it; returns
    /// whom the platform asks about what.
    async fn hand_key(&self, node: &Arc<Node>) -> Result<Vec<Route>, Trouble> {
        let routes = keys::handed(node, &self.platform).await?;
        let sealed = self.formula.atoms().iter().filter(|atom| atom.slot().is_some());
        for class in sealed.map(|atom| atom.class()) {
            let compares = |route: &&Route| route.classes.contains(&class);
            // Without a route the platform says what is wrong, in its own words.
            if let Some(route) = routes.iter().find(compares) {
                keys::handed(node, &route.holder).await?;
            }
        }
        Ok(routes)
    }

    async fn ask(
        &self,
        node: &Arc<Node>,
        run: &Run,
        subject: &Subject,
        routes: &[Route],
    ) -> Result<Driven<verification::Answer>, Trouble> {
        let sealed =
            tokio::task::block_in_place(|| self.sealed.seal(&self.formula, &self.key, subject))?;
        let thresholds: Vec<_> = sealed.iter().map(SealedThreshold::digest).collect();
        let (key, platform) = (self.key.public().fingerprint(), &self.platform);
        let claims = self.claims.boxed(node, (&self.formula, routes), platform, run.id)?;
        let mut asked = VerifyTerms {
            formula: self.formula.text().into(),
            lender: node.config.name.clone(),
            kind: subject.kind(),
            subject: subject.reveal().into(),
            authorisation: self.letters.of(subject).map(<[u8]>::to_vec),
            persons: self.letters.of_persons(subject),
            lender_key: key.0,
            thresholds: thresholds.iter().map(|threshold| threshold.0).collect(),
            routing: None,
            public_key: Vec::new(),
            claims: claims.commitments.iter().map(|claim| claim.0).collect(),
            boxes: claims.boxes.clone(),
            question: Vec::new(),
            salt: questions::salt()?,
        };
        let purpose = self.letters.purpose();
        let holder_of = |class| {
            let route = routes.iter().find(|route| route.classes.contains(&class));
            route.map(|route| &route.holder)
        };
        let holders = routed(&self.formula, holder_of)?.holders;
        let over = (platform, holders.as_slice());
        let question = question(&asked, &self.formula, over, (run.id, purpose), subject);
        asked.question = questions::sign(node, question)?;
        let ask = Asking::new(node, run, (PLATFORM, platform), purpose);
        let agreed = ask.propose(asked).await?;
        let routing = agreed.added.routing.ok_or(wire::Error::Missing("routing"));
        let routing =
            routing.and_then(TryInto::try_into).map_err(|e| unreadable(&e).by(platform))?;
        let terms = self.formula.terms(&Bindings {
            run: run.id,
            lender: &node.config.name,
            lender_key: key,
            platform,
            subject,
            purpose,
            routing: &routing,
            thresholds: &thresholds,
            claims: &claims.commitments,
        });
        let terms = terms.map_err(|trouble| trouble.by(platform))?;
        claims.fits(&self.formula, &routing).map_err(|trouble| trouble.by(platform))?;
        let lender = Lender::new(terms, &sealed, Arc::clone(&self.key)).map_err(|e| ours(&e))?;
        ask.drive_run(RunJournal::brief(run, rounds::round), lender).await
    }

    /// What the record of a question says: the formula without what is claimed, never the subject.
    fn terms_json(&self) -> String {
        json!({ "formula": self.formula.text() }).to_string()
    }
}

/// The platform that was named, or the only one there is.
fn over(node: &Node, named: Option<PartyId>) -> Result<PartyId, Trouble> {
    if let Some(named) = named {
        node.line(&named)?;
        return Ok(named);
    }
    let platforms = node.lines.values().filter(|line| line.peer.duties.contains(&Duty::Platform));
    let names: Vec<&PartyId> = platforms.map(|line| &line.peer.name).collect();
    match names[..] {
        [only] => Ok(only.clone()),
        [] => Err(Trouble::us(
            "UNKNOWN_PEER",
            "no platform is pinned: add its .party file with `tacit peer add`",
            "没有登记任何平台：请用 `tacit peer add` 添加其 .party 文件",
        )),
        _ => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            let names = names.join(", ");
            Err(Trouble::us(
                "USAGE",
                format!("several platforms are pinned: name one with --platform ({names})"),
                format!("登记了多个平台：请用 --platform 指定其一（{names}）"),
            ))
        }
    }
}

/// Hands our key to a platform and to its holders, and says what it took.
pub(crate) async fn prepare(
    node: &Arc<Node>,
    platform: Option<PartyId>,
) -> Result<control::PrepareReply, Trouble> {
    let handed_to =
        |to: &PartyId, outcome| control::HandedKey { to: to.to_string(), outcome: Some(outcome) };
    let platform = over(node, platform)?;
    let _permit = node.permit()?;
    let first = keys::hand(node, &platform).await?;
    let mut handed = vec![handed_to(&platform, Outcome::Sent(first.sent))];
    let mut holders: Vec<&PartyId> = first.routes.iter().map(|route| &route.holder).collect();
    holders.sort();
    holders.dedup();
    for holder in holders {
        let outcome = match keys::hand(node, holder).await {
            Ok(handed) => Outcome::Sent(handed.sent),
            // It compares with nothing sealed, then; the others still can.
            Err(trouble) => Outcome::Failed(trouble.to_control()),
        };
        handed.push(handed_to(holder, outcome));
    }
    Ok(control::PrepareReply { handed })
}
