use domain::{CheckMode, SubjectKind};

use super::*;

fn agreed(text: &str) -> AgreedFormula {
    AgreedFormula::typed(Catalogue::jiangsu(), text).unwrap().0
}

fn terms(
    formula: &AgreedFormula,
    thresholds: &[ThresholdDigest],
    places: &[u8],
) -> Result<Terms, Trouble> {
    terms_with(formula, thresholds, places, &[])
}

fn terms_with(
    formula: &AgreedFormula,
    thresholds: &[ThresholdDigest],
    places: &[u8],
    claims: &[Commitment],
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
        claims,
    })
}

#[test]
fn a_claim_is_in_no_formula_that_is_agreed_on_and_its_commitment_is_in_the_terms() {
    let other = |number: &str, name: &str| {
        let text = format!(
            "1.vat_paid_12m_cny within 5 % of {number} and \
             match(27.right_holder_name = \"{name}\", 27.right_holder_id_no = \"12\")"
        );
        AgreedFormula::typed(Catalogue::jiangsu(), &text).unwrap()
    };
    let ((one, claims), (two, _)) = (other("480,000", "张 三"), other("480001", "李四"));
    assert_eq!(
        one.text(),
        "1.vat_paid_12m_cny within 5 % of claimed and \
         match(27.right_holder_name = claimed, 27.right_holder_id_no = claimed)"
    );
    let claims: Vec<&str> = claims.iter().map(Claim::reveal).collect();
    assert_eq!(claims, ["480000", "张三", "12"]);
    assert_eq!((one.text(), one.hash()), (two.text(), two.hash()));
    assert_eq!(one.claims(), [0, 1, 1]);
    assert_ne!(one.hash(), agreed("1.vat_paid_12m_cny >= 500000").hash());
    let digest = |claims: &[Commitment]| terms_with(&one, &[], &[0, 1], claims).unwrap().digest();
    let [a, b] = [Commitment([1; 32]), Commitment([2; 32])];
    assert_ne!(digest(&[a, a, a]), digest(&[a, b, a]));
    assert!(terms_with(&one, &[], &[0, 1], &[a, b]).is_err());
    assert!(terms_with(&one, &[], &[0, 1], &[a, b, a, b]).is_err());
}

#[test]
fn an_operator_writes_the_claim_itself_and_a_peer_never() {
    let text = "1.vat_paid_12m_cny within 5 % of claimed";
    let mistake = AgreedFormula::typed(Catalogue::jiangsu(), text).err().unwrap();
    assert_eq!(&text[mistake.at.clone()], "claimed");
    assert!(mistake.en().contains("write the text or number itself"), "{}", mistake.en());
    assert!(AgreedFormula::received(Catalogue::jiangsu(), text).is_ok());
    for clear in [
        "1.vat_paid_12m_cny within 5 % of 480000",
        "match(27.right_holder_name = \"1\", 27.right_holder_id_no = claimed)",
    ] {
        let refused = AgreedFormula::received(Catalogue::jiangsu(), clear).err().unwrap();
        assert_eq!(refused.code, "FORMULA", "{clear}");
    }
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
