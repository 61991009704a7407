//! Random formulas: read as they were meant, printed as they are read, answered as the truth tables
//! say.

use domain::Answer;
use formula::Formula;
use proptest::collection::vec;
use proptest::prelude::{
    BoxedStrategy, Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof,
    proptest,
};

/// A formula as it is meant, built without the parser.
#[derive(Clone, Debug)]
enum Tree {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    AtLeast(usize, Vec<Self>),
    /// An atom's text and its answer.
    Leaf(String, Answer),
}

/// How a text is laid out: spaces and needless parentheses, by chance.
struct Layout(u64);

impl Layout {
    fn chance(&mut self, of: u64) -> bool {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(of)
    }

    fn space(&mut self) -> &'static str {
        if self.chance(8) { " \n\t" } else { " " }
    }
}

impl Tree {
    /// The text in which only meaning decides where parentheses must be.
    fn text(&self, layout: &mut Layout) -> String {
        let several = |of: &[Self], by: &str, layout: &mut Layout| {
            let parts: Vec<String> = of.iter().map(|one| one.enclosed(layout)).collect();
            let (before, after) = (layout.space(), layout.space());
            parts.join(&format!("{before}{by}{after}"))
        };
        match self {
            Self::And(of) => several(of, "and", layout),
            Self::Or(of) => several(of, "or", layout),
            Self::Not(of) => format!("not{}{}", layout.space(), of.enclosed(layout)),
            Self::AtLeast(k, of) => {
                let parts: Vec<String> = of.iter().map(|one| one.text(layout)).collect();
                format!("at least {k}{}of ({})", layout.space(), parts.join(", "))
            }
            Self::Leaf(text, _) => text.clone(),
        }
    }

    fn enclosed(&self, layout: &mut Layout) -> String {
        let text = self.text(layout);
        let plain = matches!(self, Self::Leaf(..) | Self::AtLeast(..) | Self::Not(_));
        if plain && !layout.chance(8) { text } else { format!("({text})") }
    }

    /// No, unknown and yes as 0, 1 and 2: the k-th greatest decides, with no logic of three values.
    fn value(&self) -> u8 {
        let kth = |k: usize, of: &[Self]| {
            let mut values: Vec<u8> = of.iter().map(Self::value).collect();
            values.sort_unstable_by(|one, two| two.cmp(one));
            values[k - 1]
        };
        match self {
            Self::And(of) => kth(of.len(), of),
            Self::Or(of) => kth(1, of),
            Self::Not(of) => 2 - of.value(),
            Self::AtLeast(k, of) => kth(*k, of),
            Self::Leaf(_, Answer::No) => 0,
            Self::Leaf(_, Answer::Unknown) => 1,
            Self::Leaf(_, Answer::Yes) => 2,
        }
    }

    fn answers(&self) -> Vec<Answer> {
        match self {
            Self::And(of) | Self::Or(of) | Self::AtLeast(_, of) => {
                of.iter().flat_map(Self::answers).collect()
            }
            Self::Not(of) => of.answers(),
            Self::Leaf(_, answer) => vec![*answer],
        }
    }

    fn shape(&self) -> String {
        let all = |of: &[Self]| of.iter().map(Self::shape).collect::<Vec<_>>().join(" ");
        match self {
            Self::And(of) => format!("[and {}]", all(of)),
            Self::Or(of) => format!("[or {}]", all(of)),
            Self::Not(of) => format!("[not {}]", of.shape()),
            Self::AtLeast(k, of) => format!("[{k} {}]", all(of)),
            Self::Leaf(..) => "x".into(),
        }
    }
}

fn shape(formula: &Formula) -> String {
    use formula::Node;
    let all = |of: &[Formula]| of.iter().map(shape).collect::<Vec<_>>().join(" ");
    match formula.node() {
        Node::And(of) => format!("[and {}]", all(of)),
        Node::Or(of) => format!("[or {}]", all(of)),
        Node::Not(of) => format!("[not {}]", shape(of)),
        Node::AtLeast { k, of } => format!("[{k} {}]", all(of)),
        Node::Atom(_) => "x".into(),
    }
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof!["[1-9][0-9]{0,2}\\.[a-z][a-z0-9_]{0,12}", "f[a-z0-9_]{0,12}"]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,12}(\\.[0-9]{1,4})?",
        "[1-9][0-9]{0,2}(,[0-9]{3}){1,3}",
        "[1-9][0-9]{0,3}_[0-9]{1,4}",
    ]
}

