//! What an operator types for each step of the demonstration.

use domain::SubjectKind;

use super::letters::SCOPE;
use super::material::{Holder, Material};
use super::parties::{BANK, CUSTOMERS, PLATFORM, register_file};

/// At one of the parties; the others do the same.
pub(super) fn parties(material: &Material) -> Vec<String> {
    let holder = material.holders[0].name;
    vec![
        format!("tacit --dir {holder} init --name {holder} --duty holder --listen 127.0.0.1:7101"),
        format!("tacit --dir {holder} peer add {BANK}/{BANK}.party"),
        format!("tacit --dir {holder} party run"),
    ]
}

/// At one firm; the others do the same.
pub(super) fn authorise(material: &Material) -> Vec<String> {
    let model = material.card.model();
    let scope: String = SCOPE.iter().map(|line| format!(" --scope {line}")).collect();
    vec![
        format!(
            "tacit authorisation grant CODE --key firm.key --certificate firm.cert --to {BANK} \
             --over {PLATFORM}{scope} \
             --model {model} --purpose pre_loan --days 30 --out letter.json"
        ),
        format!("tacit --dir {PLATFORM} authorisation submit letter.json"),
    ]
}

pub(super) fn align(material: &Material) -> Vec<String> {
    let holders = &material.holders;
    let psi = holders.iter().map(|holder| {
        let (holder, register) = (holder.name, holder.register);
        format!(
            "tacit --dir {BANK} psi --with {holder} --their-register {register} \
             --register {CUSTOMERS} --result on-{holder}.csv"
        )
    });
    let files: String = holders.iter().map(|holder| format!(" on-{}.csv", holder.name)).collect();
    let all = holders.len();
    let known = format!(
        "tail -qn +2{files} | sort | uniq -c | awk '$1 == {all} {{print $2}}' > applicants.txt"
    );
    psi.chain([known]).collect()
}

pub(super) fn publish(material: &Material) -> Vec<String> {
    let model = material.card.model();
    let countersign =
        |holder: &Holder| format!("tacit --dir {} model countersign {model}", holder.name);
    let register = format!("tacit --dir {PLATFORM} model register {model}");
    let publish = format!("tacit --dir {PLATFORM} model publish {model} --to {BANK}");
    [register]
        .into_iter()
        .chain(material.holders.iter().map(countersign))
        .chain([publish])
        .collect()
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

pub(super) fn batch(material: &Material) -> Vec<String> {
    let (model, key) = (material.card.model(), material.key);
    let (kind, file) = (material.kind, register_file(BANK));
    vec![format!(
        "tacit --dir {BANK} score --model {model} --kind {kind} --batch {BANK}/{file} --column {key}"
    )]
}
