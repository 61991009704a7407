//! What an operator's list means.

use wire::control;

use super::Ask;
use crate::Trouble;
use crate::request::{check, ours, parse, path_of, purpose};
use crate::uploads::Uploads;

impl Ask {
    /// What the operator's list means.
    pub(crate) fn read(uploads: &Uploads, request: control::BatchRequest) -> Result<Self, Trouble> {
        let (kind, check) = (ours(request.kind())?, check(request.check)?);
        let purpose = purpose(request.purpose)?;
        Ok(Self {
            model: parse(&request.model)?,
            file: uploads.input(request.file)?,
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

    fn none() -> (tempfile::TempDir, Uploads) {
        let folder = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(folder.path(), 0).unwrap();
        (folder, uploads)
    }

    #[test]
    fn a_word_of_a_later_version_stands_for_none_of_ours() {
        let listed = control::BatchRequest {
            model: "basic@1".into(),
            kind: control::SubjectKind::Opaque.into(),
            purpose: 99,
            ..control::BatchRequest::default()
        };
        let (_folder, uploads) = none();
        assert_eq!(Ask::read(&uploads, listed).err().map(|trouble| trouble.code), Some("USAGE"));
    }
}
