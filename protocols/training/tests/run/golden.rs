//! Against scikit-learn, on the credit data.

use training::{Ridge, Terms};

use crate::support::credit::{self, Golden};
use crate::support::exact;
use crate::support::run::{Job, farthest, in_clear};

#[test]
fn every_table_under_every_ridge_has_the_weights_and_the_auc_of_scikit_learn() {
    if credit::folder().is_none() {
        return;
    }
    println!("{:<20} {:>7} {:>10} {:>10} {:>10}", "table", "ridge", "dAUC", "dcoef", "in clear");
    for name in ["german", "german_woe", "default_credit", "default_credit_woe"] {
        let table = credit::table(name);
        for (ridge, millionths) in [("0.01", 10_000), ("0.001", 1_000), ("0.0001", 100)] {
            let Golden { weights, auc } = credit::golden(name, ridge);
            let columns = table.columns.len() as u16;
            let terms = Terms {
                ridge: Ridge::millionths(millionths).unwrap(),
                ..Terms::new(table.rows() as u32, vec![columns / 2, columns - columns / 2], [0; 32])
            };
            let clear = in_clear(&table, &terms).unwrap();
            let trained = Job::of(&table, terms).honest(7).unwrap();
            let dcoef = farthest(&trained.weights, &weights);
            let dauc = table.auc(&trained.weights) - auc;
            let apart = farthest(&trained.weights, &clear.weights);
            println!("{name:<20} {ridge:>7} {dauc:>+10.6} {dcoef:>10.6} {apart:>10.6}");
            assert!(dauc.abs() <= 1e-3 && dcoef <= 1e-2, "{name} at {ridge}: {dauc} {dcoef}");
            assert!(trained.findings.converged && trained.passed.halved == 0);
        }
    }
}

#[test]
fn standard_errors_are_those_of_statsmodels() {
    if credit::folder().is_none() {
        return;
    }
    let table = credit::table("default_credit_raw");
    let columns = table.columns.len() as u16;
    let terms = Terms {
        ridge: Ridge::millionths(100).unwrap(),
        standard_errors: true,
        ..Terms::new(table.rows() as u32, vec![columns], [0; 32])
    };
    let trained = Job::of(&table, terms).honest(7).unwrap();
    let found = trained.findings.significances(&trained.weights, table.rows() as u64).unwrap();
    for (found, known) in found.iter().zip(credit::standard_errors()) {
        println!(
            "{:>9.6} statsmodels {known:>9.6} {:>+8.4}",
            found.error,
            found.error / known - 1.0
        );
        assert!((found.error / known - 1.0).abs() <= 1e-2, "{} {known}", found.error);
    }
}

#[test]
fn the_department_adds_on_the_uci_data_what_it_adds_in_clear() {
    if credit::folder().is_none() {
        return;
    }
    let joint = credit::uci();
    let alone = exact::Table { columns: joint.columns[..11].to_vec(), bad: joint.bad.clone() };
    for (table, holders) in [(&alone, vec![11]), (&joint, vec![11, 12])] {
        let columns = table.columns.len();
        let terms = Terms { evaluation: true, ..Terms::new(table.rows() as u32, holders, [0; 32]) };
        let trained = Job::of(table, terms).honest(7).unwrap();
        let exact = exact::fit(table, None, Ridge::USUAL.value());
        let measures = trained.findings.training.unwrap().measures().unwrap();
        let (auc, ks) = (table.auc(&exact.weights), table.ks(&exact.weights));
        println!(
            "{columns} columns: AUC {:.4}, in clear {auc:.4}; KS {:.4}, in clear {ks:.4}",
            measures.auc, measures.ks
        );
        assert!((table.auc(&trained.weights) - auc).abs() <= 1e-3);
        assert!((table.ks(&trained.weights) - ks).abs() <= 1e-3);
        // The histogram's bins cost a little of either.
        assert!((measures.auc - auc).abs() <= 1e-3 && (measures.ks - ks).abs() <= 3e-3);
    }
}
