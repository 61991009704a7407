use domain::{CheckMode, SubjectKind};

use super::*;

fn agreed(text: &str) -> AgreedFormula {
    AgreedFormula::typed(Catalogue::jiangsu(), text).unwrap()
}

fn terms(
    formula: &AgreedFormula,
    thresholds: &[ThresholdDigest],
    places: &[u8],
) -> Result<Terms, Trouble> {
    let name = |name: &str| name.parse::<PartyId>().unwrap();
    let subject = Subject::parse(SubjectKind::Uscc, "91320100PDY00001XR", CheckMode::Report);
    let routing = Routing { holders: vec![name("tax"), name("social")], places: places.into() };
    formula.terms(&Bindings {
        run: RunId::from_bytes([1; 16]),
        lender: &name("bank"),
        lender_key: Fingerprint([2; 32]),
        platform: &name("platform"),
        subject: &subject.unwrap().value,
        purpose: Purpose::PreLoan,
        routing: &routing,
        thresholds,
    })
}

#[test]
fn a_claim_is_in_no_record_and_does_not_change_the_hash() {
    let other = |number: &str, name: &str| {
        agreed(&format!(
            "1.vat_paid_12m_cny within 5 % of {number} and \
             match(27.right_holder_name = \"{name}\", 27.right_holder_id_no = \"12\")"
        ))
    };
    let one = other("480000", "张三");
    assert!(!one.shown().contains("480000") && !one.shown().contains("张三"), "{}", one.shown());
    assert!(one.shown().contains("within 5"), "{}", one.shown());
    assert_eq!(one.hash(), other("480001", "李四").hash());
    assert_ne!(one.text(), other("480001", "李四").text());
    assert_ne!(one.hash(), agreed("1.vat_paid_12m_cny >= 500000").hash());
}

#[test]
fn a_sealed_declared_number_is_two_comparisons() {
    let formula = agreed(
        "not 1.vat_paid_12m_cny within 5 % of sealed or 10.insured_count < sealed or 2.in_arrears_now",
    );
    let sealed: Vec<_> = formula.pieces().iter().map(|piece| piece.sealed).collect();
    let expected =
        [Some(Comparison::AtLeast), Some(Comparison::AtMost), Some(Comparison::Less), None];
    assert_eq!(sealed, expected);
    let thresholds = [3, 4, 5].map(|byte| ThresholdDigest([byte; 32]));
    let slots = formula.slots(&thresholds);
    assert_eq!(slots.len(), 2);
    assert_ne!(slots[0], formula.slots(&[thresholds[1], thresholds[0], thresholds[2]])[0]);
    let agreed = terms(&formula, &thresholds, &[0, 1, 0]).unwrap();
    assert_eq!(agreed.atoms().len(), 4);
    assert_eq!(agreed.atoms()[2].holder(), 1);
    assert!(terms(&formula, &thresholds[..2], &[0, 1, 0]).is_err());
    assert!(terms(&formula, &[thresholds[0]; 4], &[0, 1, 0]).is_err());
    assert!(terms(&formula, &thresholds, &[0, 1]).is_err());
    assert!(terms(&formula, &thresholds, &[0, 0, 0]).is_err(), "a holder without an atom");
}

#[test]
fn only_the_canonical_form_is_taken_from_a_peer() {
    let catalogue = Catalogue::jiangsu();
    let formula = agreed("vat_paid_12m_cny >= 500_000 and not 2.in_arrears_now");
    assert!(AgreedFormula::received(catalogue, formula.text()).is_ok());
    for other in ["1.vat_paid_12m_cny >= 500_000", "vat_paid_12m_cny >= 500000", "1.x", "("] {
        let refused = AgreedFormula::received(catalogue, other).err().unwrap();
        assert_eq!(refused.code, "FORMULA", "{other}");
    }
    assert!(formula.combines().is_ok());
}
