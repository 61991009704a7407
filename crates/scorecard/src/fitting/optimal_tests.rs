use std::cmp::Ordering;

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

use crate::fitting::{
    Constraints, Counts, MOST_PREBINS, Optimal, Outcome, Partition, Trend, information_value,
    optimal,
};

const TRENDS: [Trend; 5] =
    [Trend::Free, Trend::Ascending, Trend::Descending, Trend::Peak, Trend::Valley];

fn any() -> Constraints {
    Constraints { min_bin_size: 0.0, monotonic_trend: Trend::Free, ..Constraints::default() }
}

/// The definition of a trend, by the comparisons of neighbours.
fn has(trend: Trend, bins: &[Counts]) -> bool {
    let steps: Vec<_> = bins.windows(2).map(|pair| pair[0].cmp_rate(pair[1])).collect();
    let turns = |first: Ordering| {
        let turn = steps.iter().position(|step| *step != first).unwrap_or(steps.len());
        steps[turn..].iter().all(|step| *step == first.reverse())
    };
    match trend {
        Trend::Free => true,
        Trend::Ascending => steps.iter().all(|step| *step == Ordering::Less),
        Trend::Descending => steps.iter().all(|step| *step == Ordering::Greater),
        Trend::Peak => turns(Ordering::Less),
        Trend::Valley => turns(Ordering::Greater),
        Trend::Auto => unreachable!("it is one of the others"),
    }
}

/// The most information value of any partition that keeps the constraints: every one is tried.
fn brute_force(prebins: &[Counts], constraints: &Constraints) -> Option<f64> {
    let all: Counts = prebins.iter().copied().sum();
    (0..1_u32 << (prebins.len() - 1))
        .filter_map(|cuts| {
            let cut = |start: &usize| *start == 0 || cuts >> (start - 1) & 1 == 1;
            let starts = (0..prebins.len()).filter(&cut).collect();
            let bins = Partition::new(starts, prebins.len()).unwrap().counts(prebins);
            let keeps = |bin: &Counts| {
                bin.is_mixed()
                    && bin.good >= constraints.min_bin_n_nonevent
                    && bin.bad >= constraints.min_bin_n_event
                    && bin.total() as f64 / all.total() as f64 >= constraints.min_bin_size
            };
            let pins = constraints.user_splits_fixed.iter();
            let kept = bins.len() <= constraints.max_n_bins
                && pins.clone().all(|pin| *pin >= prebins.len() || cut(pin))
                && bins.iter().all(keeps)
                && has(constraints.monotonic_trend, &bins);
            kept.then(|| information_value(&bins))
        })
        .max_by(f64::total_cmp)
}

fn cells(most: usize) -> impl Strategy<Value = Vec<Counts>> {
    let cell = (0_u64..30, 0_u64..30).prop_map(|(good, bad)| Counts::new(good, bad));
    vec(cell, 1..=most)
}

fn limited() -> impl Strategy<Value = Constraints> {
    let limits = (1_usize..=10, 0.0..0.3, 0_u64..12, 0_u64..12, vec(0_usize..10, 0..3));
    limits.prop_map(|(most, size, events, others, pins)| Constraints {
        max_n_bins: most,
        min_bin_size: size,
        min_bin_n_event: events,
        min_bin_n_nonevent: others,
        monotonic_trend: Trend::Auto,
        user_splits_fixed: pins,
    })
}

proptest! {
    #[test]
    fn no_partition_that_keeps_the_constraints_has_more_value(
        prebins in cells(10), limits in limited(),
    ) {
        for trend in TRENDS {
            let constraints = Constraints { monotonic_trend: trend, ..limits.clone() };
            let expected = brute_force(&prebins, &constraints);
            let found = optimal(&prebins, &constraints);
            prop_assert_eq!(found.is_ok(), expected.is_some(), "{:?}", trend);
            let (Ok(found), Some(expected)) = (found, expected) else { continue };
            prop_assert!((found.iv - expected).abs() < 1e-12, "{trend:?}: {} {expected}", found.iv);
            let bins = found.partition.counts(&prebins);
            prop_assert!((information_value(&bins) - found.iv).abs() < 1e-12);
            prop_assert!(has(trend, &bins) && bins.len() <= constraints.max_n_bins);
            prop_assert_eq!(found.trend, trend);
            let all: Counts = prebins.iter().copied().sum();
            prop_assert_eq!(bins.iter().copied().sum::<Counts>(), all);
            let rows = all.total() as f64;
            let large = |bin: &Counts| bin.total() as f64 / rows >= constraints.min_bin_size;
            prop_assert!(bins.iter().all(large));
            let pinned = |pin: &usize| *pin >= prebins.len() || found.partition.starts().contains(pin);
            prop_assert!(constraints.user_splits_fixed.iter().all(pinned));
        }
    }

    #[test]
    fn auto_is_the_better_monotone_trend_unless_a_turn_is_worth_a_tenth(
        prebins in cells(10), limits in limited(),
    ) {
        let value = |trend| {
            brute_force(&prebins, &Constraints { monotonic_trend: trend, ..limits.clone() })
        };
        let Ok(found) = optimal(&prebins, &limits) else { return Ok(()) };
        let [monotone, turning] = [[Trend::Ascending, Trend::Descending], [Trend::Peak, Trend::Valley]]
            .map(|two| two.into_iter().filter_map(value).fold(0.0, f64::max));
        // At the border itself the last digit decides.
        if (turning - 1.1 * monotone).abs() > 1e-9 {
            let expected = if turning > 1.1 * monotone { turning } else { monotone };
            prop_assert!((found.iv - expected).abs() < 1e-12);
        }
        prop_assert!(has(found.trend, &found.partition.counts(&prebins)));
    }

    #[test]
    fn counts_of_a_peer_never_panic(
        prebins in vec((proptest::prelude::any::<u64>(), proptest::prelude::any::<u64>()), 0..66),
    ) {
        let prebins: Vec<_> = prebins.into_iter().map(|(good, bad)| Counts::new(good, bad)).collect();
        let _ = optimal(&prebins, &any());
        let _ = crate::fitting::tree(&prebins, &crate::fitting::Limits::default());
        let _ = crate::fitting::chimerge(&prebins, &crate::fitting::Limits::default());
    }
}

