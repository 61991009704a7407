//! Rows as numbers, in the order of a list.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Instant;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_assume, proptest};
use tempfile::NamedTempFile;

use domain::{CheckMode, Subject, SubjectKind};
use registers::{
    Aligned, ColumnKind, ColumnSpec, Key, Label, LabelSpec, Missing, OnBad, Table, Unfit, align,
    labels,
};

fn subject(text: &str) -> Subject {
    Subject::parse(SubjectKind::Opaque, text, CheckMode::Strict).unwrap().value
}

fn list(rows: &str) -> Vec<Subject> {
    rows.split_whitespace().map(subject).collect()
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).into()).collect()
}

/// A table of the columns of a text, whose kinds are the letters of `kinds`: i, n, d or t.
fn read(text: &str, kinds: &str, on_bad: OnBad) -> Table {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let heads = text.lines().next().unwrap().split(',').skip(1);
    let spec = |(name, kind): (&str, char)| {
        let kind = match kind {
            'i' => ColumnKind::Integer,
            'n' => ColumnKind::Number,
            'd' => ColumnKind::Date,
            _ => ColumnKind::Text,
        };
        ColumnSpec { name: name.into(), kind, missing: Vec::new() }
    };
    let columns: Vec<_> = heads.zip(kinds.chars()).map(spec).collect();
    let key = Key { column: "id".into(), kind: SubjectKind::Opaque, mode: CheckMode::Strict };
    Table::read(file.path(), &key, &columns, on_bad).unwrap().0
}

fn table(text: &str, kinds: &str) -> Table {
    read(text, kinds, OnBad::Stop)
}

fn column(aligned: &Aligned, index: usize) -> Vec<f64> {
    aligned.numbers.column(index).to_vec()
}

#[test]
fn rows_stand_in_the_order_of_the_list_and_columns_in_the_order_asked_for() {
    let table = table("id,x,y\na,1,0.5\nb,2,1.5\nc,3,2.5\n", "in");
    let aligned = align(&table, &names(&["y", "x"]), &list("c a b"), Missing::Refuse).unwrap();
    assert_eq!(aligned.numbers.dim(), (3, 2));
    assert_eq!(column(&aligned, 0), [2.5, 0.5, 1.5]);
    assert_eq!(column(&aligned, 1), [3.0, 1.0, 2.0]);
    assert_eq!((aligned.absent.as_slice(), aligned.present), (&[false; 3][..], 3));
    assert_eq!(aligned.filled, [0, 0]);
    // A column is a slice: what is uploaded column by column is copied nowhere.
    assert!(aligned.numbers.column(1).as_slice().is_some());
}

#[test]
fn the_mean_of_the_numbers_of_the_list_stands_where_there_is_none() {
    let table = table("id,x\na,1\nb,\nc,5\nunlisted,700\n", "n");
    let aligned = align(&table, &names(&["x"]), &list("c d b a e"), Missing::Mean).unwrap();
    assert_eq!(column(&aligned, 0), [5.0, 3.0, 3.0, 1.0, 3.0]);
    assert_eq!(aligned.absent, [false, true, false, false, true]);
    assert_eq!((aligned.present, aligned.filled.as_slice()), (3, &[1][..]));
    assert_eq!(aligned.absences().unwrap(), [0.0, 1.0, 0.0, 0.0, 1.0]);
    let all = align(&table, &names(&["x"]), &list("a c"), Missing::Mean).unwrap();
    assert_eq!(all.absences().unwrap_err(), Unfit::NoneAbsent);
}

#[test]
fn numbers_of_any_size_have_a_finite_mean_between_them() {
    let text = format!("id,x\na,{0}\nb,{0}\nc,{1}\n", f64::MAX, f64::MAX / 2.0);
    let table = table(&text, "n");
    let aligned = align(&table, &names(&["x"]), &list("a b c d"), Missing::Mean).unwrap();
    let mean = aligned.numbers[[3, 0]];
    assert!((f64::MAX / 2.0..=f64::MAX).contains(&mean), "{mean}");
}

