//! What an operator's requests for runs mean.

use std::path::PathBuf;

use domain::{CheckMode, Purpose};
use wire::control;

use crate::Trouble;
use crate::config::{Output, PsiProtocol};
use crate::control::{ours, parse};
use crate::node::Node;
use crate::runs::letters::Letters;
use crate::runs::{batch, matching, psi};

/// What the operator asks a peer to intersect.
pub(super) fn intersection(node: &Node, request: control::PsiRequest) -> Result<psi::Ask, Trouble> {
    let output = match request.output() {
        control::PsiOutput::Unspecified | control::PsiOutput::OneSided => Output::OneSided,
        control::PsiOutput::TwoSided => Output::TwoSided,
        control::PsiOutput::Cardinality => Output::Cardinality,
    };
    let protocol = match request.protocol() {
        control::PsiProtocol::Unspecified | control::PsiProtocol::Auto => PsiProtocol::Auto,
        control::PsiProtocol::Ecdh => PsiProtocol::Ecdh,
        control::PsiProtocol::Vole => PsiProtocol::Vole,
    };
    let purpose = purpose(request.purpose())?;
    let (file, column, kind, check, skip_bad) = if request.register.is_empty() {
        let (kind, check) = (ours(request.kind())?, check(request.check())?);
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
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose,
        protocol,
    })
}

/// What the operator's claims mean.
pub(super) fn claims(request: control::MatchRequest) -> Result<matching::Ask, Trouble> {
    let (kind, check) = (ours(request.kind())?, check(request.check())?);
    let purpose = purpose(request.purpose())?;
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
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
    })
}

/// What the operator's list means.
pub(super) fn list(request: control::BatchRequest) -> Result<batch::Ask, Trouble> {
    let (kind, check) = (ours(request.kind())?, check(request.check())?);
    let purpose = purpose(request.purpose())?;
    Ok(batch::Ask {
        model: parse(&request.model)?,
        file: PathBuf::from(request.file),
        column: (!request.column.is_empty()).then_some(request.column),
        kind,
        check,
        skip_bad: request.skip_bad,
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose,
    })
}

/// What something is for; an application for a loan when nothing is said.
pub(super) fn purpose(purpose: control::Purpose) -> Result<Purpose, Trouble> {
    match purpose {
        control::Purpose::Unspecified => Ok(Purpose::PreLoan),
        said => ours(said),
    }
}

/// How much of an identifier must fit; strict when nothing is said.
fn check(check: control::CheckMode) -> Result<CheckMode, Trouble> {
    match check {
        control::CheckMode::Unspecified => Ok(CheckMode::Strict),
        said => ours(said),
    }
}
