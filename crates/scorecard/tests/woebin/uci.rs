//! Default of credit card clients (UCI), columns of numbers alone.
//!
//! `vectors/uci-woebin.json` is `woebin(dat, "y", method=...)` of the 23 columns of
//! `uci_credit_lender.csv` and `uci_credit_department.csv` side by side, without `ID`.

use crate::{Data, assert_every_variable};

const GOLDEN: &str = include_str!("../vectors/uci-woebin.json");

#[test]
fn thirty_thousand_rows_have_the_bins_of_woebin_by_both_methods() {
    let files = ["uci_credit_lender.csv", "uci_credit_department.csv"];
    let Some(uci) = Data::read(&files, ("y", "1"), GOLDEN) else { return };
    assert_eq!(uci.bad.len(), 30_000);
    assert_every_variable(&uci, 23);
}
