use domain::{ModelId, Slot, Value};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::{
    Just, Strategy, any, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};

use crate::model_file::{BinForm, FeatureForm, ModelFile};
use crate::{CsvTable, Fill, Head, Scale, Scorecard};

/// As `pandas.concat(card).to_csv()` writes it.
const CARD: &str = "\
,,variable,bin,points
basepoints,0,basepoints,,443.0
age,0,age,\"[-inf,26.0)\",-20.0
age,1,age,\"[26.0,35.0)\",3.0
age,2,age,\"[35.0,inf)%,%missing\",12.0
housing,3,housing,\"rent%,%for free, or so\",-7.0
housing,4,housing,own,5.0
";

fn head() -> Head {
    let scale = Scale { base_score: 600, base_odds: 19.0, pdo: 50.0 };
    Head { model: ModelId::new("german", 1).unwrap(), title: "t".into(), scale }
}

fn bank(_: &str) -> Option<Slot> {
    "bank".parse().ok()
}

fn read(csv: &str) -> Scorecard {
    Scorecard::from_scorecardpy(csv, head(), bank, Fill::default()).unwrap()
}

fn refusal(from: &str, to: &str) -> String {
    assert!(CARD.contains(from), "{from}");
    let csv = CARD.replacen(from, to, 1);
    Scorecard::from_scorecardpy(&csv, head(), bank, Fill::default()).unwrap_err().to_string()
}

#[test]
fn a_card_of_scorecardpy_gives_the_scores_that_it_gives_there() {
    let card = read(CARD);
    let score = |age: Option<f64>, housing: &str| {
        let value = |_: &Slot, column: &str| match column {
            "age" => age.map(Value::Number),
            _ => Some(Value::text(housing)),
        };
        card.score(card.clear_points(value).unwrap())
    };
    assert_eq!(score(Some(25.999), "own"), 443 - 20 + 5);
    assert_eq!(score(Some(26.0), "own"), 443 + 3 + 5);
    assert_eq!(score(Some(26.0_f64.next_down()), "rent"), 443 - 20 - 7);
    assert_eq!(score(Some(35.0), "for free, or so"), 443 + 12 - 7);
    assert_eq!(score(None, "own"), 443 + 12 + 5);
    assert_eq!((card.offset(), card.most_points()), (443 - 27, 32 + 12));
}

#[test]
fn holders_come_from_the_caller_or_from_the_csv() {
    let holder = |column: &str| match column {
        "age" => "civil".parse().ok(),
        _ => bank(column),
    };
    let by_caller = Scorecard::from_scorecardpy(CARD, head(), holder, Fill::default());
    let card = by_caller.unwrap();
    assert_eq!(card.holders(), ["civil".parse().unwrap(), bank("").unwrap()]);
    let again = Scorecard::from_scorecardpy(
        &card.to_scorecardpy().unwrap(),
        head(),
        |_| None,
        Fill::default(),
    );
    assert_eq!(again.unwrap(), card);
    let nobody = Scorecard::from_scorecardpy(CARD, head(), |_| None, Fill::default()).unwrap_err();
    assert!(nobody.to_string().contains("holder of `age`"), "{nobody}");
}

#[test]
fn a_bin_that_a_variable_lacks_gets_the_points_that_are_given_for_it_and_no_other_does() {
    assert_eq!(read(CARD).lacks().unwrap(), "bank.housing (other, missing)");
    let filled =
        |missing, other| Scorecard::from_scorecardpy(CARD, head(), bank, Fill { missing, other });
    let card = filled(Some(0.0), Some(-9.0)).unwrap();
    assert_eq!(card.lacks(), None);
    let score = |age: Option<f64>, housing: Option<&str>| {
        let value = |_: &Slot, column: &str| match column {
            "age" => age.map(Value::Number),
            _ => housing.map(Value::text),
        };
        card.score(card.clear_points(value).unwrap())
    };
    assert_eq!(score(None, None), 443 + 12, "`age` keeps its own");
    assert_eq!(score(Some(26.0), Some("boat")), 443 + 3 - 9);
    assert_eq!(filled(Some(0.0), None).unwrap().lacks().unwrap(), "bank.housing (other)");
    assert!(filled(Some(0.5), None).unwrap_err().to_string().contains("whole numbers, 0.5"));
}

