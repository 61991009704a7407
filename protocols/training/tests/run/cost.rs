//! Bytes and rounds are what SPEC §7 says.

use session::Fate;
use training::{Cost, Outcome, Population, Terms};

use crate::support::made::Made;
use crate::support::run::{Job, Labelled};

#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    for (rows, columns, newton_steps) in
        [(6_000, 3, 3), (20_000, 2, 3), (35_001, 7, 5), (41_003, 2, 3)]
    {
        let table = Made::from(41).table(rows as usize, &vec![0.3; columns], -0.5);
        let terms = Terms { newton_steps, ..Terms::new(rows, vec![columns as u16], [0; 32]) };
        let ends = Job::of(&table, terms.clone()).run(1, |_, _, _| Fate::Deliver).unwrap();
        ends.result.unwrap();
        let finished = ends.finished.map(Option::unwrap);
        let sampled = finished[0].passed.sampled;
        assert_eq!(sampled, rows > 20_000);
        let traffic = finished.map(|finished| finished.traffic);
        let bytes = traffic.iter().map(sharing::Traffic::total).sum();
        let found = Cost { bytes, rounds: traffic[0].rounds };
        assert_eq!(found, terms.cost(sampled), "{rows} rows, {columns} columns");
        assert!(traffic.iter().all(|other| other.rounds == traffic[0].rounds));
    }
}

/// With `--nocapture` prints what the README and SPEC §7 say.
#[test]
fn thirty_thousand_rows_of_23_columns_take_fewer_than_400_rounds() {
    for (rows, columns) in [(30_000, 23), (150_000, 10), (100_000, 100), (1_000_000, 50)] {
        let terms = Terms::new(rows, vec![columns], [0; 32]);
        let Cost { bytes, rounds } = terms.cost(true);
        let [sampled, all] = [bytes, terms.cost(false).bytes].map(|bytes| bytes as f64 / 1e6);
        println!("{rows:>9} {columns:>4} {rounds:>4} rounds {sampled:>7.1} MB ({all:.1})");
        assert!(rounds < 400, "{rounds}");
    }
}

#[test]
fn weights_of_rows_cost_what_the_spec_says() {
    let table = Made::from(43).table(6_000, &[0.3; 3], -0.5);
    let population = Population::Weighted { cover: 1 };
    let terms = Terms { population, ..Terms::new(6_000, vec![3], [0; 32]) };
    let mut job = Job::of(&table, terms.clone());
    let label = |bad: &bool| if *bad { Outcome::Bad(1.0) } else { Outcome::Good(1.0) };
    job.labels = Labelled::Rows(table.bad.iter().map(label).collect());
    let ends = job.run(1, |_, _, _| Fate::Deliver).unwrap();
    ends.result.unwrap();
    let traffic = ends.finished.map(|finished| finished.unwrap().traffic);
    let bytes = traffic.iter().map(sharing::Traffic::total).sum();
    assert_eq!(Cost { bytes, rounds: traffic[0].rounds }, terms.cost(false));
}

#[test]
fn the_three_roles_send_about_the_same() {
    let table = Made::from(42).table(30_000, &[0.5; 4], -0.5);
    let terms = Terms::new(30_000, vec![4], [0; 32]);
    let ends = Job::of(&table, terms).run(1, |_, _, _| Fate::Deliver).unwrap();
    let sent = ends.finished.map(|finished| finished.unwrap().traffic.total() as f64);
    let most = sent.iter().copied().fold(0.0, f64::max);
    assert!(sent.iter().all(|bytes| *bytes > 0.97 * most), "{sent:?}");
}
