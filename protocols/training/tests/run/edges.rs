//! Data that make trouble.

use training::{Column, ColumnFault, Error, Outcome, Population, Ridge, Terms};

use crate::support::exact::{self, Table};
use crate::support::made::Made;
use crate::support::run::{Job, Labelled, farthest, in_clear};

fn terms(table: &Table) -> Terms {
    Terms::new(table.rows() as u32, vec![table.columns.len() as u16], [0; 32])
}

/// How far the model is from the exact one, on the engine in clear and on shares.
fn off(table: &Table, terms: &Terms) -> f64 {
    let exact = exact::fit(table, None, terms.ridge.value());
    let clear = in_clear(table, terms).unwrap();
    let shared = Job::of(table, terms.clone()).honest(1).unwrap();
    assert!(clear.findings.converged && shared.findings.converged);
    farthest(&clear.weights, &exact.weights).max(farthest(&shared.weights, &exact.weights))
}

#[test]
fn equal_and_nearly_equal_columns_share_their_weight() {
    let mut made = Made::from(1);
    let mut table = made.table(6_000, &[0.8, -0.5, 0.3], -1.0);
    table.columns.push(table.columns[0].clone());
    let near = table.columns[1].iter().map(|x| x + 1e-3 * made.normal()).collect();
    table.columns.push(near);
    assert!(off(&table, &terms(&table)) <= 1e-2);
}

#[test]
fn a_column_that_is_constant_is_refused_and_does_no_harm_where_it_is_not() {
    let refused = Column::new(&[0.25; 500]).err();
    assert_eq!(refused, Some(Error::Column { column: 0, trouble: ColumnFault::Constant }));
    let mut table = Made::from(2).table(3_000, &[0.8, -0.5], -1.0);
    table.columns.push(vec![0.0; 3_000]);
    let exact = exact::fit(&table, None, Ridge::USUAL.value());
    let trained = in_clear(&table, &terms(&table)).unwrap();
    assert!(farthest(&trained.weights, &exact.weights) <= 1e-2);
}

#[test]
fn classes_that_separate_are_told_apart_and_the_lender_is_warned() {
    let mut made = Made::from(3);
    let columns: Vec<_> = (0..5).map(|_| made.normals(20_000)).collect();
    let bad = columns[0].iter().zip(&columns[1]).map(|(x, y)| x + y > 0.0).collect();
    let table = Table { columns, bad };
    let ridged =
        Terms { ridge: Ridge::millionths(10_000).unwrap(), newton_steps: 8, ..terms(&table) };
    assert!(off(&table, &ridged) <= 1e-2);
    let trained = in_clear(&table, &Terms { newton_steps: 12, ..terms(&table) }).unwrap();
    assert!(table.auc(&trained.weights) > 0.9999);
    assert!(trained.findings.beyond_table > 20_000 / 20, "{}", trained.findings.beyond_table);
}

#[test]
fn fewer_than_two_hundred_of_a_class_are_refused_and_two_hundred_are_not() {
    let columns = vec![Made::from(4).normals(1_000)];
    for (bads, trained) in [
        (0, false),
        (1, false),
        (199, false),
        (200, true),
        (800, true),
        (801, false),
        (1_000, false),
    ] {
        let bad = (0..1_000).map(|row| row < bads).collect();
        let table = Table { columns: columns.clone(), bad };
        let clear = in_clear(&table, &terms(&table));
        assert_eq!(clear.is_ok(), trained, "{bads}");
        if let Err(error) = clear {
            assert_eq!(error, Error::FewOfAClass);
            let ends = Job::of(&table, terms(&table)).run(1, |_, _, _| session::Fate::Deliver);
            let failure = ends.unwrap().result.unwrap_err().to_string();
            assert!(failure.contains("nothing was trained"), "{failure}");
        }
    }
}

#[test]
fn numbers_beyond_thirty_two_deviations_count_as_thirty_two() {
    let mut table = Made::from(5).table(6_000, &[0.7, -0.4], -1.2);
    (0..30).for_each(|row| table.columns[1][row * 200] = 20.0 + row as f64 * 5.0);
    table.columns[1] = crate::support::credit::standard(table.columns[1].clone());
    let largest = table.columns[1].iter().copied().fold(0.0, f64::max);
    assert!(largest > 20.0, "{largest}");
    (0..3).for_each(|row| table.columns[1][row * 200] = 157.0);
    let mut clipped = table.clone();
    clipped.columns[1].iter_mut().for_each(|x| *x = x.clamp(-Column::CLIP, Column::CLIP));
    let exact = exact::fit(&clipped, None, Ridge::USUAL.value());
    // Too wide for a standardised column: a holder's own check says so before anything is sent.
    let job = Job::of(&table, terms(&table));
    match job.honest(1) {
        Ok(trained) => assert!(farthest(&trained.weights, &exact.weights) <= 1e-2),
        Err(error) => {
            let trouble = ColumnFault::NotStandardised;
            assert_eq!(error, Error::Column { column: 0, trouble });
        }
    }
    let trained = in_clear(&table, &terms(&table)).unwrap();
    assert!(farthest(&trained.weights, &exact.weights) <= 1e-2);
}

