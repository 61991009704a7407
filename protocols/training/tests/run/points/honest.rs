//! Points on shares are those of a scorecard in clear.

use training::points::{Values, Verdicts};
use training::{Column, ROLES, Standard};

use super::card::{Card, weights};
use crate::support::made::Made;

#[test]
fn points_of_a_trained_model_are_those_in_clear_or_one_off() {
    for (seed, features) in [
        (1, vec![vec![5, 4, 3], vec![3, 6, 2], vec![8, 4, 5]]),
        (2, vec![vec![2]]),
        (3, vec![vec![32; 3], vec![7; 4]]),
    ] {
        let card = Card::made(seed, 1_200, features.clone());
        let models = card.trained(seed);
        let scaled = card.honest(&models, seed);
        let clear = card.in_clear(&weights(&models));
        let apart = card.apart(&card.opened(&scaled), &clear).concat();
        assert!(apart.iter().all(|apart| apart.abs() <= 1), "{features:?}: {apart:?}");
        let off = apart.iter().filter(|apart| **apart != 0).count();
        assert!(off * 20 <= apart.len(), "{features:?}: {off} of {} are one off", apart.len());
    }
}

#[test]
fn a_row_s_total_is_its_score_in_clear_but_for_rounding() {
    let card = Card::made(4, 2_000, vec![vec![5, 4, 3], vec![3, 6, 4], vec![8, 4, 5]]);
    let models = card.trained(4);
    let opened = card.opened(&card.honest(&models, 4));
    let logits = card.table().logits(&weights(&models));
    let scale = card.terms.scale;
    for (row, logit) in logits.into_iter().enumerate() {
        let points = opened.iter().zip(&card.bins).map(|(points, bins)| points[bins[row]]);
        // Single bins may be below 0; totals are not, and end below 1024.
        let total = points.sum::<i64>() % 1024;
        let score = (i64::from(scale.offset) + total) as f64;
        let exact = scale.shift() - scale.factor() * logit;
        assert!((score - exact).abs() <= 9.0 * 0.5 + 1.0, "{score} {exact}");
    }
}

#[test]
fn every_role_has_the_same_verdicts_and_no_share_of_one_role_is_the_points() {
    let card = Card::made(5, 1_000, vec![vec![5, 4, 3], vec![3, 6, 4], vec![8, 4, 5]]);
    let models = card.trained(5);
    let scaled = card.honest(&models, 5);
    let kept = Verdicts { breadth: true, feature_dominance: true, holder_dominance: true };
    assert!(scaled.iter().all(|scaled| scaled.verdicts == kept));
    assert!(kept.are_kept());
    let opened = card.opened(&scaled).concat();
    for scaled in &scaled {
        let share = (0..3).flat_map(|holder| scaled.share(holder).unwrap().expose().to_vec());
        let same = share.zip(&opened).filter(|(word, points)| i64::from(*word) == **points);
        assert!(same.count() < 3);
        assert!(scaled.share(3).is_err());
    }
}

#[test]
fn shares_of_more_bits_are_shares_of_the_same_points() {
    let mut card = Card::made(6, 1_000, vec![vec![5, 4, 3], vec![3, 6, 4], vec![8, 4, 5]]);
    let models = card.trained(6);
    let ten = card.opened(&card.honest(&models, 6));
    card.terms.bits = 12;
    let twelve = card.opened(&card.honest(&models, 7));
    let cut = |all: &Vec<Vec<i64>>| all.concat().iter().map(|x| x % 1024).collect::<Vec<_>>();
    assert_eq!(cut(&ten), cut(&twelve));
}

#[test]
fn the_value_of_a_bin_is_what_its_column_had_in_every_row() {
    let mut made = Made::from(8);
    let units = [-3.5, 0.25, 1_000.0, 17.0];
    let column: Vec<f64> = (0..2_000).map(|_| units[(made.uniform() * 4.0) as usize]).collect();
    let standard = Standard::of(&column).unwrap();
    let scaled: Vec<f64> = column.iter().map(|&x| standard.apply(x)).collect();
    assert!(Column::new(&scaled).is_ok());
    // Both go through one encoding: the uploads of one seed are the same bytes.
    let bins: Vec<f64> = units.iter().map(|&x| standard.apply(x)).collect();
    let card = Card::made(8, 1_000, vec![vec![4]]);
    let upload = |values: Values| {
        let mut rng = rand_core::SeedableRng::seed_from_u64(3);
        let rng: &mut chacha20::ChaCha20Rng = &mut rng;
        let own = Some(ROLES[0]);
        let send = training::points::transfer::send_values;
        let mut session = send(&card.terms, 0, vec![values], &[], own, rng).unwrap();
        match session::Session::advance(&mut session).unwrap() {
            session::Turn::Done(messages) => messages,
            session::Turn::Send(..) | session::Turn::Await => panic!("it has no peer"),
        }
    };
    let found = upload(Values::standardised(&units, &standard).unwrap());
    assert_eq!(found, upload(Values::new(&bins).unwrap()));
    assert!(Values::new(&[f64::NAN, 1.0]).is_err());
}
