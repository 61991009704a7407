//! What a lender claims goes to one holder, who takes it by the rules of what is typed.

use catalogue::disclosure::Limit;
use catalogue::{Catalogue, Disclosed, TypedAtom};
use domain::{Answer, Value};
use formula::{Claim, Formula, NoClaim};

use crate::support::{TODAY, answer, field, mistake, typed, typed_by};

const CLEAR: &str = "1.vat_paid_12m_cny within 5 % of 480000 and \
    match(27.right_holder_name = \"示例 (集团)\", 27.real_estate_certificate_no = \"苏(2020)0001\")";

const WITHHELD: &str = "1.vat_paid_12m_cny within 5 % of claimed and \
    match(27.right_holder_name = claimed, 27.real_estate_certificate_no = claimed)";

/// The formula without its claims, and these.
fn withheld() -> (Formula, Vec<Claim>) {
    typed(CLEAR).formula().withheld().unwrap()
}

#[test]
fn a_withheld_formula_has_the_same_shape_and_says_which_atom_has_each_claim() {
    let (formula, claims) = withheld();
    assert_eq!(formula.to_string(), WITHHELD);
    let (clear, without) = (typed(CLEAR), typed(WITHHELD));
    assert_eq!((without.gate(), without.fields()), (clear.gate(), clear.fields()));
    assert_eq!((without.claims(), clear.claims()), (vec![0, 1, 1], vec![]));
    assert_eq!(claims.len(), 3);
    // Nobody but the lender knows whether two claims are the same.
    let twice =
        "1.vat_paid_12m_cny within 5 % of claimed or 1.vat_paid_12m_cny within 5 % of claimed";
    assert_eq!(typed(twice).claims(), [0, 1]);
}

#[test]
fn with_its_claims_an_atom_is_the_one_that_was_typed_and_without_them_it_is_unknown() {
    let (_, claims) = withheld();
    let (clear, without) = (typed(CLEAR), typed(WITHHELD));
    let bytes = |place: u8| claims.get(usize::from(place)).map(|claim| claim.reveal().as_bytes());
    let opened: Vec<TypedAtom> =
        without.atoms().iter().map(|atom| atom.claiming(bytes).unwrap()).collect();
    assert!(opened == clear.atoms());
    let paid = field("1.vat_paid_12m_cny");
    let value = |wanted: &domain::Field| {
        Some(if *wanted == paid { Value::Number(500_000.0) } else { Value::text("示例(集团)") })
    };
    assert_eq!(answer(&clear, value, TODAY), Answer::No);
    assert_eq!(answer(&without, value, TODAY), Answer::Unknown);
}

#[test]
fn a_claim_that_could_not_have_been_typed_is_refused_by_its_place() {
    let without = typed(WITHHELD);
    let [near, tuple] = without.atoms() else { panic!("two atoms") };
    for bytes in ["", "480,000", "1e5", "四", "9999999999999"] {
        let refused = near.claiming(|_| Some(bytes.as_bytes())).unwrap_err();
        assert_eq!(refused, (0, NoClaim::Number), "{bytes}");
    }
    let long = "名".repeat(67);
    for bytes in ["", "A", "a b", "·", long.as_str()] {
        let claim = |place| Some(if place == 1 { "名" } else { bytes }.as_bytes());
        assert_eq!(tuple.claiming(claim).unwrap_err(), (2, NoClaim::Text), "{bytes}");
    }
    assert_eq!(tuple.claiming(|_| None).unwrap_err(), (1, NoClaim::Bytes));
    // A few letters that are many once they are normalised are not typed either.
    let text = format!("match(1.uscc = \"1\", 1.enterprise_name = \"{}\")", "\u{fdfa}".repeat(40));
    assert_eq!(mistake(&text).en(), "the text has more than 200 bytes once it is normalised");
}

#[test]
fn a_claim_counts_like_what_is_typed_and_not_before_it_is_known() {
    let without = typed(WITHHELD);
    let refused = Disclosed::default().asked(without.atoms(), &[], TODAY).unwrap_err();
    assert_eq!(refused.limit, Limit::Declared);
    let (_, claims) = withheld();
    let bytes = |place: u8| claims.get(usize::from(place)).map(|claim| claim.reveal().as_bytes());
    let opened: Vec<_> = without.atoms().iter().map(|atom| atom.claiming(bytes).unwrap()).collect();
    let clear = Disclosed::default().asked(typed(CLEAR).atoms(), &[], TODAY);
    assert_eq!(Disclosed::default().asked(&opened, &[], TODAY), clear);
}

#[test]
fn only_a_number_is_declared() {
    let refused = typed_by(Catalogue::jiangsu(), "2.in_arrears_now within 5 % of claimed");
    assert!(refused.unwrap_err().en().contains("is not asked"));
}
