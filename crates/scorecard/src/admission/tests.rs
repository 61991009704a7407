use std::fmt::Write;

use proptest::prelude::{Strategy, prop_assert, proptest};

use domain::Slot;

use super::{Admission, FigureOf, Finding, Limit, Rule, Verdict};
use crate::{Reference, Scorecard, Tally};

/// A card of these points by holder, feature and bin.
fn card(holders: &[&[&[u16]]]) -> Scorecard {
    let mut file = String::from(
        "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
    );
    for (holder, features) in holders.iter().enumerate() {
        for (column, points) in features.iter().enumerate() {
            write!(file, "[[feature]]\nholder = 'h{holder}'\ncolumn = 'c{column}'\n").unwrap();
            for (bin, points) in points.iter().enumerate() {
                write!(file, "[[feature.bin]]\npoints = {points}\n").unwrap();
                writeln!(file, "values = ['{bin}']").unwrap();
            }
        }
    }
    Scorecard::from_toml(&file).unwrap()
}

fn broken(card: &Scorecard) -> Vec<Rule> {
    let admission = Admission::of(card, None, None);
    let fails = |finding: &&Finding| finding.verdict == Verdict::Fails;
    admission.findings().iter().filter(fails).map(|finding| finding.rule).collect()
}

fn finding(admission: &Admission, rule: Rule) -> &Finding {
    admission.findings().iter().find(|finding| finding.rule == rule).unwrap()
}

fn figure(card: &Scorecard, rule: Rule) -> f64 {
    finding(&Admission::of(card, None, None), rule).figure.unwrap()
}

const STEPS: &[u16] = &[0, 9, 16, 30];

fn ordinary() -> Scorecard {
    let features: [&[u16]; 3] = [STEPS, &[0, 12, 25], &[4, 0, 11, 19, 28]];
    card(&[&features, &features, &features])
}

#[test]
fn an_ordinary_card_of_three_holders_breaks_no_rule() {
    let admission = Admission::of(&ordinary(), None, None);
    assert!(admission.holds() && !admission.is_complete());
    assert_eq!(admission.findings().len(), Rule::ALL.len());
    let unknown = admission.findings().iter().filter(|f| f.verdict == Verdict::Unknown);
    let unknown: Vec<_> = unknown.map(|finding| finding.rule).collect();
    assert_eq!(unknown, [Rule::BinShare, Rule::FeatureDominance, Rule::HolderDominance]);
}

#[test]
fn a_lender_with_a_slot_of_its_own_needs_two_holders_besides() {
    let features: [&[u16]; 3] = [STEPS; 3];
    let lender: Slot = "h2".parse().unwrap();
    let with = |card: &Scorecard| Admission::of(card, Some(&lender), None);
    // The lender's own block may be as thin as it likes.
    assert!(with(&card(&[&features, &features, &[STEPS, STEPS]])).holds());
    let two = card(&[&features, &[STEPS; 5]]);
    assert_eq!(finding(&with(&two), Rule::Holders).verdict, Verdict::Fails);
}

#[test]
fn an_own_block_does_not_hide_what_the_lender_reads_without_it() {
    let trifles: [&[u16]; 3] = [&[0, 1, 2], &[1, 0, 2], &[0, 2, 1]];
    let wide: &[u16] = &[0, 30, 60, 90];
    let own: [&[u16]; 3] = [&[0, 20, 70, 90], &[90, 13, 0, 40], &[0, 77, 30, 90]];
    let card = card(&[&[wide, trifles[0], trifles[1]], &trifles, &own]);
    let lender: Slot = "h2".parse().unwrap();
    let mut tally = Tally::new(&card, Some(&lender));
    let mut mixed = Tally::new(&card, None);
    for row in 0..4_000_usize {
        let bins: Vec<_> = card
            .features()
            .enumerate()
            .map(|(place, (.., points))| {
                (row / (place + 1) + row * row * (place + 3)) % points.len()
            })
            .collect();
        tally.count(&bins);
        mixed.count(&bins);
    }
    let (opened, mixed) = (tally.reference().unwrap(), mixed.reference().unwrap());
    let verdict = |lender: Option<&Slot>, reference, rule| {
        let admission = Admission::of(&card, lender, Some(reference));
        finding(&admission, rule).verdict
    };
    for rule in [Rule::FeatureDominance, Rule::UnitVector, Rule::MixedRadix] {
        assert_eq!(verdict(Some(&lender), &opened, rule), Verdict::Fails, "{rule:?}");
        assert_eq!(verdict(None, &mixed, rule), Verdict::Holds, "{rule:?}");
    }
    // Statistics of the total are none of the sum that this lender opens.
    let unknown = verdict(Some(&lender), &mixed, Rule::FeatureDominance);
    assert_eq!(unknown, Verdict::Unknown);
}

