//! What the story claims.

use super::{data, told, train};

#[test]
fn the_joint_model_tells_bad_from_good_better_than_the_banks_own() {
    let data = data::made(4_000);
    let auc = |tables: &[&data::Table]| told(train(tables, &data.bad).unwrap()).unwrap().1.auc;
    let (alone, joint) = (auc(&[&data.bank]), auc(&[&data.bank, &data.department]));
    assert!(joint > alone + 0.03, "{alone} {joint}");
}

#[test]
fn on_the_uci_data_the_department_adds_what_it_does_in_clear() {
    let Some(data) = data::uci().unwrap() else {
        eprintln!("skipped: {} names no folder with the credit data", data::FOLDER);
        return;
    };
    let auc = |tables: &[&data::Table]| told(train(tables, &data.bad).unwrap()).unwrap().1.auc;
    let (alone, joint) = (auc(&[&data.bank]), auc(&[&data.bank, &data.department]));
    assert!((0.62..0.68).contains(&alone) && (0.70..0.75).contains(&joint), "{alone} {joint}");
}
