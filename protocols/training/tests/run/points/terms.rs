//! Terms that no points can have, and inputs that are not those of the terms.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::{Fate, Network, NetworkError};
use training::points::{self, Terms, Uploads, Values, transfer};
use training::{Error, LENDER, ROLES, TermsError, Whose};

use super::card::Card;
use crate::support::run::secrets;

fn card() -> Card {
    Card::made(21, 1_000, vec![vec![5, 4], vec![3]])
}

#[test]
fn terms_outside_their_limits_are_refused() {
    let refused = |change: fn(&mut Terms)| {
        let mut terms = card().terms;
        change(&mut terms);
        match terms.check() {
            Err(Error::Terms(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(card().terms.check(), Ok(()));
    assert_eq!(refused(|terms| terms.features = Vec::new()), TermsError::PointFeatures);
    assert_eq!(refused(|terms| terms.features[1].clear()), TermsError::PointFeatures);
    assert_eq!(refused(|terms| terms.features[1] = vec![3; 511]), TermsError::PointFeatures);
    assert_eq!(refused(|terms| terms.features[1] = vec![1]), TermsError::PointBins);
    assert_eq!(refused(|terms| terms.features[0][1] = 33), TermsError::PointBins);
    assert_eq!(refused(|terms| terms.bits = 3), TermsError::PointBits);
    assert_eq!(refused(|terms| terms.bits = 13), TermsError::PointBits);
    assert_eq!(refused(|terms| terms.lender = Some(2)), TermsError::LenderAmongHolders);
    let alone = |terms: &mut Terms| {
        terms.features.truncate(1);
        terms.lender = Some(0);
    };
    assert_eq!(refused(alone), TermsError::LenderAmongHolders);
    let scales: [fn(&mut Terms); 8] = [
        |terms| terms.scale.pdo = 0.9,
        |terms| terms.scale.pdo = 100.5,
        |terms| terms.scale.pdo = f64::NAN,
        |terms| terms.scale.base_odds = 0.0,
        |terms| terms.scale.base_odds = f64::INFINITY,
        |terms| terms.scale.base_odds = -50.0,
        |terms| terms.scale.base_score = 100_001,
        |terms| terms.scale.offset = i32::MIN,
    ];
    scales.into_iter().for_each(|change| assert_eq!(refused(change), TermsError::Scale));
}

#[test]
fn every_part_of_the_terms_changes_their_hash() {
    let terms = card().terms;
    let changes: [fn(&mut Terms); 10] = [
        |terms| terms.training[0] ^= 1,
        |terms| terms.features[0][0] = 6,
        |terms| terms.features = vec![vec![5], vec![4, 3]],
        |terms| terms.lender = Some(0),
        |terms| terms.scale.base_score += 1,
        |terms| terms.scale.base_odds = 51.0,
        |terms| terms.scale.pdo = 21.0,
        |terms| terms.scale.offset -= 1,
        |terms| terms.bits = 11,
        |terms| terms.context[31] = 1,
    ];
    let mut hashes = vec![terms.binding()];
    for change in changes {
        let mut changed = terms.clone();
        change(&mut changed);
        assert!(!hashes.contains(&changed.binding()));
        hashes.push(changed.binding());
    }
}

#[test]
fn values_of_other_features_or_bins_are_refused_before_anything_is_sent() {
    let card = card();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut send = |holder: usize, bins: &[usize]| {
        let values = bins.iter().map(|&bins| Values::new(&vec![0.5; bins]).unwrap()).collect();
        transfer::send_values(&card.terms, holder, values, &ROLES, None, &mut rng).map(|_| ())
    };
    let shape = |what, expected, found| Err(Error::Shape { what, expected, found });
    assert_eq!(send(0, &[5, 4]), Ok(()));
    assert_eq!(send(0, &[5]), shape("features", 2, 1));
    assert_eq!(send(0, &[5, 1]), shape("bins", 4, 1));
    assert_eq!(send(1, &[4]), shape("bins", 3, 4));
    assert_eq!(send(2, &[3]), shape("holders at least", 2, 3));
}

#[test]
fn an_upload_is_kept_and_read_again_and_of_no_other_terms_holder_or_role() {
    let card = card();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let session =
        transfer::send_values(&card.terms, 0, card.prepared(0), &ROLES, None, &mut rng).unwrap();
    let mut network = Network::new();
    network.join(training::UPLOADER, session);
    let kept = ROLES.map(|role| {
        let kept = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let into = std::sync::Arc::clone(&kept);
        let keep = move |bytes: &[u8]| {
            into.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        };
        (network.join(role, transfer::receive(&card.terms, 0, role, keep).unwrap()), kept)
    });
    network.run(|_, _, _| Fate::Deliver).unwrap();
    for (role, (received, kept)) in ROLES.into_iter().zip(kept) {
        let kept = kept.lock().unwrap().clone();
        let mut uploads = Uploads::new(&card.terms, role).unwrap();
        let read = transfer::from_kept(&card.terms, 0, role, kept.as_slice()).unwrap();
        uploads.take(received.take().unwrap()).unwrap();
        let whose = Whose::Holder(0);
        assert_eq!(uploads.take(read), Err(Error::Upload { whose, twice: true }));
        let whose = Whose::Holder(1);
        assert_eq!(uploads.complete().err(), Some(Error::Upload { whose, twice: false }));

        let unread = |terms: &Terms, holder, role, kept: &[u8]| {
            transfer::from_kept(terms, holder, role, kept).err().unwrap()
        };
        let mut other = card.terms.clone();
        other.context = [1; 32];
        assert_eq!(unread(&other, 0, role, &kept), Error::KeptUpload);
        assert_eq!(unread(&card.terms, 1, role, &kept), Error::KeptUpload);
        let next = ROLES[usize::from((role.0 + 1) % 3)];
        assert_eq!(unread(&card.terms, 0, next, &kept), Error::KeptUpload);
        assert_eq!(unread(&card.terms, 0, role, &kept[..kept.len() - 1]), Error::KeptUpload);
        let read = transfer::from_kept(&card.terms, 0, role, kept.as_slice()).unwrap();
        let mut elsewhere = Uploads::new(&other, role).unwrap();
        assert!(matches!(elsewhere.take(read), Err(Error::OtherUpload { .. })));
    }
}

#[test]
fn weights_of_another_training_or_run_are_not_scaled() {
    let card = card();
    let weights = [0.5, 0.4, 0.3, -1.0];
    let mut models = card.shared(&weights);
    models[0].terms = [9; 32];
    let [inputs, ..] = card.inputs(1);
    let [secret, ..] = secrets(1);
    let refused = points::begin(card.terms.clone(), ROLES[0], secret, &models[0], inputs);
    assert_eq!(refused.err(), Some(Error::OtherModel));

    let few = card.shared(&weights[1..]);
    let ([inputs, ..], [secret, ..]) = (card.inputs(1), secrets(1));
    let refused = points::begin(card.terms.clone(), ROLES[0], secret, &few[0], inputs);
    assert!(matches!(refused.err(), Some(Error::Shape { what: "weights", expected: 4, found: 3 })));

    let mut models = card.shared(&weights);
    models[2].run = [6; 32];
    let error = card.refused(&models);
    assert!(error.contains("the same terms"), "{error}");
}

#[test]
fn roles_that_hold_other_terms_scale_nothing() {
    let (card, mut other) = (card(), card());
    other.terms.scale.pdo = 40.0;
    let models = card.shared(&[0.5, 0.4, 0.3, -1.0]);
    let mut network = Network::new();
    let each = card.inputs(1).into_iter().zip(secrets(1)).zip(&models);
    for (role, ((inputs, secret), model)) in ROLES.into_iter().zip(each) {
        let terms = if role == LENDER { &other.terms } else { &card.terms };
        let session = points::begin(terms.clone(), role, secret, model, inputs);
        network.join(role, session.unwrap());
    }
    match network.run(|_, _, _| Fate::Deliver) {
        Err(NetworkError::Refused { error, .. }) => {
            assert!(error.to_string().contains("the same terms"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}
