//! Writes a list of subjects: the one table that this crate makes.

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
    let mut csv = csv::Writer::from_writer(writer);
    csv.write_record([column])?;
    for subject in subjects {
        csv.write_record([subject.reveal()])?;
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
