//! Typed columns, found by subject.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::Write;

use tempfile::NamedTempFile;

use domain::{CheckMode, Subject, SubjectKind, Value};
use registers::{ColumnKind, ColumnSpec, Error, Key, OnBad, Reason, Table};

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn key() -> Key {
    Key { column: "id".into(), kind: SubjectKind::Opaque, mode: CheckMode::Strict }
}

fn subject(text: &str) -> Subject {
    Subject::parse(SubjectKind::Opaque, text, CheckMode::Strict).unwrap().value
}

fn columns() -> Vec<ColumnSpec> {
    let spec = |name: &str, kind, missing: &[&str]| ColumnSpec {
        name: name.into(),
        kind,
        missing: missing.iter().map(|marker| (*marker).into()).collect(),
    };
    vec![
        spec("type", ColumnKind::Text, &["-"]),
        spec("staff", ColumnKind::Integer, &["NULL"]),
        spec("rate", ColumnKind::Number, &["NULL", "nan"]),
        spec("since", ColumnKind::Date, &[]),
    ]
}

#[test]
fn values_are_typed_and_missing_ones_are_none() {
    let file = file(
        "rate,id,staff,since,type,unasked\n\
         0.125,a,12,2024-02-29,国有,x\n\
         NULL,b,NULL,,-,x\n\
         nan,c, 3.0 ,2024年1月5日,\" 民营 \",x\n",
    );
    let (table, report) = Table::read(file.path(), &key(), &columns(), OnBad::Stop).unwrap();
    assert_eq!((table.len(), report.distinct), (3, 3));
    let value = |id: &str, column: &str| table.value(table.row(&subject(id)).unwrap(), column);
    assert_eq!(value("a", "rate"), Some(Value::Number(0.125)));
    assert_eq!(value("a", "staff"), Some(Value::Number(12.0)));
    assert_eq!(value("a", "since"), Some(Value::text("2024-02-29")));
    assert_eq!(value("a", "type"), Some(Value::text("国有")));
    for column in ["rate", "staff", "since", "type"] {
        assert_eq!(value("b", column), None, "{column}");
    }
    assert_eq!(value("c", "rate"), None);
    assert_eq!(value("c", "staff"), Some(Value::Number(3.0)));
    assert_eq!(value("c", "type"), Some(Value::text("民营")));
    assert_eq!(table.row(&subject("d")), None);
    assert_eq!((value("a", "unasked"), table.value(3, "staff")), (None, None));
    let kinds: Vec<_> = table.columns().collect();
    assert_eq!(kinds[1], ("staff", ColumnKind::Integer));
}

#[test]
fn a_cell_of_the_wrong_type_is_named_by_line_and_column_and_not_shown() {
    let file = file(
        "id,type,staff,rate,since\n\
         a,x,twelve,1,2024-01-01\n\
         b,x,1,\"1,5\",2024-01-01\n\
         c,x,1,1,2023-02-29\n\
         d,x,1,1,2024-01-01\n",
    );
    let error = Table::read(file.path(), &key(), &columns(), OnBad::Stop).unwrap_err();
    let message = error.to_string();
    for part in [
        "line 2, column `staff`: a whole",
        "line 3, column `rate`: a num",
        "line 4, column `since`: a date",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for cell in ["twelve", "1,5", "2023-02-29"] {
        assert!(!message.contains(cell) && !format!("{error:?}").contains(cell), "{message}");
    }
    let (table, report) = Table::read(file.path(), &key(), &columns(), OnBad::Skip).unwrap();
    assert_eq!((table.len(), report.bad.count, report.bad.by_reason["type"]), (1, 3, 3));
    assert_eq!(table.value(0, "staff"), Some(Value::Number(1.0)));
}

#[test]
fn rows_that_repeat_a_subject_collapse_only_if_they_agree() {
    let file = file(
        "id,type,staff,rate,since\n\
         a,x,1,,\n\
         b,x,2,0.5,\n\
         a,x,1.0,NULL,\n\
         b,y,2,0.5,\n\
         c,-,3,,\n\
         c,,3,,\n\
         b,x,2,0.5,\n",
    );
    let error = Table::read(file.path(), &key(), &columns(), OnBad::Stop).unwrap_err();
    let Error::BadRows { bad, .. } = error else { panic!("other error") };
    assert_eq!(bad.count, 1);
    assert_eq!(
        (bad.listed[0].line, &bad.listed[0].reason),
        (5, &Reason::Contradiction { first: 3 })
    );

    let (table, report) = Table::read(file.path(), &key(), &columns(), OnBad::Skip).unwrap();
    assert_eq!(table.row(&subject("b")), None);
    assert_eq!(table.subjects(), [subject("a"), subject("c")]);
    assert_eq!(table.row(&subject("c")), Some(1));
    assert_eq!(table.value(1, "staff"), Some(Value::Number(3.0)));
    assert_eq!((report.distinct, report.duplicates.count), (2, 3));
    assert_eq!((report.contradicted, report.bad.count, report.rows), (1, 1, 7));
}

#[test]
fn debug_shows_how_much_and_not_what() {
    let file = file("id,type,staff,rate,since\nsecret-identifier,hush,817,1,\n");
    let read = Table::read(file.path(), &key(), &columns(), OnBad::Stop).unwrap();
    let shown = format!("{read:?}");
    assert!(shown.contains("Table(1 subjects, 4 columns, redacted)"), "{shown}");
    assert!(!shown.contains("secret") && !shown.contains("hush") && !shown.contains("817"));
}

#[test]
fn a_column_that_is_not_there_stops_before_any_row_is_read() {
    let file = file("id,type\na,x\n");
    let error = Table::read(file.path(), &key(), &columns(), OnBad::Skip).unwrap_err();
    assert!(error.to_string().contains("no column `staff`; the columns are `id`, `type`"));
}
