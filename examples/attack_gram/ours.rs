//! The same attempt on our protocol, and a search through all that the bank's node receives.

use std::collections::HashSet;
use std::error::Error;

use rand::SeedableRng;
use rand::rngs::StdRng;
use session::{Fate, Network};
use sharing::Secret;
use training::{Column, LENDER, Labels, ROLES, Terms, UPLOADER, Uploads, Whose, transfer};

use crate::{COLUMNS, ROWS, Town, VICTIM, curve};

/// What a search through the bank's messages found.
pub(crate) struct Received {
    /// Numbers in them.
    pub(crate) words: usize,
    /// Those that are entries of a step's curvature.
    pub(crate) entries: usize,
    /// Those that are values of the firm.
    pub(crate) values: usize,
}

pub(crate) fn train(town: &Town) -> Result<Received, Box<dyn Error>> {
    let mut rng = StdRng::seed_from_u64(6);
    let terms = Terms::new(u32::try_from(ROWS)?, vec![u16::try_from(COLUMNS)?, 1], [0; 32]);
    let mut mark = vec![0.0; ROWS];
    mark[VICTIM] = (ROWS as f64).sqrt();
    let marks = vec![mark];
    let mut bytes: Vec<u8> = Vec::new();
    let mut uploads = Vec::new();
    for role in ROLES {
        uploads.push(Uploads::new(&terms, role)?);
    }
    for (holder, columns) in [&town.columns, &marks].into_iter().enumerate() {
        let columns = columns.iter().map(|numbers| Column::new(numbers));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let session = transfer::send_columns(&terms, holder, columns, &ROLES, None, &mut rng)?;
        upload(&terms, Whose::Holder(holder), session, &mut uploads, &mut bytes)?;
    }
    let labels = Labels::of_customers(&town.bad);
    let session = transfer::send_labels(&terms, labels, &ROLES, None, &mut rng)?;
    // The labels are the bank's own.
    upload(&terms, Whose::Labels, session, &mut uploads, &mut Vec::new())?;

    let mut network = Network::new();
    for (role, uploads) in ROLES.into_iter().zip(uploads) {
        let (secret, inputs) = (Secret::random(&mut rng), uploads.complete()?);
        network.join(role, training::begin(terms.clone(), role, secret, inputs, |_| Ok(()))?);
    }
    network.run(|_from, to, chunk| {
        if to == LENDER {
            bytes.extend(&chunk.body[..]);
        }
        Fate::Deliver
    })?;
    let words = bytes.len() / 8;
    Ok(Received {
        words,
        entries: among(&bytes, &entries(town, &marks[0])),
        values: among(&bytes, &values(town)),
    })
}

/// One upload to the three roles; what the bank's node receives of it is added to `bytes`.
fn upload(
    terms: &Terms,
    whose: Whose,
    session: transfer::Sending,
    uploads: &mut [Uploads],
    bytes: &mut Vec<u8>,
) -> Result<(), Box<dyn Error>> {
    let mut network = Network::new();
    network.join(UPLOADER, session);
    let mut outcomes = Vec::new();
    for role in ROLES {
        let receiving = transfer::receive(terms, whose, role, |_kept: &[u8]| Ok(()))?;
        outcomes.push(network.join(role, receiving));
    }
    network.run(|_from, to, chunk| {
        if to == LENDER {
            bytes.extend(&chunk.body[..]);
        }
        Fate::Deliver
    })?;
    for (uploads, outcome) in uploads.iter_mut().zip(outcomes) {
        uploads.take(outcome.take().ok_or("the role has received all")?)?;
    }
    Ok(())
}

/// How many words of the bytes, wherever they begin, are among those sought.
pub(crate) fn among(bytes: &[u8], sought: &HashSet<i64>) -> usize {
    let word = |word: &&[u8]| {
        let word: Option<[u8; 8]> = word.first_chunk().copied();
        word.is_some_and(|word| sought.contains(&i64::from_le_bytes(word)))
    };
    bytes.windows(8).filter(word).count()
}

/// The sums over all firms at the start of the training, with as many bits as the protocol has.
#[expect(clippy::cast_possible_truncation, reason = "far below 2^63")]
fn entries(town: &Town, mark: &[f64]) -> HashSet<i64> {
    let mut all = town.columns.clone();
    all.push(mark.to_vec());
    all.push(vec![1.0; ROWS]);
    let start = [0.0; COLUMNS + 2];
    let opened = curve::gram(&all, &curve::slopes(&all, &start)).concat();
    let coded = opened.iter().filter(|entry| entry.abs() > 1e-6);
    // A sum of slopes has 39 bits after the point, one of plain products 24.
    let scales = [2_f64.powi(39), 4.0 * 2_f64.powi(24)];
    coded.flat_map(|entry| scales.map(|scale| (entry * scale).round() as i64)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "far below 2^63")]
fn values(town: &Town) -> HashSet<i64> {
    let coded = town.columns.iter().map(|column| (column[VICTIM] * 4096.0).round() as i64);
    coded.collect()
}
