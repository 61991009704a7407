//! A training as a session of one of three roles.

use std::future::Future;

use session::{Coroutine, Link, Role};
use sharing::{AHEAD, Additive, Engine, Rep3, Secret, Traffic};

use crate::checkpoint::Kept;
use crate::{Checkpoint, Error, Findings, Fit, Inputs, Model, Passed, ROLES, Terms};

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

/// The host could not keep a checkpoint, so the training must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

/// Begins a training over what was uploaded.
///
/// `keep` takes a checkpoint after each pass, and returns when it is stored: only then is anything
/// sent that depends on it.
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
    terms.check()?;
    inputs.check(&terms)?;
    Ok(session(role, async move |link| {
        let mut engine = Rep3::join(link, role, secret, terms.binding()).await?;
        confirm(&mut engine, &terms).await?;
        let fit = Fit::begin(&mut engine, terms, inputs).await?;
        go_on(engine, fit, keep).await
    }))
}

/// Goes on from a checkpoint, over the same uploads: the model is the same, bit for bit.
///
/// All three roles must resume from the same [step](Checkpoint::steps). A checkpoint may be resumed
/// more than once, always with the same uploads: they are told apart by their seeds.
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
    checkpoint: &Checkpoint,
    inputs: Inputs,
    keep: impl FnMut(Checkpoint) -> Result<(), NotKept> + Send + 'static,
) -> Result<Training, Error> {
    terms.check()?;
    inputs.check(&terms)?;
    let Kept { coin, keys, state } = checkpoint.read(&terms, &inputs, role)?;
    Ok(session(role, async move |link| {
        let mut engine = Rep3::resume(link, keys);
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

async fn go_on(
    mut engine: Rep3,
    mut fit: Fit,
    mut keep: impl FnMut(Checkpoint) -> Result<(), NotKept>,
) -> Result<Finished, Error> {
    while !fit.is_trained() {
        fit.pass(&mut engine).await?;
        keep(Checkpoint::of(&engine, &fit)).map_err(|NotKept| Error::NotKept)?;
    }
    let passed = fit.passed();
    let (model, findings) = fit.finish(&mut engine).await?;
    Ok(Finished { passed, model, findings, traffic: engine.traffic() })
}

/// > §3.2 (1) The hash of the terms is shared anew and opened: it comes back only if all three
/// > roles have agreed on the same keys, so on the same terms.
async fn confirm(engine: &mut Rep3, terms: &Terms) -> Result<(), Error> {
    let words = terms.binding();
    let words: Vec<i64> =
        words.as_chunks().0.iter().map(|&word| i64::from_le_bytes(word)).collect();
    let [hash, ones] = [engine.constant::<0>(&words), engine.constant::<0>(&[1; 4])];
    let product: Additive<0> = engine.multiply(&hash, &ones).await?;
    let product = engine.reshare(product).await?;
    match engine.open(&product).await?.0 == words {
        true => Ok(()),
        false => Err(Error::Disagreement),
    }
}
