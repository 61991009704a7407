//! Parquet files, written with the crate of the Arrow project.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use proptest::prelude::{any, proptest};
use tempfile::NamedTempFile;

use domain::{CheckMode, SubjectKind, Uscc, Value};
use registers::{
    ColumnKind, ColumnSpec, Error, Format, Key, OnBad, Table, content, profile, subjects,
};

const SCHEMA: &str = "message register {
    required binary code (STRING);
    optional int64 balance;
    optional double ratio;
    optional int32 opened (DATE);
    optional int32 premium (DECIMAL(9, 2));
    optional boolean insured;
    optional float small;
    optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
}";

type Group<'a> = SerializedRowGroupWriter<'a, File>;

/// Writes the next column: values, and for an optional one which rows have them.
fn column<T: DataType>(group: &mut Group<'_>, values: &[T::T], present: Option<&[i16]>) {
    let mut writer = group.next_column().unwrap().unwrap();
    writer.typed::<T>().write_batch(values, present, None).unwrap();
    writer.close().unwrap();
}

fn texts(texts: &[&str]) -> Vec<ByteArray> {
    texts.iter().map(|text| ByteArray::from(*text)).collect()
}

/// Two row groups of `rows` rows each; every third value is missing.
fn register(rows: u32, compression: Compression) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer =
        SerializedFileWriter::new(file.reopen().unwrap(), schema, Arc::new(properties)).unwrap();
    for number in 0..2 {
        let mut group = writer.next_row_group().unwrap();
        let range = number * rows..(number + 1) * rows;
        let codes: Vec<_> = range.clone().map(|index| Uscc::nth_pdy(index).unwrap()).collect();
        let codes: Vec<_> = codes.iter().map(|code| code.reveal()).collect();
        column::<ByteArrayType>(&mut group, &texts(&codes), None);
        let present: Vec<i16> = range.clone().map(|index| i16::from(index % 3 != 2)).collect();
        let filled: Vec<i32> = range
            .filter(|index| index % 3 != 2)
            .map(|index| i32::try_from(index).unwrap())
            .collect();
        let wide: Vec<i64> = filled.iter().map(|value| i64::from(*value)).collect();
        let ratios: Vec<f64> = filled
            .iter()
            .map(|value| if *value == 0 { f64::NAN } else { f64::from(*value) / 8.0 })
            .collect();
        let small = vec![0.5_f32; filled.len()];
        let bools = vec![true; filled.len()];
        column::<Int64Type>(&mut group, &wide, Some(&present));
        column::<DoubleType>(&mut group, &ratios, Some(&present));
        column::<Int32Type>(&mut group, &filled, Some(&present));
        column::<Int32Type>(&mut group, &filled, Some(&present));
        column::<BoolType>(&mut group, &bools, Some(&present));
        column::<FloatType>(&mut group, &small, Some(&present));
        let none = vec![0; present.len()];
        let mut tags = group.next_column().unwrap().unwrap();
        tags.typed::<ByteArrayType>().write_batch(&[], Some(&none), Some(&none)).unwrap();
        tags.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    file
}

fn key(column: &str) -> Key {
    Key { column: column.into(), kind: SubjectKind::Uscc, mode: CheckMode::Strict }
}

fn spec(name: &str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, missing: Vec::new() }
}

#[test]
fn subjects_are_read_over_row_groups_and_batches_in_every_compression() {
    use parquet::basic::{GzipLevel, ZstdLevel};
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let file = register(3000, compression);
        let (found, report) = subjects(file.path(), &key("code"), OnBad::Stop).unwrap();
        assert_eq!((report.rows, report.distinct, report.format), (6000, 6000, Format::Parquet));
        assert_eq!((report.encoding, report.delimiter), (None, None));
        for (subject, index) in found.iter().zip(0..) {
            assert_eq!(subject.reveal(), Uscc::nth_pdy(index).unwrap().reveal());
        }
    }
}

