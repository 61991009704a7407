//! Writes tables: lists of subjects, and what was found about them.

use std::io::{self, Write};

use domain::Subject;

/// Writes identifiers as CSV (UTF-8), a header line and one a line.
///
/// For the owner's own files: it reveals the identifiers.
///
/// # Errors
///
/// Those of the writer.
pub fn write_subjects<'a>(
    writer: impl Write,
    column: &str,
    subjects: impl IntoIterator<Item = &'a Subject>,
) -> io::Result<()> {
    write_rows(writer, &[column], subjects.into_iter().map(|subject| [subject.reveal()]))
}

/// Writes a table as CSV (UTF-8): a header line, and one a row, each with as many cells.
///
/// # Errors
///
/// Those of the writer, and when a row has another number of cells.
pub fn write_rows<Row>(
    writer: impl Write,
    heads: &[&str],
    rows: impl IntoIterator<Item = Row>,
) -> io::Result<()>
where
    Row: IntoIterator<Item: AsRef<[u8]>>,
{
    let mut csv = csv::Writer::from_writer(writer);
    csv.write_record(heads)?;
    for row in rows {
        csv.write_record(row)?;
    }
    csv.flush()
}

#[cfg(test)]
mod tests {
    use domain::{CheckMode, Subject, SubjectKind};

    use super::write_subjects;

    #[test]
    fn an_identifier_with_a_comma_is_quoted() {
        let subject = |text| Subject::parse(SubjectKind::Opaque, text, CheckMode::Strict).unwrap();
        let subjects = [subject("a,b").value, subject("25115").value];
        let mut file = Vec::new();
        write_subjects(&mut file, "id", &subjects).unwrap();
        assert_eq!(file, b"id\n\"a,b\"\n25115\n");
    }
}
