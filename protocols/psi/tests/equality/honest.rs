//! The honest run equals the ideal functionality.

use proptest::prelude::{ProptestConfig, any};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};
use psi::equality::{
    ASKER, Answer, Asker, Claims, HOLDER, Holder, ROUNDS, ROWS_PER_CHUNK, Records, Terms,
    round_name,
};
use psi::{Error, Lanes};
use session::{Blame, Culprit, Fate, Network, NetworkError, Session, Turn};

use crate::fixed::Fixed;
use crate::{Row, Run};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    // Few subjects and few values: rows come twice, and claims meet records by chance.
    #[test]
    fn an_honest_run_is_the_plain_comparison(
        rows in proptest::collection::vec(
            (0_u8..6, 0_u8..3, proptest::option::of(0_u8..3)),
            0..40,
        ),
        context in any::<[u8; 32]>(),
        seeds in any::<[[u8; 32]; 2]>(),
        lanes in [select(Lanes::available()), select(Lanes::available())],
    ) {
        let row = |(about, claim, record): (u8, u8, Option<u8>)| Row {
            about: format!("cn-id:{about} name"),
            claim: claim.to_string(),
            record: record.map(|record| record.to_string()),
        };
        let run = Run { context, rows: rows.into_iter().map(row).collect(), seeds, lanes };
        prop_assert_eq!(run.honest().0, run.ideal());
    }
}

#[test]
fn no_row_one_row_and_chunks_that_are_just_full_work() {
    for rows in [0, 1, 2, ROWS_PER_CHUNK - 1, ROWS_PER_CHUNK, ROWS_PER_CHUNK + 1] {
        let run = Run::new(rows);
        assert_eq!(run.honest().0, run.ideal(), "{rows}");
    }
}

#[test]
fn values_may_be_of_any_bytes_and_length() {
    let row = |claim: &str, record: Option<&str>| Row {
        about: "uscc:1 address".into(),
        claim: claim.into(),
        record: record.map(Into::into),
    };
    let long = "长".repeat(50_000);
    let mut run = Run::new(0);
    run.rows = vec![
        row("", Some("")),
        row("", None),
        row("", Some("\0")),
        row(&long, Some(&long)),
        row(&long, Some(&long[3..])),
    ];
    let expected =
        [Answer::Equal, Answer::Unknown, Answer::Unequal, Answer::Equal, Answer::Unequal];
    assert_eq!(run.honest().0, expected);
}

#[test]
fn a_value_of_another_row_is_not_equal() {
    let mut run = Run::new(0);
    let row = |about: &str, claim: &str, record: &str| Row {
        about: about.into(),
        claim: claim.into(),
        record: Some(record.into()),
    };
    run.rows = vec![row("uscc:1 name", "a", "b"), row("uscc:2 name", "b", "a")];
    assert_eq!(run.honest().0, [Answer::Unequal; 2]);
}

#[test]
fn the_bytes_and_chunks_are_those_of_the_formula() {
    for rows in [0, 1, 2, 300, ROWS_PER_CHUNK + 1] {
        let run = Run::new(rows);
        let (_, passed) = run.honest();
        for role in [ASKER, HOLDER] {
            let bodies = || passed.iter().filter(|(from, _)| *from == role);
            let bytes = bodies().map(|(_, chunk)| chunk.body.len() as u64).sum::<u64>();
            assert_eq!(bytes, run.terms().bytes_from(role));
            assert_eq!(bodies().count() as u64, run.terms().chunks_from(role));
        }
    }
}

#[test]
fn tags_are_as_long_as_two_to_the_minus_forty_asks() {
    let length = |rows| Terms { rows, context: [0; 32] }.tag_length();
    assert_eq!([0, 1, 2, 256, 257, 100_000, 1 << 24].map(length), [5, 5, 6, 6, 7, 8, 8]);
    assert_eq!(length(Terms::MAX_ROWS), 9);
}

