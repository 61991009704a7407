//! Random formulas on random records, against an evaluation that knows nothing of this crate's.

use std::collections::BTreeMap;

use domain::{Answer, Value};
use proptest::collection::vec;
use proptest::prelude::{
    BoxedStrategy, Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};

use crate::support::{TODAY, answer, field, typed};

/// A record by hand: taxes paid, in arrears, insured persons, grade, last payment as a number of the
/// form yyyymmdd.
#[derive(Clone, Debug)]
struct Record {
    paid: Option<u32>,
    arrears: Option<bool>,
    insured: Option<u32>,
    grade: Option<&'static str>,
    last: Option<u32>,
}

/// An atom's text, and what is so by hand.
type Leaf = (&'static str, fn(&Record) -> Option<bool>);

const LEAVES: &[Leaf] = &[
    ("1.vat_paid_12m_cny >= 500_000", |r| r.paid.map(|paid| paid >= 500_000)),
    ("vat_paid_12m_cny < 1,000,000", |r| r.paid.map(|paid| paid < 1_000_000)),
    ("1.vat_paid_12m_cny between 100000 and 500000", |r| {
        r.paid.map(|paid| (100_000..=500_000).contains(&paid))
    }),
    ("1.vat_paid_12m_cny within 10 % of 480000", |r| {
        r.paid.map(|paid| (432_000..=528_000).contains(&paid))
    }),
    ("2.in_arrears_now", |r| r.arrears),
    ("insured_count > 10", |r| r.insured.map(|count| count > 10)),
    ("10.insured_count <= 50", |r| r.insured.map(|count| count <= 50)),
    ("4.tax_credit_grade >= \"B\"", |r| r.grade.map(|grade| grade == "A" || grade == "B")),
    ("4.tax_credit_grade in {\"M\", \"D\"}", |r| r.grade.map(|grade| grade == "M" || grade == "D")),
    ("1.last_normal_tax_date within 3 months", |r| {
        r.last.map(|day| (20_251_202..=20_260_302).contains(&day))
    }),
    ("1.last_normal_tax_date before 2026-01-01", |r| r.last.map(|day| day < 20_260_101)),
];

#[derive(Clone, Debug)]
enum Tree {
    /// At least k, and how it is written: `and` and `or` where k allows it.
    Gate(usize, Vec<Self>),
    Not(Box<Self>),
    Leaf(usize),
}

impl Tree {
    fn text(&self) -> String {
        let all = |of: &[Self], by: &str| {
            of.iter().map(|one| format!("({})", one.text())).collect::<Vec<_>>().join(by)
        };
        match self {
            Self::Gate(1, of) => all(of, " or "),
            Self::Gate(k, of) if *k == of.len() => all(of, " and "),
            Self::Gate(k, of) => format!("at least {k} of ({})", all(of, ", ")),
            Self::Not(of) => format!("not ({})", of.text()),
            Self::Leaf(leaf) => LEAVES[*leaf].0.into(),
        }
    }

    /// No, unknown, yes as 0, 1, 2: the k-th greatest.
    fn value(&self, record: &Record) -> usize {
        match self {
            Self::Gate(k, of) => {
                let mut values: Vec<usize> = of.iter().map(|one| one.value(record)).collect();
                values.sort_unstable();
                values[of.len() - k]
            }
            Self::Not(of) => 2 - of.value(record),
            Self::Leaf(leaf) => LEAVES[*leaf].1(record).map_or(1, |so| if so { 2 } else { 0 }),
        }
    }

    fn leaves(&self) -> usize {
        match self {
            Self::Gate(_, of) => of.iter().map(Self::leaves).sum(),
            Self::Not(of) => of.leaves(),
            Self::Leaf(_) => 1,
        }
    }
}

fn tree() -> BoxedStrategy<Tree> {
    (0..LEAVES.len())
        .prop_map(Tree::Leaf)
        .prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                3 => (vec(inner.clone(), 2..=4), any::<usize>())
                    .prop_map(|(of, k)| Tree::Gate(k % of.len() + 1, of)),
                1 => inner.prop_map(|of| Tree::Not(Box::new(of))),
            ]
        })
        .prop_filter("the language holds at most 32 atoms", |tree| tree.leaves() <= 32)
        .boxed()
}

fn maybe<T: Clone + std::fmt::Debug>(
    of: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop_oneof![1 => Just(None), 3 => of.prop_map(Some)]
}

fn record() -> impl Strategy<Value = Record> {
    let paid = prop_oneof![
        0..2_000_000_u32,
        proptest::sample::select(vec![
            0, 99_999, 100_000, 431_999, 432_000, 499_999, 500_000, 500_001, 528_000, 528_001,
            999_999, 1_000_000
        ]),
    ];
    let last = proptest::sample::select(vec![
        20_240_229, 20_251_201, 20_251_202, 20_251_231, 20_260_101, 20_260_302, 20_260_303,
    ]);
    let grade = proptest::sample::select(vec!["A", "B", "M", "C", "D"]);
    (maybe(paid), maybe(any::<bool>()), maybe(8..60_u32), maybe(grade), maybe(last)).prop_map(
        |(paid, arrears, insured, grade, last)| Record { paid, arrears, insured, grade, last },
    )
}

fn values(record: &Record) -> BTreeMap<domain::Field, Value> {
    let day = |day: u32| format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100);
    let number = |number: u32| Value::Number(number.into());
    [
        ("1.vat_paid_12m_cny", record.paid.map(number)),
        ("2.in_arrears_now", record.arrears.map(|so| Value::text(if so { "是" } else { "否" }))),
        ("10.insured_count", record.insured.map(number)),
        ("4.tax_credit_grade", record.grade.map(Value::text)),
        ("1.last_normal_tax_date", record.last.map(|date| Value::text(&day(date)))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((field(name), value?)))
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_formula_answers_on_a_record_as_by_hand(tree in tree(), record in record()) {
        let formula = typed(&tree.text());
        let values = values(&record);
        let found = answer(&formula, |field| values.get(field).cloned(), TODAY);
        prop_assert_eq!(found, [Answer::No, Answer::Unknown, Answer::Yes][tree.value(&record)]);
        // The gates say what the formula itself says.
        let again = typed(&formula.to_string());
        prop_assert_eq!(answer(&again, |field| values.get(field).cloned(), TODAY), found);
    }
}