#[test]
fn a_narrow_card_breaks_breadth() {
    let thin = card(&[&[STEPS; 3], &[STEPS; 3], &[STEPS; 2]]);
    assert_eq!(broken(&thin), [Rule::HolderFeatures]);
    let found = Admission::of(&thin, None, None);
    let place = &finding(&found, Rule::HolderFeatures).place;
    assert_eq!(*place, FigureOf::Holder("h2".parse().unwrap()));
    let flat: &[u16] = &[7, 7, 7];
    let few = card(&[&[STEPS; 3], &[STEPS; 3], &[STEPS, flat, flat]]);
    assert_eq!(broken(&few), [Rule::Features]);
    let coarse = card(&[&[STEPS; 3], &[STEPS; 3], &[STEPS, STEPS, &[0, 9]]]);
    assert_eq!(broken(&coarse), [Rule::Bins]);
}

#[test]
fn a_unit_vector_is_refused_bare_and_among_trifles() {
    let flat: &[u16] = &[0, 0, 0];
    let bare = card(&[&[&[0, 1, 2, 3, 4, 5], flat, flat], &[flat; 3], &[flat; 3]]);
    let trifle: &[u16] = &[0, 1, 0];
    let hidden = card(&[&[&[0, 99, 198, 297, 396], trifle, trifle], &[trifle; 3], &[trifle; 3]]);
    for unit in [bare, hidden] {
        let broken = broken(&unit);
        assert!(broken.contains(&Rule::UnitVector), "{broken:?}");
        assert!(broken.contains(&Rule::MixedRadix), "{broken:?}");
    }
}

#[test]
fn every_mixed_radix_that_fits_is_refused() {
    for bins in 2_u16..=32 {
        let fits = |digits: &u32| bins.checked_pow(*digits).is_some_and(|totals| totals <= 1024);
        let digits = (2..=10).filter(fits);
        for digits in digits {
            let points: Vec<Vec<u16>> = (0..digits)
                .map(|digit| (0..bins).map(|bin| bin * bins.pow(digit)).collect())
                .collect();
            let slices: Vec<&[u16]> = points.iter().map(Vec::as_slice).collect();
            let table = card(&[&slices]);
            assert!(figure(&table, Rule::MixedRadix) > 0.999, "{bins}^{digits}");
            assert!(broken(&table).contains(&Rule::MixedRadix));
        }
    }
}

#[test]
fn a_mixed_radix_over_noise_is_refused_as_a_whole_or_by_its_cut() {
    // Three features of five bins in steps of 8, over six that add up to 7 at most.
    let low: [&[u16]; 3] = [&[0, 1, 1], &[0, 1, 0], &[0, 2, 1]];
    let digit = |size: u16| (0..5).map(|bin| bin * size).collect::<Vec<u16>>();
    let (first, second, third) = (digit(8), digit(40), digit(200));
    let table = card(&[&[&first, &second, &third], &low, &[low[0], low[1], low[1]]]);
    assert!(broken(&table).contains(&Rule::MixedRadix));
    // A holder's part in steps wider than the other holders' parts together.
    let wide: &[u16] = &[0, 32, 64, 96];
    let narrow: &[u16] = &[0, 2, 4, 5];
    let table = card(&[&[wide; 3], &[narrow; 3], &[narrow; 3]]);
    assert_eq!(broken(&table), [Rule::MixedRadix]);
}

#[test]
fn merging_a_few_totals_does_not_hide_a_mixed_radix() {
    // 6 bins in base 5: the sixth bin of each digit collides with the first of the next.
    let digit = |size: u16| (0..6).map(|bin| bin * size).collect::<Vec<u16>>();
    let digits = [digit(1), digit(6), digit(36)];
    let mut points: Vec<&[u16]> = digits.iter().map(Vec::as_slice).collect();
    let nearly = [0, 36, 72, 108, 144, 178];
    points[2] = &nearly;
    assert!(broken(&card(&[&points])).contains(&Rule::MixedRadix));
}

#[test]
fn dominance_and_rare_bins_are_found_in_statistics() {
    let card = ordinary();
    let mut tally = Tally::new(&card, None);
    let sizes: Vec<usize> = card.features().map(|(.., points)| points.len()).collect();
    for row in 0..3_000_usize {
        let bins =
            sizes.iter().enumerate().map(|(place, size)| (row * (place + 7) / 5 + row) % size);
        tally.count(&bins.collect::<Vec<_>>());
    }
    let sound = tally.reference().unwrap();
    let admission = Admission::of(&card, None, Some(&sound));
    assert!(admission.is_complete(), "{:?}", admission.findings());

    let changed = |change: fn(&mut Reference)| {
        let mut reference = sound.clone();
        change(&mut reference);
        Admission::of(&card, None, Some(&reference))
    };
    let rare = changed(|reference| reference.bin_shares[1][2] = 0.02);
    let found = finding(&rare, Rule::BinShare);
    assert_eq!(found.verdict, Verdict::Fails);
    assert_eq!(found.place, FigureOf::Bin("h0".parse().unwrap(), "c1".into(), "2".into()));
    let one = changed(|reference| reference.feature_dominance[4] = 0.81);
    assert_eq!(finding(&one, Rule::FeatureDominance).verdict, Verdict::Fails);
    let flagged = changed(|reference| reference.holder_dominance[2] = 0.93);
    assert_eq!(finding(&flagged, Rule::HolderDominance).verdict, Verdict::Flagged);
    let block = changed(|reference| reference.holder_dominance[2] = 0.96);
    assert_eq!(finding(&block, Rule::HolderDominance).verdict, Verdict::Fails);
    for strange in [
        changed(|reference| reference.bin_shares[0][0] = f64::NAN),
        changed(|reference| reference.holder_dominance = vec![0.1]),
    ] {
        assert_eq!(finding(&strange, Rule::BinShare).verdict, Verdict::Unknown);
    }
}

