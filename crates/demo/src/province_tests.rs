use std::collections::BTreeSet;

use domain::{CheckMode, Uscc};

use super::{MOST_FIRMS, Province};

fn codes(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let (one, same, other) =
        (Province::generate(300, 1), Province::generate(300, 1), Province::generate(300, 2));
    assert_eq!((&one.tax, &one.social, &one.bank), (&same.tax, &same.social, &same.bank));
    assert_eq!(one.power, same.power);
    assert_ne!((one.tax, one.power), (other.tax, other.power));
}

#[test]
fn the_bytes_are_those_that_the_shipped_card_was_fitted_on() {
    // The last rows hang on every draw before them.
    let Province { tax, social, power, fund, bank, rural } = Province::generate(2_000, 42);
    let last =
        [tax, social, bank, power, rural, fund].map(|csv| csv.lines().last().unwrap().to_owned());
    assert_eq!(last[0], "91321100PDY001549Y,285900,,0,0,0,M");
    assert_eq!(last[1], "91321100PDY001549Y,39,,8,6700");
    assert_eq!(last[2], "91321100PDY001549Y,2093700,7392600,2,0,0");
    assert_eq!(last[5], "91321100PDY001549Y,49,5,8,357000");
    assert_eq!(last[4], "92320800PDY001549K,379700,632300,9,0,0");
    assert_eq!(last[3], "91321100PDY001549Y,10850,22,0,0");
}

#[test]
fn every_code_passes_both_checks_and_lies_in_the_zone_that_no_real_body_has() {
    let province = Province::generate(3_000, 7);
    let Province { tax, social, power, fund, bank, rural } = &province;
    for csv in [tax, social, power, fund, bank, rural] {
        let codes = codes(csv);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        for code in codes {
            let read = Uscc::parse(code, CheckMode::Strict).unwrap();
            assert!(!read.normalised && !read.flags.any());
            assert_eq!(&code[8..11], "PDY");
        }
    }
}

#[test]
fn each_party_knows_most_firms_and_the_banks_some_that_a_holder_or_the_other_does_not() {
    let province = Province::generate(4_000, 3);
    let Province { tax, social, power, fund, bank, rural } = &province;
    let [tax, social, power, fund, bank, rural] = [tax, social, power, fund, bank, rural]
        .map(|csv| codes(csv).into_iter().collect::<BTreeSet<_>>());
    assert!((3_700..3_950).contains(&tax.len()), "{}", tax.len());
    assert!((3_400..3_850).contains(&social.len()), "{}", social.len());
    assert!((3_500..3_900).contains(&power.len()), "{}", power.len());
    assert!((2_850..3_150).contains(&bank.len()), "{}", bank.len());
    assert!((3_200..3_700).contains(&fund.len()), "{}", fund.len());
    assert!(bank.difference(&fund).count() > 100);
    assert!((450..700).contains(&rural.len()), "{}", rural.len());
    assert!(rural.difference(&bank).count() > 80 && rural.intersection(&bank).count() > 300);
    assert!(bank.difference(&tax).count() > 50);
    assert!(bank.difference(&social).count() > 50);
    assert!(bank.difference(&power).count() > 50);
}

#[test]
fn about_one_loan_in_ten_is_bad() {
    let province = Province::generate(20_000, 5);
    for customers in [province.bank, province.rural] {
        let bads = customers.lines().filter(|row| row.ends_with(",1")).count();
        let rows = customers.lines().count() - 1;
        assert!(bads * 100 > rows * 7 && bads * 100 < rows * 14, "{bads} of {rows}");
    }
}

#[test]
fn there_are_codes_for_as_many_firms_as_it_promises() {
    assert!(Uscc::nth_pdy((MOST_FIRMS - 1) * super::PREFIXES + 2).is_some());
}
