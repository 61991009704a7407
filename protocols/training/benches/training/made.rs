//! Uploads that are made up, from a seed.

use std::sync::{Arc, Mutex};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use session::{Fate, Network, Role};
use sharing::{Secret, Traffic};
use training::transfer::{self, Sending};
use training::{Column, Finished, Inputs, Labels, Terms, Training, UPLOADER, Uploads, Whose};

use crate::Failed;

/// Holders that the columns are dealt to.
const HOLDERS: u16 = 3;

/// The terms of a size.
pub(crate) fn terms(rows: u32, columns: u16) -> Terms {
    let holders = HOLDERS.min(columns);
    let share = |holder| columns / holders + u16::from(holder < columns % holders);
    Terms::new(rows, (0..holders).map(share).collect(), [0; 32])
}

/// What one role begins, once its uploads are there: of so many rows and columns.
pub(crate) fn prepared(
    role: Role,
    sizes: &[String],
) -> Result<impl FnOnce() -> Result<Training, training::Error>, Failed> {
    let [rows, columns] = sizes else { return Err("rows, columns".into()) };
    let terms = terms(rows.parse()?, columns.parse()?);
    let inputs = uploaded(&terms, &[role])?.pop().ok_or("the inputs of one role")?;
    let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(role.0.into()));
    Ok(move || training::begin(terms, role, secret, inputs, |_| Ok(())))
}

/// What a role has sent.
pub(crate) fn traffic(finished: &Finished) -> Traffic {
    finished.traffic.clone()
}

/// What some roles hold after every holder's upload, and the lender's: from the same seeds whichever
/// they are.
pub(crate) fn uploaded(terms: &Terms, roles: &[Role]) -> Result<Vec<Inputs>, Failed> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let slope = 1.2 / (terms.total_columns() as f64).sqrt();
    let logits = Arc::new(Mutex::new(vec![-2.0; terms.rows as usize]));
    let received = roles.iter().map(|&role| Uploads::new(terms, role));
    let mut received = received.collect::<Result<Vec<_>, _>>()?;
    for (holder, &columns) in terms.columns.iter().enumerate() {
        let (rows, logits) = (terms.rows, Arc::clone(&logits));
        let mut of_columns = ChaCha20Rng::seed_from_u64(2 + holder as u64);
        let columns = (0..columns).map(move |place| {
            let sign = if place % 2 == 0 { slope } else { -slope };
            let numbers: Vec<f64> = (0..rows).map(|_| normal(&mut of_columns)).collect();
            let mut logits = logits.lock().expect("nobody panics");
            logits.iter_mut().zip(&numbers).for_each(|(z, x)| *z += sign * x);
            Column::new(&numbers).expect("normal numbers are standardised")
        });
        let session = transfer::send_columns(terms, holder, columns, roles, None, &mut rng)?;
        upload(terms, Whose::Holder(holder), session, roles, &mut received)?;
    }
    let logits = std::mem::take(&mut *logits.lock().expect("nobody panics"));
    let bad: Vec<bool> =
        logits.iter().map(|z| uniform(&mut rng) < 1.0 / (1.0 + (-z).exp())).collect();
    let labels = Labels::of_customers(&bad);
    let session = transfer::send_labels(terms, labels, roles, None, &mut rng)?;
    upload(terms, Whose::Labels, session, roles, &mut received)?;
    Ok(received.into_iter().map(Uploads::complete).collect::<Result<_, _>>()?)
}

/// One upload to some roles.
fn upload(
    terms: &Terms,
    whose: Whose,
    session: Sending,
    roles: &[Role],
    uploads: &mut [Uploads],
) -> Result<(), Failed> {
    let mut network = Network::new();
    network.join(UPLOADER, session);
    let mut outcomes = Vec::new();
    for &role in roles {
        let receiving = transfer::receive(terms, whose, role, |_: &[u8]| Ok(()))?;
        outcomes.push(network.join(role, receiving));
    }
    network.run(|_, _, _| Fate::Deliver)?;
    for (uploads, outcome) in uploads.iter_mut().zip(outcomes) {
        uploads.take(outcome.take().ok_or("every role has received")?)?;
    }
    Ok(())
}

fn uniform(rng: &mut ChaCha20Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Of mean 0 and deviation 1, nearly normal.
fn normal(rng: &mut ChaCha20Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| uniform(rng)).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}