#[test]
fn columns_read_as_text_are_numbers_where_they_are_and_refused_by_count_where_not() {
    let text = "id,good,words,nan,inf,day\n\
                a,1.5,many,NaN,1e999,2024-01-01\n\
                b,2,few,1,-inf,2024-01-02\n\
                c,-3e2,2,2,1,\n";
    let table = table(text, "ttttd");
    let aligned =
        |column: &str| align(&table, &names(&["good", column]), &list("a b c"), Missing::Mean);
    assert_eq!(column(&aligned("good").unwrap(), 0), [1.5, 2.0, -300.0]);
    for (column, count) in [("words", 2), ("day", 2)] {
        let fault = Unfit::NotNumbers { column: column.into(), count };
        assert_eq!(aligned(column).unwrap_err(), fault);
    }
    for (column, count) in [("nan", 1), ("inf", 2)] {
        let fault = Unfit::NotFinite { column: column.into(), count };
        assert_eq!(aligned(column).unwrap_err(), fault);
    }
}

#[test]
fn what_is_missing_is_refused_where_the_job_says_so() {
    let table = table("id,x,y\na,1,1\nb,2,\nc,3,\n", "nn");
    let refused = |column: &str, rows: &str| {
        align(&table, &names(&[column]), &list(rows), Missing::Refuse).unwrap_err()
    };
    assert_eq!(refused("y", "a b c"), Unfit::Empty { column: "y".into(), count: 2 });
    assert_eq!(refused("x", "a b c d e"), Unfit::Absent { count: 2 });
    assert_eq!(refused("z", "a b"), Unfit::NoColumn { column: "z".into() });
}

#[test]
fn a_column_that_says_nothing_is_refused() {
    let table = table("id,same,zero,one,none,other\na,7,0,,,1\nb,7,-0,3,,2\nc,8,0,,,3\n", "innnn");
    for missing in [Missing::Refuse, Missing::Mean] {
        for column in ["same", "zero"] {
            let refused = align(&table, &names(&["other", column]), &list("a b"), missing);
            assert_eq!(refused.unwrap_err(), Unfit::Constant { column: column.into() });
        }
    }
    for column in ["one", "none"] {
        let refused = align(&table, &names(&[column]), &list("a b c d"), Missing::Mean);
        assert_eq!(refused.unwrap_err(), Unfit::Constant { column: column.into() });
    }
    align(&table, &names(&["same"]), &list("a b c"), Missing::Refuse).unwrap();
}

#[test]
fn fewer_than_two_present_rows_are_refused() {
    let table = table("id,x\na,1\nb,2\n", "n");
    for (rows, count) in [("a c", 1), ("c d", 0), ("", 0)] {
        let refused = align(&table, &names(&["x"]), &list(rows), Missing::Mean).unwrap_err();
        assert_eq!(refused, Unfit::FewPresent { count });
    }
    let refused = align(&table, &names(&["x"]), &list("a"), Missing::Refuse).unwrap_err();
    assert_eq!(refused, Unfit::FewPresent { count: 1 });
}

#[test]
fn a_subject_that_is_twice_in_the_list_or_the_table_is_refused() {
    let single = table("id,x\na,1\nb,2\n", "n");
    let spec = LabelSpec { label: "x", weight: None, cover: true, least: 1 };
    for (rows, count) in [("a b a", 1), ("a b c c c", 2), ("a b a c c", 2)] {
        let refused = align(&single, &names(&["x"]), &list(rows), Missing::Mean).unwrap_err();
        assert_eq!(refused, Unfit::ListRepeats { count });
        assert_eq!(labels(&single, spec, &list(rows)).unwrap_err(), refused);
    }
    // The same values, which collapse, or others, which only a load that skips lets through.
    for (text, count) in [
        ("id,x\na,1\nb,2\nb,2\nb,2.0\n", 2),
        ("id,x\na,1\nb,2\nb,3\nc,4\n", 1),
        ("id,x\na,1\nb,2\nb,3\nb,4\nc,4\nc,4\n", 3),
    ] {
        let twice = read(text, "n", OnBad::Skip);
        assert_eq!(twice.repeated(), count);
        let refused = align(&twice, &names(&["x"]), &list("a c"), Missing::Mean).unwrap_err();
        assert_eq!(refused, Unfit::TableRepeats { count });
        assert_eq!(labels(&twice, spec, &list("a c")).unwrap_err(), refused);
    }
}