fn quoted() -> impl Strategy<Value = String> {
    "[ -~税务（），“]{1,12}"
        .prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn day() -> impl Strategy<Value = String> {
    prop_oneof![
        "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
        Just("today".into()),
        "today *[-+] *[1-9][0-9]? (day|days|month|months)",
    ]
}

fn test() -> impl Strategy<Value = String> {
    let sign = prop_oneof![Just(">="), Just(">"), Just("<="), Just("<")];
    let bound = prop_oneof![number(), quoted(), Just("sealed".to_string())];
    let declared = prop_oneof![number(), Just("sealed".to_string()), Just("claimed".to_string())];
    prop_oneof![
        Just(String::new()),
        (sign, " ?", bound).prop_map(|(sign, space, bound)| format!(" {sign}{space}{bound}")),
        (0..1000_u32, 0..1000_u32)
            .prop_map(|(low, more)| format!(" between {low} and {}", low + more)),
        (1..=50_u32, declared).prop_map(|(percent, of)| format!(" within {percent} % of {of}")),
        quoted().prop_map(|text| format!(" = {text}")),
        (0..100_u32, 1..5_u32).prop_map(|(from, count)| {
            let texts: Vec<String> = (0..count).map(|i| format!("\"{}\"", from * 7 + i)).collect();
            format!(" in {{{}}}", texts.join(" ,"))
        }),
        (1..=600_u32).prop_map(|count| format!(" within {count} months")),
        day().prop_map(|day| format!(" before {day}")),
        day().prop_map(|day| format!(" after {day}")),
    ]
}

fn leaf() -> impl Strategy<Value = Tree> {
    let supplied = || prop_oneof![3 => quoted(), 1 => Just("claimed".to_string())];
    let matched =
        (supplied(), supplied()).prop_map(|(one, two)| format!("match(m.a = {one}, n = {two})"));
    let matched = matched.prop_map(|text| text.replace("m.a", "27.owner_name"));
    let text = prop_oneof![8 => (field(), test()).prop_map(|(f, t)| f + &t), 1 => matched];
    let answer = prop_oneof![Just(Answer::Yes), Just(Answer::No), Just(Answer::Unknown)];
    (text, answer).prop_map(|(text, answer)| Tree::Leaf(text, answer))
}

fn tree() -> BoxedStrategy<Tree> {
    leaf()
        .prop_recursive(4, 24, 4, |inner| {
            let several = || vec(inner.clone(), 2..=4);
            prop_oneof![
                several().prop_map(Tree::And),
                several().prop_map(Tree::Or),
                inner.clone().prop_map(|of| Tree::Not(Box::new(of))),
                (several(), any::<usize>()).prop_map(|(of, k)| Tree::AtLeast(k % of.len() + 1, of)),
            ]
        })
        .prop_filter("the language holds at most 32 atoms", |tree| tree.answers().len() <= 32)
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_formula_is_read_as_it_is_meant_and_printed_as_it_is_read(tree in tree(), seed: u64) {
        let text = tree.text(&mut Layout(seed));
        let formula: Formula = match text.parse() {
            Ok(formula) => formula,
            Err(error) => return Err(proptest::test_runner::TestCaseError::fail(
                format!("{error}\n{}", error.caret(&text)))),
        };
        prop_assert_eq!(shape(&formula), tree.shape());
        let printed = formula.to_string();
        let again: Formula = printed.parse().unwrap();
        prop_assert_eq!(&again, &formula);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn a_formula_answers_as_the_truth_tables_say(tree in tree()) {
        let formula: Formula = tree.text(&mut Layout(1)).parse().unwrap();
        let answers = tree.answers();
        let mut given = answers.iter();
        let answer = formula.answer(&mut |_| *given.next().unwrap());
        prop_assert!(given.next().is_none());
        prop_assert_eq!(answer, [Answer::No, Answer::Unknown, Answer::Yes][usize::from(tree.value())]);
    }
}
