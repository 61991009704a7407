use std::fs;

use clap::Parser as _;
use terminal::{Language, Voice};

use super::{check, found};
use crate::arguments::DataArguments;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    data: DataArguments,
}

#[test]
fn what_is_in_a_table_is_left_as_a_page_whatever_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (table, page) = (path("tax.csv"), path("page.html"));
    let rows = "uscc,vat_paid_12m_cny\n91320100PDY00001XR,12.5\n91320100PDY00002XX,7\n";
    fs::write(&table, rows).unwrap();
    let words = ["check", &table, "--column", "uscc", "--kind", "uscc", "--class", "1"];
    let line = Line::parse_from(words.into_iter().chain(["--html", &page, "--json"])).data;
    for language in [Language::En, Language::Zh] {
        let failure = check(&line, Voice::new(language)).unwrap_err();
        assert_eq!(failure.code(), "DATA");
        let expected = found(&line).unwrap();
        assert_eq!(expected.load.bad.count, 1);
        let written = fs::read_to_string(&page).unwrap();
        assert_eq!(written, expected.to_html(language));
        assert!(!written.contains("PDY00001XR") && !written.contains(&path("")));
    }
}