#[test]
fn strong_signals_are_trained_to_the_same_weights() {
    let table = Made::from(6).table(12_000, &[2.4, 2.0, -1.6, 1.2, 0.8], 0.5);
    let strong = Terms { newton_steps: 6, ..terms(&table) };
    assert!(off(&table, &strong) <= 2e-2);
}

#[test]
fn row_counts_that_fill_no_block_are_trained_like_any() {
    for rows in [997, 1_024, 1_025, 4_099] {
        let table = Made::from(7).table(rows, &[0.6, -0.9], 0.1);
        assert!(off(&table, &terms(&table)) <= 1e-2, "{rows}");
    }
}

#[test]
fn two_hundred_columns_are_trained_like_two() {
    let mut made = Made::from(8);
    let slopes: Vec<f64> = (0..200).map(|_| 0.1 * made.normal()).collect();
    let table = made.table(6_000, &slopes, -0.5);
    assert!(off(&table, &terms(&table)) <= 1e-2);
}

#[test]
fn rare_bads_do_not_make_newton_diverge() {
    let table = Made::from(9).table(30_000, &[1.5, -1.0, 0.5], -5.5);
    let bads = table.bad.iter().filter(|bad| **bad).count();
    assert!((200..1_500).contains(&bads), "{bads}");
    assert!(off(&table, &terms(&table)) <= 1e-2);
}

#[test]
fn rows_that_count_more_pull_more() {
    let mut made = Made::from(10);
    let table = made.table(4_000, &[0.8, -0.6], -0.4);
    let weights: Vec<f64> = (0..4_000).map(|_| 0.2 + 4.0 * made.uniform()).collect();
    let exact = exact::fit(&table, Some(&weights), Ridge::USUAL.value());
    let equal = exact::fit(&table, None, Ridge::USUAL.value());
    assert!(farthest(&exact.weights, &equal.weights) > 2e-2, "the weights matter");
    let label = |(bad, weight): (&bool, &f64)| match bad {
        true => Outcome::Bad(*weight),
        false => Outcome::Good(*weight),
    };
    let rows = table.bad.iter().zip(&weights).map(label).collect();
    let population = Population::Weighted { cover: 1 };
    let mut job = Job::of(&table, Terms { population, ..terms(&table) });
    job.labels = Labelled::Rows(rows);
    let trained = job.honest(1).unwrap();
    assert!(farthest(&trained.weights, &exact.weights) <= 1e-2);
}

#[test]
fn a_cover_of_strangers_changes_nothing_for_the_customers() {
    let mut made = Made::from(11);
    let mut table = made.table(6_000, &[0.8, -0.6, 0.3], -0.4);
    let members: Vec<usize> = (0..6_000).filter(|row| row % 3 == 0).collect();
    // Customers differ from strangers, so that a run that counted strangers would show.
    members.iter().for_each(|&row| table.columns[0][row] = 0.7 * table.columns[0][row] + 0.5);
    let customers = table.rows_at(&members);
    let exact = exact::fit(&customers, None, Ridge::USUAL.value());
    let label = |row: usize| match (row % 3, table.bad[row]) {
        (0, true) => Outcome::Bad(1.0),
        (0, false) => Outcome::Good(1.0),
        _ => Outcome::Stranger,
    };
    let population = Population::Weighted { cover: 3 };
    let mut job = Job::of(&table, Terms { population, evaluation: true, ..terms(&table) });
    job.labels = Labelled::Rows((0..6_000).map(label).collect());
    let trained = job.honest(1).unwrap();
    assert!(farthest(&trained.weights, &exact.weights) <= 1e-2);
    let histogram = trained.findings.training.unwrap();
    assert_eq!(histogram.rows(), 2_000, "strangers are in no bin");
    let auc = histogram.measures().unwrap().auc;
    assert!((auc - customers.auc(&exact.weights)).abs() <= 1e-3, "{auc}");
}

/// Members and strangers under a cover of 16, where only members differ in the first column: its
/// mean square over members is the widest that a column of the terms can have.
fn wide_on_members(columns: usize) -> (Table, Vec<usize>) {
    let mut made = Made::from(14);
    let slopes = &[0.2, -0.6, 0.3][..columns];
    let mut table = made.table(24_000, slopes, -0.4);
    let members: Vec<usize> = (0..24_000).step_by(16).collect();
    let normal = crate::support::credit::standard(made.normals(members.len()));
    let wide: Vec<f64> = normal.iter().map(|x| 4.4 * x).collect();
    table.columns[0].fill(0.0);
    members.iter().zip(&wide).for_each(|(&row, x)| table.columns[0][row] = *x);
    let mut slopes = slopes.to_vec();
    slopes.push(-0.4);
    let logits = table.logits(&slopes);
    table.bad = logits.iter().map(|z| made.uniform() < 1.0 / (1.0 + (-z).exp())).collect();
    (table, members)
}

