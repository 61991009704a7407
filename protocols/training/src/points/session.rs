//! Points as a session of one of three roles.

use session::{Coroutine, Role};
use sha2::{Digest, Sha256};
use sharing::{AHEAD, Engine, Rep3, Secret, Traffic, Vector};
use zeroize::Zeroizing;

use super::{Inputs, Terms, Verdicts, scale};
use crate::agreement::agrees;
use crate::error::{equal, of_holder};
use crate::{DOMAIN_POINTS_BEGIN, Error, ROLES, SharedModel};

/// One role's side of a scaling.
pub type Scaling = Coroutine<Scaled, Error>;

/// What a scaling leaves with a role.
pub struct Scaled {
    /// What the rules say; every role knows it.
    pub verdicts: Verdicts,
    bits: u8,
    /// The points of each holder's bins.
    holders: Vec<Vector<0>>,
    /// What this role has sent since the session began.
    pub traffic: Traffic,
}

/// One role's share of a holder's points: whole numbers modulo 2^bits, feature after feature. Those
/// of all three roles add up to the points, modulo 2^bits; those of one or two say nothing.
///
/// It has no encoding, no `Debug` and no `Clone`.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::points::Share>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<training::points::Share>();
/// ```
pub struct Share {
    points: Zeroizing<Vec<u16>>,
}

impl Scaled {
    /// This role's share of the points of the holder in this place of the terms.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the terms have no such holder.
    pub fn share(&self, holder: usize) -> Result<Share, Error> {
        let points = of_holder(&self.holders, holder)?;
        Ok(Share { points: points.residues(self.bits.into()) })
    }
}

impl Share {
    /// The numbers of the share: for an encryption of this role's own, **never for a peer**, who
    /// could add them to its own.
    pub fn expose(self) -> Zeroizing<Vec<u16>> {
        self.points
    }
}

/// Begins a scaling of a model's shared weights over what was uploaded.
///
/// It is not resumed: a scaling that fails is begun anew under a fresh secret.
///
/// # Errors
///
/// [`Error::Terms`], [`Error::OtherModel`] and [`Error::Shape`], before anything is sent. The session
/// fails with [`Error::Disagreement`] when the roles do not hold the same terms or weights of the
/// same run, and with [`Error::NoRoom`] when some total leaves the bits of the terms.
///
/// # Panics
///
/// When `role` is not one of [`ROLES`].
pub fn begin(
    terms: Terms,
    role: Role,
    secret: Secret,
    model: &SharedModel,
    inputs: Inputs,
) -> Result<Scaling, Error> {
    terms.check()?;
    inputs.check(&terms)?;
    if model.terms != terms.training {
        return Err(Error::OtherModel);
    }
    equal("weights", terms.bins().len() + 1, model.weights.len())?;
    let identity = identity(&terms, model);
    let weights = model.weights.duplicate();
    let peers: Vec<Role> = ROLES.into_iter().filter(|peer| *peer != role).collect();
    Ok(Coroutine::new(&peers, AHEAD, async move |link| {
        let mut engine = Rep3::join(link, role, secret, identity).await?;
        if !agrees(&mut engine, &identity).await? {
            return Err(Error::Disagreement);
        }
        let (holders, verdicts) = scale(&mut engine, &terms, &weights, inputs).await?;
        Ok(Scaled { verdicts, bits: terms.bits, holders, traffic: engine.traffic() })
    }))
}

/// > §P.4 What all roles must hold alike: the terms, and the run that the weights came of.
fn identity(terms: &Terms, model: &SharedModel) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(DOMAIN_POINTS_BEGIN).chain_update(terms.binding());
    hash.chain_update(model.run).finalize().into()
}
