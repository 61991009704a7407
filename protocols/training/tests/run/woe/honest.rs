//! What comes out is what the ideal functionality says.

use std::collections::BTreeSet;

use proptest::prelude::*;
use session::Fate;
use training::woe::{Floors, Table, Tally, Thousandths};
use training::{LENDER, Outcome, ROLES, UPLOADER};

use super::ideal::reaches;
use super::job::Job;

fn tables(job: &Job, seed: u64) -> Vec<Vec<Table>> {
    job.honest(seed).into_iter().map(|learnt| learnt.tables).collect()
}

#[test]
fn every_holder_learns_what_counting_and_merging_in_clear_would_tell_it() {
    for (rows, features) in [
        (50, vec![vec![1]]),
        (63, vec![vec![2]]),
        (64, vec![vec![3, 4]]),
        (65, vec![vec![7], vec![8]]),
        (127, vec![vec![5]]),
        (129, vec![vec![16, 2], vec![3]]),
        (1_000, vec![vec![20; 3], vec![64], vec![1, 9]]),
        (1_537, vec![vec![10]; 5]),
        (12_345, vec![vec![64, 63, 31, 32, 33]]),
        (40_001, vec![vec![20]]),
    ] {
        for hidden in [false, true] {
            let job = Job::made(rows.into(), rows, features.clone(), hidden);
            let found = tables(&job, 3);
            assert_eq!(found, job.ideal(), "{rows} rows, {features:?}, hidden: {hidden}");
            assert_eq!(job.in_clear(), found, "{rows} rows in clear");
        }
    }
}

#[test]
fn seventy_features_fill_more_than_one_word_of_lanes() {
    let job = Job::made(5, 700, vec![vec![6; 40], vec![5; 30]], false);
    assert_eq!(tables(&job, 1), job.ideal());
}

#[test]
fn shares_the_dealer_and_the_engine_in_clear_count_the_same_whatever_their_randomness() {
    for hidden in [false, true] {
        let job = Job::made(11, 901, vec![vec![12, 3], vec![33]], hidden);
        let ideal = job.ideal();
        assert_eq!(job.in_clear(), ideal);
        assert_eq!(job.on_shares(1), ideal);
        assert_eq!(job.on_shares(2), ideal);
        assert_eq!(job.dealt(3), ideal);
    }
}

#[test]
fn a_holder_that_is_itself_a_role_learns_the_same_of_its_own_component_and_the_others() {
    let job = Job::made(13, 800, vec![vec![12, 3], vec![33]], false);
    let counted = job.run(1, |_, _, _| Fate::Deliver).counted.map(Option::unwrap);
    for holder in 0..job.holders.len() {
        let apart = job.released(&counted, holder, None, |_, _, _| Fate::Deliver).unwrap();
        assert_eq!(apart.tables, job.ideal()[holder]);
        for own in ROLES {
            let mut crossed = BTreeSet::new();
            let learnt = job.released(&counted, holder, Some(own), |from, to, _| {
                crossed.insert((from, to));
                Fate::Deliver
            });
            assert_eq!(learnt.unwrap(), apart, "{own:?}");
            // Nothing goes to the role or comes from it; a lender tells itself the values.
            let told = [(UPLOADER, LENDER)];
            let others = ROLES.map(|role| (role, UPLOADER)).into_iter().chain(told);
            let others = others.filter(|(from, to)| *from != own && *to != own);
            assert_eq!(crossed, others.collect(), "{own:?}");
        }
    }
}

/// One feature of ten bins, its rows and outcomes as given.
fn with(column: Vec<Option<u8>>, outcomes: Vec<Outcome>) -> Job {
    let rows = u32::try_from(column.len()).unwrap();
    let job = Job::made(1, rows, vec![vec![10]], false);
    Job { holders: vec![vec![column]], outcomes, ..job }
}

fn outcomes(rows: usize, bad: impl Fn(usize) -> bool) -> Vec<Outcome> {
    (0..rows).map(|row| if bad(row) { Outcome::Bad(1.0) } else { Outcome::Good(1.0) }).collect()
}

#[test]
fn a_job_of_one_class_opens_nothing() {
    let column: Vec<Option<u8>> = (0..600).map(|row| Some((row % 10) as u8)).collect();
    for (what, bad) in [("all good", 0), ("one bad", 1), ("four bad", 4), ("all bad", 600)] {
        let job = with(column.clone(), outcomes(600, |row| row < bad));
        let learnt = &job.honest(1)[0];
        assert_eq!(learnt.tables, [Table::Withheld], "{what}");
        assert_eq!(learnt.values, [None], "{what}");
    }
    let job = with(column, outcomes(600, |row| row < 5));
    assert!(
        matches!(&job.honest(1)[0].tables[..], [Table::Counted { bins, .. }] if bins.len() == 1)
    );
}

#[test]
fn a_feature_with_one_bin_that_is_used_is_one_coarse_bin_of_no_value() {
    for used in [0, 4, 9] {
        let job = with(vec![Some(used); 300], outcomes(300, |row| row % 4 == 0));
        let learnt = &job.honest(2)[0];
        let Table::Counted { bins, missing: None } = &learnt.tables[0] else { panic!("counted") };
        assert_eq!((bins.len(), bins[0].first, bins[0].last), (1, 0, 9));
        assert_eq!(bins[0].tally, Tally { good: 225, bad: 75 });
        assert_eq!(learnt.values, [Some(Thousandths(0))]);
    }
}

