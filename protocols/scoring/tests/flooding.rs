//! The distance and failure bounds of SPEC §2.3, computed from the parameters.

mod budget;

use budget::{
    capacity, covered, difference, distance, distance_over, failure, flood, passes, zero,
};

#[test]
fn one_answer_is_within_2_to_minus_40_of_one_that_depends_on_no_data() {
    assert!((zero().log2() - 7.69).abs() < 0.01);
    assert!((covered(64).log2() - 10.70).abs() < 0.01);
    assert!((flood().log2() - 49.0).abs() < 1e-9);
    assert!(distance(covered(64)) <= (-40f64).exp2(), "2^{:.2}", distance(covered(64)).log2());
    // Two records that differ in all 64 features: a little more.
    assert!(distance(difference(64)) <= (-39.7f64).exp2());
}

#[test]
fn the_distance_grows_with_the_root_of_the_answers() {
    let one = distance_over(1.0, covered(64));
    assert!(one >= distance(covered(64)));
    assert!((distance_over(20f64.exp2(), covered(64)) / one - 1024.0).abs() < 1e-6);
    assert!(distance_over(20f64.exp2(), covered(64)) <= (-29f64).exp2());
}

#[test]
fn decryption_fails_less_than_once_in_2_to_34() {
    for holders in 1..=5 {
        assert!(failure(holders) <= 0.0, "five floods cannot reach half a step");
    }
    assert!((failure(6).log2() + 51.5).abs() < 0.2);
    assert!((failure(7).log2() + 36.7).abs() < 0.2);
    assert!(failure(7) < (-34f64).exp2());
    // The next holder would break it.
    assert!(failure(8) > (-34f64).exp2());
}

#[test]
fn the_lender_tests_what_the_spec_says() {
    for (holders, share) in (1..=7).zip([0.188, 0.375, 0.563, 0.750, 0.938, 1.0, 1.0]) {
        assert!((passes(holders) - share).abs() < 0.0006, "{holders}: {}", passes(holders));
    }
    assert!((capacity() - 12.95).abs() < 0.05, "{}", capacity());
}
