//! What a run proves to anybody, later.

use std::path::Path;

use audit::{
    Freshness, KeyName, Keys, Moment, NoteKey, Outcome, PartyKeys, Report, TrainingChange,
    TrainingProof, TrainingReport,
};
use domain::{Digest, Duty, ModelId, PartyId, Purpose, RunId};
use envelope::PublicKey;
use serde_json::Value;
use time::Duration;

use crate::Error;
use crate::file::{self, Replacement};

/// More than the proofs of the most holders that a model has.
const MAX_PROOFS: usize = 16 << 20;

/// Whose keys a reader of receipts trusts.
#[derive(Clone, Debug, Default)]
pub struct Trusted(Keys);

/// A party whose signature counts, and as what.
#[derive(Clone, Debug)]
pub struct KnownParty {
    /// Its name.
    pub name: PartyId,
    /// What it does.
    pub duties: Vec<Duty>,
    /// Under which it signs.
    pub key: PublicKey,
}

/// What the proofs of a file prove.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Of releases, one a holder.
    pub releases: Vec<Proven>,
    /// Of joint trainings, one a party.
    pub trainings: Vec<ProvenTraining>,
}

/// What one proof of a joint training proves.
#[derive(Clone, Debug)]
pub struct ProvenTraining {
    /// Who took part.
    pub party: PartyId,
    /// Who learns what opens.
    pub lender: PartyId,
    /// The job's name, and its digest.
    pub job: (ModelId, Digest),
    /// The lender's run.
    pub run: RunId,
    /// What the model is for.
    pub purpose: Purpose,
    /// How many rows there are.
    pub rows: u32,
    /// What the party has written down, and when.
    pub changes: Vec<(TrainingChange, Moment)>,
    /// Each step by its word, and whether it applied.
    pub steps: Vec<(&'static str, bool)>,
}

/// What one proof of a release proves.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who released.
    pub holder: PartyId,
    /// To whom.
    pub receiver: PartyId,
    /// The receipt's id.
    pub receipt: String,
    /// The authorisation that covered it, where it needed one.
    pub authorisation: Option<String>,
    /// When, RFC 3339.
    pub time: String,
    /// Each step by its word, and whether it applied.
    pub steps: Vec<(&'static str, bool)>,
}

impl Trusted {
    /// Trusts parties, each by its duties. A party may state the states of authorisations whatever
    /// its duties: an authorisation names its registry.
    #[must_use]
    pub fn with_parties(mut self, parties: impl IntoIterator<Item = KnownParty>) -> Self {
        for KnownParty { name, duties, key } in parties {
            self.0.registries.entry(name.clone()).or_default().push(key);
            if duties.contains(&Duty::Holder) {
                add(self.0.holders.entry(name.clone()).or_default(), key);
            }
            // Where nobody stands between, the receiver countersigns in a platform's place.
            if duties.iter().any(|duty| matches!(duty, Duty::Platform | Duty::Lender)) {
                add(self.0.platforms.entry(name.clone()).or_default(), key);
            }
            if duties.contains(&Duty::Lender) {
                add(self.0.lenders.entry(name.clone()).or_default(), key);
            }
            if duties.contains(&Duty::Supervisor) {
                self.0.witnesses.push(NoteKey::new(KeyName::of(&name), key));
            }
        }
        self
    }

