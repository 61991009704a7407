//! What an operator's list of claims means.

use wire::control;

use super::Ask;
use crate::Trouble;
use crate::request::{check, ours, parse, path_of, purpose};
use crate::runs::letters::Letters;
use crate::uploads::Uploads;

impl Ask {
    /// What the operator's claims mean.
    pub(crate) fn read(uploads: &Uploads, request: control::MatchRequest) -> Result<Self, Trouble> {
        let (kind, check) = (ours(request.kind())?, check(request.check)?);
        let purpose = purpose(request.purpose)?;
        Ok(Self {
            peer: parse(&request.peer)?,
            their_register: request.their_register,
            file: uploads.input(request.file)?,
            column: request.column,
            kind,
            check,
            skip_bad: request.skip_bad,
            claims: request.claims.into_iter().map(|claim| (claim.column, claim.field)).collect(),
            letters: Letters::new(purpose, request.authorisations)?,
            result: path_of(request.result)?,
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
        let later = 99;
        let matched = control::MatchRequest {
            peer: "tax".into(),
            kind: control::SubjectKind::Uscc.into(),
            purpose: later,
            ..control::MatchRequest::default()
        };
        let (_folder, uploads) = none();
        let code = |request| Ask::read(&uploads, request).err().map(|trouble| trouble.code);
        assert_eq!(code(matched.clone()), Some("USAGE"));
        let checked = control::MatchRequest { purpose: 0, check: later, ..matched };
        assert_eq!(code(checked), Some("USAGE"));
    }
}