#[test]
fn a_card_that_does_not_fit_as_it_is_starts_every_feature_at_no_points() {
    let features = (0..12).map(|f| format!("f{f},\"[-inf,0)\",90\nf{f},\"[0,inf)\",100\n"));
    let card = read(&("variable,bin,points\n".to_owned() + &features.collect::<String>()));
    assert_eq!((card.offset(), card.most_points()), (12 * 90, 12 * 10));
}

#[test]
fn what_is_no_card_is_refused_with_its_variable() {
    for (from, to, expected) in [
        ("variable,bin", "name,bin", "no column `variable`"),
        ("-20.0", "-20.5", "`age`: points are whole numbers, `-20.5` is not"),
        ("-20.0", "x", "digits=0"),
        ("-20.0", "nan", "digits=0"),
        ("[26.0,35.0)", "[27.0,35.0)", "after 26.0 comes [27.0,35.0)"),
        ("[26.0,35.0)", "[26.0,26.0)", "must follow one another"),
        ("[-inf,26.0)", "[0,26.0)", "must follow one another"),
        ("[35.0,inf)", "[35.0,99)", "end at 99.0 and must go on to inf"),
        ("[26.0,35.0)", "-9999", "ranges [a,b) or categories, not both"),
        ("[26.0,35.0)", "missing", "`missing` comes twice"),
        ("own", "rent", "listed twice"),
        ("own", "", "must not be empty"),
        ("own,5.0", "own,2000", "`housing`"),
        ("own,5.0", "own,1e300", "points are whole"),
        ("443.0", "999999999999", "points are whole"),
    ] {
        let message = refusal(from, to);
        assert!(message.contains(expected), "{to}: {message}");
    }
}

#[test]
fn what_scorecardpy_has_no_words_for_is_not_written() {
    let card = |form: FeatureForm| {
        let form = FeatureForm { column: "c".into(), holder: "h".into(), ..form };
        let twin = FeatureForm { column: "d".into(), ..form.clone() };
        ModelFile::of_points(head(), 0, vec![twin, form]).parse().unwrap()
    };
    let list = |value: &str| {
        let values = Some(vec![value.to_owned()]);
        card(FeatureForm { bin: vec![BinForm { values, points: Some(1), ..bin(1) }], ..form() })
    };
    for value in ["missing", "<other>", "a%,%b", "[1,2)"] {
        assert!(list(value).to_scorecardpy().is_err(), "{value}");
    }
    assert!(list("[1,2]").to_scorecardpy().is_ok());

    let mut csv = CsvTable::new(&["variable", "bin", "points", "holder"]);
    for holder in ["tax", "social"] {
        csv.push(["c".into(), "a".into(), "1".into(), holder.into()]);
    }
    let card =
        Scorecard::from_scorecardpy(&csv.to_csv(), head(), |_| None, Fill::default()).unwrap();
    let error = card.to_scorecardpy().unwrap_err().to_string();
    assert!(error.contains("one variable `c`"), "{error}");
}

fn form() -> FeatureForm {
    FeatureForm::default()
}

fn bin(points: i64) -> BinForm {
    BinForm { points: Some(points), ..BinForm::default() }
}

/// Bounds of every size: neighbours of each other, of zero, and of the largest number.
fn bounds() -> impl Strategy<Value = Vec<f64>> {
    let bound = prop_oneof![
        any::<f64>().prop_filter("a bound", |bound| bound.is_finite()),
        (-5_i32..5).prop_map(f64::from),
        Just(0.1),
        Just(0.1_f64.next_up()),
        Just(f64::MIN_POSITIVE),
        Just(-0.0),
        Just(f64::MAX),
    ];
    vec(bound, 0..6).prop_map(|mut bounds| {
        bounds.sort_by(|one, other| one.partial_cmp(other).unwrap());
        bounds.dedup_by(|one, other| one == other);
        bounds
    })
}

