//! A counting as a session of one of three roles.

use bytes::Bytes;
use session::{Coroutine, Role};
use sharing::{AHEAD, Engine, Rep3, Secret, Traffic, Vector};

use super::cells::Cells;
use super::merge::merged;
use super::{COUNT, Inputs, Terms};
use crate::agreement::agrees;
use crate::error::of_holder;
use crate::{Error, ROLES};

/// One role's side of a counting.
pub type Counting = Coroutine<Counted, Error>;

/// What a counting leaves with a role: of each holder, what [`release`](super::release) brings it.
pub struct Counted {
    pub(crate) role: Role,
    /// Holder after holder.
    pub(crate) releases: Vec<Release>,
    /// What this role has sent since the session began.
    pub traffic: Traffic,
}

/// One role's components of what a holder learns. To whoever has those of all three roles it is no
/// secret; to whoever has one role's it says nothing.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::woe::Release>();
/// ```
pub struct Release(pub(crate) Bytes);

impl Counted {
    /// Takes out what this role has for the holder in this place of the terms, where it is that
    /// holder itself: for [`release::collect`](super::release::collect).
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the terms have no such holder.
    pub fn own(&self, holder: usize) -> Result<Release, Error> {
        Ok(Release(of_holder(&self.releases, holder)?.0.clone()))
    }
}

/// Begins a counting over what was uploaded.
///
/// It is not resumed: a counting that fails is begun anew under a fresh secret.
///
/// # Errors
///
/// [`Error::Terms`] and [`Error::Shape`], before anything is sent. The session fails with
/// [`Error::Disagreement`] when the roles do not hold the same terms.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`].
pub fn begin(terms: Terms, role: Role, secret: Secret, inputs: Inputs) -> Result<Counting, Error> {
    terms.check()?;
    inputs.check(&terms)?;
    let peers: Vec<Role> = ROLES.into_iter().filter(|peer| *peer != role).collect();
    Ok(Coroutine::new(&peers, AHEAD, async move |link| {
        let mut engine = Rep3::join(link, role, secret, terms.binding()).await?;
        // > §W.5 Keys are bound to the terms: they agree only where these do.
        if !agrees(&mut engine, &terms.binding()).await? {
            return Err(Error::Disagreement);
        }
        let shared = count(&mut engine, &terms, inputs).await?;
        let releases = shared.iter().map(|vector| Release(vector.release())).collect();
        Ok(Counted { role, releases, traffic: engine.traffic() })
    }))
}

/// What each holder learns, in shares: for [`Table::read`](super::Table::read) once opened.
///
/// # Errors
///
/// [`Error::Shape`] when the inputs are not those of the terms, and whatever the engine refuses.
pub async fn count<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    inputs: Inputs,
) -> Result<Vec<Vector<COUNT>>, Error> {
    terms.check()?;
    inputs.check(terms)?;
    let cells = Cells::of(engine, terms, inputs).await?;
    let merged = merged(engine, terms, cells).await?;
    let mut lane = 0;
    let holders = terms.features.iter().map(|features| {
        let own: Vec<(usize, usize)> =
            (lane..).zip(features.iter().map(|&bins| usize::from(bins))).collect();
        lane += features.len();
        merged.of_features(&own)
    });
    Ok(holders.collect())
}
