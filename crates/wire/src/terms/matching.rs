//! The terms of a match: claims about the subjects of a list, put to one holder.

use domain::{Refusal, RunId, SubjectKind};

use crate::field::{array, authorisation, kind, persons, short};
use crate::{Error, peer};

/// The most subjects of one proposal: what one chunk of the protocol carries.
pub const MAX_ROWS: usize = 4096;

/// The most fields that one claim is made of.
pub const MAX_FIELDS: usize = 8;

/// Lender to holder. The claims themselves are no part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct MatchTerms {
    /// The holder's register.
    pub register: String,
    /// The kind of the identifiers.
    pub kind: SubjectKind,
    /// What a claim is made of: fields of the catalogue, or columns of research data.
    pub fields: Vec<String>,
    /// The lender's list that these are of.
    pub list: RunId,
    /// The place in the list of the first of them.
    pub first: u64,
    /// The subjects.
    pub rows: Vec<MatchRow>,
}

/// A subject of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct MatchRow {
    /// The identifier as written.
    pub subject: String,
    /// The subject's authorisation, as the JSON of a DSSE envelope; none where none is needed.
    pub authorisation: Option<Vec<u8>>,
    /// Those of natural persons, likewise.
    pub persons: Vec<Vec<u8>>,
}

// Subjects are firms or persons: not for logs.
impl std::fmt::Debug for MatchTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (register, rows) = (&self.register, self.rows.len());
        f.debug_struct("MatchTerms")
            .field("register", register)
            .field("rows", &rows)
            .finish_non_exhaustive()
    }
}

/// The rows that an agreement leaves out of a run of so many, and why.
///
/// # Errors
///
/// [`Error::Field`] when they are not distinct rows of the run in ascending order, or a reason is
/// none of the common table.
pub fn row_refusals(
    agreement: &peer::MatchAgreement,
    rows: usize,
) -> Result<Vec<(usize, Refusal)>, Error> {
    let mut refusals: Vec<(usize, Refusal)> = Vec::new();
    for peer::RowRefusal { row, code } in &agreement.refused {
        let row = usize::try_from(*row)
            .ok()
            .filter(|row| *row < rows && refusals.last().is_none_or(|(last, _)| last < row));
        let row =
            row.ok_or(Error::Field { field: "refused", expected: "rows of the run, ascending" })?;
        let refusal = code.parse();
        let refusal =
            refusal.map_err(|_| Error::Field { field: "code", expected: "a known refusal" })?;
        refusals.push((row, refusal));
    }
    Ok(refusals)
}

impl TryFrom<peer::MatchTerms> for MatchTerms {
    type Error = Error;

    fn try_from(terms: peer::MatchTerms) -> Result<Self, Error> {
        if terms.rows.is_empty() || terms.rows.len() > MAX_ROWS {
            return Err(Error::Field { field: "rows", expected: "1 to 4096 subjects" });
        }
        if terms.fields.is_empty() || terms.fields.len() > MAX_FIELDS {
            return Err(Error::Field { field: "fields", expected: "1 to 8 fields" });
        }
        if terms.first.checked_add(MAX_ROWS as u64).is_none() {
            return Err(Error::Field { field: "first", expected: "a place in a list" });
        }
        let fields = terms.fields.into_iter().map(|field| short(field, "fields"));
        Ok(Self {
            register: short(terms.register, "register")?,
            kind: kind(&terms.kind, "kind")?,
            fields: fields.collect::<Result<_, _>>()?,
            list: RunId::from_bytes(array(&terms.list, "list", "16 bytes")?),
            first: terms.first,
            rows: terms.rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        })
    }
}

impl From<MatchTerms> for peer::MatchTerms {
    fn from(terms: MatchTerms) -> Self {
        Self {
            register: terms.register,
            kind: terms.kind.to_string(),
            fields: terms.fields,
            list: terms.list.to_bytes().to_vec().into(),
            first: terms.first,
            rows: terms.rows.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<peer::MatchRow> for MatchRow {
    type Error = Error;

    fn try_from(row: peer::MatchRow) -> Result<Self, Error> {
        Ok(Self {
            subject: short(row.subject, "subject")?,
            authorisation: authorisation(&row.authorisation)?,
            persons: persons(&row.persons)?,
        })
    }
}

impl From<MatchRow> for peer::MatchRow {
    fn from(row: MatchRow) -> Self {
        Self {
            subject: row.subject,
            authorisation: row.authorisation.unwrap_or_default().into(),
            persons: row.persons.into_iter().map(Into::into).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> MatchTerms {
        let row = |subject: &str| MatchRow {
            subject: subject.into(),
            authorisation: Some(b"{}".to_vec()),
            persons: vec![b"{}".to_vec()],
        };
        MatchTerms {
            register: "estates".into(),
            kind: SubjectKind::Uscc,
            fields: vec!["27.right_holder_name".into(), "27.right_holder_id_no".into()],
            list: RunId::from_bytes([3; 16]),
            first: 4096,
            rows: vec![row("91320100PDY00001XR"), row("91320100PDY00002XB")],
        }
    }

    #[test]
    fn terms_survive_the_wire_and_print_no_subject() {
        assert_eq!(MatchTerms::try_from(peer::MatchTerms::from(terms())), Ok(terms()));
        assert!(!format!("{:?}", terms()).contains("91320100"));
    }

    #[test]
    fn what_is_empty_or_too_long_is_refused() {
        let good = peer::MatchTerms::from(terms());
        let row = good.rows[0].clone();
        let large = peer::MatchRow { authorisation: vec![0; 70_000].into(), ..row.clone() };
        let long = peer::MatchRow { subject: "9".repeat(129), ..row.clone() };
        for (field, bad) in [
            ("rows", peer::MatchTerms { rows: Vec::new(), ..good.clone() }),
            ("rows", peer::MatchTerms { rows: vec![row; 4097], ..good.clone() }),
            ("fields", peer::MatchTerms { fields: Vec::new(), ..good.clone() }),
            ("fields", peer::MatchTerms { fields: vec!["1.a".into(); 9], ..good.clone() }),
            ("list", peer::MatchTerms { list: vec![0; 15].into(), ..good.clone() }),
            ("first", peer::MatchTerms { first: u64::MAX, ..good.clone() }),
            ("authorisation", peer::MatchTerms { rows: vec![large], ..good.clone() }),
            ("subject", peer::MatchTerms { rows: vec![long], ..good.clone() }),
        ] {
            let refused = MatchTerms::try_from(bad);
            assert!(
                matches!(refused, Err(Error::Field { field: found, .. }) if found == field),
                "{field}"
            );
        }
    }

    #[test]
    fn refused_rows_are_rows_of_the_run_in_order() {
        let refused = |rows: &[u32], code: &str| peer::MatchAgreement {
            refused: rows
                .iter()
                .map(|row| peer::RowRefusal { row: *row, code: code.into() })
                .collect(),
        };
        let missing = Refusal::AuthMissing;
        let read = |rows: &[u32]| row_refusals(&refused(rows, missing.code()), 3);
        assert_eq!(read(&[0, 2]), Ok(vec![(0, missing), (2, missing)]));
        for strange in [&[3][..], &[1, 1], &[2, 0]] {
            assert!(read(strange).is_err(), "{strange:?}");
        }
        assert!(row_refusals(&refused(&[0], "NONSENSE"), 3).is_err());
    }
}