#[test]
fn a_rare_bin_of_missing_values_counts_only_where_its_points_stand_out() {
    let file = |missing: u16| {
        format!(
            "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
             [[feature]]\nholder = 'h'\ncolumn = 'c'\nmissing = {missing}\n\
             bin = [{{ below = 1, points = 3 }}, {{ points = 9 }}]\n"
        )
    };
    for (missing, figure) in [(3, 0.4), (9, 0.4), (2, 0.0), (10, 0.0)] {
        let card = Scorecard::from_toml(&file(missing)).unwrap();
        let mut tally = Tally::new(&card, None);
        [0, 0, 1, 1, 1].iter().for_each(|bin| tally.count(&[*bin]));
        let reference = tally.reference().unwrap();
        let admission = Admission::of(&card, None, Some(&reference));
        assert_eq!(finding(&admission, Rule::BinShare).figure, Some(figure), "{missing}");
        // Rows without a value make no listed bin rarer.
        (0..5).for_each(|_| tally.count(&[2]));
        let reference = tally.reference().unwrap();
        let admission = Admission::of(&card, None, Some(&reference));
        let found = finding(&admission, Rule::BinShare).figure;
        assert_eq!(found, Some(figure.max(0.4)), "{missing}");
    }
}

#[test]
fn every_rule_has_an_identifier_of_its_own_and_both_languages() {
    let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert!(rule.zh().chars().any(|char| ('一'..='龥').contains(&char)), "{}", rule.code());
        assert!(rule.en().is_ascii(), "{}", rule.code());
    }
}

/// Regressions as fits make them: coefficients around 1, woe of up to one either way, PDO 20.
fn regression() -> impl Strategy<Value = Scorecard> {
    let feature = (0.2_f64..1.4, proptest::collection::vec(-1.0_f64..1.0, 3..9));
    let holder = proptest::collection::vec(feature, 3..6);
    proptest::collection::vec(holder, 3..5).prop_filter_map("fits into 10 bits", |holders| {
        let mut file = String::from(
            "model = 'm'\nversion = 1\ntitle = 't'\nintercept = -2\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
        );
        for (holder, features) in holders.iter().enumerate() {
            for (column, (coef, woe)) in features.iter().enumerate() {
                write!(file, "[[feature]]\nholder = 'h{holder}'\ncolumn = 'c{column}'\n").unwrap();
                writeln!(file, "coef = {coef}").unwrap();
                for (bin, woe) in woe.iter().enumerate() {
                    write!(file, "[[feature.bin]]\nvalues = ['{bin}']\nwoe = {woe}\n").unwrap();
                }
            }
        }
        Scorecard::from_toml(&file).ok()
    })
}

proptest! {
    #[test]
    fn ordinary_woe_cards_raise_no_false_alarm(card in regression()) {
        prop_assert!(broken(&card).iter().all(|rule| *rule == Rule::Features));
        prop_assert!(figure(&card, Rule::MixedRadix) < 0.65);
        prop_assert!(figure(&card, Rule::UnitVector) < 0.50);
    }
}

#[test]
fn a_finding_is_read_as_it_is_written_and_hides_columns_of_others() {
    let (tax, social): (Slot, Slot) = ("tax".parse().unwrap(), "social".parse().unwrap());
    let places = [
        FigureOf::Model,
        FigureOf::Holder(tax.clone()),
        FigureOf::Feature(tax.clone(), "vat".into()),
        FigureOf::Bin(tax.clone(), "vat".into(), "<= 5".into()),
        FigureOf::Below(40),
    ];
    for place in places {
        let limit = Limit::Most(0.8);
        let verdict = Verdict::Fails;
        let finding = Finding { rule: Rule::BinShare, place, figure: Some(0.9), limit, verdict };
        let json = serde_json::to_string(&finding).unwrap();
        assert!(json.contains("\"broken\"") && json.contains("\"most\":0.8"), "{json}");
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
        assert_eq!(finding.seen_by(&tax), finding);
        assert!(!serde_json::to_string(&finding.seen_by(&social)).unwrap().contains("vat"));
    }
    for bad in [
        r#"{"rule":"R9","verdict":"kept","figure":1,"most":1}"#,
        r#"{"rule":"R5.room","verdict":"kept","figure":1}"#,
        r#"{"rule":"R5.room","verdict":"kept","figure":1,"most":1,"least":1}"#,
        r#"{"rule":"R5.room","verdict":"kept","figure":1,"most":1,"where":{"bin":"x"}}"#,
    ] {
        assert!(serde_json::from_str::<Finding>(bad).is_err(), "{bad}");
    }
}