#[test]
fn different_terms_or_rows_end_the_run_before_any_answer() {
    let run = Run::new(3);
    let mut others = vec![run.clone(), run.clone(), run.clone(), run.clone()];
    others[0].context = [8; 32];
    others[1].rows.swap(0, 1);
    others[2].rows[2].about.push('x');
    // The same bytes in all, cut between rows in another place.
    let last = others[3].rows[0].about.pop().unwrap();
    others[3].rows[1].about.insert(0, last);
    for other in others {
        let mut network = Network::new();
        let answers = network.join(ASKER, run.asker());
        network.join(HOLDER, other.holder());
        let failure = network.run(|from, _, _| {
            assert_eq!(from, ASKER, "the holder answered");
            Fate::Deliver
        });
        let Err(NetworkError::Refused { role, culprit, error }) = failure else {
            panic!("{failure:?}");
        };
        assert_eq!((role, culprit), (HOLDER, Culprit::Peer(ASKER)));
        assert_eq!(error.downcast_ref::<Error>(), Some(&Error::Agreement { from: ASKER }));
        assert_eq!(answers.take(), None);
    }
}

#[test]
fn our_own_mistakes_blame_us() {
    let rng = &mut Fixed([0; 32]);
    let terms = Terms { rows: 2, context: [0; 32] };
    let asker = Asker::new(terms, Claims::new([("a", "b")]).unwrap(), rng).err().unwrap();
    let records = Records::new([("a", None::<&str>); 3]).unwrap();
    let holder = Holder::new(terms, records, rng).err().unwrap();
    let large = Terms { rows: Terms::MAX_ROWS + 1, ..terms };
    let large = Asker::new(large, Claims::new([("a", "b")]).unwrap(), rng).err().unwrap();
    assert_eq!(asker, Error::RowsNotAgreed { agreed: 2, found: 1 });
    assert_eq!(holder, Error::RowsNotAgreed { agreed: 2, found: 3 });
    assert_eq!(large, Error::TermsTooLarge { largest: Terms::MAX_ROWS + 1 });
    for error in [asker, holder, large] {
        assert_eq!(error.blame(), Culprit::Us);
    }
}

#[test]
fn progress_counts_answers_and_a_session_that_is_done_says_so() {
    let run = Run::new(2 * ROWS_PER_CHUNK + 5);
    let (mut asker, mut holder) = (run.asker(), run.holder());
    let mut last = (0, 0);
    assert_eq!((asker.answered(), holder.answered()), last);
    let answers = loop {
        match asker.advance().unwrap() {
            Turn::Send(_, chunk) => holder.receive(ASKER, chunk).unwrap(),
            Turn::Await => match holder.advance().unwrap() {
                Turn::Send(_, chunk) => asker.receive(HOLDER, chunk).unwrap(),
                Turn::Await | Turn::Done(()) => panic!("the asker awaits and is sent nothing"),
            },
            Turn::Done(answers) => break answers,
        }
        let now = (asker.answered(), holder.answered());
        assert!(now.0 >= last.0 && now.1 >= last.1 && now.1 >= now.0);
        last = now;
    };
    assert_eq!(answers, run.ideal());
    assert_eq!(last, (run.terms().rows, run.terms().rows));
    assert_eq!(holder.advance(), Ok(Turn::Done(())));
    assert_eq!(asker.advance(), Err(Error::Ended));
    assert_eq!(holder.advance(), Err(Error::Ended));
}

#[test]
fn lists_are_printed_as_their_length_alone() {
    let claims = Claims::new([("uscc:1 name", "Wang")]).unwrap();
    let records = Records::new([("uscc:1 name", Some("Wang")), ("uscc:2 name", None)]).unwrap();
    assert_eq!(format!("{claims:?} {records:?}"), "Claims { 1 } Records { 2 }");
    assert!(!claims.is_empty() && !records.is_empty() && records.len() == 2);
}

#[test]
fn every_round_has_a_name() {
    assert_eq!(round_name(1), "agreement");
    assert_eq!(round_name(4), ROUNDS[3]);
    assert_eq!(round_name(0), round_name(5));
}