    /// Trusts an identity issuer.
    #[must_use]
    pub fn with_issuer(mut self, name: PartyId, key: PublicKey) -> Self {
        self.0.issuers.entry(name).or_default().push(key);
        self
    }
}

fn add(keys: &mut PartyKeys, key: PublicKey) {
    keys.signing.push(key);
    keys.notes.push(key);
}

/// Checks every proof of a file that [`keep_receipt`] has written, offline.
///
/// `max_age_s` is how old the registry's statement may have been at the release.
///
/// # Errors
///
/// `RECEIPT_INVALID` names the proof and the step that fails; `FILE`, `DOCUMENT`.
pub fn verify_receipts(path: &Path, trusted: &Trusted, max_age_s: u32) -> Result<Verified, Error> {
    let bytes = file::read(path, MAX_PROOFS)?;
    let read: Option<Value> = serde_json::from_slice(&bytes).ok();
    let proofs = read.as_ref().and_then(|file| file["proofs"].as_array());
    let proofs = proofs.filter(|proofs| !proofs.is_empty()).ok_or_else(|| no_proofs(path))?;
    let max_age = Duration::seconds(max_age_s.into());
    let fresh = Freshness { max_age, ..Freshness::default() };
    let mut verified = Verified::default();
    for (at, proof) in proofs.iter().enumerate() {
        let bytes = proof.as_str().ok_or_else(|| no_proofs(path))?.as_bytes();
        if TrainingProof::is_claimed(bytes) {
            let report = audit::verify_training(bytes, &trusted.0)
                .map_err(|failure| invalid(at, failure.step.code(), &failure))?;
            verified.trainings.push(ProvenTraining::of(report));
        } else {
            let report = audit::verify(bytes, &trusted.0, fresh)
                .map_err(|failure| invalid(at, failure.step.code(), &failure))?;
            verified.releases.push(Proven::of(&report));
        }
    }
    Ok(verified)
}

fn invalid(at: usize, step: &str, failure: &dyn std::fmt::Display) -> Error {
    let number = at + 1;
    Error::new(
        "RECEIPT_INVALID",
        format!("proof {number} fails at the step `{step}`: {failure}"),
        format!("第 {number} 个证明在 `{step}` 一步不成立：{failure}"),
    )
}

impl ProvenTraining {
    fn of(report: TrainingReport) -> Self {
        let TrainingReport { party, run, job, digest, changes, log: _, steps } = report;
        let steps = steps.iter().map(|(step, outcome)| (step.code(), *outcome == Outcome::Passed));
        Self {
            party,
            lender: job.computing.lender,
            job: (job.id, digest),
            run,
            purpose: job.purpose,
            rows: job.rows.count,
            changes,
            steps: steps.collect(),
        }
    }
}

impl Proven {
    fn of(report: &Report) -> Self {
        let release = &report.receipt.release;
        let authorised = release.ground.authorised();
        Self {
            holder: report.receipt.holder.clone(),
            receiver: release.asked.receiver.clone(),
            receipt: report.id.to_string(),
            authorisation: authorised.map(|named| named.subject.id.as_str().to_owned()),
            time: report.receipt.time.to_string(),
            steps: report
                .steps
                .iter()
                .map(|(step, outcome)| (step.code(), *outcome == Outcome::Passed))
                .collect(),
        }
    }
}

fn no_proofs(path: &Path) -> Error {
    let path = path.display();
    Error::new(
        "DOCUMENT",
        format!("{path} holds no proofs: name a file that `tacit receipt fetch` has written."),
        format!("{path} 中没有证明：请指定由 `tacit receipt fetch` 写出的文件。"),
    )
}

/// Writes the proofs of a run to a file, in place of an older one, and says how many there are.
///
/// # Errors
///
/// `NO_PROOF` when the run released nothing, `DOCUMENT` when the answer holds no list of proofs,
/// `FILE`.
pub fn keep_receipt(json: &str, path: &Path) -> Result<usize, Error> {
    let read: Option<Value> = serde_json::from_str(json).ok();
    let proofs = read.as_ref().and_then(|receipt| receipt["proofs"].as_array()).map(Vec::len);
    match proofs {
        Some(0) => Err(Error::new(
            "NO_PROOF",
            "this run released nothing, so there is nothing to prove. `tacit runs` shows which runs are done.",
            "该运行没有释放任何结果，因此没有可供证明的内容。可用 `tacit runs` 查看已完成的运行。",
        )),
        Some(proofs) => {
            let mut file = Replacement::begin(path)?;
            file.write(json.as_bytes())?;
            file.finish()?;
            Ok(proofs)
        }
        None => Err(Error::new(
            "DOCUMENT",
            "the party's answer holds no list of proofs: it is of another version than this command. Start it again with this program.",
            "参与方的应答中没有证明列表：它与本命令版本不同。请用本程序重新启动。",
        )),
    }
}
