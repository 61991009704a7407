//! No value of a row leaves a holder in a training but as shares, and no row's identifier at all.
//!
//! What is looked for: amounts in every form of `support::canary`; and, for a column is standardised
//! before it is shared, what they become then: as `f32` and `f64`, and as the whole number with 12
//! fraction bits that the protocol computes with, in 64 bits.

use std::fs;

use lab::Party;
use lab::relay::{Fate, Relay};

use super::{LIMIT, Line, leaving, runtime};
use crate::support::canary::{Canaries, Wanted, beyond_chance, forms_of, forms_of_text};
use crate::support::circle::{Circle, Job, id, register};
use crate::support::clear::credit;
use crate::support::clear::exact::Table;

const ROWS: usize = 1_200;
/// The rows that are looked for.
const WATCHED: usize = 60;
/// Holders, and the columns of each.
const HOLDERS: [(&str, std::ops::Range<usize>); 2] = [("tax", 0..2), ("power", 2..3)];

/// Of twelve digits, no two alike.
fn amount(column: usize, row: usize) -> u64 {
    let number = (row * 7_919 + column * 389) % 4_096 + 4_096 * column;
    310_310_000_003 + 31_010_017 * number as u64
}

#[test]
fn no_value_of_a_row_leaves_a_holder_in_a_training_and_a_planted_one_is_found_in_each_form() {
    let runtime = runtime();
    let table = table();
    let mut circle = Circle::built(&table);
    registers(&circle, &table);
    let lines = lines(&runtime, &circle);
    let Circle { bank, platform, tax, power, .. } = &mut circle;
    [platform, tax, power, bank].into_iter().for_each(Party::start);
    let job = Job::new("watched@1");
    circle.trained(&job);

    let canaries = canaries(&table);
    let streams = HOLDERS.map(|(holder, _)| leaving(&lines, holder));
    let captured: usize = streams.iter().map(Vec::len).sum();
    for ((holder, columns), bytes) in HOLDERS.iter().zip(&streams) {
        // Shares of its columns have left it at least: a third of 8 bytes a value, twice or so.
        assert!(bytes.len() > columns.len() * ROWS * 8, "{holder} sent {} bytes", bytes.len());
    }
    let by_chance = canaries.by_chance(captured, |wanted| !wanted.is_short());
    assert!(by_chance < LIMIT, "{captured} bytes are too many: {by_chance} by chance");
    let found: Vec<&Wanted> = streams.iter().flat_map(|bytes| canaries.found(bytes)).collect();
    let (short, long): (Vec<_>, Vec<_>) = found.into_iter().partition(|wanted| wanted.is_short());
    assert!(long.is_empty(), "it leaves: {long:?}");
    let expected = canaries.by_chance(captured, Wanted::is_short);
    let leak = beyond_chance(expected, LIMIT);
    println!(
        "{captured} bytes left the holders; no long form found, {by_chance:.1e} expected by chance; \
         {} short ones, {expected:.1e} expected, {leak} would be a leak",
        short.len()
    );
    assert!(leak < WATCHED / 2, "a leak would not show");
    assert!(short.len() < leak, "{short:?}");

    planted(&canaries, &streams[0]);

    // The capture sees a leak: an operator writes a value into the reason for a refusal.
    let reason = format!("row 7 has {}.00", amount(0, 7));
    circle.tax.tacit(&["train", "refuse", &job.name, "--reason", &reason]).done();
    let found = canaries.found(&leaving(&lines, "tax"));
    let leaked = found.iter().filter(|wanted| !wanted.is_short());
    let leaked: Vec<_> = leaked.map(|wanted| (&*wanted.whose, &*wanted.form)).collect();
    assert_eq!(leaked, [("column 0, row 7", "digits")]);
}

