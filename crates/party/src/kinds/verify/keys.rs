//! Evaluation keys: what others need of a lender's verification key to compute under it.
//!
//! A key is a file of 30 MB in the party's folder, named for its fingerprint, and 90 MB once it is
//! expanded: a few are kept so. A platform needs it to combine atoms. A holder needs no more than the
//! lender's public key, which comes with each question, unless one of its atoms is sealed: to compare
//! a value with a number that it cannot see it bootstraps under the lender's key as the platform does,
//! and it must do so itself, for nobody else may see what its value picks.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::{fs, io};

use domain::{Duty, PartyId, Purpose, RunKind, RunRole};
use serde_json::json;
use session::Role;
use verification::upload::{KeyReceiver, KeySender};
use verification::{
    EVALUATION_KEY_BYTES, Encode, EvaluationKey, Evaluator, Fingerprint, LENDER, PLATFORM,
};
use wire::{EvaluationTerms, Route, control, peer};

use super::receiving::Receiving;
use super::recent::Recent;
use super::rounds;
use crate::config::Offer;
use crate::drive::Link;
use crate::identity::Peer;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed, without_exchange};
use crate::runs::asking::Asking;
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::{new_run, unseen};
use crate::runs::{Run, not_offered, result_file, unreadable};
use crate::{Trouble, identity};

/// The code with which a party says that it has not the lender's key.
pub(crate) const KEY_WANTED: &str = "KEY_WANTED";

/// Where keys lie, inside the party's directory.
const FOLDER: &str = "keys";

/// A key is handed over for whatever is asked later; each question says what it is for.
const PURPOSE: Purpose = Purpose::ProductDevelopment;

/// Lenders' keys of this party, and at a lender, who has its own.
#[derive(Default)]
pub(crate) struct LenderKeys {
    expanded: Mutex<Recent<Fingerprint, Arc<Evaluator>>>,
    /// Held by whoever writes, reads or expands the key of this fingerprint; never while it comes.
    busy: Mutex<HashMap<Fingerprint, Arc<tokio::sync::Mutex<()>>>>,
    /// Keys that are coming: each from one run.
    receiving: Receiving,
    /// At a lender: held by whoever hands the key over, so that it goes nowhere twice at once.
    handing: tokio::sync::Mutex<()>,
    /// At a lender: who has its key since this start, and what they can ask about.
    handed: Mutex<BTreeMap<PartyId, Vec<Route>>>,
}

impl LenderKeys {
    /// A lender's key, ready to compute with. One that is coming is not waited for: its lender may
    /// take as long as it likes.
    ///
    /// # Errors
    ///
    /// [`KEY_WANTED`] when it is not here, or not whole.
    pub(crate) async fn evaluator(
        &self,
        node: &Node,
        key: Fingerprint,
    ) -> Result<Arc<Evaluator>, Trouble> {
        if let Some(kept) = self.kept(key) {
            return Ok(kept);
        }
        if !is_here(node, key) {
            return Err(wanted());
        }
        let door = self.door(key);
        let _alone = door.lock().await;
        if let Some(kept) = self.kept(key) {
            return Ok(kept);
        }
        if !is_here(node, key) {
            return Err(wanted());
        }
        let path = path(node, key);
        let read = tokio::task::spawn_blocking(move || {
            let bytes = fs::read(&path).map_err(|error| Trouble::file(&path, &error))?;
            match EvaluationKey::from_bytes(&bytes) {
                Ok(found) if found.fingerprint() == key => Ok(found.expand()),
                Ok(_) | Err(_) => {
                    tracing::warn!("{} is damaged: its lender hands it over anew", path.display());
                    fs::remove_file(&path).map_err(|error| Trouble::file(&path, &error))?;
                    Err(wanted())
                }
            }
        });
        let evaluator = Arc::new(read.await.map_err(|error| Trouble::from_error("OURS", &error))??);
        locked(&self.expanded).keep(key, Arc::clone(&evaluator), node.config.limits.expanded_keys);
        Ok(evaluator)
    }

    /// At a lender: what this party can ask about, if it has had our key since our start.
    fn handed(&self, party: &PartyId) -> Option<Vec<Route>> {
        locked(&self.handed).get(party).cloned()
    }

    /// At a lender: somebody says that it has not our key, after all.
    pub(crate) fn forget(&self) {
        locked(&self.handed).clear();
    }

    fn kept(&self, key: Fingerprint) -> Option<Arc<Evaluator>> {
        locked(&self.expanded).find(&key)
    }

    fn door(&self, key: Fingerprint) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(locked(&self.busy).entry(key).or_default())
    }
}

