use ::catalogue::Catalogue;

use super::*;

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn agreed() -> (AgreedFormula, Vec<Claim>) {
    let text = "1.vat_paid_12m_cny within 5 % of 480000 and \
         match(27.right_holder_name = \"张三\", 27.right_holder_id_no = \"77\")";
    AgreedFormula::typed(Catalogue::jiangsu(), text).unwrap()
}

#[test]
fn each_holder_gets_the_boxes_of_its_own_atoms() {
    let (formula, claims) = agreed();
    let boxes: Vec<_> = (0..).zip(&claims).map(|(at, _)| [at; CLAIM_BOX]).collect();
    let of = |own: usize| boxes_of(&boxes, &formula, |atom| atom == own);
    assert_eq!(of(0), [[0; CLAIM_BOX]]);
    assert_eq!(of(1), [[1; CLAIM_BOX], [2; CLAIM_BOX]]);
}

#[test]
fn a_platform_that_asks_another_holder_than_it_said_is_found() {
    let (formula, _) = agreed();
    let to = [party("tax"), party("estates"), party("estates")];
    let boxed = Boxed { commitments: Vec::new(), boxes: Vec::new(), to: to.into() };
    let fits = |holders: [&str; 2], places: &[u8]| {
        let holders = holders.map(party).into();
        boxed.fits(&formula, &Routing { holders, places: places.into() })
    };
    assert!(fits(["tax", "estates"], &[0, 1]).is_ok());
    for (holders, places) in [
        (["tax", "other"], &[0, 1][..]),
        (["tax", "estates"], &[1, 0]),
        (["tax", "estates"], &[0]),
        (["tax", "estates"], &[0, 2]),
    ] {
        assert_eq!(fits(holders, places).unwrap_err().code, CLAIM, "{holders:?} {places:?}");
    }
}

#[test]
fn a_claim_is_refused_by_the_name_of_its_field() {
    let (formula, _) = agreed();
    let mut rng = setup::chacha().unwrap();
    let mut opened = |claims: [&str; 3]| {
        let openings = claims.map(|claim| Opening::new(claim.as_bytes(), &mut rng).unwrap());
        let opened = Opened((0..).zip(openings).collect());
        formula.atoms().iter().map(|atom| opened.atom(atom)).collect::<Result<Vec<_>, _>>()
    };
    assert!(opened(["480000", "张三", "77"]).is_ok());
    for (claims, field) in [
        (["480,000", "张三", "77"], "1.vat_paid_12m_cny"),
        (["480000", "张 三", "77"], "27.right_holder_name"),
        (["480000", "张三", ""], "27.right_holder_id_no"),
    ] {
        let refused = opened(claims).unwrap_err();
        assert_eq!(refused.code, CLAIM);
        assert!(refused.en.contains(field) && refused.zh.contains(field), "{}", refused.en);
        assert!(claims.iter().all(|claim| claim.is_empty() || !refused.en.contains(claim)));
    }
}
