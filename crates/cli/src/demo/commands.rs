//! What an operator types for each step of the demonstration.

use domain::SubjectKind;

use super::material::{HOLDERS, Material};
use super::parties::{BANK, CUSTOMERS, PLATFORM, REGISTERS};

/// At one of the four parties; the other three do the same.
pub(super) fn parties() -> Vec<String> {
    let holder = HOLDERS[0];
    vec![
        format!("tacit --dir {holder} init --name {holder} --duty holder --listen 127.0.0.1:7101"),
        format!("tacit --dir {holder} peer add {BANK}/{BANK}.party"),
        format!("tacit --dir {holder} party run"),
    ]
}

/// At one firm; the others do the same.
pub(super) fn authorise(material: &Material) -> Vec<String> {
    let model = material.card.model();
    vec![
        format!(
            "tacit authorisation grant CODE --key firm.key --certificate firm.cert --to {BANK} \
             --over {PLATFORM} --scope 1:score --scope 2:score --scope 4:score --scope 10:score \
             --model {model} --purpose pre_loan --days 30 --out letter.json"
        ),
        format!("tacit --dir {PLATFORM} authorisation submit letter.json"),
    ]
}

pub(super) fn align() -> Vec<String> {
    let psi = |(holder, register)| {
        format!(
            "tacit --dir {BANK} psi --with {holder} --their-register {register} \
             --register {CUSTOMERS} --result on-{holder}.csv"
        )
    };
    let [tax, social] = HOLDERS;
    let both =
        format!("tail -qn +2 on-{tax}.csv on-{social}.csv | sort | uniq -d > applicants.txt");
    HOLDERS.into_iter().zip(REGISTERS).map(psi).chain([both]).collect()
}

pub(super) fn publish(material: &Material) -> Vec<String> {
    let model = material.card.model();
    let countersign = |holder| format!("tacit --dir {holder} model countersign {model}");
    let register = format!("tacit --dir {PLATFORM} model register {model}");
    let publish = format!("tacit --dir {PLATFORM} model publish {model} --to {BANK}");
    [register].into_iter().chain(HOLDERS.into_iter().map(countersign)).chain([publish]).collect()
}

pub(super) fn score(material: &Material) -> Vec<String> {
    let model = material.card.model();
    let kind = match material.kind {
        // The kind that goes without saying.
        SubjectKind::Uscc => String::new(),
        kind => format!(" --kind {kind}"),
    };
    let letters = if material.is_governed() { " --authorisation letters.jsonl" } else { "" };
    vec![format!("tacit --dir {BANK} score --model {model}{kind}{letters} - < applicants.txt")]
}
