use domain::{Digest, Purpose, SubjectKind};
use envelope::{Envelope, SigningKey};
use time::macros::date;

use super::{
    ColumnTrend, Computing, Contribution, Job, Label, Missing, Opens, Outputs, Rows, Scorecard,
    Training, Trend, Weights,
};
use crate::{Blame, Document, Error, MAX_PAYLOAD};

/// A change of one thing that makes a job contradict itself.
type Change = fn(&mut Job);

pub(crate) fn job() -> Job {
    let of = |party: &str, register: &str, columns: &[&str], missing, absence| Contribution {
        party: party.parse().unwrap(),
        register: register.into(),
        columns: columns.iter().map(|column| (*column).into()).collect(),
        missing,
        absence,
    };
    Job {
        id: "small-firms@1".parse().unwrap(),
        proposer: "bank".parse().unwrap(),
        computing: Computing {
            department: "tax".parse().unwrap(),
            platform: "platform".parse().unwrap(),
            lender: "bank".parse().unwrap(),
        },
        purpose: Purpose::ProductDevelopment,
        rows: Rows {
            kind: SubjectKind::Uscc,
            count: 1000,
            list: Digest::from_bytes([7; 32]),
            cover: Some(4),
        },
        label: Label {
            register: "loans".into(),
            column: "defaulted".into(),
            weight: None,
            meaning: "逾期 90 天以上, within 12 months".into(),
        },
        contributions: vec![
            of("tax", "declarations", &["1.vat_paid_12m_cny", "1.declared"], Missing::Mean, true),
            of("social", "insured", &["5.insured_count"], Missing::Refuse, false),
            of("bank", "loans", &["余额", "months"], Missing::Refuse, false),
        ],
        training: Training { ridge_millionths: 1000, newton_steps: 3, held_out_percent: 30 },
        scorecard: None,
        outputs: Outputs { weights: Weights::Lender, standard_errors: true, evaluation: true },
        valid_until: date!(2027 - 06 - 30),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn changed(change: Change) -> Job {
    let mut job = job();
    change(&mut job);
    job
}

/// Sees the job neither signed nor, where somebody signs it all the same, read.
fn refused(job: &Job, said: &str) {
    let Err(Error::Rule { document: Document::Job, rule }) = job.sign(&key(1)) else {
        panic!("signed in spite of: {said}");
    };
    assert!(rule.contains(said), "{rule}: {said}");
    let forged = Envelope::sign(Job::TYPE, serde_json::to_vec(job).unwrap(), &key(1));
    let read = Job::open(&forged, &key(1).public()).unwrap_err();
    assert_eq!(read, Error::Rule { document: Document::Job, rule });
    assert_eq!(read.blame(), Blame::Writer(Document::Job));
}

fn each_refused(said: &str, changes: &[Change]) {
    for change in changes {
        refused(&changed(*change), said);
    }
}

#[test]
fn every_party_signs_the_bytes_that_the_lender_signed() {
    let sealed = job().sign(&key(1)).unwrap();
    assert_eq!(Job::open(&sealed, &key(1).public()).unwrap(), job());
    let refused = Job::open(&sealed, &key(2).public()).unwrap_err();
    assert!(matches!(refused, Error::Envelope { document: Document::Job, .. }));
    let both = Envelope::from_json(&sealed.also_signed_by(&key(2)).to_json()).unwrap();
    for signer in [1, 2] {
        assert_eq!(Job::open(&both, &key(signer).public()).unwrap(), job());
    }
    assert!(Job::open(&both, &key(3).public()).is_err());
}

#[test]
fn a_job_that_is_read_and_signed_again_has_the_same_bytes_and_digest() {
    let mut everything = job();
    everything.label.weight = Some("amount".into());
    let mut least = job();
    least.rows.cover = None;
    least.outputs = Outputs { weights: Weights::Nobody, ..least.outputs };
    least.outputs.standard_errors = false;
    for job in [job(), everything, least] {
        let sealed = job.sign(&key(1)).unwrap();
        let read = Job::open(&sealed, &key(1).public()).unwrap();
        assert_eq!(read.sign(&key(1)).unwrap().to_json(), sealed.to_json());
        assert_eq!(read.digest(), job.digest());
        assert_eq!(serde_json::to_vec(&read).unwrap(), serde_json::to_vec(&job).unwrap());
    }
}

#[test]
fn a_job_that_changes_in_anything_is_another_job() {
    let changes: [Change; 8] = [
        |job| job.rows.count += 1,
        |job| job.rows.list = Digest::from_bytes([8; 32]),
        |job| job.contributions.swap(0, 1),
        |job| job.contributions[0].absence = false,
        |job| job.training.ridge_millionths = 1001,
        |job| job.outputs.evaluation = false,
        |job| job.label.meaning.push('.'),
        |job| job.valid_until = date!(2027 - 07 - 01),
    ];
    for change in changes {
        assert_ne!(changed(change).digest().unwrap(), job().digest().unwrap());
    }
}

#[test]
fn three_different_parties_compute_and_the_lender_or_the_platform_proposes() {
    each_refused(
        "three computing parties are different",
        &[
            |job| job.computing.department = "platform".parse().unwrap(),
            |job| job.computing.platform = "bank".parse().unwrap(),
            |job| job.computing.department = "bank".parse().unwrap(),
        ],
    );
    each_refused(
        "its lender or its platform proposes it",
        &[
            |job| job.proposer = "tax".parse().unwrap(),
            |job| job.computing.lender = "other".parse().unwrap(),
        ],
    );
    changed(|job| job.proposer = "platform".parse().unwrap()).check().unwrap();
}

#[test]
fn each_party_contributes_once_and_not_the_lender_alone() {
    each_refused(
        "each party brings its columns in one contribution",
        &[|job| job.contributions[1].party = "tax".parse().unwrap()],
    );
    each_refused(
        "a party other than the lender brings columns",
        &[|job| drop(job.contributions.drain(..2)), |job| job.contributions.clear()],
    );
    // A lender that brings nothing but its label may train.
    changed(|job| job.contributions.truncate(2)).check().unwrap();
}

#[test]
fn a_contribution_names_columns_and_each_once() {
    each_refused("every contribution has a column", &[|job| job.contributions[0].columns.clear()]);
    each_refused(
        "names each column once",
        &[|job| job.contributions[2].columns.push("余额".into())],
    );
}

#[test]
fn there_are_at_most_512_columns_with_those_of_absences() {
    fn with(columns: usize, absence: bool) -> Job {
        let mut job = job();
        job.contributions.truncate(2);
        job.contributions[0].absence = absence;
        job.contributions[0].columns = (0..columns).map(|column| format!("1.c{column}")).collect();
        job
    }
    with(511, false).check().unwrap();
    with(510, true).check().unwrap();
    refused(&with(511, true), "512 columns");
    refused(&with(512, false), "512 columns");
}

#[test]
fn there_are_400_rows_or_more_after_the_hold_out_and_at_most_two_million() {
    each_refused(
        "400 rows or more",
        &[
            |job| job.rows.count = 571 - 1,
            |job| job.rows.count = 0,
            |job| (job.rows.count, job.training.held_out_percent) = (399, 0),
            |job| (job.rows.count, job.training.held_out_percent) = (798, 50),
        ],
    );
    each_refused(
        "at most 2097152 rows",
        &[|job| job.rows.count = (1 << 21) + 1, |job| job.rows.count = u32::MAX],
    );
    let kept: [Change; 4] = [
        |job| job.rows.count = 571,
        |job| (job.rows.count, job.training.held_out_percent) = (400, 0),
        |job| (job.rows.count, job.training.held_out_percent) = (799, 50),
        |job| job.rows.count = 1 << 21,
    ];
    for change in kept {
        changed(change).check().unwrap();
    }
}

#[test]
fn numbers_keep_to_their_bounds() {
    each_refused(
        "100 to 1000000 millionths",
        &[
            |job| job.training.ridge_millionths = 99,
            |job| job.training.ridge_millionths = 1_000_001,
        ],
    );
    each_refused(
        "3 to 12 Newton",
        &[|job| job.training.newton_steps = 2, |job| job.training.newton_steps = 13],
    );
    each_refused("0 to 50 rows", &[|job| job.training.held_out_percent = 51]);
    each_refused(
        "1 to 16 rows a customer",
        &[|job| job.rows.cover = Some(0), |job| job.rows.cover = Some(17)],
    );
    let bounds: [Change; 4] = [
        |job| (job.training.ridge_millionths, job.training.newton_steps) = (100, 12),
        |job| job.training.ridge_millionths = 1_000_000,
        |job| job.rows.cover = Some(1),
        |job| job.rows.cover = Some(16),
    ];
    for change in bounds {
        changed(change).check().unwrap();
    }
}

#[test]
fn standard_errors_go_with_weights_that_somebody_learns() {
    each_refused("standard errors go with", &[|job| job.outputs.weights = Weights::Nobody]);
}

#[test]
fn names_and_the_meaning_are_bounded_and_visible() {
    each_refused(
        "registers and columns are named",
        &[
            |job| job.label.register.clear(),
            |job| job.label.column = "a\nb".into(),
            |job| job.label.weight = Some("a".repeat(129)),
            |job| job.contributions[1].register = "\u{1b}[2J".into(),
            |job| job.contributions[2].columns[0] = "\u{202e}sdraob".into(),
            |job| job.contributions[2].columns[0] = "余".repeat(43),
        ],
    );
    each_refused(
        "meaning has at most 1000 bytes",
        &[
            |job| job.label.meaning = "a".repeat(1001),
            |job| job.label.meaning = "a\nb".into(),
            |job| job.label.meaning = "a\u{2066}b".into(),
        ],
    );
    changed(|job| job.contributions[2].columns[0] = "余".repeat(42)).check().unwrap();
    changed(|job| job.label.meaning = "a".repeat(1000)).check().unwrap();
}

#[test]
fn where_rows_are_firms_or_persons_columns_are_fields_and_the_label_has_a_meaning() {
    each_refused(
        "fields of the catalogue",
        &[
            |job| job.contributions[1].columns[0] = "insured_count".into(),
            |job| {
                job.rows.kind = SubjectKind::CnId;
                job.contributions[0].columns[1] = "1.Declared".into();
            },
        ],
    );
    each_refused(
        "says what it means",
        &[|job| job.label.meaning.clear(), |job| job.label.meaning = " 　".into()],
    );
    changed(|job| {
        job.rows.kind = SubjectKind::Opaque;
        job.label.meaning.clear();
        job.contributions[1].columns[0] = "X5".into();
    })
    .check()
    .unwrap();
}

#[test]
fn the_label_is_no_column_and_no_weight() {
    each_refused(
        "the label is not one of the columns",
        &[|job| job.contributions[2].columns.push("defaulted".into())],
    );
    each_refused("the label and the weight", &[|job| job.label.weight = Some("defaulted".into())]);
    // Another register may have a column of the same name.
    changed(|job| {
        job.contributions[2].register = "applications".into();
        job.contributions[2].columns.push("defaulted".into());
    })
    .check()
    .unwrap();
}

#[test]
fn a_column_of_absences_goes_with_the_mean() {
    each_refused("column of absences", &[|job| job.contributions[1].absence = true]);
}

#[test]
fn there_are_at_most_64_parties() {
    fn of(others: usize) -> Job {
        let mut job = job();
        for number in 0..others {
            let mut another = job.contributions[1].clone();
            another.party = format!("holder-{number}").parse().unwrap();
            job.contributions.push(another);
        }
        job
    }
    // Four parties are there already: bank, platform, social, tax.
    of(60).check().unwrap();
    refused(&of(61), "at most 64 parties");
}

#[test]
fn a_job_has_one_spelling() {
    let plain = String::from_utf8(serde_json::to_vec(&job()).unwrap()).unwrap();
    for other in [
        plain.replace("\"absence\":false,", "").replace(",\"absence\":false", ""),
        plain.replacen(':', ": ", 1),
        plain.replacen("tax", "\\u0074ax", 1),
        plain.replacen("\"cover\":4", "\"cover\":4 ", 1),
    ] {
        assert_ne!(other, plain);
        let sealed = Envelope::sign(Job::TYPE, other.into_bytes(), &key(1));
        let Err(Error::Rule { rule, .. }) = Job::open(&sealed, &key(1).public()) else {
            panic!("two spellings of one job are read");
        };
        assert!(rule.contains("one way"), "{rule}");
    }
}

#[test]
fn what_is_no_job_is_refused_and_not_repeated() {
    let plain = String::from_utf8(serde_json::to_vec(&job()).unwrap()).unwrap();
    for other in [
        "{\"id\":\"m@1\"}".to_owned(),
        plain.replacen("\"rows\"", "\"colour\":1,\"rows\"", 1),
        plain.replacen("2027-06-30", "2027-02-30", 1),
        plain.replacen("product_development", "marketing", 1),
        plain.replacen("\"count\":1000", "\"count\":-1", 1),
        plain.replacen("\"count\":1000", "\"count\":1000,\"count\":1000", 1),
    ] {
        assert_ne!(other, plain);
        let sealed = Envelope::sign(Job::TYPE, other.into_bytes(), &key(1));
        let error = Job::open(&sealed, &key(1).public()).unwrap_err();
        assert!(matches!(error, Error::Malformed { document: Document::Job, .. }), "{error}");
        let shown = error.to_string();
        assert!(!shown.contains("marketing") && !shown.contains("colour"), "{shown}");
    }
    let other = Envelope::sign("application/vnd.tacit.other.v1+json", plain.into(), &key(1));
    assert!(matches!(Job::open(&other, &key(1).public()), Err(Error::Envelope { .. })));
}

#[test]
fn a_job_that_is_too_long_is_neither_signed_nor_read() {
    let mut job = job();
    let columns = 500;
    job.contributions[0].columns =
        (0..columns).map(|column| format!("1.{}{column}", "c".repeat(60))).collect();
    job.check().unwrap();
    let oversized = job.sign(&key(1)).unwrap_err();
    assert!(matches!(oversized, Error::Oversized { limit: MAX_PAYLOAD, .. }), "{oversized}");
    let forged = Envelope::sign(Job::TYPE, serde_json::to_vec(&job).unwrap(), &key(1));
    assert_eq!(Job::open(&forged, &key(1).public()).unwrap_err(), oversized);
}

/// The same job, whose model is a scorecard.
pub(crate) fn scored() -> Job {
    let mut job = job();
    for own in &mut job.contributions {
        (own.missing, own.absence) = (Missing::Bin, false);
    }
    let trend = ColumnTrend {
        party: "tax".parse().unwrap(),
        column: "1.declared".into(),
        trend: Trend::Descending,
    };
    job.scorecard = Some(Scorecard {
        opens: Opens::BinsAndPointsToLender,
        prebins: 20,
        most_bins: 6,
        least_percent: 5,
        trend: Trend::Auto,
        trends: vec![trend],
        base_score: 600,
        base_odds: 50,
        pdo: 20,
    });
    job
}

#[test]
fn what_a_scorecard_opens_stands_in_the_bytes_that_every_party_signs() {
    let (plain, job) = (job(), scored());
    let sealed = job.sign(&key(1)).unwrap();
    assert_eq!(Job::open(&sealed, &key(1).public()).unwrap(), job);
    let signed = serde_json::to_string(&job).unwrap();
    assert!(signed.contains(r#""opens":"bins_and_points_to_lender""#), "{signed}");
    assert!(!serde_json::to_string(&plain).unwrap().contains("scorecard"));
    assert_ne!(job.digest().unwrap(), plain.digest().unwrap());
    let changes: [fn(&mut Scorecard); 8] = [
        |card| card.prebins = 21,
        |card| card.most_bins = 7,
        |card| card.least_percent = 6,
        |card| card.trend = Trend::None,
        |card| card.trends.clear(),
        |card| card.base_score = 601,
        |card| card.base_odds = 49,
        |card| card.pdo = 21,
    ];
    for change in changes {
        let mut other = scored();
        change(other.scorecard.as_mut().unwrap());
        assert_ne!(other.digest().unwrap(), job.digest().unwrap());
    }
    let tax = "tax".parse().unwrap();
    let card = job.scorecard.unwrap();
    assert_eq!(card.trend_of(&tax, "1.declared"), Trend::Descending);
    assert_eq!(card.trend_of(&tax, "1.vat_paid_12m_cny"), Trend::Auto);
}

#[test]
fn a_scorecard_opens_its_weights_and_every_missing_value_has_a_bin() {
    let each = |said: &str, changes: &[Change]| {
        for change in changes {
            let mut job = scored();
            change(&mut job);
            refused(&job, said);
        }
    };
    each(
        "opens its weights to the lender",
        &[|job| {
            (job.outputs.weights, job.outputs.standard_errors) = (Weights::Nobody, false);
        }],
    );
    each(
        "missing values have a bin of their own",
        &[
            |job| job.contributions[0].missing = Missing::Mean,
            |job| job.contributions[2].missing = Missing::Refuse,
        ],
    );
    each("goes with a scorecard", &[|job| job.scorecard = None]);
    each("whoever is absent has a bin", &[|job| job.contributions[0].absence = true]);
    fn card(job: &mut Job) -> &mut Scorecard {
        job.scorecard.as_mut().unwrap()
    }
    each("64 pre-bins", &[|job| card(job).prebins = 1, |job| card(job).prebins = 65]);
    each("31 bins", &[|job| card(job).most_bins = 1, |job| card(job).most_bins = 32]);
    each("50 of a hundred", &[|job| card(job).least_percent = 51]);
    each("at most 100000 from 0", &[|job| card(job).base_score = -100_001]);
    each("whole number from 1", &[|job| card(job).base_odds = 0]);
    each("double the odds", &[|job| card(job).pdo = 0, |job| card(job).pdo = 101]);
    each(
        "a column has one trend",
        &[|job| {
            let again = card(job).trends[0].clone();
            card(job).trends.push(again);
        }],
    );
    each(
        "a column that its party brings",
        &[
            |job| card(job).trends[0].column = "1.other".into(),
            |job| card(job).trends[0].party = "platform".parse().unwrap(),
        ],
    );
}
