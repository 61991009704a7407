//! What an operator types for each step of the demonstration.

use domain::SubjectKind;
use lab::ASSESSED_UNTIL;
use terminal::{Failure, short};

use super::letters::{DAYS, SCOPE, USES};
use super::material::{Holder, Material};
use super::parties::{BANK, CUSTOMERS, PLATFORM, PROVINCE, register_file};

/// At one of the parties; the others do the same.
pub(super) fn parties(material: &Material) -> Vec<String> {
    let holder = material.holders[0].name;
    vec![
        format!(
            "tacit --dir {holder} init --name {holder} --duty holder --listen 127.0.0.1:7101 --plain-keys"
        ),
        format!("tacit --dir {holder} peer add {BANK}/{BANK}.party"),
        format!("tacit --dir {holder} party run"),
    ]
}

/// At the first party, about one other; the others do the same.
pub(super) fn admit(material: &Material) -> Vec<String> {
    let holder = material.holders[0].name;
    vec![format!("tacit --dir {holder} member admit {BANK} --assessed-until {ASSESSED_UNTIL}")]
}

/// At one firm; the others do the same.
pub(super) fn authorise(material: &Material) -> Vec<String> {
    let model = material.card.model();
    let scope: String = SCOPE.iter().map(|line| format!(" --scope {line}")).collect();
    vec![
        format!(
            "tacit authorisation grant CODE --key firm.key --certificate firm.cert --to {BANK} \
             --over {PLATFORM} --node {PROVINCE}{scope} \
             --model {model} --purpose pre_loan --days {DAYS} --max-uses {USES} --out letter.json"
        ),
        format!("tacit --dir {PROVINCE} authorisation submit letter.json"),
    ]
}

pub(super) fn align(material: &Material, bank: &str) -> Vec<String> {
    let holders = &material.holders;
    let psi = holders.iter().map(|holder| {
        let (holder, register) = (holder.name, holder.register);
        format!(
            "tacit --dir {bank} psi --with {holder} --their-register {register} \
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
    let publish = material
        .banks
        .iter()
        .map(|bank| format!("tacit --dir {PLATFORM} model publish {model} --to {}", bank.name));
    [register].into_iter().chain(material.holders.iter().map(countersign)).chain(publish).collect()
}

pub(super) fn score(material: &Material, bank: &str) -> Vec<String> {
    let model = material.card.model();
    let kind = match material.kind {
        // The kind that goes without saying.
        SubjectKind::Uscc => String::new(),
        kind => format!(" --kind {kind}"),
    };
    let letters = if material.is_governed() { " --authorisation letters.jsonl" } else { "" };
    vec![format!("tacit --dir {bank} score --model {model}{kind}{letters} - < applicants.txt")]
}

/// About one firm, which has signed nothing.
pub(super) fn score_unsigned(material: &Material, firm: &str) -> String {
    format!("tacit --dir {BANK} score {firm} --model {}", material.card.model())
}

pub(super) fn prepare() -> String {
    format!("tacit --dir {BANK} verify --prepare")
}

/// `whom`: a firm, or how the list of them is read.
pub(super) fn verify(formula: &str, sealed: Option<&str>, letters: &str, whom: &str) -> String {
    let sealed = sealed.map(|number| format!(" --sealed {number}")).unwrap_or_default();
    format!(
        "tacit --dir {BANK} verify --that \"{formula}\"{sealed} --authorisation {letters} {whom}"
    )
}

/// At the firm, at the registry, and the next question.
pub(super) fn revoke(material: &Material, firm: &str) -> Vec<String> {
    let model = material.card.model();
    vec![
        "tacit authorisation revoke letter.json --key firm.key --certificate firm.cert \
         --out revoke.json"
            .into(),
        format!("tacit --dir {PROVINCE} authorisation submit revoke.json"),
        format!("tacit --dir {BANK} score {firm} --model {model} --authorisation letter.json"),
    ]
}

/// `issuer`: name and key.
pub(super) fn receipt(run: &str, issuer: &str) -> Vec<String> {
    vec![
        format!("tacit --dir {BANK} receipt fetch {} --out receipt.json", short(run)),
        format!(
            "tacit receipt verify receipt.json --peers {BANK}/peers --peers {BANK} --issuer {issuer}"
        ),
    ]
}

pub(super) fn usage(holder: &str) -> String {
    format!("tacit --dir {holder} usage")
}

pub(super) fn self_report(holder: &str, firm: &str) -> String {
    format!("tacit --dir {holder} self-report {firm}")
}

/// At one holder; the others do the same.
pub(super) fn audit(material: &Material) -> Vec<String> {
    let holder = material.holders[0].name;
    ["verify", "reconcile"].map(|ask| format!("tacit --dir {holder} audit {ask}")).into()
}

pub(super) fn batch(material: &Material) -> Vec<String> {
    let (model, key) = (material.card.model(), material.key);
    let (kind, file) = (material.kind, register_file(BANK));
    vec![format!(
        "tacit --dir {BANK} score --model {model} --kind {kind} --batch {BANK}/{file} --column {key}"
    )]
}

/// Every command that the demonstration shows, over made registers: `tacit` must understand each.
///
/// # Errors
///
/// When the registers cannot be made.
pub fn shown() -> Result<Vec<String>, Failure> {
    let made = Material::generated(200, 1)?;
    let firm = &made.bank().customers()[0];
    let formula = "1.vat_paid_12m_cny >= sealed";
    let of_lists = [
        parties(&made),
        admit(&made),
        authorise(&made),
        align(&made, "rural-bank"),
        publish(&made),
        score(&made, "rural-bank"),
        revoke(&made, firm),
        receipt("00ff00ff00ff", "licences=ed25519:key"),
        audit(&made),
        batch(&made),
    ];
    let single = [
        score_unsigned(&made, firm),
        prepare(),
        verify(formula, Some("5"), "letter.json", firm),
        verify(formula, None, "letters.jsonl", "- < applicants.txt"),
        usage("tax"),
        self_report("tax", firm),
    ];
    Ok(of_lists.concat().into_iter().chain(single).collect())
}
