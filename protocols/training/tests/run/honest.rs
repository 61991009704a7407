//! Honest runs: the same model on every engine, and what the terms grant beside it.

use bytes::Bytes;
use session::Fate;
use sharing::Vector;
use training::{
    DEPARTMENT, Error, LENDER, Model, PLATFORM, Policy, Population, ROLES, Received, Ridge, Terms,
    TermsError, Whose,
};

use crate::support::exact::{self, Table};
use crate::support::made::Made;
use crate::support::run::{Job, farthest, in_clear};

fn job(rows: usize, more: impl FnOnce(&mut Terms)) -> (Table, Job) {
    let table = Made::from(21).table(rows, &[0.8, -0.5, 0.3], -0.7);
    let mut terms = Terms::new(rows as u32, vec![1, 2], [7; 32]);
    more(&mut terms);
    let job = Job::of(&table, terms);
    (table, job)
}

#[test]
fn shares_and_clear_numbers_give_one_model_and_so_does_other_randomness() {
    let (table, job) = job(20_000, |_| {});
    let clear = in_clear(&table, &job.terms).unwrap();
    let [one, other] = [1, 2].map(|seed| job.honest(seed).unwrap());
    // Which step of the table a row falls in depends on the shares of a bit in 2^-8 (SPEC §6), so
    // models agree as closely as the table's error averages out, not to the last bit.
    assert!(farthest(&one.weights, &clear.weights) <= 1e-3);
    assert!(farthest(&one.weights, &other.weights) <= 1e-3);
    assert_ne!(one.weights, other.weights, "randomness was the same");
    let exact = exact::fit(&table, None, Ridge::USUAL.value());
    assert!(farthest(&one.weights, &exact.weights) <= 2e-3);
}

#[test]
fn only_the_lender_learns_the_weights_and_findings() {
    let (_, job) = job(2_000, |terms| {
        terms.standard_errors = true;
        terms.evaluation = true;
        terms.held_out_percent = 30;
    });
    let ends = job.run(1, |_, _, _| Fate::Deliver).unwrap();
    ends.result.unwrap();
    let [department, platform, lender] = ends.finished.map(Option::unwrap);
    for other in [&department, &platform] {
        assert!(matches!(other.model, Model::AtTheLender) && other.findings.is_none());
        assert_eq!(other.passed, lender.passed, "bits are opened to all");
    }
    assert!(matches!(lender.model, Model::Opened(weights) if weights.len() == 4));
    let findings = lender.findings.unwrap();
    let rows = |histogram: &Option<training::Histogram>| histogram.as_ref().unwrap().rows();
    assert_eq!((rows(&findings.training), rows(&findings.held_out)), (1_400, 600));
    assert_eq!(findings.variances.unwrap().len(), 4);
}

#[test]
fn what_the_terms_do_not_grant_is_opened_to_nobody() {
    let (_, job) = job(1_000, |_| {});
    let findings = job.honest(1).unwrap().findings;
    assert!(findings.variances.is_none() && findings.training.is_none());
    assert!(findings.held_out.is_none());
}

#[test]
fn under_policy_b_the_shares_of_all_roles_are_the_weights_and_those_of_one_are_not() {
    let (table, mut job) = job(2_000, |_| {});
    let opened = job.honest(1).unwrap().weights;
    job.terms.policy = Policy::StaysShared;
    let ends = job.run(1, |_, _, _| Fate::Deliver).unwrap();
    ends.result.unwrap();
    let shares = ends.finished.map(|finished| match finished.unwrap().model {
        Model::Shared(model) => {
            assert_eq!(model.terms, job.terms.binding());
            words(&model.weights)
        }
        Model::Opened(_) | Model::AtTheLender => panic!("the weights stay shared"),
    });
    // A role's first component, and its next one's, and the one after: all three.
    let sum = |place: usize| {
        let sum = shares.iter().fold(0_u64, |sum, role| sum.wrapping_add(role[place]));
        sharing::decode::<20>(sum.cast_signed())
    };
    let weights: Vec<f64> = (0..4).map(sum).collect();
    let exact = exact::fit(&table, None, Ridge::USUAL.value());
    assert!(farthest(&weights, &exact.weights) <= 1e-2);
    assert!(farthest(&weights, &opened) <= 1e-2, "it is the model of policy A");
    assert!(shares.iter().all(|role| role[..4].iter().any(|word| *word > 1 << 40)));
}

