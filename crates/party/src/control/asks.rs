//! What an operator's requests for runs mean.

use std::path::PathBuf;

use domain::{CheckMode, Purpose};
use wire::control;

use crate::Trouble;
use crate::control::{ours, parse, path_of, said};
use crate::governance::jobs::party::RowsTable;
use crate::kinds::{batch, matching, psi};
use crate::node::Node;
use crate::runs::letters::Letters;

/// What the operator asks a peer to intersect.
pub(super) fn intersection(node: &Node, request: control::PsiRequest) -> Result<psi::Ask, Trouble> {
    let output = match said(request.output)? {
        control::PsiOutput::Unspecified | control::PsiOutput::OneSided => psi::Output::OneSided,
        control::PsiOutput::TwoSided => psi::Output::TwoSided,
        control::PsiOutput::Cardinality => psi::Output::Cardinality,
    };
    let protocol = match said(request.protocol)? {
        control::PsiProtocol::Unspecified | control::PsiProtocol::Auto => psi::Protocol::Auto,
        control::PsiProtocol::Ecdh => psi::Protocol::Ecdh,
        control::PsiProtocol::Vole => psi::Protocol::Vole,
    };
    let purpose = purpose(request.purpose)?;
    let (file, column, kind, check, skip_bad) = if request.register.is_empty() {
        let (kind, check) = (ours(request.kind())?, check(request.check)?);
        (PathBuf::from(request.file), request.column, kind, check, request.skip_bad)
    } else {
        let register = node.config.register(&request.register).ok_or_else(|| {
            let name = &request.register;
            Trouble::us(
                "REGISTER",
                format!("there is no [[register]] called {name} in party.toml"),
                format!("party.toml 中没有名为 {name} 的 [[register]]"),
            )
        })?;
        let column = register.column.clone();
        (register.file.clone(), column, register.kind, register.check, register.skip_bad)
    };
    Ok(psi::Ask {
        peer: parse(&request.peer)?,
        their_register: request.their_register,
        file,
        column,
        kind,
        check,
        skip_bad,
        output,
        pad_to: (request.pad_to > 0).then_some(request.pad_to),
        result: path_of(request.result),
        purpose,
        protocol,
    })
}

/// What the operator's claims mean.
pub(super) fn claims(request: control::MatchRequest) -> Result<matching::Ask, Trouble> {
    let (kind, check) = (ours(request.kind())?, check(request.check)?);
    let purpose = purpose(request.purpose)?;
    Ok(matching::Ask {
        peer: parse(&request.peer)?,
        their_register: request.their_register,
        file: PathBuf::from(request.file),
        column: request.column,
        kind,
        check,
        skip_bad: request.skip_bad,
        claims: request.claims.into_iter().map(|claim| (claim.column, claim.field)).collect(),
        letters: Letters::new(purpose, request.authorisations)?,
        result: path_of(request.result),
    })
}

/// What the operator's list means.
pub(super) fn list(request: control::BatchRequest) -> Result<batch::Ask, Trouble> {
    let (kind, check) = (ours(request.kind())?, check(request.check)?);
    let purpose = purpose(request.purpose)?;
    Ok(batch::Ask {
        model: parse(&request.model)?,
        file: PathBuf::from(request.file),
        column: (!request.column.is_empty()).then_some(request.column),
        kind,
        check,
        skip_bad: request.skip_bad,
        result: path_of(request.result),
        purpose,
    })
}

/// Where the lender of a platform's job has its rows.
pub(super) fn rows(rows: control::JobRowsTable) -> Result<RowsTable, Trouble> {
    let check = check(rows.check)?;
    Ok(RowsTable { file: PathBuf::from(rows.file), column: rows.column, check })
}

/// What something is for; an application for a loan when nothing is said.
pub(super) fn purpose(purpose: i32) -> Result<Purpose, Trouble> {
    match said(purpose)? {
        control::Purpose::Unspecified => Ok(Purpose::PreLoan),
        named => ours(named),
    }
}

/// How much of an identifier must fit; strict when nothing is said.
fn check(check: i32) -> Result<CheckMode, Trouble> {
    match said(check)? {
        control::CheckMode::Unspecified => Ok(CheckMode::Strict),
        named => ours(named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_version_stands_for_none_of_ours() {
        let later = 99;
        assert_eq!(purpose(later).unwrap_err().code, "USAGE");
        assert_eq!(check(later).unwrap_err().code, "USAGE");
        assert_eq!(said::<control::PsiOutput>(later).unwrap_err().code, "USAGE");
        assert_eq!(said::<control::PsiProtocol>(later).unwrap_err().code, "USAGE");
        let matched = control::MatchRequest {
            peer: "tax".into(),
            kind: control::SubjectKind::Uscc.into(),
            purpose: later,
            ..control::MatchRequest::default()
        };
        assert_eq!(claims(matched.clone()).err().map(|trouble| trouble.code), Some("USAGE"));
        let checked = control::MatchRequest { purpose: 0, check: later, ..matched };
        assert_eq!(claims(checked).err().map(|trouble| trouble.code), Some("USAGE"));
        let listed = control::BatchRequest {
            model: "basic@1".into(),
            kind: control::SubjectKind::Opaque.into(),
            purpose: later,
            ..control::BatchRequest::default()
        };
        assert_eq!(list(listed).err().map(|trouble| trouble.code), Some("USAGE"));
    }

    #[test]
    fn a_request_that_says_nothing_is_for_an_application_and_checked_strictly() {
        assert_eq!(purpose(0).unwrap(), Purpose::PreLoan);
        assert_eq!(check(0).unwrap(), CheckMode::Strict);
        let said = control::Purpose::PostLoan.into();
        assert_eq!(purpose(said).unwrap(), Purpose::PostLoan);
    }
}