/// The test of the test: each form of a value that is put into what was captured is found there.
fn planted(canaries: &Canaries, captured: &[u8]) {
    let [before, behind] = [&captured[..captured.len() / 2], &captured[captured.len() / 2..]];
    let mut tried = 0;
    for whose in ["column 0, row 7", "column 2, row 11", "identifier of row 7"] {
        for leak in canaries.wanted().iter().filter(|wanted| wanted.whose == whose) {
            let stream = [before, &leak.bytes, behind].concat();
            let found = canaries.found(&stream);
            let is_it = |wanted: &&Wanted| wanted.whose == whose && wanted.form == leak.form;
            assert!(found.iter().any(is_it), "{leak:?} is not found");
            tried += 1;
        }
    }
    let values = forms_of(amount(0, 7)).len() + STANDARDISED;
    assert_eq!(tried, 2 * values + forms_of_text(&id(7)).len());
}

/// How many forms a standardised value has.
const STANDARDISED: usize = 6;

/// Every form of a standardised value.
fn standardised(value: f64) -> [(String, Vec<u8>); STANDARDISED] {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a value of at most 32, and ways to leak it"
    )]
    let (fixed, single) = ((value * 4_096.0).round() as i64, value as f32);
    [
        ("12 fraction bits, most first", fixed.to_be_bytes().to_vec()),
        ("12 fraction bits, least first", fixed.to_le_bytes().to_vec()),
        ("standardised f64, most first", value.to_be_bytes().to_vec()),
        ("standardised f64, least first", value.to_le_bytes().to_vec()),
        ("standardised f32, most first", single.to_be_bytes().to_vec()),
        ("standardised f32, least first", single.to_le_bytes().to_vec()),
    ]
    .map(|(form, bytes)| (form.to_owned(), bytes))
}

fn canaries(table: &Table) -> Canaries {
    let mut wanted = Vec::new();
    let mut add = |whose: String, forms: Vec<(String, Vec<u8>)>| {
        let forms = forms.into_iter();
        wanted.extend(forms.map(|(form, bytes)| Wanted { whose: whose.clone(), form, bytes }));
    };
    for (_, columns) in &HOLDERS {
        for column in columns.clone() {
            let brought = credit::standard(credit::winsorised(table.columns[column].clone()));
            for (row, value) in brought.iter().enumerate().take(WATCHED) {
                let mut forms = forms_of(amount(column, row));
                forms.extend(standardised(*value));
                add(format!("column {column}, row {row}"), forms);
            }
        }
    }
    for row in 0..WATCHED {
        add(format!("identifier of row {row}"), forms_of_text(&id(row)));
    }
    Canaries::new(wanted)
}

/// Amounts in the holders' columns, and something of the bank's; about a third is bad.
#[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
fn table() -> Table {
    let column = |column: usize| (0..ROWS).map(|row| amount(column, row) as f64).collect();
    let bad = (0..ROWS).map(|row| (row * 31 + row / 7) % 3 == 0).collect();
    Table { columns: (0..4).map(column).collect(), bad }
}

/// Puts the amounts into the registers as whole numbers, as a program would write them.
fn registers(circle: &Circle, table: &Table) {
    let order: Vec<usize> = (0..ROWS).collect();
    for (holder, (_, columns)) in [&circle.tax, &circle.power].into_iter().zip(HOLDERS) {
        let text = register(table, columns.clone(), &order, false);
        let first = amount(columns.start, 0).to_string();
        assert!(text.contains(&format!(",{first}")), "amounts are written out");
        fs::write(circle.columns_of(holder), text).expect("its own register");
    }
}

/// Listens on every line between two parties, in both directions.
fn lines(runtime: &tokio::runtime::Runtime, circle: &Circle) -> Vec<Line> {
    let all = [&circle.tax, &circle.power, &circle.platform, &circle.bank];
    let mut lines = Vec::new();
    for asker in all {
        for answerer in all.into_iter().filter(|other| other.name != asker.name) {
            let heard = Relay::between(runtime, asker, answerer, |_| Fate::Pass);
            let (asker, answerer) = (asker.name.clone(), answerer.name.clone());
            lines.push(Line { asker, answerer, heard });
        }
    }
    lines
}
