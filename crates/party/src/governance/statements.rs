//! The registry's word on an authorisation: asked for, kept, or taken in from a bundle.

use std::collections::BTreeSet;

use consent::{Bundle, Statement, Tally, TallyQuestion};
use domain::{ClassId, PartyId, Refusal};
use envelope::Envelope;
use rand::Rng;
use store::StoredStatement;
use time::Duration;
use tokio::time::timeout;
use tonic::Request;
use wire::peer::{self, attest_reply, attest_request};

use crate::clock::{now, now_ms};
use crate::governance::registry;
use crate::node::{Node, refused};
use crate::{Trouble, dial, setup};

/// A statement, and how old it may be to act on.
pub(crate) struct Word {
    pub(crate) envelope: Envelope,
    pub(crate) max_age: Duration,
}

/// The registry's newest word: its own, else one that was taken in. Nothing where this party decides
/// by another registry, or by none: whom a document names is nobody to ask for that alone.
///
/// `fresh` asks for a new one even if the last still counts: before a release.
pub(crate) async fn word(
    node: &Node,
    registry: &PartyId,
    id: &str,
    fresh: bool,
) -> Result<Option<Word>, Trouble> {
    let governance = &node.rules.governance;
    if governance.registry.as_ref() != Some(registry) {
        return Ok(None);
    }
    let online = duration(governance.statement_max_age());
    if *registry == node.config.name {
        let said = registry::statement(node, id).await.ok();
        return Ok(said.map(|envelope| Word { envelope, max_age: online }));
    }
    let kept = node.store.statement(registry, id).await?;
    if let Some(kept) = kept.as_ref().filter(|kept| !fresh && !kept.bundled) {
        // Half of its life, so that it does not run out between a question and its answer.
        let half = i64::try_from(governance.statement_max_age().as_millis() / 2);
        if now_ms() - kept.issued_ms < half.unwrap_or(0) {
            return read(kept, online).map(Some);
        }
    }
    match ask(node, registry, id).await {
        Ok(Some(envelope)) => {
            keep(node, Some(id), &envelope, false).await?;
            Ok(Some(Word { envelope, max_age: online }))
        }
        Ok(None) => Ok(None),
        // It cannot be reached: what was taken in for such days counts, until it is too old.
        Err(trouble) => match kept {
            Some(kept) if kept.bundled => {
                tracing::info!(%registry, code = trouble.code, "deciding by a bundle");
                read(&kept, duration(governance.bundle_max_age())).map(Some)
            }
            Some(_) | None => Err(trouble),
        },
    }
}

/// A bundle on its way in, line by line.
#[derive(Default)]
pub(crate) struct Import {
    head: Option<Vec<u8>>,
    taken: u64,
    left: u64,
}

