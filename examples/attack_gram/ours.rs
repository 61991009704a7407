//! The same attempt on our protocol, and a search through all that the bank's node receives.

use std::collections::HashSet;
use std::error::Error;

use rand::SeedableRng;
use rand::rngs::StdRng;
use session::{Fate, Network};
use sharing::Secret;
use training::{Column, LENDER, Labels, ROLES, Terms, Upload, Uploads};

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
    let mut received = ROLES.map(|_| Vec::new());
    for (holder, columns) in [&town.columns, &marks].into_iter().enumerate() {
        let mut upload = Upload::of_holder(&terms, holder, &mut rng)?;
        let mut parcels = ROLES.map(|role| vec![upload.seeds(role)]);
        for numbers in columns {
            let messages = upload.column(&Column::new(numbers)?)?;
            parcels.iter_mut().zip(messages).for_each(|(parcel, one)| parcel.push(one));
        }
        received.iter_mut().zip(parcels).for_each(|(all, parcel)| all.push(parcel));
    }
    let upload = Upload::of_labels(&terms, &mut rng)?;
    let mut labels = ROLES.map(|role| vec![upload.seeds(role)]);
    for messages in upload.labels(&Labels::of_customers(&town.bad), &terms)? {
        labels.iter_mut().zip(messages).for_each(|(parcel, one)| parcel.push(one));
    }

    let mut network = Network::new();
    let mut bytes: Vec<u8> = received[2].iter().flatten().flatten().copied().collect();
    for ((role, parcels), labels) in ROLES.into_iter().zip(&received).zip(&labels) {
        let mut uploads = Uploads::new(&terms, role)?;
        for (holder, parcel) in parcels.iter().enumerate() {
            uploads.holder(holder, parcel)?;
        }
        uploads.labels(labels)?;
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