#[test]
fn labels_stand_in_the_order_of_the_list_with_what_each_row_counts() {
    let table = table("id,bad,amount\na,1,10\nb,0,0\nc,1.0,2.5\nd,0,1\n", "nn");
    let spec = LabelSpec { label: "bad", weight: Some("amount"), cover: true, least: 1 };
    let known = labels(&table, spec, &list("c x b a")).unwrap();
    assert!(known == [Label::Bad(2.5), Label::Stranger, Label::Good(0.0), Label::Bad(10.0)]);
    let spec = LabelSpec { weight: None, cover: false, ..spec };
    let known = labels(&table, spec, &list("d c b a")).unwrap();
    let good = Label::Good(1.0);
    assert!(known == [good, Label::Bad(1.0), good, Label::Bad(1.0)]);
}

#[test]
fn labels_that_are_not_fit_are_refused_by_name() {
    let text = "id,bad,amount,words\n\
                a,1,1,yes\nb,0,1,no\nc,0,-1,1\nd,2,1,0\ne,0.5,1,0\nf,,,\ng,1,inf,1\nh,1,,1\n";
    let table = table(text, "nttt");
    let plain = LabelSpec { label: "bad", weight: None, cover: false, least: 1 };
    let weighted = LabelSpec { weight: Some("amount"), ..plain };
    let refused = |spec, rows: &str| labels(&table, spec, &list(rows)).unwrap_err();
    let bad = || String::from("bad");
    assert_eq!(refused(plain, "a b d e"), Unfit::OtherLabels { column: bad(), count: 2 });
    assert_eq!(refused(plain, "a b f"), Unfit::NoLabels { column: bad(), count: 1 });
    let covering = LabelSpec { cover: true, ..plain };
    assert_eq!(refused(covering, "a b f x"), Unfit::NoLabels { column: bad(), count: 1 });
    let words = LabelSpec { label: "words", ..plain };
    let column = String::from("words");
    assert_eq!(refused(words, "a b c d"), Unfit::OtherLabels { column, count: 2 });
    assert_eq!(refused(plain, "a b x y"), Unfit::Strangers { count: 2 });
    assert_eq!(refused(plain, "a g"), Unfit::OneClass { column: bad() });
    assert_eq!(refused(covering, "b c x"), Unfit::OneClass { column: bad() });
    assert_eq!(refused(covering, "x y"), Unfit::FewPresent { count: 0 });
    let many = LabelSpec { least: 2, ..plain };
    let few = Unfit::FewOfAClass { column: bad(), bad: 2, good: 1, least: 2 };
    assert_eq!(refused(many, "a b g"), few);
    labels(&table, many, &list("a b c g")).unwrap();
    let column = String::from("amount");
    assert_eq!(refused(weighted, "a b c g h"), Unfit::Weights { column, count: 3 });
    let absent = LabelSpec { weight: Some("w"), ..plain };
    assert_eq!(refused(absent, "a b"), Unfit::NoColumn { column: "w".into() });
    let absent = LabelSpec { label: "w", ..plain };
    assert_eq!(refused(absent, "a b"), Unfit::NoColumn { column: "w".into() });
}

#[test]
fn no_message_or_debug_shows_a_cell_or_an_identifier() {
    let text = "id,x,words\nsecret-1,817.25,hush\nsecret-2,818.25,hush\n";
    let table = table(text, "nt");
    let rows = list("secret-1 secret-2");
    let aligned = align(&table, &names(&["x"]), &rows, Missing::Refuse).unwrap();
    assert_eq!(format!("{aligned:?}"), "Aligned(2 rows, 2 present, 1 columns, redacted)");
    assert_eq!(format!("{:?}", Label::Bad(817.25)), "Label(redacted)");
    let fault = align(&table, &names(&["words"]), &rows, Missing::Refuse).unwrap_err();
    let fault = registers::Error::from(fault);
    let shown = format!("{fault} {fault:?}");
    assert!(shown.contains("`words` has 2 cells that are no numbers"), "{shown}");
    let spec = LabelSpec { label: "x", weight: None, cover: false, least: 1 };
    let fault = labels(&table, spec, &rows).unwrap_err();
    let shown = format!("{shown} {fault} {fault:?}");
    for cell in ["hush", "817", "818", "secret"] {
        assert!(!shown.contains(cell), "{shown}");
    }
}