#[test]
fn empty_bins_go_with_the_bin_that_reaches_the_floors_after_them() {
    let column = (0..600).map(|row| Some(if row % 2 == 0 { 3 } else { 7 })).collect();
    let job = with(column, outcomes(600, |row| row % 5 == 0));
    let Table::Counted { bins, .. } = &job.honest(3)[0].tables[0] else { panic!("counted") };
    let spans: Vec<(u8, u8)> = bins.iter().map(|bin| (bin.first, bin.last)).collect();
    assert_eq!(spans, [(0, 3), (4, 9)]);
}

#[test]
fn few_missing_values_are_counted_with_the_first_bin_and_many_by_themselves() {
    for (missing, bad_ones, apart) in
        [(49, 10, false), (60, 4, false), (60, 5, true), (60, 56, false)]
    {
        let column = (0..600).map(|row| (row >= missing).then_some((row % 10) as u8)).collect();
        let bad = |row| row < bad_ones || (row >= missing && row % 4 == 0);
        let job = with(column, outcomes(600, bad));
        let found = &job.honest(4)[0].tables;
        assert_eq!(found, &job.ideal()[0]);
        let Table::Counted { missing: found, .. } = &found[0] else { panic!("counted") };
        assert_eq!(found.is_some(), apart, "{missing} missing, {bad_ones} of them bad");
    }
}

#[test]
fn where_all_values_but_few_are_missing_nothing_is_opened() {
    let column = (0..600).map(|row| (row < 40).then_some(2)).collect();
    let job = with(column, outcomes(600, |row| row % 2 == 0));
    assert_eq!(job.honest(5)[0].tables, [Table::Withheld]);
}

#[test]
fn higher_floors_leave_fewer_bins() {
    let mut job = Job::made(21, 3_000, vec![vec![40]], false);
    let count = |job: &Job| match &job.honest(1)[0].tables[0] {
        Table::Counted { bins, .. } => bins.len(),
        Table::Withheld => 0,
    };
    let usual = count(&job);
    job.terms.floors = Floors::new(300, 60).unwrap();
    assert_eq!(job.honest(1)[0].tables, job.ideal()[0]);
    let fewer = count(&job);
    assert!(0 < fewer && fewer < usual, "{fewer} of {usual}");
    assert!(Floors::new(49, 5).is_err() && Floors::new(50, 4).is_err());
}

/// Weights and values against a formula of its own, in floating point.
#[test]
fn weights_and_information_values_are_those_of_the_textbook() {
    let job = Job::made(31, 5_000, vec![vec![12, 5]], false);
    let learnt = &job.honest(1)[0];
    let bads = job.outcomes.iter().filter(|one| matches!(one, Outcome::Bad(_))).count() as f64;
    let goods = job.outcomes.len() as f64 - bads;
    for (table, value) in learnt.tables.iter().zip(&learnt.values) {
        let Table::Counted { bins, missing } = table else { panic!("counted") };
        let (weights, of_missing) = table.weights();
        let tallies = bins.iter().map(|bin| bin.tally).chain(*missing);
        let mut sum = 0.0;
        for (tally, weight) in tallies.zip(weights.into_iter().chain(of_missing)) {
            let (good, bad) = (f64::from(tally.good) / goods, f64::from(tally.bad) / bads);
            assert!((weight - (good.ln() - bad.ln())).abs() < 1e-12);
            sum += (good - bad) * (good.ln() - bad.ln());
        }
        let Some(Thousandths(thousandths)) = value else { panic!("the lender learns it") };
        assert!((f64::from(*thousandths) / 1e3 - sum).abs() <= 0.000_501, "{sum}");
        assert!(*thousandths > 5, "bins tell outcomes: {thousandths}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// Whatever the rows are: no cell below the floors opens, every row is in one cell, and what
    /// opens is what the ideal functionality says.
    #[test]
    fn no_cell_below_the_floors_ever_opens(
        seed in 0..1_000_u64,
        rows in 50..900_u32,
        bins in proptest::collection::vec(1..=64_u8, 1..4),
        skew in 0.0..1.0_f64,
        bad_rate in 0.0..1.0_f64,
        missing in 0.0..1.0_f64,
        hidden: bool,
    ) {
        let mut made = crate::support::made::Made::from(seed);
        let mut job = Job::made(seed, rows, vec![bins.clone()], hidden);
        for (column, &bins) in job.holders[0].iter_mut().zip(&bins) {
            for row in column.iter_mut() {
                let place = made.uniform().powf(1.0 + 8.0 * skew) * f64::from(bins);
                *row = (made.uniform() >= missing).then_some(place as u8);
            }
        }
        for outcome in &mut job.outcomes {
            if !matches!(outcome, Outcome::Stranger) {
                let bad = made.uniform() < bad_rate;
                *outcome = if bad { Outcome::Bad(1.0) } else { Outcome::Good(1.0) };
            }
        }
        let found = tables(&job, seed);
        prop_assert_eq!(&found, &job.ideal());
        let members = job.outcomes.iter().filter(|one| !matches!(one, Outcome::Stranger)).count();
        for table in &found[0] {
            let Table::Counted { bins, missing } = table else { continue };
            let tallies: Vec<Tally> =
                bins.iter().map(|bin| bin.tally).chain(*missing).collect();
            prop_assert!(tallies.iter().all(|tally| reaches(*tally, job.terms.floors)));
            let counted: u32 = tallies.iter().map(|tally| tally.good + tally.bad).sum();
            prop_assert_eq!(counted as usize, members);
        }
    }
}