/// Sees to it that `to` has our key; returns what it can ask about, which a platform says.
pub(super) async fn handed(node: &Arc<Node>, to: &PartyId) -> Result<Vec<Route>, Trouble> {
    if let Some(routes) = node.lender_keys.handed(to) {
        return Ok(routes);
    }
    let _alone = node.lender_keys.handing.lock().await;
    if let Some(routes) = node.lender_keys.handed(to) {
        return Ok(routes);
    }
    Ok(hand_alone(node, to).await?.routes)
}

/// What came of handing our key over.
pub(super) struct Handed {
    pub(super) routes: Vec<Route>,
    /// What it took; nothing where the key was there.
    pub(super) sent: control::SentKey,
}

/// Hands our key over, where it is not yet.
pub(super) async fn hand(node: &Arc<Node>, to: &PartyId) -> Result<Handed, Trouble> {
    let _alone = node.lender_keys.handing.lock().await;
    hand_alone(node, to).await
}

async fn hand_alone(node: &Arc<Node>, to: &PartyId) -> Result<Handed, Trouble> {
    let key = node.identity.verification_key.as_ref().ok_or_else(no_own_key)?;
    let lender_key = key.public().fingerprint().0;
    let terms = json!({ "to": to }).to_string();
    let kind = (RunKind::EvaluationKey, RunRole::Lender);
    let run = Run::ours(node, kind, vec![to.clone()], terms, unseen()).await?;
    let began = Instant::now();
    let sent = async {
        let ask = Asking::new(node, &run, (PLATFORM, to), PURPOSE);
        let added = ask.propose(EvaluationTerms { lender_key }).await?.added;
        let routes = wire::routes(&added).map_err(|error| unreadable(&error).by(to))?;
        if added.has_key {
            return Ok((routes, 0, true));
        }
        run.agreed().await?;
        let dir = node.dir.clone();
        let sender = tokio::task::spawn_blocking(move || {
            Ok::<_, Trouble>(KeySender::new(&identity::evaluation_key(&dir)?))
        });
        let sender = sender.await.map_err(|error| Trouble::from_error("OURS", &error))??;
        let driven = ask.drive_run(RunJournal::new(&run, rounds::upload), sender).await?;
        Ok((routes, EVALUATION_KEY_BYTES, driven.confirmed))
    };
    let done = sent.await.map(|(routes, bytes, confirmed)| {
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = json!({ "to": to, "bytes": bytes, "milliseconds": milliseconds });
        let sent = control::SentKey { bytes: bytes as u64, milliseconds };
        ((Handed { routes, sent }, confirmed), Outcome::with_report(confirmed, report.to_string()))
    });
    let (handed, confirmed) = run.end_with(done).await?;
    // Without the closing frame it is not known whether the key was kept: it is offered again.
    if confirmed {
        locked(&node.lender_keys.handed).insert(to.clone(), handed.routes.clone());
    }
    Ok(handed)
}

/// A lender's key that this party has agreed to take.
pub(crate) struct AcceptedKey {
    run: Run,
    key: Fingerprint,
}

/// Handing a lender's evaluation key to whoever computes under it.
pub(crate) struct Evaluation;

#[tonic::async_trait]
impl Kind for Evaluation {
    type Terms = EvaluationTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, EvaluationTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }
}

