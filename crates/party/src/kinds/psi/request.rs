//! What an operator's request for an intersection means.

use wire::control;

use super::{Ask, Output, Protocol};
use crate::Trouble;
use crate::node::Node;
use crate::request::{check, ours, parse, path_of, purpose, said};

impl Ask {
    /// What the operator asks a peer to intersect.
    pub(crate) fn read(node: &Node, request: control::PsiRequest) -> Result<Self, Trouble> {
        let output = match said(request.output)? {
            control::PsiOutput::Unspecified | control::PsiOutput::OneSided => Output::OneSided,
            control::PsiOutput::TwoSided => Output::TwoSided,
            control::PsiOutput::Cardinality => Output::Cardinality,
        };
        let protocol = match said(request.protocol)? {
            control::PsiProtocol::Unspecified | control::PsiProtocol::Auto => Protocol::Auto,
            control::PsiProtocol::Ecdh => Protocol::Ecdh,
            control::PsiProtocol::Vole => Protocol::Vole,
        };
        let purpose = purpose(request.purpose)?;
        let (file, column, kind, check, skip_bad) = if request.register.is_empty() {
            let (kind, check) = (ours(request.kind())?, check(request.check)?);
            (node.uploads.input(request.file)?, request.column, kind, check, request.skip_bad)
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
            (register.file.clone().into(), column, register.kind, register.check, register.skip_bad)
        };
        Ok(Self {
            peer: parse(&request.peer)?,
            their_register: request.their_register,
            file,
            column,
            kind,
            check,
            skip_bad,
            output,
            pad_to: (request.pad_to > 0).then_some(request.pad_to),
            result: path_of(request.result)?,
            purpose,
            protocol,
            checked: request.checked,
        })
    }
}
