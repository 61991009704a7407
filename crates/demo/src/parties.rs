//! The parties of the demonstration: what each holds and offers.

use std::fs;
use std::path::Path;

use domain::Duty;
use lab::{Model, Offer, Register, Route, Sketch};
use terminal::Failure;

use super::material::{Material, OWN};

pub(super) const PLATFORM: &str = "platform";
/// The provincial node: the registry of authorisations is no platform's.
pub(super) const PROVINCE: &str = "province";
pub(super) const BANK: &str = "bank";
pub(super) const RURAL_BANK: &str = "rural-bank";

/// Who fills a slot that the lender fills itself, whichever lender it is.
const LENDER: &str = "lender";

/// A bank's own register.
pub(super) const CUSTOMERS: &str = "customers";

/// Which catalogue field each column of the made registers comes from. A figure derived from a field
/// is bound to it: growth to the tax paid, a change to the months that it is counted over.
const FIELDS: [(&str, &[(&str, &str)]); 4] = [
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
    (
        "fund",
        &[
            ("contributor_count", "13.contributor_count"),
            ("contribution_rate", "13.contribution_rate"),
            ("consecutive_normal_months_12m", "13.consecutive_normal_months_12m"),
            ("housing_fund_total_12m_cny", "13.housing_fund_total_12m_cny"),
        ],
    ),
];

/// What formulas are asked about at one holder.
struct Facts {
    holder: &'static str,
    /// The classes that it answers.
    classes: &'static [u16],
    /// Those of its columns that are a field's own value. A formula about the tax paid must not read
    /// its growth, which is bound to the same field.
    fields: &'static [(&'static str, &'static str)],
}

const FACTS: [Facts; 4] = [
    Facts {
        holder: "tax",
        classes: &[1, 2],
        fields: &[
            ("vat_paid_12m_cny", "1.vat_paid_12m_cny"),
            ("in_arrears_now", "2.in_arrears_now"),
        ],
    },
    Facts { holder: "social", classes: &[10], fields: &[("insured_count", "10.insured_count")] },
    Facts {
        holder: "power",
        classes: &[14],
        fields: &[("avg_monthly_usage_3m", "14.avg_monthly_usage_3m")],
    },
    Facts {
        holder: "fund",
        classes: &[13],
        fields: &[("contributor_count", "13.contributor_count")],
    },
];

/// The name of a holder's register, in the same file, that formulas are asked about.
const FACTS_REGISTER: &str = "facts";

/// The parties in the order in which they are shown: the holders, the platform, the banks, and where
/// firms authorise the provincial node, which keeps the registry. All trust the issuer.
pub(super) fn sketches(
    material: &Material,
    issuer: &(String, String),
) -> Result<Vec<Sketch>, Failure> {
    let governed = |sketch: Sketch| {
        if material.is_governed() { sketch.governed(PROVINCE, issuer) } else { sketch }
    };
    let register =
        |name: &str, file: &str| Register::new(name, file, material.key, material.kind.code());
    let banks: Vec<&str> = material.banks.iter().map(|bank| bank.name).collect();
    let mut sketches = Vec::with_capacity(material.parties());
    for holder in &material.holders {
        let (party, name) = (holder.name, holder.register);
        let file = register_file(party);
        // Research data is about nobody, and cannot be bound to the catalogue.
        let fields = FIELDS.iter().find(|(holder, _)| *holder == party && material.is_governed());
        let fields = fields.map_or(&[][..], |(_, fields)| fields);
        let psi = Offer::psi(name, &banks).giving(&["one-sided"]);
        let mut sketch = governed(Sketch::new(party, &[Duty::Holder])?)
            .with_register(&register(name, &file).bound(fields))
            .with_offer(&psi)
            .with_offer(&Offer::over("score", name, PLATFORM, &banks));
        for facts in facts(material).filter(|facts| facts.holder == party) {
            let verify = Offer::over("verify", FACTS_REGISTER, PLATFORM, &banks);
            sketch = sketch
                .with_register(&register(FACTS_REGISTER, &file).bound(facts.fields))
                .with_offer(&verify);
        }
        sketches.push(sketch);
    }
    let own = material.own();
    let holders = material.holders.iter().map(|holder| (holder.name, holder.name));
    let holders = holders.chain(own.iter().map(|_| (OWN, LENDER)));
    let holders = holders.map(|(slot, party)| (slot.to_owned(), party.to_owned()));
    let model = Model::new(&model_file(material), &banks, holders)
        .with_reference(&reference_file(material));
    let mut platform = governed(Sketch::new(PLATFORM, &[Duty::Platform])?).with_model(&model);
    for Facts { holder, classes, .. } in facts(material) {
        platform = platform.with_route(&Route::new(classes, holder));
    }
    sketches.push(platform);
    let key = Offer::key(PLATFORM);
    let key = if own.is_some() { key.from_register(CUSTOMERS) } else { key };
    for bank in &banks {
        sketches.push(
            governed(Sketch::new(bank, &[Duty::Lender])?)
                .with_register(&register(CUSTOMERS, &register_file(bank)))
                .with_offer(&key),
        );
    }
    if material.is_governed() {
        sketches.push(governed(Sketch::new(PROVINCE, &[Duty::Supervisor])?));
    }
    Ok(sketches)
}

