//! Weights in shares and values of bins, made up from a seed.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use session::{Role, Session, Turn};
use sharing::{Secret, Traffic, Vector};
use training::points::{self, Scale, Scaled, Scaling, Terms, Uploads, Values, transfer};
use training::{SharedModel, WEIGHT};

use crate::Failed;

/// Features of a holder: what one encrypted table takes.
const OF_A_HOLDER: usize = 64;

/// Terms of so many features of so many bins each.
pub(crate) fn terms(features: usize, bins: u8) -> Terms {
    let share = |start: usize| vec![bins; OF_A_HOLDER.min(features - start)];
    let holders = (0..features).step_by(OF_A_HOLDER).map(share).collect();
    let scale = Scale { base_score: 500, base_odds: 1.0, pdo: 20.0, offset: 0 };
    Terms { training: [0; 32], features: holders, lender: None, scale, bits: 10, context: [0; 32] }
}

/// What one role begins, once its uploads are there: of so many features and bins.
pub(crate) fn prepared(
    role: Role,
    sizes: &[String],
) -> Result<impl FnOnce() -> Result<Scaling, training::Error>, Failed> {
    let [features, bins] = sizes else { return Err("features, bins".into()) };
    let (features, bins): (usize, u8) = (features.parse()?, bins.parse()?);
    let terms = terms(features, bins);
    let mut uploads = Uploads::new(&terms, role)?;
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for (holder, own) in terms.features.iter().enumerate() {
        let value = |bin: u8| f64::from(bin) / f64::from(bins - 1) - 0.5;
        let values = || Values::new(&(0..bins).map(value).collect::<Vec<_>>());
        let values = own.iter().map(|_| values()).collect::<Result<Vec<_>, _>>()?;
        let mut session = transfer::send_values(&terms, holder, values, &[], Some(role), &mut rng)?;
        let Turn::Done(messages) = session.advance()? else { return Err("it has no peer".into()) };
        uploads.take(transfer::of_own(&terms, holder, role, messages, |_| Ok(()))?)?;
    }
    let inputs = uploads.complete()?;
    let model = model(&terms, role, features)?;
    let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(role.0.into()));
    Ok(move || points::begin(terms, role, secret, &model, inputs))
}

/// A role's shares of weights of 0.05, and an intercept of 0.
fn model(terms: &Terms, role: Role, features: usize) -> Result<SharedModel, Failed> {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let mut components = [const { Vec::new() }; 3];
    for place in 0..=features {
        let weight = if place < features { sharing::encode::<WEIGHT>(0.05)? } else { 0 };
        let (first, second) = (rng.next_u64(), rng.next_u64());
        let rest = weight.cast_unsigned().wrapping_sub(first).wrapping_sub(second);
        for (component, word) in components.iter_mut().zip([first, second, rest]) {
            component.extend(word.to_le_bytes());
        }
    }
    let at = |place: u8| components[usize::from(place % 3)].as_slice();
    let shares = [at(role.0), at(role.0 + 1)].concat();
    let weights = Vector::parse(&shares, features + 1)?;
    Ok(SharedModel { terms: terms.training, run: [0; 32], weights })
}

/// What a role has sent.
pub(crate) fn traffic(scaled: &Scaled) -> Traffic {
    scaled.traffic.clone()
}
