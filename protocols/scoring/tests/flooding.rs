//! The distance and failure bounds of SPEC §2.3 and, for blocks, of §2.7, computed from the
//! parameters.

mod budget;

use budget::{
    capacity, covered, covered_of_parts, difference, distance, distance_over, failure, flood,
    passes, zero,
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

/// SPEC §2.9.
#[test]
fn a_table_of_three_parts_keeps_the_budget_with_a_third_of_the_features_and_costs_0_8_bits_with_all()
 {
    use budget::batch;
    let parts = u32::try_from(scoring::PartTerms::MOST).unwrap();
    let forty = (-40f64).exp2();
    assert!(
        covered_of_parts(21, parts) <= covered(64)
            && distance(covered_of_parts(21, parts)) <= forty
    );
    assert!((covered_of_parts(64, parts).log2() - 11.48).abs() < 0.01);
    assert!((distance(covered_of_parts(64, parts)).log2() + 39.26).abs() < 0.01);
    assert!(distance_over(20f64.exp2(), covered_of_parts(64, parts)) <= (-28.4f64).exp2());
    assert!((covered_of_parts(64, 2) / covered(64)).log2() < 0.5);

    let place = batch::covered_of_parts(64, parts);
    assert!((place.log2() - 17.70).abs() < 0.01, "{}", place.log2());
    let within = |distance: f64, bits: f64| assert!(distance <= bits.exp2(), "{}", distance.log2());
    within(batch::distance(place), -44.0);
    within(batch::distance_over(4096.0, 3f64.sqrt() * batch::subject(64)), -42.6);
    within(batch::distance_over(4096.0, place), -37.1);
    within(batch::distance_over(21f64.exp2(), place), -32.6);

    // What lenders decode: a table's noise is far below the allowance of noise_bound, 2^41 of 2^-64,
    // and below a unit of 2^-24 of the batch form's.
    let noise = 7f64.sqrt() * covered_of_parts(64, parts);
    assert!(14.0 * noise < 17f64.exp2(), "{}", noise.log2());
    let noise = 7f64.sqrt() * place * 24f64.exp2() / scoring::batch::MODULUS as f64;
    assert!(noise < 1e-9, "{noise}");
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

#[test]
fn a_block_is_within_2_to_minus_38_of_one_that_depends_on_no_data() {
    use budget::batch;
    assert!((batch::zero().log2() - 7.90).abs() < 0.01);
    assert!((batch::covered(64).log2() - 16.90).abs() < 0.01);
    assert!((batch::flood().log2() - 60.0).abs() < 1e-9);
    let (place, subject) = (batch::covered(64), batch::subject(64));
    let within = |distance: f64, bits: f64| assert!(distance <= bits.exp2(), "{}", distance.log2());
    within(batch::distance(place), -44.8);
    within(batch::distance_over(4096.0, place), -37.9);
    // Whatever is to be hidden about one subject stands in all 4096 places of its block.
    within(batch::distance_over(4096.0, subject), -43.4);
    within(batch::distance_over(21f64.exp2(), place), -33.4);
    // Even data that lines up with the secret as well as any can: SPEC §2.7.
    within(3.2 * batch::distance_over(21f64.exp2(), place), -31.7);
    assert!((batch::capacity() - 12.95).abs() < 0.05, "{}", batch::capacity());
}

#[test]
fn a_place_of_a_block_is_decoded_wrong_less_than_once_in_2_to_34() {
    use budget::batch::{failure, passes};
    for holders in 1..=4 {
        assert!(failure(holders) < (-150f64).exp2(), "four floods cannot reach half a point");
    }
    for (holders, bits) in [(5, -96.0), (6, -45.5), (7, -34.2)] {
        assert!(failure(holders) < f64::exp2(bits), "{holders}: 2^{:.2}", failure(holders).log2());
    }
    // The next holder would break it.
    assert!(failure(8) > (-34f64).exp2());
    for (holders, share) in (1..=7).zip([0.276, 0.480, 0.683, 0.886, 1.0, 1.0, 1.0]) {
        assert!((passes(holders) - share).abs() < 0.0006, "{holders}: {}", passes(holders));
    }
}

#[test]
fn a_key_that_passed_its_key_check_tells_next_to_nothing_about_u() {
    use budget::batch::{answer_leak, challenge_leak};
    // Of more than 6000 bits that 4096 ternary numbers have.
    assert!(challenge_leak() < (-14f64).exp2(), "2^{:.1}", challenge_leak().log2());
    assert!(answer_leak() < (-27f64).exp2(), "2^{:.1}", answer_leak().log2());
}