/// What formulas can be asked about; nothing of research data.
fn facts(material: &Material) -> impl Iterator<Item = Facts> {
    FACTS.into_iter().filter(|_| material.is_governed())
}

/// Puts the registers and the model where the parties' configurations look for them.
pub(super) fn furnish(root: &Path, material: &Material) -> Result<(), Failure> {
    for holder in &material.holders {
        write(&root.join(holder.name).join(register_file(holder.name)), &holder.csv)?;
    }
    for bank in &material.banks {
        write(&root.join(bank.name).join(register_file(bank.name)), &bank.csv)?;
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toml::Table;

    use super::super::material::Material;
    use super::sketches;

    #[test]
    fn each_party_is_configured_to_do_its_own_part_and_no_more() {
        let material = Material::generated(200, 1).unwrap();
        let issuer = ("licences".into(), "ed25519:key".into());
        let written: Vec<Table> = sketches(&material, &issuer)
            .unwrap()
            .iter()
            .map(|sketch| sketch.settings().clone())
            .collect();
        let [tax, social, power, fund, platform, bank, rural, province] = &written[..] else {
            panic!("eight parties")
        };
        assert_eq!(province["governance"]["registry"].as_str(), Some("province"));
        assert!(!province.contains_key("offer") && !province.contains_key("register"));
        for holder in [tax, social, power, fund] {
            let offers = holder["offer"].as_array().unwrap();
            assert_eq!(offers.len(), 3);
            assert!(offers.iter().all(|offer| offer["to"].as_array().unwrap().len() == 2));
            // No field is bound twice where formulas are answered from.
            let facts = holder["register"][1]["fields"].as_table().unwrap();
            let fields: BTreeSet<_> = facts.values().map(|field| field.as_str().unwrap()).collect();
            assert!(!facts.is_empty() && fields.len() == facts.len());
            assert_eq!(holder["offer"][1]["platform"].as_str(), Some("platform"));
            assert_eq!(holder["register"][0]["kind"].as_str(), Some("uscc"));
            assert_eq!(holder["governance"]["registry"].as_str(), Some("province"));
            assert!(!holder["register"][0]["fields"].as_table().unwrap().is_empty());
        }
        assert!(!platform.contains_key("register") && !platform.contains_key("offer"));
        assert_eq!(platform["model"][0]["file"].as_str(), Some("models/small-firms.toml"));
        assert_eq!(platform["model"][0]["holders"]["tax"].as_str(), Some("tax"));
        assert_eq!(bank["offer"][0]["protocol"].as_str(), Some("key"));
        assert!(bank["offer"][0].get("register").is_none(), "the card has no block of the bank's");
        assert_eq!(platform["route"].as_array().unwrap().len(), 4);
        assert_eq!(bank["register"][0]["file"].as_str(), Some("registers/bank.csv"));
        assert_eq!(rural["register"][0]["file"].as_str(), Some("registers/rural-bank.csv"));
    }
}