fn feature() -> impl Strategy<Value = FeatureForm> {
    let points = 0_i64..12;
    let rest = (proptest::option::of(points.clone()), proptest::option::of(points.clone()));
    let numbers = (bounds(), vec(points.clone(), 6)).prop_map(|(bounds, points)| {
        let last = points[bounds.len()];
        let bins = bounds.into_iter().zip(points);
        let bins = bins.map(|(below, points)| BinForm { below: Some(below), ..bin(points) });
        (true, bins.chain([bin(last)]).collect::<Vec<_>>())
    });
    let lists = btree_set("[a-z企, \"%]{0,5}[a-z业]", 1..8).prop_flat_map(|values| {
        let values: Vec<String> = values.into_iter().map(|value| value.trim().into()).collect();
        vec(0_i64..12, values.len()).prop_map(move |points| {
            let one = |(value, points): (&String, i64)| BinForm {
                values: Some(vec![value.clone()]),
                ..bin(points)
            };
            (false, values.iter().zip(points).map(one).collect::<Vec<_>>())
        })
    });
    (prop_oneof![numbers, lists], rest).prop_map(|((numeric, bin), (other, missing))| FeatureForm {
        bin,
        missing,
        other: other.filter(|_| !numeric),
        ..form()
    })
}

fn card() -> impl Strategy<Value = Option<Scorecard>> {
    (btree_map("[a-z ,\"企]{0,6}x", feature(), 1..8), -500..500_i32).prop_map(|(forms, offset)| {
        let named = forms.into_iter().enumerate().map(|(place, (column, form))| FeatureForm {
            column: column.trim().into(),
            holder: format!("h{}", place % 3),
            ..form
        });
        ModelFile::of_points(head(), offset, named.collect()).parse().ok()
    })
}

proptest! {
    #[test]
    fn a_card_written_for_scorecardpy_is_read_back_whole(card in card()) {
        prop_assume!(card.as_ref().is_some_and(|card| card.to_scorecardpy().is_ok()));
        let card = card.unwrap();
        let csv = card.to_scorecardpy().unwrap();
        let again = Scorecard::from_scorecardpy(&csv, head(), |_| None, Fill::default()).unwrap();
        prop_assert_eq!(&again, &card);
        prop_assert_eq!(again.to_scorecardpy().unwrap(), csv);
        prop_assert_eq!(Scorecard::from_toml(&card.to_toml()).unwrap(), card);
    }

    #[test]
    fn every_number_is_in_the_range_that_holds_it(
        bounds in bounds(), others in vec(any::<f64>(), 5),
    ) {
        prop_assume!(bounds.iter().all(|bound| *bound > f64::MIN));
        let ends = [&[f64::NEG_INFINITY], bounds.as_slice(), &[f64::INFINITY]].concat();
        let mut csv = String::from("variable,bin,points\n");
        for (bin, range) in ends.windows(2).enumerate() {
            csv += &format!("x,\"[{:?},{:?})\",{bin}\n", range[0], range[1]);
        }
        let card = read(&csv);
        let near = bounds.iter().flat_map(|bound| [*bound, bound.next_down(), bound.next_up()]);
        for number in near.chain(others).filter(|number| number.is_finite()) {
            let points = card.clear_points(|_, _| Some(Value::Number(number))).unwrap();
            let bin = usize::from(points);
            prop_assert!(ends[bin] <= number && number < ends[bin + 1], "{number:?}");
        }
    }

    #[test]
    fn noise_never_panics(rows in vec("[a-z,\\[\\)%inf0-9.-]{0,20}", 0..6), points in ".*") {
        let rows = rows.into_iter().map(|bin| format!("x,\"{bin}\",{points}\n"));
        let csv = "variable,bin,points\n".to_owned() + &rows.collect::<String>();
        let _ = Scorecard::from_scorecardpy(&csv, head(), bank, Fill::default());
    }
}