fn words(vector: &Vector<20>) -> Vec<u64> {
    vector.expose().as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

#[test]
fn standard_errors_and_p_values_are_those_of_the_exact_curvature() {
    let (table, job) = job(20_000, |terms| {
        terms.standard_errors = true;
        terms.ridge = Ridge::millionths(100).unwrap();
    });
    let trained = job.honest(1).unwrap();
    let significances = trained.findings.significances(&trained.weights, 20_000).unwrap();
    let exact = exact::fit(&table, None, 1e-4);
    for ((found, variance), weight) in
        significances.iter().zip(&exact.variances).zip(&exact.weights)
    {
        let error = (variance / 20_000.0).sqrt();
        assert!((found.error / error - 1.0).abs() <= 1e-2, "{} {error}", found.error);
        assert!((found.z / (weight / error) - 1.0).abs() <= 2e-2);
        assert!(found.p < 1e-6);
    }
}

#[test]
fn auc_and_ks_are_those_of_the_scores_in_clear_on_both_parts() {
    let (table, job) = job(6_000, |terms| {
        terms.evaluation = true;
        terms.held_out_percent = 30;
    });
    let trained = job.honest(1).unwrap();
    let [training, held_out] =
        [&trained.findings.training, &trained.findings.held_out].map(|h| h.clone().unwrap());
    // The parts are drawn by a coin that the test does not know: together they are all rows.
    let both = |one: &[u64], other: &[u64]| one.iter().zip(other).map(|(x, y)| x + y).collect();
    let all = training::Histogram {
        good: both(&training.good, &held_out.good),
        bad: both(&training.bad, &held_out.bad),
    };
    let measures = all.measures().unwrap();
    assert!((measures.auc - table.auc(&trained.weights)).abs() <= 5e-4);
    assert!((measures.ks - table.ks(&trained.weights)).abs() <= 5e-3);
    let apart = held_out.measures().unwrap().auc - training.measures().unwrap().auc;
    assert!(apart.abs() < 0.05, "both parts are like one another: {apart}");
}

#[test]
fn any_number_of_holders_upload_and_order_is_that_of_the_terms() {
    let table = Made::from(22).table(1_500, &[0.9, -0.7, 0.5, -0.3, 0.1], 0.2);
    let models = [vec![5], vec![2, 3], vec![1, 1, 1, 1, 1]].map(|columns| {
        Job::of(&table, Terms::new(1_500, columns, [0; 32])).honest(3).unwrap().weights
    });
    assert!(models.iter().all(|model| farthest(model, &models[0]) <= 5e-3));
}

#[test]
fn uploads_that_are_missing_or_come_twice_or_are_cut_are_refused_by_name() {
    let (_, job) = job(1_000, |_| {});
    for (role, messages) in ROLES.into_iter().zip(job.messages(1).unwrap()) {
        let uploads = || training::Uploads::new(&job.terms, role).unwrap();
        let missing = |whose| Some(Error::Upload { whose, twice: false });
        let received = |whose, messages: &[Bytes]| {
            Received::of_own(&job.terms, whose, role, messages.to_vec(), |_| Ok(()))
        };
        let whole = |place: usize| received(job.uploaders()[place], &messages[place]).unwrap();
        assert_eq!(uploads().complete().err(), missing(Whose::Holder(0)));
        let mut some = uploads();
        some.take(whole(1)).unwrap();
        some.take(whole(0)).unwrap();
        let twice = Error::Upload { whose: Whose::Holder(0), twice: true };
        assert_eq!(some.take(whole(0)).err(), Some(twice));
        assert_eq!(some.complete().err(), missing(Whose::Labels));
        for (whose, parcel) in job.uploaders().into_iter().zip(&messages) {
            for cut in 0..parcel.len() {
                let mut short = parcel.clone();
                short[cut] = short[cut].slice(..short[cut].len().saturating_sub(1));
                let unchanged = short[cut] == parcel[cut];
                assert_eq!(received(whose, &short).is_ok(), unchanged);
                assert!(received(whose, &parcel[..cut]).is_err());
                let mut long = parcel.clone();
                long[cut] = [&long[cut][..], &[0]].concat().into();
                assert!(received(whose, &long).is_err());
            }
        }
        assert!(received(Whose::Holder(2), &messages[0]).is_err(), "no such holder");
    }
}

#[test]
fn an_upload_of_other_terms_or_at_another_role_is_refused() {
    let (_, job) = job(1_000, |_| {});
    let [messages, ..] = job.messages(1).unwrap();
    let received = |terms: &Terms| {
        let whose = Whose::Labels;
        Received::of_own(terms, whose, DEPARTMENT, messages[2].clone(), |_| Ok(())).unwrap()
    };
    let other = Terms { context: [1; 32], ..job.terms.clone() };
    let refused = Err(Error::OtherUpload { whose: Whose::Labels });
    let uploads = |role| training::Uploads::new(&job.terms, role).unwrap();
    assert_eq!(uploads(DEPARTMENT).take(received(&other)), refused);
    assert_eq!(uploads(PLATFORM).take(received(&job.terms)), refused);
    assert_eq!(uploads(DEPARTMENT).take(received(&job.terms)), Ok(()));
}

#[test]
fn roles_with_other_terms_do_not_train() {
    let (_, job) = job(1_000, |_| {});
    let other = Terms { newton_steps: 4, ..job.terms.clone() };
    let mut network = session::Network::new();
    let inputs = ROLES.iter().zip(job.inputs(1).unwrap());
    for ((&role, inputs), secret) in inputs.zip(crate::support::run::secrets(1)) {
        let terms = if role == PLATFORM { other.clone() } else { job.terms.clone() };
        let training = training::begin(terms, role, secret, inputs, |_| Ok(())).unwrap();
        network.join(role, training);
    }
    let failure = network.run(|_, _, _| Fate::Deliver).unwrap_err().to_string();
    assert!(failure.contains("the same terms"), "{failure}");
}

#[test]
fn terms_that_no_training_can_have_are_refused() {
    let terms = Terms::new(1_000, vec![2, 1], [0; 32]);
    let refused = |change: fn(&mut Terms)| {
        let mut changed = terms.clone();
        change(&mut changed);
        match changed.check() {
            Err(Error::Terms(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(terms.check(), Ok(()));
    assert_eq!(refused(|terms| terms.rows = 399), TermsError::Rows);
    assert_eq!(refused(|terms| terms.rows = Terms::MOST_ROWS + 1), TermsError::Rows);
    assert_eq!(refused(|terms| terms.columns = vec![]), TermsError::Columns);
    assert_eq!(refused(|terms| terms.columns = vec![1, 0]), TermsError::Columns);
    assert_eq!(refused(|terms| terms.columns = vec![512, 1]), TermsError::Columns);
    assert_eq!(refused(|terms| terms.newton_steps = 2), TermsError::NewtonSteps);
    assert_eq!(refused(|terms| terms.newton_steps = 13), TermsError::NewtonSteps);
    assert_eq!(refused(|terms| terms.held_out_percent = 51), TermsError::HeldOut);
    let cover = |cover| Population::Weighted { cover };
    assert_eq!(
        refused(|terms| terms.population = Population::Weighted { cover: 0 }),
        TermsError::Cover
    );
    assert_eq!(Terms { population: cover(16), ..terms.clone() }.check(), Ok(()));
    let shared = |terms: &mut Terms| {
        terms.policy = Policy::StaysShared;
        terms.standard_errors = true;
    };
    assert_eq!(refused(shared), TermsError::StandardErrors);
    assert!(Ridge::millionths(99).is_err() && Ridge::millionths(1_000_001).is_err());
}

#[test]
fn every_part_of_the_terms_changes_their_hash() {
    let terms = Terms::new(1_000, vec![2, 1], [0; 32]);
    let changes: [fn(&mut Terms); 10] = [
        |terms| terms.rows += 1,
        |terms| terms.columns = vec![1, 2],
        |terms| terms.ridge = Ridge::millionths(1_001).unwrap(),
        |terms| terms.newton_steps += 1,
        |terms| terms.population = Population::Weighted { cover: 1 },
        |terms| terms.held_out_percent = 1,
        |terms| terms.standard_errors = true,
        |terms| terms.evaluation = true,
        |terms| terms.policy = Policy::StaysShared,
        |terms| terms.context[31] = 1,
    ];
    let mut hashes = vec![terms.binding()];
    for change in changes {
        let mut changed = terms.clone();
        change(&mut changed);
        assert!(!hashes.contains(&changed.binding()));
        hashes.push(changed.binding());
    }
    assert_eq!([DEPARTMENT, PLATFORM, LENDER], ROLES);
}