#[test]
fn a_pinned_break_parts_equal_rates_where_no_trend_is_asked_for() {
    let equal = [Counts::new(27, 27), Counts::new(18, 18)];
    let pinned = Constraints { user_splits_fixed: vec![1], ..any() };
    let found = optimal(&equal, &pinned).unwrap();
    assert_eq!((found.partition.starts(), found.outcome), (&[0, 1][..], Outcome::Parted));
    assert_eq!(optimal(&equal, &any()).unwrap().partition.len(), 1);
    for trend in &TRENDS[1..] {
        let strict = Constraints { monotonic_trend: *trend, ..pinned.clone() };
        assert!(optimal(&equal, &strict).is_err(), "{trend:?}");
    }
}

#[test]
fn a_reversed_trend_collapses_and_is_told_as_such() {
    let rising = [Counts::new(90, 10), Counts::new(80, 20), Counts::new(60, 40)];
    let with = |trend| optimal(&rising, &Constraints { monotonic_trend: trend, ..any() }).unwrap();
    let reversed = with(Trend::Descending);
    assert_eq!((reversed.outcome, reversed.partition.len()), (Outcome::CollapsedByTrend, 1));
    assert_eq!(reversed.iv, 0.0);
    assert_eq!(
        (with(Trend::Ascending).outcome, with(Trend::Ascending).partition.len()),
        (Outcome::Parted, 3)
    );
    assert_eq!(with(Trend::Auto), with(Trend::Ascending));
    // Neither is the trend to blame for one pre-bin, nor for limits that one bin alone keeps.
    let all = Constraints { min_bin_size: 0.9, monotonic_trend: Trend::Descending, ..any() };
    assert_eq!(optimal(&rising, &all).unwrap().outcome, Outcome::CollapsedByLimits);
    assert_eq!(optimal(&rising[..1], &any()).unwrap().outcome, Outcome::CollapsedByLimits);
}

#[test]
fn a_peak_and_a_valley_keep_what_a_monotone_trend_loses() {
    let hill = [Counts::new(90, 10), Counts::new(50, 50), Counts::new(90, 10)];
    let with = |trend| optimal(&hill, &Constraints { monotonic_trend: trend, ..any() }).unwrap();
    assert_eq!((with(Trend::Peak).partition.len(), with(Trend::Auto).trend), (3, Trend::Peak));
    assert_eq!(with(Trend::Valley).partition.len(), 2);
    let dale = hill.map(|bin| Counts::new(bin.bad, bin.good));
    assert_eq!(optimal(&dale, &Constraints::default()).unwrap().trend, Trend::Valley);
}

#[test]
fn a_pinned_break_stays_and_one_against_the_trend_is_refused() {
    let rising = [Counts::new(90, 10), Counts::new(89, 11), Counts::new(60, 40)];
    let with = |most, pin, trend| {
        let constraints = Constraints {
            max_n_bins: most,
            user_splits_fixed: vec![pin],
            monotonic_trend: trend,
            ..any()
        };
        optimal(&rising, &constraints)
    };
    assert_eq!(with(2, 0, Trend::Ascending).unwrap().partition.starts(), [0, 2]);
    assert_eq!(with(2, 1, Trend::Ascending).unwrap().partition.starts(), [0, 1]);
    let refused = with(2, 1, Trend::Descending).unwrap_err().to_string();
    assert!(refused.contains("the pinned breaks contradict the trend"), "{refused}");
}

#[test]
fn bins_of_equal_rates_are_one() {
    let level = [Counts::new(10, 5), Counts::new(20, 10), Counts::new(5, 9)];
    let Optimal { partition, .. } = optimal(&level, &any()).unwrap();
    assert_eq!(partition.starts(), [0, 2]);
}

#[test]
fn what_no_bin_can_keep_is_refused_with_the_reason() {
    let said =
        |prebins: &[Counts], constraints| optimal(prebins, &constraints).unwrap_err().to_string();
    let some = [Counts::new(5, 3)];
    assert!(said(&[], any()).contains("0 pre-bins"));
    assert!(said(&[Counts::new(1, 1); MOST_PREBINS + 1], any()).contains("65 pre-bins"));
    assert!(said(&[Counts::new(5, 0)], any()).contains("both classes"));
    assert!(said(&some, Constraints { min_bin_n_event: 4, ..any() }).contains("no bins keep"));
    assert!(said(&some, Constraints { max_n_bins: 0, ..any() }).contains("max_n_bins"));
    assert!(said(&some, Constraints { min_bin_size: f64::NAN, ..any() }).contains("min_bin_size"));
    assert_eq!(optimal(&[Counts::new(7, 3); MOST_PREBINS], &any()).unwrap().partition.len(), 1);
}
