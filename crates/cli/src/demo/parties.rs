//! The parties of the demonstration: what each holds and offers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::Duty;
use serde::Serialize;

use super::material::{Material, OWN};
use crate::failure::Failure;
use crate::lab::{Register, Sketch};

pub(super) const PLATFORM: &str = "platform";
pub(super) const BANK: &str = "bank";

/// Who fills a slot that the lender fills itself, whichever lender it is.
const LENDER: &str = "lender";

/// The bank's own register.
pub(super) const CUSTOMERS: &str = "customers";

/// Which catalogue field each column of the made registers comes from. A figure derived from a field
/// is bound to it: growth to the tax paid, a change to the months that it is counted over.
const FIELDS: [(&str, &[(&str, &str)]); 3] = [
    (
        "tax",
        &[
            ("vat_paid_12m_cny", "1.vat_paid_12m_cny"),
            ("vat_growth_pct", "1.vat_paid_12m_cny"),
            ("months_in_arrears", "2.in_arrears_now"),
            ("late_filings_12m", "1.consecutive_normal_tax_months"),
            ("taxpayer_grade", "4.tax_credit_grade"),
        ],
    ),
    (
        "social",
        &[
            ("insured_count", "10.insured_count"),
            ("insured_change_pct", "10.insured_count"),
            ("months_paid_24m", "10.payment_date"),
            ("contribution_base_cny", "10.contribution_base_cny"),
        ],
    ),
    (
        "power",
        &[
            ("avg_monthly_usage_3m", "14.avg_monthly_usage_3m"),
            ("usage_change_pct", "14.avg_monthly_usage_6m"),
            ("late_bills_12m", "14.payment_date"),
            ("months_owing_24m", "15.arrears_start_date"),
        ],
    ),
];

/// The parties in the order in which they are shown: the holders, the platform, the bank. The
/// platform keeps the registry of authorisations; all trust the issuer.
pub(super) fn sketches(
    material: &Material,
    issuer: &(String, String),
) -> Result<Vec<Sketch>, Failure> {
    let governed = |sketch: Sketch| sketch.governed(PLATFORM, issuer);
    let register =
        |name: &str, file: &str| Register::new(name, file, material.key, material.kind.code());
    let mut sketches = Vec::with_capacity(material.holders.len() + 2);
    for holder in &material.holders {
        let (party, name) = (holder.name, holder.register);
        // Research data is about nobody, and cannot be bound to the catalogue.
        let fields = FIELDS.iter().find(|(holder, _)| *holder == party && material.is_governed());
        let fields = fields.map_or(&[][..], |(_, fields)| fields);
        let psi = PsiOffer { protocol: "psi", register: name, to: [BANK], outputs: ["one-sided"] };
        let score =
            ScoreOffer { protocol: "score", register: name, platform: PLATFORM, to: [BANK] };
        sketches.push(
            governed(Sketch::new(party, &[Duty::Holder])?)
                .with_register(&register(name, &register_file(party)).bound(fields))
                .with("offer", &psi)
                .with("offer", &score),
        );
    }
    let own = material.own();
    let holders = material.holders.iter().map(|holder| (holder.name, holder.name));
    let holders = holders.chain(own.iter().map(|_| (OWN, LENDER))).collect();
    let file = model_file(material);
    let reference = reference_file(material);
    let model = Model { file, reference, lenders: [BANK], holders };
    sketches.push(governed(Sketch::new(PLATFORM, &[Duty::Platform])?).with("model", &model));
    let key =
        KeyOffer { protocol: "key", to: [PLATFORM], register: own.as_ref().map(|_| CUSTOMERS) };
    sketches.push(
        governed(Sketch::new(BANK, &[Duty::Lender])?)
            .with_register(&register(CUSTOMERS, &register_file(BANK)))
            .with("offer", &key),
    );
    Ok(sketches)
}

/// Puts the registers and the model where the parties' configurations look for them.
pub(super) fn furnish(root: &Path, material: &Material) -> Result<(), Failure> {
    for holder in &material.holders {
        write(&root.join(holder.name).join(register_file(holder.name)), &holder.csv)?;
    }
    write(&root.join(BANK).join(register_file(BANK)), &material.customers)?;
    let platform = root.join(PLATFORM);
    write(&platform.join(model_file(material)), material.card_file)?;
    write(&platform.join(reference_file(material)), material.reference_file)
}

/// Writes a file, and the folders above it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    fs::write(path, text).map_err(|error| Failure::file(path, &error))
}

/// Where a party's register lies in its folder.
pub(super) fn register_file(party: &str) -> String {
    format!("registers/{party}.csv")
}

fn model_file(material: &Material) -> String {
    format!("models/{}.toml", material.card.model().name())
}

fn reference_file(material: &Material) -> String {
    format!("models/{}.reference.toml", material.card.model().name())
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
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<&'static str>,
}

#[derive(Serialize)]
struct Model {
    file: String,
    lenders: [&'static str; 1],
    reference: String,
    /// Which party fills which slot.
    holders: BTreeMap<&'static str, &'static str>,
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
        let [tax, social, power, platform, bank] = &written[..] else { panic!("five parties") };
        for holder in [tax, social, power] {
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
        assert!(bank["offer"][0].get("register").is_none(), "the card has no block of the bank's");
        assert_eq!(bank["register"][0]["file"].as_str(), Some("registers/bank.csv"));
    }
}
