//! A training between two passes, as bytes that a host keeps.

use session::Role;
use sha2::{Digest, Sha256};
use sharing::{Engine, Matrix, Rep3, State as Keys, Vector};
use zeroize::Zeroizing;

use crate::curvature::INVERSE;
use crate::fit::{Passed, State};
use crate::{DOMAIN_CHECKPOINT, Error, Fit, Inputs, Terms};

const VERSION: u8 = 1;
/// Bytes of a shared number.
const SHARE: usize = 16;

/// One role's side of a training between two passes (SPEC §4.2).
///
/// **It holds secrets**: the role's keys and its shares of the weights. Whoever reads the
/// checkpoints of two roles knows the weights as they then were. It holds no share of a row:
/// [`resume`](crate::resume) takes the uploads again, the same as before.
pub struct Checkpoint {
    bytes: Zeroizing<Vec<u8>>,
}

/// What a checkpoint says when it is read again.
pub(crate) struct Kept {
    pub(crate) coin: [u8; 32],
    pub(crate) keys: Keys,
    pub(crate) state: State,
}

impl Checkpoint {
    pub(crate) fn of(engine: &Rep3, fit: &Fit) -> Self {
        let state = &fit.state;
        let Passed { steps, halved, sampled, converged } = state.passed;
        // Room for all of it, so that nothing is left behind where it grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::bytes(fit.terms.width())));
        let (norm, saturated) = (state.norm.is_some(), state.saturated.is_some());
        let flags = [sampled, converged, norm, saturated].map(u8::from);
        bytes.extend([VERSION, steps, halved, engine.role().0]);
        bytes.extend(flags);
        bytes.extend(fit.terms.binding());
        bytes.extend(fit.origin);
        bytes.extend(fit.coin);
        bytes.extend(engine.state().expose().iter());
        bytes.extend(state.weights.expose().iter());
        bytes.extend(state.ahead.expose().iter());
        bytes.extend(state.before.expose().iter());
        bytes.extend(state.bound.to_vector().expose().iter());
        if let Some(norm) = &state.norm {
            bytes.extend(norm.expose().iter());
        }
        if let Some(saturated) = &state.saturated {
            bytes.extend(saturated.expose().iter());
        }
        let sum = checksum(&bytes);
        bytes.extend(sum);
        debug_assert!(bytes.len() <= Self::bytes(fit.terms.width()), "it has not grown");
        Self { bytes }
    }

    /// How many bytes a checkpoint has at most.
    fn bytes(width: usize) -> usize {
        8 + 3 * 32 + Keys::BYTES + (width * width + 3 * width + 2) * SHARE + 32
    }

    /// The checkpoint as bytes **that hold secrets**: for a store, never for a link.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// The checkpoint that these bytes are; what they say is checked when it is resumed.
    pub fn parse(bytes: &[u8]) -> Self {
        Self { bytes: Zeroizing::new(bytes.to_vec()) }
    }

    /// How many steps had been taken: all roles must resume from the same.
    pub fn steps(&self) -> Option<u8> {
        match **self.bytes {
            [VERSION, steps, ..] => Some(steps),
            _ => None,
        }
    }

    /// What it says, if it is this role's, of these terms and uploads.
    pub(crate) fn read(&self, terms: &Terms, inputs: &Inputs, own: Role) -> Result<Kept, Error> {
        let width = terms.width();
        let (bytes, sum) = self.bytes.split_last_chunk::<32>().ok_or(Error::Checkpoint)?;
        if checksum(bytes) != *sum {
            return Err(Error::Checkpoint);
        }
        let mut rest = Reader(bytes);
        let [version, steps, halved, role] = rest.array()?;
        let flags: [u8; 4] = rest.array()?;
        let [binding, origin, coin] = [rest.array()?, rest.array()?, rest.array()?];
        let ours = binding == terms.binding() && origin == inputs.origin && role == own.0;
        if version != VERSION
            || !ours
            || steps > terms.passes()
            || flags.iter().any(|flag| *flag > 1)
        {
            return Err(Error::Checkpoint);
        }
        let [sampled, converged, has_norm, has_saturated] = flags.map(|flag| flag == 1);
        let keys = Keys::parse(rest.take(Keys::BYTES)?)?;
        let (weights, ahead, before) =
            (rest.vector(width)?, rest.vector(width)?, rest.vector(width)?);
        let bound: Vector<INVERSE> = rest.vector(width * width)?;
        let norm = if has_norm { Some(rest.vector(1)?) } else { None };
        let saturated = if has_saturated { Some(rest.vector(1)?) } else { None };
        if !rest.0.is_empty() || saturated.is_some() != (steps == terms.passes()) {
            return Err(Error::Checkpoint);
        }
        let passed = Passed { steps, halved, sampled, converged };
        let bound = Matrix::from_vector(&bound, width);
        let state = State { passed, bound, weights, ahead, before, norm, saturated };
        Ok(Kept { coin, keys, state })
    }
}

/// Tells bytes that were damaged where they were kept.
fn checksum(bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN_CHECKPOINT).chain_update(bytes).finalize().into()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Error::Checkpoint)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::Checkpoint)
    }

    fn vector<const F: u32>(&mut self, len: usize) -> Result<Vector<F>, Error> {
        Vector::parse(self.take(len * SHARE)?, len).map_err(|_| Error::Checkpoint)
    }
}
