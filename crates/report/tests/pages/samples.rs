//! Reports with everything that one can have.

use std::io::Write as _;

use domain::{CheckMode, Digest, Field, Slot, SubjectKind};
use ndarray::Array1;
use registers::{ColumnKind, Key};
use report::{
    Before, Challenge, CheckedColumn, DataCheck, JobReference, Measures, ModelCard, Monitoring,
    Performance, PointsPolicy, Provenance, Sample, Segment, Source, Window,
};
use scorecard::admission::Admission;
use scorecard::monitoring::shift;
use scorecard::{Reference, Scorecard};
use time::macros::date;

/// What must not become markup, wherever it is named.
pub(crate) const HOSTILE: &str =
    "</td></title></svg><script>alert('1')</script><img src=x onerror=\"x\">";

/// A card of ten features in four slots, with a regression, grades and facts.
pub(crate) fn card(named: &str) -> Scorecard {
    let mut text = format!(
        "model = 'small-firms'\nversion = 3\ntitle = '''{named}'''\nintercept = -1.2\n\
         valid_until = '2027-12-31'\n[scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
         [[grade]]\nname = 'A'\nfrom = 570\n[[grade]]\nname = 'B'\nfrom = 545\n\
         [training]\nrows = 20992\ntest_auc = 0.8456\nmethod = '''{named}'''\n"
    );
    for place in 0..10 {
        let holder = ["tax", "social", "power", "own"][place % 4];
        text += &format!("[[feature]]\nholder = '{holder}'\ncoef = 0.{}\n", 9 - place % 5);
        if place == 1 {
            text += &format!(
                "column = '''{named}{place}'''\nother_woe = 0.1\nmissing_woe = 0.3\n\
                 bin = [{{values = ['''{named}''', '乙'], woe = -0.8}}, {{values = ['C'], woe = 0.9}}]\n"
            );
        } else {
            text += &format!(
                "column = '''{named}{place}'''\nfield = '1.vat_paid_12m_cny'\nmissing_woe = 0.2\n\
                 bin = [{{below = 10, woe = 0.9}}, {{below = 1000000, woe = -0.1}}, {{woe = -0.7}}]\n"
            );
        }
    }
    Scorecard::from_toml(&text).expect("a card")
}

/// Rows of a card: every second one is worse than the average, and `worse` of ten more.
pub(crate) fn rows(card: &Scorecard, rows: usize, worse: usize) -> Sample<'_> {
    let own: Slot = "own".parse().expect("a slot");
    let mut sample = Sample::new(card, Some(&own));
    let mut state = 12345_usize;
    for row in 0..rows {
        let risky = row % 10 < worse;
        let mut bins = Vec::new();
        for (_, feature, _) in card.features() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let drawn = (state >> 33) % 100;
            let bins_of = feature.binning().len();
            bins.push(if drawn < 8 {
                bins_of - 1
            } else if risky {
                drawn % 2
            } else {
                drawn % (bins_of - 1)
            });
        }
        let bad = if risky { row % 3 == 0 } else { row % 29 == 0 };
        sample.add((row % 97 != 0).then_some(&bins), bad);
    }
    sample
}

/// A model's card with everything on it.
pub(crate) fn model_card(named: &str) -> ModelCard {
    let card = card(named);
    let own: Slot = "own".parse().expect("a slot");
    let (now, before) = (rows(&card, 3000, 4), rows(&card, 2000, 3));
    let reference: Option<Reference> = now.reference();
    let admission = Admission::of(&card, Some(&own), reference.as_ref());
    let digest = |byte: u8| Digest::from_bytes([byte; 32]);
    let mut provenance = Provenance::of(&card, Some(&own));
    provenance.purpose = Some(domain::Purpose::PreLoan);
    provenance.outcome = Some(named.into());
    provenance.window = Some(Window { from: date!(2025 - 01 - 01), until: date!(2025 - 12 - 31) });
    provenance.job = Some(JobReference { job: card.model().clone(), digest: digest(1) });
    provenance.policy = Some(PointsPolicy::Lender);
    provenance.certificate = Some(digest(2));
    provenance.receipts = vec![digest(3), digest(4)];
    for share in &mut provenance.parties {
        share.party = format!("{}-nanjing", share.slot).parse().ok();
    }
    let mut found = ModelCard::of(&card, provenance, &admission);
    found.measure(&now, Source::of(named, b"now"), 10).expect("both classes");
    let measures = before.measures();
    found.compare(&now, &before, (Source::of(named, b"then"), measures), 10).expect("rows");
    found
}

/// What a score in use shows, with everything.
pub(crate) fn monitoring(named: &str) -> Monitoring {
    let scores: Array1<f64> = (0..600_u16).map(|row| 500.0 + f64::from(row % 150)).collect();
    let bad: Array1<bool> =
        (0..600).map(|row| row % 150 < 40 && row % 2 == 0 || row % 31 == 0).collect();
    let probability = scores.mapv(|score| 1.0 / (1.0 + ((score - 520.0) / 20.0).exp2()));
    let performance = Performance::of(&scores, Some(&probability), &bad, 10).expect("both classes");
    let then = scores.mapv(|score| score + 12.0);
    let segment = Segment::of(named, scores.view(), bad.view());
    Monitoring {
        scores: Source::of(named, b"scores"),
        outcomes: Source::of(named, b"outcomes"),
        scored: 640,
        without_score: 7,
        without_outcome: 40,
        unknown: 3,
        performance,
        shift: Some(shift(then.view(), scores.view(), 10).expect("scores")),
        before: Some(Before {
            outcomes: Source::of(named, b"then"),
            measures: Measures::of(then.view(), bad.view()).expect("both classes"),
        }),
        segments: vec![segment],
        challenge: Some(
            Challenge::of(&scores, &scores.mapv(|it| (it * 7.0) % 150.0), &bad, 560.0)
                .expect("both classes"),
        ),
    }
}

/// What is in a table with something wrong in every way.
pub(crate) fn data_check(named: &str) -> DataCheck {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let quoted = named.replace('"', "\"\"");
    writeln!(file, "code,\"{quoted}\",vat,note").expect("written");
    for row in [
        "91320100PDY00001XR,甲,1.5,",
        "91320500PDY0001750,乙,2,2025-01-31",
        "91320500PDY0001750,乙,2,2025-01-31",
        "91320500PDY000175O,丙,3,x",
        "913205,丁,3,x",
        ",戊,3,x",
        "91320100PDY00001XR,甲",
    ] {
        writeln!(file, "{row}").expect("written");
    }
    let key = Key { column: "code".into(), kind: SubjectKind::Uscc, mode: CheckMode::Strict };
    let profile = registers::profile(file.path(), Some(&key)).expect("a table");
    let field: Field = "1.vat_paid_12m_cny".parse().expect("a field");
    let columns = profile.columns.into_iter().map(|profile| {
        let field = (profile.name == "vat" || profile.name == "note").then(|| field.clone());
        let misfit = field.is_some() && profile.kind == Some(ColumnKind::Text);
        CheckedColumn { field, problem: misfit.then(|| "a text".to_owned()), profile }
    });
    DataCheck {
        file: named.into(),
        content: Digest::from_bytes([5; 32]),
        key: "code".into(),
        kind: "uscc".into(),
        load: profile.load,
        classes: vec!["1".parse().expect("a class")],
        columns: columns.collect(),
    }
}
