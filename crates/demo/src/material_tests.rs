use std::fs;

use scorecard::{Reference, Scorecard, Tally};

use super::{DEPARTMENT_FILE, FIRMS, LENDER_FILE, Material, OWN, UCI};
use crate::measures::separation;

#[test]
fn both_shipped_cards_are_sound_and_ask_whom_the_demonstration_has() {
    for (file, model, holders) in [
        (UCI.joint, "uci-default@2", &["tax", "social", OWN][..]),
        (FIRMS.joint, "small-firms@3", &["tax", "social", "power", "fund"]),
    ] {
        let card = Scorecard::from_toml(file).unwrap();
        assert_eq!(card.model().to_string(), model);
        let found: Vec<_> = card.holders().iter().map(ToString::to_string).collect();
        assert_eq!(found, holders);
        assert!(card.grade(card.offset()).is_some(), "every score has a grade");
    }
    for file in [UCI.alone, FIRMS.alone] {
        let card = Scorecard::from_toml(file).unwrap();
        assert!(card.holders().iter().all(|slot| slot.as_str() == OWN), "a bank alone");
    }
}

#[test]
fn every_generated_customer_has_points_and_the_joint_model_beats_each_bank_alone() {
    let material = Material::generated(4_000, 11).unwrap();
    for bank in &material.banks {
        let auc = |points: &dyn Fn(&str) -> u16| {
            let scored = bank.customers().iter();
            let scored = scored.map(|key| (i64::from(points(key)), bank.is_bad(key).unwrap()));
            separation(&scored.collect::<Vec<_>>()).unwrap().auc
        };
        let joint = auc(&|key| material.clear_points(bank, key).unwrap());
        let alone = auc(&|key| material.alone_points(bank, key).unwrap());
        assert!(joint > 0.78 && alone > 0.6 && joint > alone + 0.08, "{joint} {alone}");
    }
    let bank = material.bank();
    assert!(material.on_all(bank) < bank.customers().len());
    assert!(material.on_all(bank) > 2_000);
    assert_eq!(material.own(), None);
}

/// What the clear text says of all of the bank's customers.
fn counted(material: &Material) -> Reference {
    let mut tally = Tally::new(&material.card, material.own().as_ref());
    for key in material.bank().customers() {
        let card = &material.card;
        let value =
            |slot: &_, column: &_| material.value(card, material.bank(), (slot, column), key);
        let bins = card.bins(value);
        tally.count(&bins.unwrap());
    }
    tally.reference().unwrap()
}

#[test]
fn the_shipped_statistics_are_those_of_the_registers_that_the_card_was_fitted_on() {
    let material = Material::generated(40_000, 42).unwrap();
    let shipped = include_str!("small-firms.reference.toml");
    let shipped = Reference::from_toml(shipped, &material.card).unwrap();
    assert_eq!(counted(&material), shipped);
}

#[test]
fn the_shipped_statistics_are_those_of_the_credit_data() {
    const FOLDER: &str = "TACIT_CREDIT_DATA";
    let Ok(folder) = std::env::var(FOLDER) else {
        eprintln!("skipped: {FOLDER} names no folder with the UCI credit card data");
        return;
    };
    let material = Material::of_folder(folder.as_ref()).unwrap();
    let shipped = include_str!("uci-default.reference.toml");
    let shipped = Reference::from_toml(shipped, &material.card).unwrap();
    assert_eq!(counted(&material), shipped);
}

#[test]
fn a_folder_is_split_over_the_holders_and_what_it_lacks_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = |folder: &std::path::Path| match Material::of_folder(folder) {
        Ok(_) => String::new(),
        Err(failure) => {
            format!("{} {}", failure.what().en, failure.advice().unwrap().en)
        }
    };
    let said = told(folder.path());
    assert!(said.contains(LENDER_FILE) && said.contains(DEPARTMENT_FILE), "{said}");

    let lender = "ID,y,LIMIT_BAL,SEX,PAY_AMT1,PAY_AMT2,PAY_AMT3,PAY_AMT4,PAY_AMT5,PAY_AMT6\n\
                  1,1,20000,2,0,689,0,0,0,0\n2,0,120000,2,0,1000,1000,1000,0,2000\n";
    fs::write(folder.path().join(LENDER_FILE), lender).unwrap();
    let header = "ID,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,BILL_AMT1,BILL_AMT2,BILL_AMT3,\
                  BILL_AMT4,BILL_AMT5";
    let department = folder.path().join(DEPARTMENT_FILE);
    fs::write(&department, format!("{header}\n1,2,2,-1,-1,-2,-2,3913,3102,689,0,0\n")).unwrap();
    assert!(told(folder.path()).contains("BILL_AMT6"));

    let row = "1,2,2,-1,-1,-2,-2,3913,3102,689,0,0,0";
    fs::write(&department, format!("{header},BILL_AMT6\n{row}\n")).unwrap();
    let material = Material::of_folder(folder.path()).unwrap();
    assert_eq!(material.holders[0].csv.lines().nth(1), Some("1,2,-2,-2,3913,0,0"));
    assert_eq!(material.bank().csv.lines().nth(1), Some("1,1,20000,0,689,0,0,0,0"));
    assert!(!material.bank().csv.contains("SEX"));
    let bank = material.bank();
    assert_eq!((material.on_all(bank), bank.is_bad("1")), (1, Some(true)));
    assert_eq!(material.own().unwrap().as_str(), OWN);
    assert!(material.clear_points(bank, "1").unwrap() < material.card.most_points());
    assert!(material.of_record().is_some());
}
