//! Against scikit-learn, on the credit data.

use training::{Ridge, Terms};

use crate::support::credit::{self, Golden};
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
            assert!(trained.findings.converged && trained.halved == 0);
        }
    }
}
