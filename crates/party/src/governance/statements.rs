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
    // What a registry signed with keys that it has renewed since is asked for anew.
    let kept = kept.filter(|kept| is_signed(node, kept));
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

/// Whether a kept statement holds under the keys that its registry has now.
fn is_signed(node: &Node, kept: &StoredStatement) -> bool {
    let envelope = Envelope::from_json(&kept.envelope);
    envelope.is_ok_and(|envelope| Statement::open(&envelope, &node.rules.trust()).is_ok())
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
    pub(crate) fn finish(self) -> Result<wire::control::ImportBundleReply, Trouble> {
        if self.head.is_none() {
            return Err(unfit(&"the bundle is empty"));
        }
        Ok(wire::control::ImportBundleReply { taken: self.taken, refused: self.left })
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
            let tally = Tally::open(&sealed, &node.rules.trust(), &question);
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
    let envelope =
        Envelope::from_json(&kept.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use consent::{LogPlace, State};
    use domain::{Digest, Duty};
    use envelope::SigningKey;
    use tempfile::TempDir;

    use super::*;
    use crate::governance::made::{made, party};
    use crate::setup::add_peer;

    const ID: &str = "AU-1";

    /// A holder that decides by the registry `node`, and knows `other` as well; with their keys.
    async fn holder(root: &TempDir) -> (std::sync::Arc<Node>, SigningKey, SigningKey) {
        let dir = |name: &str| root.path().join(name);
        let keys = ["node", "other"].map(|name| made(&dir(name), name, Duty::Supervisor));
        made(&dir("tax"), "tax", Duty::Holder);
        for name in ["node", "other"] {
            add_peer(&dir("tax"), &dir(name).join(format!("{name}.party"))).unwrap();
        }
        let config = dir("tax").join("party.toml");
        let mut table: toml::Table = fs::read_to_string(&config).unwrap().parse().unwrap();
        let governance = table.entry("governance").or_insert_with(|| toml::Table::new().into());
        governance.as_table_mut().unwrap().insert("registry".into(), "node".into());
        fs::write(&config, table.to_string()).unwrap();
        let [node, other] = keys;
        (Node::open(dir("tax")).await.unwrap(), node, other)
    }

    fn says(registry: &str, id: &str, ahead: Duration, key: &SigningKey) -> Envelope {
        let at = now() + ahead;
        let root = Digest::from_bytes([7; 32]);
        let statement = Statement {
            registry: party(registry),
            issued_at: at,
            authorisation: id.parse().unwrap(),
            version: 1,
            record_hash: root,
            state: State::Active,
            since: at,
            log: LogPlace { index: 0, size: 1, root, proof: Vec::new() },
        };
        statement.sign(key).unwrap()
    }

    #[tokio::test]
    async fn only_the_registrys_own_words_about_what_was_asked_and_none_ahead_of_now_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let (tax, node, other) = holder(&root).await;
        let registry = party("node");
        let poison = [
            says("other", ID, Duration::ZERO, &other),
            says("node", ID, Duration::ZERO, &other),
            says("node", "AU-2", Duration::ZERO, &node),
            says("node", ID, Duration::days(365), &node),
        ];
        for (at, said) in poison.iter().enumerate() {
            let kept = keep(&tax, Some(ID), said, false).await;
            assert_eq!(kept.map_err(|trouble| trouble.code), Err(UNFIT), "statement {at}");
        }
        for name in ["node", "other"] {
            for id in [ID, "AU-2"] {
                assert!(tax.store.statement(&party(name), id).await.unwrap().is_none());
            }
        }
        keep(&tax, Some(ID), &says("node", ID, Duration::ZERO, &node), false).await.unwrap();
        assert!(tax.store.statement(&registry, ID).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_registry_that_this_party_does_not_decide_by_is_not_asked() {
        let root = tempfile::tempdir().unwrap();
        let (tax, ..) = holder(&root).await;
        // Nobody listens at either: whoever is asked cannot answer.
        assert!(matches!(word(&tax, &party("other"), ID, true).await, Ok(None)));
        assert!(word(&tax, &party("node"), ID, true).await.is_err());
    }
}
