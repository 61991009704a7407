//! Bytes and rounds are what SPEC §P.7 says.

use session::Fate;
use training::Cost;

use super::card::Card;

#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    for (features, lender) in [
        (vec![vec![2]], None),
        (vec![vec![5, 4], vec![3]], Some(1)),
        (vec![vec![32; 12], vec![7; 9], vec![2; 3]], None),
    ] {
        let mut card = Card::made(61, 400, features);
        card.terms.lender = lender;
        card.terms.scale.offset = 0;
        let count = card.values.len();
        let models = card.shared(&[vec![0.1; count], vec![-1.0]].concat());
        let ends = card.run(&models, 1, |_, _, _| Fate::Deliver);
        ends.result.unwrap();
        let traffic = ends.scaled.map(|scaled| scaled.unwrap().traffic);
        let bytes = traffic.iter().map(sharing::Traffic::total).sum();
        let found = Cost { bytes, rounds: traffic[0].rounds };
        assert_eq!(found, card.terms.cost(), "{:?}", card.terms.features);
        assert!(traffic.iter().all(|other| other.rounds == traffic[0].rounds));
    }
}
