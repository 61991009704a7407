//! One bit a rule, and what ends a scaling.

use session::{Fate, NetworkError};
use training::points::Verdicts;

use super::card::{Card, shares};

/// Nine features of three holders, of which weights say how wide each is.
fn card() -> Card {
    let mut card = Card::made(11, 1_000, vec![vec![4; 3], vec![4; 3], vec![4; 3]]);
    card.values = vec![vec![-0.5, 0.0, 0.25, 0.5]; 9];
    card
}

fn verdicts(card: &Card, slopes: [f64; 9]) -> Verdicts {
    let weights: Vec<f64> = slopes.into_iter().chain([-1.0]).collect();
    let scaled = card.honest(&card.shared(&weights), 1);
    assert!(scaled.iter().all(|other| other.verdicts == scaled[0].verdicts));
    scaled[0].verdicts
}

const EVEN: [f64; 9] = [1.0; 9];

#[test]
fn a_card_of_many_even_features_keeps_every_rule() {
    assert!(verdicts(&card(), EVEN).are_kept());
    assert!(verdicts(&card(), EVEN.map(|slope| -slope)).are_kept());
}

#[test]
fn a_feature_that_spans_more_than_80_of_a_hundred_points_is_dominant() {
    // Spans of 29 points for a weight of 1: eight of 3 for 0.1, and the limit is 96 of 120.
    let with = |slope: f64| {
        let mut slopes = [0.1; 9];
        slopes[4] = slope;
        verdicts(&card(), slopes)
    };
    assert!(with(3.2).feature_dominance);
    let broken = with(3.6);
    assert!(!broken.feature_dominance && broken.holder_dominance && broken.breadth);
}

#[test]
fn a_holder_that_spans_more_than_95_of_a_hundred_points_is_dominant() {
    let with = |slope: f64| {
        let mut slopes = [0.035; 9];
        slopes[3..6].fill(slope);
        verdicts(&card(), slopes)
    };
    // Six spans of one point beside three of 29 times the slope.
    assert!(with(1.2).holder_dominance);
    let broken = with(1.6);
    assert!(!broken.holder_dominance && broken.feature_dominance && broken.breadth);
}

#[test]
fn features_that_are_flat_do_not_count() {
    let mut slopes = EVEN;
    slopes[0] = 0.0;
    assert!(verdicts(&card(), slopes).breadth, "eight are left");
    slopes[8] = 0.001;
    assert!(!verdicts(&card(), slopes).breadth, "seven are left");
}

#[test]
fn holders_features_and_bins_that_are_too_few_are_not_broad() {
    let shapes = [
        vec![vec![4; 5], vec![4; 4]],
        vec![vec![4; 4], vec![4; 3], vec![4; 2]],
        vec![vec![4; 3], vec![4; 3], vec![4, 4, 2]],
    ];
    for features in shapes {
        let mut card = card();
        card.terms.features = features;
        if let Some(values) = card.values.last_mut() {
            values.truncate(usize::from(*card.terms.features.concat().last().unwrap()));
        }
        let verdicts = verdicts(&card, EVEN);
        assert!(!verdicts.breadth && verdicts.feature_dominance && verdicts.holder_dominance);
    }
}

#[test]
fn the_lender_s_own_block_does_not_make_others_look_mixed() {
    let mut card = card();
    card.terms.features = vec![vec![4; 3], vec![4; 3], vec![4; 3]];
    let mut slopes = [0.02; 9];
    // The lender's block is wide; of the others one feature has nearly all.
    slopes[..3].fill(2.0);
    slopes[5] = 2.0;
    let outside = verdicts(&card, slopes);
    assert!(outside.feature_dominance && outside.holder_dominance);
    card.terms.lender = Some(0);
    let inside = verdicts(&card, slopes);
    assert!(!inside.feature_dominance && !inside.holder_dominance);
}

#[test]
fn two_holders_besides_the_lender_are_enough_if_their_features_are() {
    let mut card = Card::made(12, 1_000, vec![vec![4; 2], vec![4; 4], vec![4; 4]]);
    card.terms.lender = Some(0);
    card.values = vec![vec![-0.5, 0.0, 0.25, 0.5]; 10];
    let models = card.shared(&[[1.0; 10].as_slice(), &[-1.0]].concat());
    assert!(card.honest(&models, 1)[0].verdicts.are_kept());
    card.terms.lender = None;
    assert!(!card.honest(&models, 1)[0].verdicts.breadth, "two features of a holder");
}

#[test]
fn a_total_that_leaves_its_bits_ends_the_scaling() {
    let weights: Vec<f64> = EVEN.into_iter().chain([-1.0]).collect();
    let with = |change: fn(&mut Card)| {
        let mut card = card();
        change(&mut card);
        card.refused(&card.shared(&weights))
    };
    // From 386 to 646, less the offset.
    let refused: [fn(&mut Card); 4] = [
        |card| card.terms.bits = 7,
        |card| card.terms.scale.offset = 420,
        |card| card.terms.scale.offset = -400,
        |card| card.terms.scale.pdo = 100.0,
    ];
    for change in refused {
        let error = with(change);
        assert!(error.contains("leaves the bits"), "{error}");
    }
    let mut card = card();
    (card.terms.bits, card.terms.scale.offset) = (9, 350);
    assert!(card.honest(&card.shared(&weights), 1)[0].verdicts.are_kept());
}

#[test]
fn a_holder_s_values_beyond_their_bounds_end_the_scaling() {
    let card = card();
    let models = card.shared(&[EVEN.as_slice(), &[-1.0]].concat());
    let clip = 32 << 12;
    for wild in [clip + 1, -clip - 1, 1 << 44, -(1 << 56), i64::MAX, i64::MIN, i64::MIN + clip] {
        let mut inputs = card.inputs(1);
        for (inputs, values) in inputs.iter_mut().zip(shares(&[0, wild, 7, -7])) {
            inputs.values[4] = values;
        }
        match card.run_over(&models, inputs, 1, |_, _, _| Fate::Deliver).result {
            Err(NetworkError::Refused { error, .. }) => {
                assert!(error.to_string().contains("leaves the bits"), "{wild}: {error}");
            }
            other => panic!("{wild}: {other:?}"),
        }
    }
}

#[test]
fn weights_beyond_their_bounds_end_the_scaling() {
    for wild in [129.0, -129.0, 1e6, -1e12] {
        for place in [0, 9] {
            let mut weights = [0.01; 10];
            weights[place] = wild;
            let error = card().refused(&card().shared(&weights));
            assert!(error.contains("leaves the bits"), "{wild} at {place}: {error}");
        }
    }
}
