//! A training as a session of one of three roles.

use std::future::Future;

use session::{Coroutine, Link, Role};
use sha2::{Digest, Sha256};
use sharing::{AHEAD, Engine, Rep3, Secret, Traffic};

use crate::agreement::agrees;
use crate::checkpoint::Kept;
use crate::{Checkpoint, DOMAIN_RESUME, Error, Findings, Fit, Inputs, Model, Passed, ROLES, Terms};

/// One role's side of a training.
pub type Training = Coroutine<Finished, Error>;

/// What a training leaves with a role.
pub struct Finished {
    /// What every role knows.
    pub passed: Passed,
    /// The model, as this role has it.
    pub model: Model,
    /// What the lender learns beside; nothing elsewhere.
    pub findings: Option<Findings>,
    /// What this role has sent since the session began.
    pub traffic: Traffic,
}

/// The host could not keep a checkpoint or a part of an upload, so the session must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

/// Begins a training over what was uploaded.
///
/// `keep` takes a checkpoint after each pass, and returns when it is stored: only then is anything
/// sent that depends on it. Keep the last two: a role that died may be one pass behind, and all must
/// resume from the same. Delete them all when the training has finished: they hold keys.
///
/// # Errors
///
/// [`Error::Terms`] and [`Error::Shape`], before anything is sent.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`].
pub fn begin(
    terms: Terms,
    role: Role,
    secret: Secret,
    inputs: Inputs,
    keep: impl FnMut(Checkpoint) -> Result<(), NotKept> + Send + 'static,
) -> Result<Training, Error> {
    begun(terms, role, secret, inputs, Box::new(keep))
}

/// What keeps checkpoints. A type of its own, so that the whole protocol is compiled here, once, and not
/// anew for every host.
type Keep = Box<dyn FnMut(Checkpoint) -> Result<(), NotKept> + Send>;

fn begun(
    terms: Terms,
    role: Role,
    secret: Secret,
    inputs: Inputs,
    keep: Keep,
) -> Result<Training, Error> {
    terms.check()?;
    inputs.check(&terms)?;
    Ok(session(role, async move |link| {
        let mut engine = Rep3::join(link, role, secret, terms.binding()).await?;
        let fit = Fit::begin(&mut engine, terms, inputs).await?;
        go_on(engine, fit, keep).await
    }))
}

/// Goes on from a checkpoint, over the same uploads: the model is the same, bit for bit.
///
/// All three roles must resume from the same [step](Checkpoint::steps) of the same run, which they
/// confirm under fresh keys first: `secret` is a fresh one. A checkpoint may be resumed more than
/// once, always with the same uploads: their messages are compared by hash. A run that ended with
/// blame on a peer must not be resumed (SPEC §6).
///
/// The session fails with [`Error::OtherRun`] when the checkpoints are not of one run and step.
///
/// # Errors
///
/// [`Error::Checkpoint`] when it is not one of these terms and uploads.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`].
pub fn resume(
    terms: Terms,
    role: Role,
    secret: Secret,
    checkpoint: &Checkpoint,
    inputs: Inputs,
    keep: impl FnMut(Checkpoint) -> Result<(), NotKept> + Send + 'static,
) -> Result<Training, Error> {
    resumed(terms, role, secret, checkpoint, inputs, Box::new(keep))
}

fn resumed(
    terms: Terms,
    role: Role,
    secret: Secret,
    checkpoint: &Checkpoint,
    inputs: Inputs,
    keep: Keep,
) -> Result<Training, Error> {
    terms.check()?;
    inputs.check(&terms)?;
    let Kept { coin, keys, state } = checkpoint.read(&terms, &inputs, role)?;
    Ok(session(role, async move |link| {
        let identity = identity(&terms, &coin, state.passed.steps, keys.step());
        let mut engine = Rep3::join(link, role, secret, identity).await?;
        if !agrees(&mut engine, &identity).await? {
            return Err(Error::OtherRun);
        }
        let mut engine = engine.go_on(keys);
        let fit = Fit::with(&mut engine, terms, inputs, coin, state).await?;
        go_on(engine, fit, keep).await
    }))
}

fn session<F>(role: Role, program: impl FnOnce(Link) -> F) -> Training
where
    F: Future<Output = Result<Finished, Error>> + Send + 'static,
{
    let peers: Vec<Role> = ROLES.into_iter().filter(|peer| *peer != role).collect();
    Coroutine::new(&peers, AHEAD, program)
}

async fn go_on(mut engine: Rep3, mut fit: Fit, mut keep: Keep) -> Result<Finished, Error> {
    while !fit.is_trained() {
        fit.pass(&mut engine).await?;
        keep(Checkpoint::of(&engine, &fit)).map_err(|NotKept| Error::NotKept)?;
    }
    let passed = fit.passed();
    let (model, findings) = fit.finish(&mut engine).await?;
    Ok(Finished { passed, model, findings, traffic: engine.traffic() })
}

/// > §4.2 What all roles must resume alike: the run, and the step.
fn identity(terms: &Terms, coin: &[u8; 32], steps: u8, step: u32) -> [u8; 32] {
    Sha256::new_with_prefix(DOMAIN_RESUME)
        .chain_update(terms.binding())
        .chain_update(coin)
        .chain_update([steps])
        .chain_update(step.to_be_bytes())
        .finalize()
        .into()
}
