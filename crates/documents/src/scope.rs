//! How a scope and a person's consent are written on a command line.

use std::collections::BTreeSet;

use consent::{Fields, MAX_MODELS, Models, ScopeItem, SeparateConsent};
use domain::{ClassId, Field, ModelId, Output};

use crate::Error;

/// Reads `CLASS[.FIELD]:OUTPUT[,OUTPUT]`, like `1:score` or `2.in_arrears_now:verify`. A class
/// without a field stands for every field of it.
///
/// # Errors
///
/// `USAGE`, with the form.
pub fn scope_line(text: &str) -> Result<ScopeItem, Error> {
    read_line(text).ok_or_else(|| {
        Error::new(
            "USAGE",
            "a scope is written CLASS[.FIELD]:OUTPUT[,OUTPUT], like `1:score` or `2.in_arrears_now:verify`; outputs are score, verify, monitor, display, train, self",
            "授权范围写作 信息类[.字段]:结果形式[,结果形式]，例如 `1:score` 或 `2.in_arrears_now:verify`；结果形式为 score、verify、monitor、display、train、self",
        )
    })
}

fn read_line(text: &str) -> Option<ScopeItem> {
    let (what, outputs) = text.split_once(':')?;
    let outputs: Option<BTreeSet<Output>> =
        outputs.split(',').map(|output| output.parse().ok()).collect();
    let (class, fields) = if what.contains('.') {
        let field: Field = what.parse().ok()?;
        (field.class(), Fields::Only(BTreeSet::from([field])))
    } else {
        (what.parse().ok()?, Fields::All)
    };
    ScopeItem::new(class, fields, outputs?).ok()
}

/// Reads `ID:CLASS[,CLASS]`: a natural person's own authorisation, and the classes about that
/// person for which another one leans on it, like `AU-2026-000124:29,30`.
///
/// # Errors
///
/// `USAGE`, with the form.
pub fn person(text: &str) -> Result<SeparateConsent, Error> {
    read_person(text).ok_or_else(|| {
        Error::new(
            "USAGE",
            "a person's own authorisation is written ID:CLASS[,CLASS], like `AU-2026-000124:29,30`",
            "自然人本人的授权写作 授权编号:信息类[,信息类]，例如 `AU-2026-000124:29,30`",
        )
    })
}

fn read_person(text: &str) -> Option<SeparateConsent> {
    let (id, classes) = text.split_once(':')?;
    let classes: Option<BTreeSet<ClassId>> =
        classes.split(',').map(|class| class.parse().ok()).collect();
    SeparateConsent::new(id.parse().ok()?, classes?).ok()
}

/// Any model of the grantee, or these; none where none is named.
///
/// # Errors
///
/// `USAGE` for more than 32.
pub fn models(any: bool, named: &[ModelId]) -> Result<Models, Error> {
    let models: BTreeSet<ModelId> = named.iter().cloned().collect();
    match (any, models.len()) {
        (true, _) => Ok(Models::Any),
        (false, 0) => Ok(Models::None),
        (false, 1..=MAX_MODELS) => Ok(Models::Only(models)),
        (false, _) => Err(Error::new(
            "USAGE",
            format!(
                "an authorisation names {MAX_MODELS} models at most; --any-model allows all of the grantee's"
            ),
            format!("一份授权最多列出 {MAX_MODELS} 个模型；--any-model 表示被授权方的任何模型"),
        )),
    }
}