#[test]
fn members_that_spread_wider_than_the_cover_are_trained_like_any() {
    for columns in [1, 3] {
        let (table, members) = wide_on_members(columns);
        let exact = exact::fit(&table.rows_at(&members), None, Ridge::USUAL.value());
        let label = |row: usize| match (row % 16, table.bad[row]) {
            (0, true) => Outcome::Bad(1.0),
            (0, false) => Outcome::Good(1.0),
            _ => Outcome::Stranger,
        };
        let population = Population::Weighted { cover: 16 };
        let mut job = Job::of(&table, Terms { population, ..terms(&table) });
        job.labels = Labelled::Rows((0..table.rows()).map(label).collect());
        let trained = job.honest(1).unwrap();
        let far = farthest(&trained.weights, &exact.weights);
        assert!(trained.findings.converged && far <= 1e-2, "{columns} columns: {far}");
    }
}

#[test]
fn labels_that_are_not_those_of_the_terms_are_refused() {
    let table = Made::from(12).table(1_000, &[0.8], 0.0);
    let population = Population::Weighted { cover: 2 };
    let mut job = Job::of(&table, Terms { population, ..terms(&table) });
    assert!(matches!(job.honest(1).err(), Some(Error::Shape { .. })), "unweighted");
    let label = |row| if row % 3 == 0 { Outcome::Good(1.0) } else { Outcome::Stranger };
    job.labels = Labelled::Rows((0..1_000).map(label).collect());
    let cover = Error::Cover { cover: 2, members: 334, rows: 1_000 };
    assert_eq!(job.honest(1).err(), Some(cover));
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 1e9] {
        let mut rows = vec![Outcome::Good(1.0); 1_000];
        rows[7] = Outcome::Bad(wrong);
        job.labels = Labelled::Rows(rows);
        assert_eq!(job.honest(1).err(), Some(Error::Weight), "{wrong}");
    }
    job.labels = Labelled::Rows(vec![Outcome::Stranger; 1_000]);
    assert_eq!(job.honest(1).err(), Some(Error::Weight));
}

#[test]
fn columns_with_gaps_or_wider_than_standardised_ones_are_refused_by_count_alone() {
    let mut numbers = Made::from(13).normals(500);
    numbers[3] = f64::NAN;
    numbers[4] = f64::INFINITY;
    let trouble = ColumnFault::NotFinite { rows: 2 };
    assert_eq!(Column::new(&numbers).err(), Some(Error::Column { column: 0, trouble }));
    let wide: Vec<f64> = Made::from(13).normals(500).iter().map(|x| 2.0 * x).collect();
    let trouble = ColumnFault::NotStandardised;
    assert_eq!(Column::new(&wide).err(), Some(Error::Column { column: 0, trouble }));
    assert!(Column::new(&[]).is_err());
    let (_, standard) = Column::standardised(&wide).unwrap();
    assert!((standard.deviation - 2.0).abs() < 0.2 && standard.low < -3.0);
}

#[test]
fn a_flag_that_is_rarer_than_one_in_a_hundred_is_no_constant_column() {
    let flags: Vec<f64> = (0..1_000).map(|row| f64::from(u8::from(row % 250 == 0))).collect();
    let (_, standard) = Column::standardised(&flags).unwrap();
    assert_eq!((standard.low, standard.high, standard.mean), (0.0, 1.0, 0.004));
    // What is the same in every row is one still.
    let constant = Error::Column { column: 0, trouble: ColumnFault::Constant };
    assert_eq!(Column::standardised(&[3.0; 1_000]).err(), Some(constant));
}

/// Many rows, of which the accelerated steps take a part: columns that tell much and little, and flags
/// that few rows have.
fn many_rows(seed: u64, rows: usize, columns: usize, intercept: f64) -> Table {
    let mut made = Made::from(seed);
    let mut table =
        Table { columns: (0..columns).map(|_| made.normals(rows)).collect(), bad: vec![] };
    let mut weights: Vec<f64> = (0..columns).map(|_| 0.4 * made.normal()).collect();
    for share in [0.3, 0.01, 0.003] {
        let flag: Vec<f64> = (0..rows).map(|_| f64::from(made.uniform() < share)).collect();
        let deviation = (share * (1.0 - share)).sqrt();
        table.columns.push(flag.iter().map(|x| (x - share) / deviation).collect());
        weights.push(0.8 * deviation);
    }
    weights.push(intercept);
    table.bad = vec![false; rows];
    table.bad = table.logits(&weights).into_iter().map(|z| made.bad(z)).collect();
    table
}

#[test]
fn accelerated_steps_on_a_sample_lead_to_the_weights_of_all_rows() {
    // 5,400 bads in all, 540 in the sample: then they are taken on it; 100 there: then on all rows.
    for (intercept, sampled) in [(-4.3, true), (-6.2, false)] {
        let table = many_rows(7, 200_000, 6, intercept);
        let terms = terms(&table);
        let exact = exact::fit(&table, None, terms.ridge.value());
        let clear = in_clear(&table, &terms).unwrap();
        assert!(clear.findings.converged);
        assert_eq!(clear.passed.sampled, sampled);
        let apart = farthest(&clear.weights, &exact.weights);
        assert!(apart <= 5e-3, "{apart}");
    }
}