/// Numbers of a few magnitudes, some of them the same.
fn number() -> impl Strategy<Value = f64> {
    proptest::prop_oneof![
        Just(0.0),
        (-5_i32..5).prop_map(f64::from),
        (-1e6..1e6),
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
    ]
}

proptest! {
    #[test]
    fn alignment_is_what_looking_up_one_cell_at_a_time_gives(
        register in btree_map(0_u16..12, vec(option::weighted(0.97, number()), 3), 5..12),
        order in Just((0_u16..12).collect::<Vec<_>>()).prop_shuffle(),
        (taken, again) in (1_usize..9, option::weighted(0.05, 0_usize..9)),
        refuse in any::<bool>(),
    ) {
        // Nearly always distinct, and under a refusal nearly always in the register.
        let known = |id: &u16| !refuse || id.is_multiple_of(7) || register.contains_key(id);
        let mut rows: Vec<u16> = order.into_iter().filter(known).take(taken).collect();
        if let Some(again) = again.and_then(|again| rows.get(again).copied()) {
            rows.push(again);
        }
        let mut text = String::from("id,a,b,c\n");
        for (id, cells) in &register {
            let cells = cells.iter().map(|cell| cell.map_or(String::new(), |cell| cell.to_string()));
            text.push_str(&format!("r{id},{}\n", cells.collect::<Vec<_>>().join(",")));
        }
        let table = table(&text, "nnt");
        let subjects: Vec<_> = rows.iter().map(|id| subject(&format!("r{id}"))).collect();
        let missing = if refuse { Missing::Refuse } else { Missing::Mean };
        let columns = names(&["c", "a", "b"]);
        let found = align(&table, &columns, &subjects, missing);
        match (found, reference(&register, &rows, refuse, [2, 0, 1])) {
            (Ok(aligned), Some(expected)) => {
                for (index, expected) in expected.iter().enumerate() {
                    let found = column(&aligned, index);
                    for ((found, expected), id) in found.iter().zip(expected).zip(&rows) {
                        let known = register.get(id).is_some_and(|cells| {
                            cells[[2, 0, 1][index]].is_some()
                        });
                        // Known numbers are the same; a mean may be rounded otherwise.
                        let largest = expected_scale(&register, [2, 0, 1][index]);
                        let error = (found - expected).abs();
                        let allowed = if known { 0.0 } else { 1e-12 * largest };
                        prop_assert!(error <= allowed);
                    }
                }
                let absent: Vec<_> = rows.iter().map(|id| !register.contains_key(id)).collect();
                prop_assert_eq!(aligned.present, absent.iter().filter(|absent| !**absent).count());
                prop_assert_eq!(aligned.absent, absent);
            }
            (Err(_), None) => {}
            (found, expected) => {
                prop_assert!(false, "{:?} where {} expected", found, expected.is_some());
            }
        }
    }

    #[test]
    fn labels_are_what_looking_up_one_row_at_a_time_gives(
        register in btree_map(0_u16..60, (any::<bool>(), 0_u8..9), 1..50),
        rows in btree_map(0_u16..60, Just(()), 1..50).prop_map(|rows| rows.into_keys().collect::<Vec<_>>()),
        weighted in any::<bool>(),
    ) {
        let mut text = String::from("id,bad,weight\n");
        for (id, (bad, weight)) in &register {
            text.push_str(&format!("r{id},{},{weight}\n", u8::from(*bad)));
        }
        let table = table(&text, "ii");
        let expected: Vec<_> = rows.iter().rev().map(|id| match register.get(id) {
            None => Label::Stranger,
            Some((bad, weight)) => {
                let weight = if weighted { f64::from(*weight) } else { 1.0 };
                if *bad { Label::Bad(weight) } else { Label::Good(weight) }
            }
        }).collect();
        prop_assume!(expected.iter().any(|label| matches!(label, Label::Bad(_))));
        prop_assume!(expected.iter().any(|label| matches!(label, Label::Good(_))));
        let subjects: Vec<_> = rows.iter().rev().map(|id| subject(&format!("r{id}"))).collect();
        let weight = weighted.then_some("weight");
        let spec = LabelSpec { label: "bad", weight, cover: true, least: 1 };
        prop_assert!(labels(&table, spec, &subjects).unwrap() == expected);
        let strangers = expected.iter().filter(|label| **label == Label::Stranger).count();
        let all = labels(&table, LabelSpec { cover: false, ..spec }, &subjects);
        prop_assert_eq!(all.err(), (strangers > 0).then_some(Unfit::Strangers { count: strangers }));
    }
}

