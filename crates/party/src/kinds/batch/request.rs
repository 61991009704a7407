//! What an operator's list means.

use wire::control;

use super::Ask;
use crate::Trouble;
use crate::request::{check, file_of, ours, parse, path_of, purpose};

impl Ask {
    /// What the operator's list means.
    pub(crate) fn read(request: control::BatchRequest) -> Result<Self, Trouble> {
        let (kind, check) = (ours(request.kind())?, check(request.check)?);
        let purpose = purpose(request.purpose)?;
        Ok(Self {
            model: parse(&request.model)?,
            file: file_of(request.file)?,
            column: (!request.column.is_empty()).then_some(request.column),
            kind,
            check,
            skip_bad: request.skip_bad,
            result: path_of(request.result)?,
            purpose,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_stands_for_none_of_ours() {
        let listed = control::BatchRequest {
            model: "basic@1".into(),
            kind: control::SubjectKind::Opaque.into(),
            purpose: 99,
            ..control::BatchRequest::default()
        };
        assert_eq!(Ask::read(listed).err().map(|trouble| trouble.code), Some("USAGE"));
    }
}
