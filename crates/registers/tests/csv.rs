//! CSV files as people export them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::Write;
use std::path::Path;

use encoding_rs::GB18030;
use proptest::prelude::{any, proptest};
use tempfile::NamedTempFile;

use domain::{CheckMode, SubjectKind, Uscc};
use registers::{
    ColumnKind, ColumnSpec, Encoding, Error, Format, Key, OnBad, Reason, Table, content, profile,
    subjects,
};

fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_ref()).unwrap();
    file
}

fn key(mode: CheckMode) -> Key {
    Key { column: "代码".into(), kind: SubjectKind::Uscc, mode }
}

fn opaque(column: &str) -> Key {
    Key { column: column.into(), kind: SubjectKind::Opaque, mode: CheckMode::Strict }
}

fn content_of(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    content(path, |piece| bytes.extend_from_slice(piece)).unwrap();
    bytes
}

/// Five good codes with names that need quoting.
fn register() -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(["名称", "代码", "备注"]).unwrap();
    for index in 0..5 {
        let code = Uscc::nth_pdy(index).unwrap();
        let name = format!("某\"企业\",{index}");
        writer.write_record([&name, code.reveal(), "两\r\n行"]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn one_reading_gives_the_table_and_the_content_that_two_readings_give() {
    let text = register();
    let ragged = format!("{text}\"x\",too,many,fields\r\n");
    for (text, on_bad) in [(&text, OnBad::Stop), (&ragged, OnBad::Skip)] {
        let file = file(text);
        let missing = Vec::new();
        let note = ColumnSpec { name: "名称".into(), kind: ColumnKind::Text, missing };
        let (key, columns) = (key(CheckMode::Strict), [note]);
        let mut content = Vec::new();
        let take = |piece: &[u8]| content.extend_from_slice(piece);
        let once = Table::read_with_content(file.path(), &key, &columns, on_bad, take).unwrap();
        let twice = Table::read(file.path(), &key, &columns, on_bad).unwrap();
        assert_eq!(content, content_of(file.path()));
        assert_eq!(once.0.subjects(), twice.0.subjects());
        for row in 0..5 {
            assert!(once.0.value(row, "名称") == twice.0.value(row, "名称"));
            assert!(once.0.value(row, "名称").is_some());
        }
        assert_eq!((once.1.rows, once.1.bad.count), (twice.1.rows, twice.1.bad.count));
    }
}

#[test]
fn the_same_table_in_three_encodings_has_the_same_subjects_and_the_same_content() {
    let text = register();
    let (gb, _, unmappable) = GB18030.encode(&text);
    assert!(!unmappable && gb.as_ref() != text.as_bytes());
    let plain = file(&text);
    let marked = file(format!("\u{FEFF}{text}"));
    let chinese = file(gb);
    let expected =
        [(&plain, Encoding::Utf8), (&marked, Encoding::Utf8Bom), (&chinese, Encoding::Gb18030)];
    for (file, encoding) in expected {
        let (found, report) = subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap();
        let found: Vec<_> = found.iter().map(|subject| subject.reveal().to_owned()).collect();
        let codes: Vec<_> =
            (0..5).map(|index| Uscc::nth_pdy(index).unwrap().reveal().to_owned()).collect();
        assert_eq!(found, codes);
        assert_eq!(report.encoding, Some(encoding));
        assert_eq!((report.format, report.delimiter), (Format::Csv, Some(',')));
        assert_eq!(content_of(file.path()), content_of(plain.path()));
    }
    let unquoted = text.replace("两\r\n行", "两\n行");
    assert_ne!(content_of(file(unquoted).path()), content_of(plain.path()));
}

#[test]
fn layout_does_not_change_the_content_and_every_cell_does() {
    let base = content_of(file("a,b\n1,\"x\"\n2,y\n").path());
    for same in ["a;b\r\n1;x\r\n2;y", "\u{FEFF}a\tb\n\n1\tx\n2\ty\n\n", "a,b\r1,x\r2,y\r"] {
        assert_eq!(content_of(file(same).path()), base, "{same:?}");
    }
    for other in ["a,b\n1,x\n2,z\n", "a,b\n1,x\n", "a,b\n1x,\n2,y\n", "a,b\n1,x\n2,y,\n"] {
        assert_ne!(content_of(file(other).path()), base, "{other:?}");
    }
}

#[test]
fn bad_identifiers_stop_the_load_and_are_listed_by_line() {
    let text = "名称,代码\r\n\
                \"两\r\n行\",91320100PDY00001XR\r\n\
                乙,91320100PDY00001XX\r\n\
                \r\n\
                丙,9132O100PDY00001XR\r\n\
                丁,\r\n\
                戊,91320500PDY0001750,多\r\n\
                己,91320500PDY0001750\r\n";
    let file = file(text);
    let error = subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("4 rows cannot be used"), "{message}");
    for part in ["line 4, column `代码`", "line 6", "letter O", "line 7", "line 8: 3 fields"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let Error::BadRows { bad, .. } = error else { panic!("other error") };
    let lines: Vec<_> = bad.listed.iter().map(|row| row.line).collect();
    assert_eq!(lines, [4, 6, 7, 8]);
    assert_eq!(bad.by_reason["check-character"], 1);
    assert_eq!(bad.listed[3].reason, Reason::Fields { expected: 2, found: 3 });

    let (found, report) = subjects(file.path(), &key(CheckMode::Strict), OnBad::Skip).unwrap();
    assert_eq!((found.len(), report.rows, report.bad.count), (2, 6, 4));
}

#[test]
fn no_message_report_or_debug_repeats_an_identifier() {
    let file = file("代码\n91320100PDY00001XX\n9132O100PDY00001XR\n91320500PDY0001750\n");
    let error = subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap_err();
    let skipped = subjects(file.path(), &key(CheckMode::Strict), OnBad::Skip).unwrap();
    let json = serde_json::to_string(&skipped.1).unwrap();
    for text in [error.to_string(), format!("{error:?}"), format!("{skipped:?}"), json] {
        assert!(!text.contains("PDY"), "{text}");
    }
}

#[test]
fn duplicates_collapse_and_are_counted_with_their_first_lines() {
    let file = file(
        "代码\n91320100PDY00001XR\n91320500PDY0001750\n９１３２０１００ｐｄｙ００００１ｘｒ\n\
         91320100-PDY00001X-R\n",
    );
    let (found, report) = subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((report.rows, report.distinct, report.normalised), (4, 2, 2));
    let repeats: Vec<_> =
        report.duplicates.listed.iter().map(|repeat| (repeat.line, repeat.first)).collect();
    assert_eq!(repeats, [(4, 2), (5, 2)]);
}

#[test]
fn report_mode_accepts_and_counts_what_is_flagged() {
    let file = file("代码\n91320100PDY00001XX\n320100188501010010\n91320100PDY00001XR\n");
    let (found, report) = subjects(file.path(), &key(CheckMode::Report), OnBad::Stop).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(report.flagged.identifiers, 2);
    assert_eq!((report.flagged.check_character, report.flagged.organisation_code), (1, 1));
}

#[test]
fn a_missing_column_is_answered_with_the_names_that_are_there() {
    let file = file("\"统一代码\", name \n1,2\n");
    let message =
        subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap_err().to_string();
    assert!(message.contains("no column `代码`; the columns are `统一代码`, `name`"), "{message}");
}

#[test]
fn delimiters_are_taken_from_the_header_line_if_it_leaves_no_doubt() {
    for (text, delimiter) in [
        ("id;x\n1;2,5\n", ';'),
        ("id\tx\n1\t2\n", '\t'),
        ("id,x;y\n1,2\n", ','),
        ("id\n1\n", ','),
        ("\"i;d\",id\n1,1\n", ','),
    ] {
        let (_, report) = subjects(file(text).path(), &opaque("id"), OnBad::Stop).unwrap();
        assert_eq!(report.delimiter, Some(delimiter), "{text:?}");
    }
}

#[test]
fn files_that_are_no_tables_are_refused_in_words() {
    let long = format!("id,x\n1,\"{}\n", "y".repeat(10_000_000));
    let wide = format!("id{}\n1\n", ",".repeat(20_000));
    let cases: [(&[u8], &str); 15] = [
        (b"", "the file is empty"),
        (b"\xEF\xBB\xBF", "the file is empty"),
        (b"\n\r\n\n", "the file is empty"),
        (b"id,x\n", "no rows"),
        (b"id,x", "no rows"),
        (b"id,x,id\n1,2,3\n", "`id` comes twice"),
        (b"id,x\n1,\0\n", "line 2 contains a NUL"),
        (b"id,x\n1,2\n3,\"4\n5,6\n", "row of line 3 is never closed"),
        (b"PK\x03\x04abcd", "Excel workbook"),
        (b"\xFF\xFEi\0d\0", "UTF-16"),
        (b"id,x\n1,\xFF\xFF\n", "line 2 is neither UTF-8 nor GB18030"),
        (b"\xEF\xBB\xBFid,x\n1,2\n3,\xB0\xA1\n", "line 3 is neither UTF-8 nor GB18030"),
        (b"id,x\n1,\xB0", "line 2 is neither UTF-8 nor GB18030"),
        (long.as_bytes(), "line 2: a field is longer than 1 MiB"),
        (wide.as_bytes(), "more than 16,384 fields"),
    ];
    for (bytes, expected) in cases {
        let message =
            subjects(file(bytes).path(), &opaque("id"), OnBad::Skip).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn paths_that_are_no_files_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |path: &Path| subjects(path, &opaque("id"), OnBad::Stop).unwrap_err();
    assert!(matches!(refusal(folder.path()), Error::NotAFile { .. }));
    assert!(matches!(refusal(&folder.path().join("none.csv")), Error::Read { .. }));
}

#[test]
fn a_character_may_lie_across_the_pieces_in_which_a_file_is_read() {
    for shift in 0..4 {
        let mut text = format!("id,{}\n", "x".repeat(shift));
        for row in 0..20_000 {
            text.push_str(&format!("{row},企业名称\n"));
        }
        let (gb, _, _) = GB18030.encode(&text);
        let (utf8, chinese) = (file(&text), file(gb));
        let load = |path| subjects(path, &opaque("id"), OnBad::Stop).unwrap();
        let (expected, actual) = (load(utf8.path()), load(chinese.path()));
        assert_eq!(expected.1.encoding, Some(Encoding::Utf8));
        assert_eq!(actual.1.encoding, Some(Encoding::Gb18030));
        assert_eq!(expected.0, actual.0);
        assert_eq!(content_of(utf8.path()), content_of(chinese.path()));
    }
}

#[test]
fn two_hundred_thousand_codes_are_loaded_in_order() {
    let mut text = String::from("代码,余额\n");
    for index in 0..200_000 {
        text.push_str(Uscc::nth_pdy(index).unwrap().reveal());
        text.push_str(",100\n");
    }
    let file = file(text);
    let (found, report) = subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap();
    assert_eq!(report.distinct, 200_000);
    assert_eq!(found[199_999].reveal(), Uscc::nth_pdy(199_999).unwrap().reveal());
}

#[test]
fn no_more_than_a_thousand_bad_rows_are_listed_and_all_are_counted() {
    let file = file(format!("代码\n{}", "1\n".repeat(3000)));
    let (_, report) = subjects(file.path(), &key(CheckMode::Strict), OnBad::Skip).unwrap();
    assert_eq!((report.bad.count, report.bad.listed.len()), (3000, 1000));
    let message =
        subjects(file.path(), &key(CheckMode::Strict), OnBad::Stop).unwrap_err().to_string();
    assert!(message.contains("and 2995 more"), "{message}");
}

#[test]
fn a_profile_counts_and_shows_no_value() {
    let text = "代码,余额,比率,开户,名称,空\n\
                91320100PDY00001XR,817,0.5,2024-02-29,甲公司,\n\
                91320100PDY00001XR,-3,1,2024/3/1,乙公司,\n\
                91320100PDY00001XX,,2e3,2024-01-01,,\n\
                短行\n";
    let file = file(text);
    let found = profile(file.path(), Some(&key(CheckMode::Strict))).unwrap();
    assert_eq!((found.load.rows, found.load.distinct, found.load.duplicates.count), (4, 1, 1));
    assert_eq!(found.load.bad.count, 2);
    let json = serde_json::to_string(&found).unwrap();
    for part in [
        r#"{"name":"余额","kind":"integer","missing":1,"distinct":{"exactly":2}}"#,
        r#"{"name":"比率","kind":"number","missing":0,"distinct":{"exactly":3}}"#,
        r#"{"name":"开户","kind":"date","missing":0,"distinct":{"exactly":3}}"#,
        r#"{"name":"名称","kind":"text","missing":1,"distinct":{"exactly":2}}"#,
        r#"{"name":"空","kind":null,"missing":3,"distinct":{"exactly":0}}"#,
        r#""encoding":"utf-8""#,
    ] {
        assert!(json.contains(part), "{part}: {json}");
    }
    for value in ["817", "甲公司", "2e3", "PDY"] {
        assert!(!json.contains(value), "{value}: {json}");
    }
    let unkeyed = profile(file.path(), None).unwrap();
    assert_eq!((unkeyed.load.rows, unkeyed.load.distinct, unkeyed.load.bad.count), (4, 0, 1));
}

/// What a CSV writer that is not ours writes is read back field by field.
fn read_back(rows: &[Vec<String>]) {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut expected = b"tacit/registers/v1/content".to_vec();
    let header: Vec<String> = (0..3).map(|column| format!("c{column}")).collect();
    for row in std::iter::once(&header).chain(rows) {
        writer.write_record(row).unwrap();
        expected.extend_from_slice(&3_u32.to_be_bytes());
        for cell in row {
            expected.extend_from_slice(&u32::try_from(cell.len()).unwrap().to_be_bytes());
            expected.extend_from_slice(cell.as_bytes());
        }
    }
    let file = file(writer.into_inner().unwrap());
    assert_eq!(content_of(file.path()), expected);
}

proptest! {
    #[test]
    fn any_text_survives_quoting(
        rows in proptest::collection::vec(
            proptest::collection::vec("[a\"',;\t\r\n 企业\u{1F600}]{0,6}", 3), 0..6),
    ) {
        read_back(&rows);
    }

    #[test]
    fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = file(&noise);
        drop(subjects(file.path(), &opaque("id"), OnBad::Skip));
        drop(profile(file.path(), None));
        drop(content(file.path(), |_| ()));
    }

    #[test]
    fn noise_behind_a_good_header_never_panics(
        noise in "[0-9a-z\",;\r\n\t\0企 ]{0,200}", mark in any::<bool>(),
    ) {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let file = file(format!("{mark}id,x\n{noise}"));
        if let Ok((found, report)) = subjects(file.path(), &opaque("id"), OnBad::Skip) {
            let lines = 2 + noise.matches(['\r', '\n']).count();
            assert!(report.bad.listed.iter().all(|row| (2..=lines as u64).contains(&row.line)));
            assert_eq!(report.distinct, found.len() as u64);
            assert_eq!(
                report.rows,
                report.distinct + report.duplicates.count + report.bad.count
            );
        }
    }
}