impl Import {
    /// Takes the next line: the first says what it is, every other is a statement.
    pub(crate) async fn take(&mut self, node: &Node, line: &[u8]) -> Result<(), Trouble> {
        let Some(head) = &self.head else {
            Bundle::read(line).map_err(|error| unfit(&error))?;
            self.head = Some([line, b"\n"].concat());
            return Ok(());
        };
        let both = [head.as_slice(), line].concat();
        let mut bundle = Bundle::read(both.as_slice()).map_err(|error| unfit(&error))?;
        let taken = match bundle.next().transpose() {
            Ok(Some(envelope)) => keep(node, None, &envelope, true).await,
            Ok(None) => return Ok(()),
            Err(error) => Err(unfit(&error)),
        };
        match taken {
            Ok(()) => self.taken += 1,
            Err(trouble) if trouble.code == UNFIT => {
                tracing::warn!("a line of a bundle was not taken: {trouble}");
                self.left += 1;
            }
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }

    /// How many lines were taken, and how many were not.
    pub(crate) fn finish(self) -> Result<serde_json::Value, Trouble> {
        if self.head.is_none() {
            return Err(unfit(&"the bundle is empty"));
        }
        Ok(serde_json::json!({ "taken": self.taken, "refused": self.left }))
    }
}

/// How many subjects have authorised this lender, by the registry's signed word.
pub(crate) async fn tally(
    node: &Node,
    lender: &PartyId,
    classes: &BTreeSet<ClassId>,
) -> Result<u64, Trouble> {
    let Some(registry) = &node.rules.governance.registry else {
        return Err(Trouble::refused(Refusal::AuthUnregistered));
    };
    if *registry == node.config.name {
        let classes: Vec<ClassId> = classes.iter().copied().collect();
        return registry::subjects(node, lender, &classes).await;
    }
    let mut nonce = [0; 32];
    setup::chacha()?.fill_bytes(&mut nonce);
    let question = TallyQuestion {
        registry: registry.clone(),
        holder: node.config.name.clone(),
        lender: lender.clone(),
        classes: classes.clone(),
        nonce,
    };
    let about = attest_request::About::Tally(peer::TallyRequest {
        lender: lender.to_string(),
        classes: classes.iter().map(|class| class.number().into()).collect(),
        nonce: nonce.to_vec().into(),
    });
    match attest(node, registry, about).await? {
        attest_reply::Outcome::Tally(bytes) => {
            let sealed = Envelope::from_json(&bytes).map_err(|error| unfit(&error))?;
            let tally = Tally::open(&sealed, &node.rules.trust, &question);
            Ok(tally.map_err(|error| unfit(&error))?.subjects)
        }
        attest_reply::Outcome::Refusal(refusal) => Err(refused(registry, refusal)),
        attest_reply::Outcome::Statement(_) | attest_reply::Outcome::KeyRevocations(_) => {
            Err(unfit(&"a count was asked for"))
        }
    }
}

async fn ask(node: &Node, registry: &PartyId, id: &str) -> Result<Option<Envelope>, Trouble> {
    let about = attest_request::About::Authorisation(id.into());
    match attest(node, registry, about).await? {
        attest_reply::Outcome::Statement(bytes) => {
            Envelope::from_json(&bytes).map(Some).map_err(|error| unfit(&error))
        }
        // It answers, and knows nothing of it: no bundle may say otherwise.
        attest_reply::Outcome::Refusal(_)
        | attest_reply::Outcome::Tally(_)
        | attest_reply::Outcome::KeyRevocations(_) => Ok(None),
    }
}

/// Asks a registry for its word.
pub(super) async fn attest(
    node: &Node,
    registry: &PartyId,
    about: attest_request::About,
) -> Result<attest_reply::Outcome, Trouble> {
    let line = node.line(registry)?;
    let request = Request::new(peer::AttestRequest { about: Some(about) });
    let reply = timeout(node.config.limits.connect(), line.client().attest(request))
        .await
        .map_err(|_| dial::silent(&line.peer))?
        .map_err(|status| line.trouble(&status))?;
    reply.into_inner().outcome.ok_or_else(|| dial::silent(&line.peer))
}

/// Keeps a statement of the registry that this party decides by: the one that was asked for, if one
/// was, and none that lies ahead of our clock, for nothing newer would ever take its place.
async fn keep(
    node: &Node,
    asked: Option<&str>,
    envelope: &Envelope,
    bundled: bool,
) -> Result<(), Trouble> {
    let said = Statement::open(envelope, &node.rules.trust()).map_err(|error| unfit(&error))?;
    let Statement { registry, authorisation, issued_at, .. } = said.statement();
    if node.rules.governance.registry.as_ref() != Some(registry) {
        return Err(unfit(&"it is another registry's"));
    }
    if asked.is_some_and(|asked| asked != authorisation.as_str()) {
        return Err(unfit(&"it is about another authorisation than the one asked about"));
    }
    if *issued_at > now().saturating_add(registry::SKEW) {
        return Err(unfit(&"it is dated ahead of this party's clock"));
    }
    let issued = issued_at.unix_timestamp_nanos() / 1_000_000;
    let statement = StoredStatement {
        issued_ms: i64::try_from(issued).unwrap_or(0),
        bundled,
        envelope: envelope.to_json(),
    };
    Ok(node.store.keep_statement(registry, authorisation.as_str(), &statement).await?)
}

fn read(kept: &StoredStatement, max_age: Duration) -> Result<Word, Trouble> {
    let envelope = Envelope::from_json(&kept.envelope).map_err(|e| Trouble::said("STORE", &e))?;
    Ok(Word { envelope, max_age })
}

fn duration(duration: std::time::Duration) -> Duration {
    Duration::try_from(duration).unwrap_or(Duration::ZERO)
}

/// The code of a statement that cannot be used.
const UNFIT: &str = "STATEMENT";

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        UNFIT,
        format!("what the registry says cannot be used: {error}"),
        format!("登记机构的声明不可用：{error}"),
    )
}
