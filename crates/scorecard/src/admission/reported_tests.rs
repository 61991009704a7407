use domain::Slot;

use super::{Objection, Reported};
use crate::admission::{Admission, FigureOf, Finding, Limit, Rule, Verdict};
use crate::{Part, Scorecard};

/// Three holders with three features of three or four bins each.
fn card() -> Scorecard {
    let mut file = String::from(
        "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
    );
    for holder in ["tax", "social", "power"] {
        for (column, points) in [("a", [0, 9, 16]), ("b", [0, 12, 25]), ("c", [4, 0, 11])] {
            file += &format!("[[feature]]\nholder = '{holder}'\ncolumn = '{column}'\n");
            for (bin, points) in points.iter().enumerate() {
                file += &format!("[[feature.bin]]\npoints = {points}\nvalues = ['{bin}']\n");
            }
        }
    }
    Scorecard::from_toml(&file).unwrap()
}

fn slot(name: &str) -> Slot {
    name.parse().unwrap()
}

fn part() -> Part {
    card().part(&slot("tax")).unwrap()
}

fn figures() -> Vec<Finding> {
    let admission = Admission::of(&card(), None, None);
    admission.findings().iter().map(|finding| finding.seen_by(&slot("tax"))).collect()
}

fn check(figures: &[Finding], must_hold: bool) -> Result<(), Objection> {
    let max_points = card().most_points();
    let reported = Reported { figures, holders: 3, lender_takes_part: false, max_points };
    reported.check(&part(), must_hold)
}

/// The figures with the one of a rule altered.
fn altered(rule: Rule, alter: impl Fn(&mut Finding)) -> Vec<Finding> {
    let mut figures = figures();
    figures.iter_mut().filter(|finding| finding.rule == rule).for_each(alter);
    figures
}

#[test]
fn what_an_honest_platform_reports_is_taken() {
    assert_eq!(check(&figures(), true), Ok(()));
    let lender = slot("power");
    let admission = Admission::of(&card(), Some(&lender), None);
    let max_points = card().most_points_without(Some(&lender));
    let figures = admission.findings();
    let reported = Reported { figures, holders: 2, lender_takes_part: true, max_points };
    assert_eq!(reported.check(&part(), true), Ok(()));
}

#[test]
fn a_rule_without_a_figure_or_with_two_is_named() {
    assert_eq!(check(&[], true), Err(Objection::Missing(Rule::Holders)));
    for rule in Rule::ALL {
        let mut fewer = figures();
        fewer.retain(|finding| finding.rule != *rule);
        assert_eq!(check(&fewer, false), Err(Objection::Missing(*rule)));
        let twice: Vec<Finding> = figures().into_iter().chain(altered(*rule, |_| {})).collect();
        assert!(matches!(check(&twice, false), Err(Objection::Missing(_))));
    }
    // Only what takes statistics may be unknown.
    let hidden = altered(Rule::UnitVector, |finding| {
        (finding.figure, finding.verdict) = (None, Verdict::Unknown);
    });
    assert_eq!(check(&hidden, true), Err(Objection::Missing(Rule::UnitVector)));
    let hidden = altered(Rule::BinShare, |finding| finding.verdict = Verdict::Holds);
    assert_eq!(check(&hidden, true), Err(Objection::Missing(Rule::BinShare)));
}

#[test]
fn a_broken_rule_is_named_whatever_its_verdict_says() {
    for verdict in [Verdict::Holds, Verdict::Fails] {
        let dominant = altered(Rule::UnitVector, |finding| {
            (finding.figure, finding.verdict) = (Some(0.97), verdict);
        });
        assert_eq!(check(&dominant, true), Err(Objection::Broken(Rule::UnitVector)));
    }
    let noise = altered(Rule::MixedRadix, |finding| finding.figure = Some(f64::NAN));
    assert_eq!(check(&noise, true), Err(Objection::Broken(Rule::MixedRadix)));
    // Research data may break a rule, and says so.
    let dominant = |verdict| {
        altered(Rule::UnitVector, move |finding| {
            (finding.figure, finding.verdict) = (Some(0.97), verdict);
        })
    };
    assert_eq!(check(&dominant(Verdict::Fails), false), Ok(()));
    let objection = Objection::Contradicted(Rule::UnitVector);
    assert_eq!(check(&dominant(Verdict::Holds), false), Err(objection));
}

#[test]
fn a_figure_that_contradicts_the_holders_own_part_is_named() {
    let contradicted = |rule, alter: fn(&mut Finding)| {
        assert_eq!(check(&altered(rule, alter), true), Err(Objection::Contradicted(rule)));
    };
    contradicted(Rule::Holders, |finding| finding.figure = Some(4.0));
    contradicted(Rule::HolderFeatures, |finding| finding.figure = Some(4.0));
    contradicted(Rule::Bins, |finding| finding.figure = Some(4.0));
    contradicted(Rule::Bins, |finding| {
        finding.place = FigureOf::Feature("tax".parse().unwrap(), "z".into());
    });
    contradicted(Rule::Room, |finding| finding.figure = Some(10.0));
    // A limit of the platform's own making.
    contradicted(Rule::UnitVector, |finding| finding.limit = Limit::Most(1.0));
    contradicted(Rule::Holders, |finding| finding.limit = Limit::Least(1.0));
}
