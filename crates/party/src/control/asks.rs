//! What an operator's requests for runs mean.

use std::path::PathBuf;

use domain::{CheckMode, SubjectKind};
use wire::control;

use crate::Trouble;
use crate::config::{Output, PsiProtocol};
use crate::control::{parse, purpose_of};
use crate::node::Node;
use crate::runs::letters::Letters;
use crate::runs::{batch, matching, psi};

/// What the operator's request means.
pub(super) fn intersection(node: &Node, request: control::PsiRequest) -> Result<psi::Ask, Trouble> {
    let (file, column, kind, check, skip_bad) = if request.register.is_empty() {
        let check = if request.check.is_empty() { "strict" } else { &request.check };
        let kind = parse::<SubjectKind>(&request.kind)?;
        let check = parse::<CheckMode>(check)?;
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
        output: match request.output.as_str() {
            "" | "one-sided" => Output::OneSided,
            "two-sided" => Output::TwoSided,
            "cardinality" => Output::Cardinality,
            _ => {
                return Err(Trouble::us(
                    "USAGE",
                    "the output is one-sided, two-sided or cardinality",
                    "输出应为 one-sided、two-sided 或 cardinality",
                ));
            }
        },
        pad_to: (request.pad_to > 0).then_some(request.pad_to),
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose: purpose_of(&request.purpose)?,
        protocol: match request.protocol.as_str() {
            "" | "auto" => PsiProtocol::Auto,
            "ecdh" => PsiProtocol::Ecdh,
            "vole" => PsiProtocol::Vole,
            _ => {
                return Err(Trouble::us(
                    "USAGE",
                    "the protocol is auto, ecdh or vole",
                    "协议应为 auto、ecdh 或 vole",
                ));
            }
        },
    })
}

/// What the operator's claims mean.
pub(super) fn claims(request: control::MatchRequest) -> Result<matching::Ask, Trouble> {
    let check = if request.check.is_empty() { "strict" } else { &request.check };
    Ok(matching::Ask {
        peer: parse(&request.peer)?,
        their_register: request.their_register,
        file: PathBuf::from(request.file),
        column: request.column,
        kind: parse(&request.kind)?,
        check: parse(check)?,
        skip_bad: request.skip_bad,
        claims: request.claims.into_iter().map(|claim| (claim.column, claim.field)).collect(),
        letters: Letters::new(purpose_of(&request.purpose)?, request.authorisations)?,
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
    })
}

/// What the operator's list means.
pub(super) fn list(request: control::BatchRequest) -> Result<batch::Ask, Trouble> {
    let check = if request.check.is_empty() { "strict" } else { &request.check };
    Ok(batch::Ask {
        model: parse(&request.model)?,
        file: PathBuf::from(request.file),
        column: (!request.column.is_empty()).then_some(request.column),
        kind: parse(&request.kind)?,
        check: parse(check)?,
        skip_bad: request.skip_bad,
        result: (!request.result.is_empty()).then(|| PathBuf::from(request.result)),
        purpose: purpose_of(&request.purpose)?,
    })
}