/// Decides whether a lender may leave its key here; none is taken twice.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer: lender, run: id, terms, .. }: Proposed<'_, EvaluationTerms>,
) -> Result<Answer, Trouble> {
    let answers =
        |offer: &Offer| matches!(offer, Offer::Verify(offer) if offer.to.contains(lender));
    let routes = &node.config.routes;
    let combines = node.config.duties.contains(&Duty::Platform) && !routes.is_empty();
    if !combines && !node.config.offers.iter().any(answers) {
        return Err(not_offered());
    }
    let key = pinned(node, lender, terms.lender_key)?;
    let routes = routes.iter().map(|route| {
        let classes = route.classes.iter().copied().collect();
        Route { holder: route.holder.clone(), classes }.into()
    });
    let added = peer::EvaluationAgreement { has_key: is_here(node, key), routes: routes.collect() };
    if added.has_key {
        return Ok(without_exchange(added));
    }
    if node.lender_keys.receiving.is_coming(key) {
        return Err(coming_already());
    }
    let role = if combines { RunRole::Platform } else { RunRole::Holder };
    let terms = json!({ "lender": lender }).to_string();
    let new = new_run(id, RunKind::EvaluationKey, role, vec![lender.clone()], false, terms);
    let run = Run::begin_unseen(&node.store, new).await?;
    Ok(agreed(AcceptedKey { run, key }, added))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedKey {
    fn proposer(&self) -> Role {
        LENDER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Takes the key and keeps it.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, key } = *self;
        // A second copy is not taken in.
        let Some(coming) = node.lender_keys.receiving.begin(key) else {
            let trouble = coming_already();
            link.refuse(&trouble).await;
            run.fail(trouble).await;
            return;
        };
        let done = async {
            let journal = RunJournal::new(&run, rounds::upload);
            let receiver = KeyReceiver::new(key);
            let path = path(node, key);
            let report = json!({ "lender": lender }).to_string();
            let keep = async |taken: EvaluationKey| {
                let alone = node.lender_keys.door(key).lock_owned().await;
                let kept = tokio::task::spawn_blocking(move || {
                    // Until it is written, whatever becomes of the run meanwhile.
                    let _held = (alone, coming);
                    if let Some(folder) = path.parent() {
                        fs::create_dir_all(folder)
                            .map_err(|error| Trouble::file(folder, &error))?;
                    }
                    result_file::write(&path, |file| file.write_all(&taken.to_bytes()))
                });
                kept.await.map_err(|error| Trouble::from_error("OURS", &error))??;
                run.keep(&report, None).await
            };
            let from = (LENDER, &lender);
            let driven = drive_run_keeping(node, journal, from, (receiver, link), keep).await?;
            Ok(Outcome::with_report(driven.confirmed, report))
        };
        let done = done.await;
        record(run, done).await;
    }
}

/// The verification key that is pinned for a lender, which must be the one that the terms name: under
/// another, somebody else would read the answer.
pub(super) fn pinned(
    node: &Node,
    lender: &PartyId,
    named: [u8; 32],
) -> Result<Fingerprint, Trouble> {
    let pinned = node.line(lender)?.peer.verification_key.ok_or_else(|| {
        Trouble::us(
            "LENDER_KEY",
            format!(
                "no verification key is pinned for {lender}: its .party file was made before there were verifications, or by no lender"
            ),
            format!("{lender} 没有登记核验密钥：其 .party 文件由旧版本生成，或其职责不是 \"lender\""),
        )
    })?;
    if pinned.0 == named {
        return Ok(pinned);
    }
    Err(Trouble::us(
        "LENDER_KEY",
        "the question is made for another key than the one pinned for this lender",
        "所用核验密钥与登记的贷款方密钥不符",
    ))
}

pub(super) fn no_own_key() -> Trouble {
    Trouble::us(
        "VERIFICATION_KEY",
        "this party has no verification key: only lenders have, and those that `tacit init` made before there were verifications must be made anew",
        "本方没有核验密钥：只有贷款方持有；由旧版本 `tacit init` 建立的贷款方须重新建立",
    )
}

fn coming_already() -> Trouble {
    Trouble::us("BUSY", "this key is being taken in already: wait for it", "该密钥正在接收：请稍候")
}

fn wanted() -> Trouble {
    Trouble::us(
        KEY_WANTED,
        "the lender's evaluation key is not here: the lender hands it over with `tacit verify --prepare`",
        "此处没有贷款方的运算密钥：请贷款方运行 `tacit verify --prepare`",
    )
}

/// Forgets the keys of lenders that are pinned no more, or with another key now.
pub(crate) fn forget_unpinned(dir: &Path, peers: &[Peer]) -> Result<(), Trouble> {
    let folder = dir.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Trouble::file(&folder, &error)),
    };
    let pinned: Vec<String> =
        peers.iter().filter_map(|peer| Some(file_name(peer.verification_key?))).collect();
    for entry in entries {
        let path = entry.map_err(|error| Trouble::file(&folder, &error))?.path();
        let is_key = path.extension().is_some_and(|extension| extension == "key");
        let is_pinned =
            pinned.iter().any(|name| path.file_name().is_some_and(|file| file == name.as_str()));
        if is_key && !is_pinned {
            fs::remove_file(&path).map_err(|error| Trouble::file(&path, &error))?;
            tracing::info!("{} is the key of no pinned lender: it is forgotten", path.display());
        }
    }
    Ok(())
}

fn path(node: &Node, key: Fingerprint) -> PathBuf {
    node.dir.join(FOLDER).join(file_name(key))
}

fn file_name(key: Fingerprint) -> String {
    format!("{key}.key")
}

fn is_here(node: &Node, key: Fingerprint) -> bool {
    let length = fs::metadata(path(node, key)).map(|found| found.len());
    length.is_ok_and(|length| length == EVALUATION_KEY_BYTES as u64)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