#[test]
fn a_table_has_the_values_of_every_flat_column() {
    let file = register(2000, Compression::SNAPPY);
    let columns = [
        spec("ratio", ColumnKind::Number),
        spec("balance", ColumnKind::Integer),
        spec("opened", ColumnKind::Date),
        spec("premium", ColumnKind::Number),
        spec("insured", ColumnKind::Text),
        spec("small", ColumnKind::Number),
    ];
    let (table, _) = Table::read(file.path(), &key("code"), &columns, OnBad::Stop).unwrap();
    assert_eq!(table.len(), 4000);
    let subject = table.subjects()[3001].clone();
    let row = table.row(&subject).unwrap();
    assert_eq!(row, 3001);
    assert_eq!(table.value(row, "balance"), Some(Value::Number(3001.0)));
    assert_eq!(table.value(row, "ratio"), Some(Value::Number(375.125)));
    assert_eq!(table.value(row, "opened"), Some(Value::text("1978-03-21")));
    assert_eq!(table.value(row, "premium"), Some(Value::Number(30.01)));
    assert_eq!(table.value(row, "insured"), Some(Value::text("true")));
    assert_eq!(table.value(row, "small"), Some(Value::Number(0.5)));
    assert_eq!(table.value(2, "balance"), None);
    assert_eq!(table.value(0, "balance"), Some(Value::Number(0.0)));
    assert_eq!(table.value(0, "ratio"), None);
}

#[test]
fn columns_that_cannot_be_used_are_named_with_the_reason() {
    let file = register(10, Compression::UNCOMPRESSED);
    let refusal =
        |column| subjects(file.path(), &key(column), OnBad::Stop).unwrap_err().to_string();
    assert!(refusal("ratio").contains("`ratio` holds floating-point numbers"));
    assert!(refusal("tags").contains("`tags` is nested"));
    assert!(refusal("name").contains("the columns are `code`, `balance`"));
    let bad = refusal("balance");
    assert!(bad.contains("20 rows cannot be used: line 1, column `balance`"), "{bad}");
}

#[test]
fn the_content_equals_that_of_the_same_table_in_csv() {
    let schema = "message m { required binary id (UTF8); optional int32 n; }";
    let file = NamedTempFile::new().unwrap();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer =
        SerializedFileWriter::new(file.reopen().unwrap(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    column::<ByteArrayType>(&mut group, &texts(&["企业", "b"]), None);
    column::<Int32Type>(&mut group, &[-7], Some(&[0, 1]));
    group.close().unwrap();
    writer.close().unwrap();

    let mut csv = NamedTempFile::new().unwrap();
    csv.write_all("id,n\n企业,\nb,-7\n".as_bytes()).unwrap();
    let bytes = |path| {
        let mut bytes = Vec::new();
        assert_eq!(content(path, |piece| bytes.extend_from_slice(piece)).unwrap(), 2);
        bytes
    };
    assert_eq!(bytes(file.path()), bytes(csv.path()));
    let key = Key { column: "id".into(), kind: SubjectKind::Opaque, mode: CheckMode::Strict };
    let number = ColumnSpec { name: "n".into(), kind: ColumnKind::Integer, missing: Vec::new() };
    let mut once = Vec::new();
    let take = |piece: &[u8]| once.extend_from_slice(piece);
    let (table, _) =
        Table::read_with_content(file.path(), &key, &[number], OnBad::Stop, take).unwrap();
    assert_eq!((once, table.len()), (bytes(csv.path()), 2));
    assert!(table.value(0, "n").is_none() && table.value(1, "n") == Some(Value::Number(-7.0)));
    let profile = profile(file.path(), None).unwrap();
    assert_eq!((profile.load.rows, profile.columns[1].missing), (2, 1));
}

#[test]
fn a_truncated_file_is_an_error_at_every_length() {
    let whole = std::fs::read(register(40, Compression::SNAPPY).path()).unwrap();
    for length in (4..whole.len()).step_by(7) {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(&whole[..length]).unwrap();
        let error = subjects(file.path(), &key("code"), OnBad::Skip).unwrap_err();
        assert!(matches!(error, Error::Parquet { .. }), "{error}");
    }
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            std::fs::read(register(20, Compression::SNAPPY).path()).unwrap()
        });
        let mut bytes = whole.clone();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        drop(subjects(file.path(), &key("code"), OnBad::Skip));
        drop(profile(file.path(), None));
    }

    #[test]
    fn noise_that_calls_itself_parquet_never_panics(
        noise in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut file = NamedTempFile::new().unwrap();
        let length = u32::try_from(noise.len()).unwrap().to_le_bytes();
        for piece in [b"PAR1".as_slice(), &noise, &length, b"PAR1"] {
            file.write_all(piece).unwrap();
        }
        drop(subjects(file.path(), &key("code"), OnBad::Skip));
    }
}