type Register = BTreeMap<u16, Vec<Option<f64>>>;

/// The columns row by row, or none where anything is wrong.
fn reference(
    register: &Register,
    rows: &[u16],
    refuse: bool,
    columns: [usize; 3],
) -> Option<Vec<Vec<f64>>> {
    let distinct: std::collections::BTreeSet<_> = rows.iter().collect();
    let present = rows.iter().filter(|id| register.contains_key(id)).count();
    if distinct.len() < rows.len() || present < 2 || (refuse && present < rows.len()) {
        return None;
    }
    columns
        .into_iter()
        .map(|column| {
            let cell = |id: &u16| register.get(id).and_then(|cells| cells[column]);
            let known: Vec<f64> = rows.iter().filter_map(cell).collect();
            let gap = rows.iter().any(|id| register.get(id).is_some_and(|c| c[column].is_none()));
            let constant = known.iter().all(|number| *number == known[0]);
            if constant || (refuse && gap) {
                return None;
            }
            let mut mean = 0.0;
            for number in &known {
                mean += number / known.len() as f64;
            }
            Some(rows.iter().map(|id| cell(id).unwrap_or(mean)).collect())
        })
        .collect()
}

/// The largest number of a column, by which errors are measured.
fn expected_scale(register: &Register, column: usize) -> f64 {
    register.values().filter_map(|cells| cells[column]).fold(0.0, |most, x| most.max(x.abs()))
}

/// Prints how long a million rows of ten columns take (`--nocapture` shows it).
#[test]
fn a_million_rows_of_ten_columns_are_aligned() {
    const ROWS: usize = 1_000_000;
    const COLUMNS: usize = 10;
    let heads: Vec<_> = (0..COLUMNS).map(|column| format!("x{column}")).collect();
    let mut text = format!("id,{}\n", heads.join(","));
    for row in 0..ROWS {
        text.push_str(&format!("{row}"));
        for column in 0..COLUMNS {
            text.push_str(&format!(",{}", (row * 31 + column * 7) % 1009));
        }
        text.push('\n');
    }
    let table = table(&text, &"n".repeat(COLUMNS));
    drop(text);
    // Another order than the table's, and one row in a hundred that it does not have.
    let of = |row: usize| match row % 100 {
        0 => subject(&format!("absent-{row}")),
        _ => subject(&(row * 7919 % ROWS).to_string()),
    };
    let rows: Vec<_> = (0..ROWS).map(of).collect();
    let begun = Instant::now();
    let aligned = align(&table, &heads, &rows, Missing::Mean).unwrap();
    println!("{ROWS} rows of {COLUMNS} columns aligned in {:.2} s", begun.elapsed().as_secs_f64());
    assert_eq!(aligned.present, ROWS - ROWS / 100);
    for row in [1, 12_345, ROWS - 1] {
        let place = row * 7919 % ROWS;
        for column in 0..COLUMNS {
            let cell = u32::try_from((place * 31 + column * 7) % 1009).unwrap();
            assert_eq!(aligned.numbers[[row, column]], f64::from(cell));
        }
    }
}
