//! Uploads that are made up, from a seed.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use session::{Role, Session, Turn};
use sharing::{Secret, Traffic};
use training::transfer::Sending;
use training::woe::{self, Binned, Counted, Counting, Received, Terms, Uploads, transfer};
use training::{Labels, Whose};

use crate::Failed;

/// Holders that the features are dealt to.
const HOLDERS: usize = 3;

/// What one role begins, once its uploads are there: of so many rows, features and bins.
pub(crate) fn prepared(
    role: Role,
    sizes: &[String],
) -> Result<impl FnOnce() -> Result<Counting, training::Error>, Failed> {
    let [rows, features, bins] = sizes else { return Err("rows, features, bins".into()) };
    let (rows, features, bins): (u32, usize, u8) =
        (rows.parse()?, features.parse()?, bins.parse()?);
    let holders = HOLDERS.min(features);
    let share = |holder| vec![bins; features / holders + usize::from(holder < features % holders)];
    let terms = Terms::new(rows, (0..holders).map(share).collect(), [0; 32]);

    let mut uploads = Uploads::new(&terms, role)?;
    let mut masks = ChaCha20Rng::seed_from_u64(1);
    let mut numbers = ChaCha20Rng::seed_from_u64(2);
    let bad: Vec<bool> = (0..rows).map(|_| numbers.next_u32() % 5 == 0).collect();
    for (holder, bins) in terms.features.iter().enumerate() {
        let feature = |&bins: &u8| {
            let bin = |bad: &bool| {
                let most = if *bad { u32::from(bins).div_ceil(2) } else { u32::from(bins) };
                u8::try_from(numbers.next_u32() % (most + 1)).ok().filter(|&bin| bin < bins)
            };
            Binned::new(&bad.iter().map(bin).collect::<Vec<_>>(), bins)
        };
        let features = bins.iter().map(feature).collect::<Result<Vec<_>, _>>()?;
        let session =
            transfer::send_features(&terms, holder, features, &[], Some(role), &mut masks)?;
        take(&terms, Whose::Holder(holder), role, session, &mut uploads)?;
    }
    let labels = Labels::of_customers(&bad);
    let session = transfer::send_labels(&terms, &labels, &[], Some(role), &mut masks)?;
    take(&terms, Whose::Labels, role, session, &mut uploads)?;
    let inputs = uploads.complete()?;
    let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(role.0.into()));
    Ok(move || woe::begin(terms, role, secret, inputs))
}

fn take(
    terms: &Terms,
    whose: Whose,
    role: Role,
    mut session: Sending,
    uploads: &mut Uploads,
) -> Result<(), Failed> {
    let Turn::Done(messages) = session.advance()? else { return Err("it has no peer".into()) };
    Ok(uploads.take(Received::of_own(terms, whose, role, messages, |_| Ok(()))?)?)
}

/// What a role has sent.
pub(crate) fn traffic(counted: &Counted) -> Traffic {
    counted.traffic.clone()
}
