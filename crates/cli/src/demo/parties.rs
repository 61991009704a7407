//! The four parties of the demonstration: what each holds and offers.

use std::fs;
use std::path::Path;

use domain::Duty;
use serde::Serialize;

use super::material::{HOLDERS, Material};
use crate::failure::Failure;
use crate::lab::{Register, Sketch};

pub(super) const PLATFORM: &str = "platform";
pub(super) const BANK: &str = "bank";

/// The holders' registers by name, in the order of [`HOLDERS`].
pub(super) const REGISTERS: [&str; 2] = ["taxpayers", "insured"];

/// The bank's own register.
pub(super) const CUSTOMERS: &str = "customers";

/// Which catalogue field each column of a holder's register comes from, in the order of [`HOLDERS`].
const FIELDS: [&[(&str, &str)]; 2] = [
    &[
        ("vat_paid_12m_cny", "1.vat_paid_12m_cny"),
        ("vat_growth_pct", "1.vat_paid_12m_cny"),
        ("months_in_arrears", "2.in_arrears_now"),
        ("late_filings_12m", "1.consecutive_normal_tax_months"),
        ("taxpayer_grade", "4.tax_credit_grade"),
    ],
    &[
        ("insured_count", "10.insured_count"),
        ("insured_change_pct", "10.insured_count"),
        ("months_paid_24m", "10.payment_date"),
        ("contribution_base_cny", "10.contribution_base_cny"),
    ],
];

/// The four parties in the order in which they are shown: the holders, the platform, the bank. The
/// platform keeps the registry of authorisations; all trust the issuer.
pub(super) fn sketches(
    material: &Material,
    issuer: &(String, String),
) -> Result<Vec<Sketch>, Failure> {
    let governed = |sketch: Sketch| sketch.governed(PLATFORM, issuer);
    let register =
        |name: &str, file: &str| Register::new(name, file, material.key, material.kind.code());
    let mut sketches = Vec::with_capacity(4);
    for ((holder, name), fields) in HOLDERS.into_iter().zip(REGISTERS).zip(FIELDS) {
        // Research data is about nobody, and cannot be bound to the catalogue.
        let fields = if material.is_governed() { fields } else { &[] };
        let psi = PsiOffer { protocol: "psi", register: name, to: [BANK], outputs: ["one-sided"] };
        let score =
            ScoreOffer { protocol: "score", register: name, platform: PLATFORM, to: [BANK] };
        sketches.push(
            governed(Sketch::new(holder, &[Duty::Holder])?)
                .with_register(&register(name, &register_file(holder)).bound(fields))
                .with("offer", &psi)
                .with("offer", &score),
        );
    }
    let holders = Slots { tax: HOLDERS[0], social: HOLDERS[1] };
    let model = Model {
        file: model_file(material),
        lenders: [BANK],
        research: !material.is_governed(),
        holders,
    };
    sketches.push(governed(Sketch::new(PLATFORM, &[Duty::Platform])?).with("model", &model));
    sketches.push(
        governed(Sketch::new(BANK, &[Duty::Lender])?)
            .with_register(&register(CUSTOMERS, &register_file(BANK)))
            .with("offer", &KeyOffer { protocol: "key", to: [PLATFORM] }),
    );
    Ok(sketches)
}

/// Puts the registers and the model where the parties' configurations look for them.
pub(super) fn furnish(root: &Path, material: &Material) -> Result<(), Failure> {
    for (holder, csv) in HOLDERS.iter().zip(&material.registers) {
        write(&root.join(holder).join(register_file(holder)), csv)?;
    }
    write(&root.join(BANK).join(register_file(BANK)), &material.customers)?;
    write(&root.join(PLATFORM).join(model_file(material)), material.card_file)
}

/// Writes a file, and the folders above it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    fs::write(path, text).map_err(|error| Failure::file(path, &error))
}

fn register_file(party: &str) -> String {
    format!("registers/{party}.csv")
}

fn model_file(material: &Material) -> String {
    format!("models/{}.toml", material.card.model().name())
}

#[derive(Serialize)]
struct PsiOffer {
    protocol: &'static str,
    register: &'static str,
    to: [&'static str; 1],
    outputs: [&'static str; 1],
}

#[derive(Serialize)]
struct ScoreOffer {
    protocol: &'static str,
    register: &'static str,
    platform: &'static str,
    to: [&'static str; 1],
}

#[derive(Serialize)]
struct KeyOffer {
    protocol: &'static str,
    to: [&'static str; 1],
}

#[derive(Serialize)]
struct Model {
    file: String,
    lenders: [&'static str; 1],
    research: bool,
    holders: Slots,
}

/// Which party fills which slot.
#[derive(Serialize)]
struct Slots {
    tax: &'static str,
    social: &'static str,
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::super::material::Material;
    use super::sketches;

    #[test]
    fn each_party_is_configured_to_do_its_own_part_and_no_more() {
        let material = Material::generated(10, 1).unwrap();
        let issuer = ("licences".into(), "ed25519:key".into());
        let written: Vec<Table> = sketches(&material, &issuer)
            .unwrap()
            .iter()
            .map(|sketch| {
                let mut table = Table::new();
                sketch.complete(&mut table);
                table
            })
            .collect();
        let [tax, social, platform, bank] = &written[..] else { panic!("four parties") };
        for holder in [tax, social] {
            assert_eq!(holder["offer"].as_array().unwrap().len(), 2);
            assert_eq!(holder["offer"][1]["platform"].as_str(), Some("platform"));
            assert_eq!(holder["register"][0]["kind"].as_str(), Some("uscc"));
            assert_eq!(holder["governance"]["registry"].as_str(), Some("platform"));
            assert!(!holder["register"][0]["fields"].as_table().unwrap().is_empty());
        }
        assert!(!platform.contains_key("register") && !platform.contains_key("offer"));
        assert_eq!(platform["model"][0]["file"].as_str(), Some("models/small-firms.toml"));
        assert_eq!(platform["model"][0]["holders"]["tax"].as_str(), Some("tax"));
        assert_eq!(bank["offer"][0]["protocol"].as_str(), Some("key"));
        assert_eq!(bank["register"][0]["file"].as_str(), Some("registers/bank.csv"));
    }
}
