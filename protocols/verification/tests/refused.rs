//! Another key, formula, holder set, threshold or query, and terms outside the limits: refused, with
//! blame.

mod common;

use common::{Asked, Lender, rng};
use session::{Blame, Chunk, Culprit, MAX_CHUNK, Session, Turn, Unexpected};
use verification::{
    Answer, Atom, Atoms, Combined, Comparison, EVALUATION_KEY_BYTES, Encode, Error, Evaluation,
    EvaluationKey, Fingerprint, Formula, HolderId, Known, LENDER, LenderKey, MAX_ATOMS, MAX_FAN_IN,
    MAX_HOLDERS, MAX_SEALED, PLATFORM, Query, QueryId, QuestionDigest, RunId,
    SEALED_THRESHOLD_BYTES, SealedThreshold, Terms, Threshold, ThresholdDigest, holder, upload,
};

const PLAIN: [(usize, Asked); 2] = [(0, Asked::Plain(Answer::Yes)), (1, Asked::Plain(Answer::No))];

fn any(atoms: usize) -> Formula {
    Formula::any((0..atoms).map(Formula::Atom))
}

fn terms_of(holders: &[u8], atoms: Vec<Atom>, formula: &Formula) -> Result<Terms, Error> {
    Terms::new(
        Fingerprint([1; 32]),
        QuestionDigest([2; 32]),
        RunId([3; 16]),
        QueryId([4; 16]),
        holders.iter().map(|&id| HolderId([id; 32])).collect(),
        atoms,
        formula,
    )
}

fn plain(holder: usize) -> Atom {
    Atom::Plain { holder }
}

fn sealed(holder: usize) -> Atom {
    let threshold = ThresholdDigest([0; 32]);
    Atom::Sealed { holder, comparison: Comparison::Less, threshold }
}

#[test]
fn a_message_of_other_terms_is_refused_whatever_differs() {
    let mut rng = rng(20);
    let lender = Lender::new(&mut rng);
    let base = lender.question(1, &PLAIN, &any(2), &mut rng);
    let atoms = lender.atoms(&base, 0, &mut rng).to_bytes();
    let t = &base.terms;
    let other = |question: u8, run: u8, query: u8, ids: [u8; 2], order: [usize; 2], f: &Formula| {
        Terms::new(
            t.lender_key(),
            QuestionDigest([question; 32]),
            RunId([run; 16]),
            QueryId([query; 16]),
            ids.map(|id| HolderId([id; 32])).into(),
            order.map(plain).into(),
            f,
        )
        .unwrap()
    };
    let (order, all) = ([0, 1], Formula::all([Formula::Atom(0), Formula::Atom(1)]));
    for terms in [
        other(9, 1, 1, [0, 1], order, &any(2)),
        other(3, 9, 1, [0, 1], order, &any(2)),
        other(3, 1, 9, [0, 1], order, &any(2)),
        other(3, 1, 1, [0, 9], order, &any(2)),
        other(3, 1, 1, [0, 1], [1, 0], &any(2)),
        other(3, 1, 1, [0, 1], order, &all),
    ] {
        let error = Atoms::from_bytes(&atoms, &terms, holder(0)).unwrap_err();
        assert!(matches!(error, Error::Unbound { .. }));
        assert_eq!(error.blame(), Culprit::Peer(holder(0)));
    }
    // The platform's answer to one query is none to another, and each holder is taken once.
    let mut evaluation = Evaluation::new(t.clone());
    for place in 0..2 {
        evaluation.take(&lender.atoms(&base, place, &mut rng)).unwrap();
    }
    let twice = evaluation.take(&lender.atoms(&base, 1, &mut rng)).unwrap_err();
    assert_eq!(
        (twice.blame(), twice),
        (Culprit::Peer(holder(1)), Error::Twice { from: holder(1) })
    );
    let combined = evaluation.combine(&lender.evaluator, &mut rng).unwrap();
    let next = lender.question(2, &PLAIN, &any(2), &mut rng).terms;
    let error = Combined::from_bytes(&combined.to_bytes(), &next).unwrap_err();
    assert_eq!(error.blame(), Culprit::Peer(PLATFORM));
    assert!(matches!(lender.key.decrypt(&combined, &next), Err(Error::Unbound { .. })));
    let missing = Evaluation::new(next).combine(&lender.evaluator, &mut rng).unwrap_err();
    assert_eq!(missing.blame(), Culprit::Peer(holder(0)));
}

#[test]
fn keys_that_the_terms_do_not_name_are_refused() {
    let mut rng = rng(21);
    let (mine, other) = (Lender::new(&mut rng), Lender::new(&mut rng));
    let question = mine.question(1, &PLAIN, &any(2), &mut rng);
    let refused = |error: Option<Error>| assert!(matches!(error, Some(Error::OtherKey { .. })));
    refused(question.query(0).answer(other.key.public(), &mut rng).err());
    refused(question.query(0).compare(&[], &other.evaluator, &mut rng).err());
    let mut evaluation = Evaluation::new(question.terms.clone());
    for place in 0..2 {
        evaluation.take(&mine.atoms(&question, place, &mut rng)).unwrap();
    }
    refused(evaluation.combine(&other.evaluator, &mut rng).err());
    // Uploaded in place of the agreed one: refused with the first chunk, and the lender blamed.
    let Turn::Send(_, chunk) = upload::KeySender::new(&other.uploaded).advance().unwrap() else {
        panic!("a sender has something to send");
    };
    let mut receiver = upload::KeyReceiver::new(mine.uploaded.fingerprint());
    let error = receiver.receive(LENDER, chunk).unwrap_err();
    assert_eq!(error.blame(), Culprit::Peer(LENDER));
    refused(Some(error));
    // Stored keys: cut, longer, mixed.
    let bytes = mine.uploaded.to_bytes();
    assert!(matches!(EvaluationKey::from_bytes(&bytes[1..]), Err(Error::Length { .. })));
    assert!(matches!(EvaluationKey::from_bytes(&[]), Err(Error::Length { .. })));
    let mut mixed = bytes;
    mixed[EVALUATION_KEY_BYTES - 1] ^= 1;
    assert!(matches!(EvaluationKey::from_bytes(&mixed), Err(Error::Damaged { .. })));
    let secret = mine.key.to_secret_bytes();
    assert_eq!(LenderKey::from_secret_bytes(&secret).unwrap().public(), mine.key.public());
    let mut broken = other.key.to_secret_bytes();
    broken[..256].copy_from_slice(&secret[..256]);
    assert_eq!(LenderKey::from_secret_bytes(&broken).err(), Some(Error::BrokenKey));
}

#[test]
fn an_upload_takes_full_chunks_and_no_more_than_a_key() {
    let lender = Lender::new(&mut rng(22));
    let bytes = lender.uploaded.to_bytes();
    let agreed = lender.uploaded.fingerprint();
    let take = |bodies: &[(&[u8], bool)]| {
        let mut receiver = upload::KeyReceiver::new(agreed);
        bodies.iter().try_for_each(|&(body, last)| {
            receiver.receive(LENDER, Chunk { round: 1, last, body: body.to_vec().into() })
        })
    };
    let full = &bytes[..MAX_CHUNK];
    assert!(matches!(take(&[(&full[1..], false)]), Err(Error::Length { .. })));
    assert!(matches!(take(&[(full, true)]), Err(Error::Unexpected(Unexpected::Ending { .. }))));
    assert!(matches!(take(&[(full, false), (&full[1..], false)]), Err(Error::Length { .. })));
    assert!(matches!(
        take(&[(&vec![0; MAX_CHUNK + 1], false)]),
        Err(Error::Unexpected(Unexpected::Misplaced { .. }))
    ));
    assert!(take(&[(full, false), (full, false)]).is_ok());
}

#[test]
fn thresholds_and_knowledge_that_do_not_fit_the_terms_are_refused() {
    let mut rng = rng(23);
    let lender = Lender::new(&mut rng);
    let asked = [
        (0, Asked::Sealed(Comparison::Less, 5, Some(4))),
        (0, Asked::Sealed(Comparison::Less, 6, None)),
        (1, Asked::Plain(Answer::Yes)),
    ];
    let question = lender.question(1, &asked, &any(3), &mut rng);
    let mut thresholds = question.thresholds_of(0);
    thresholds.reverse();
    for wrong in [&thresholds[..], &thresholds[..1], &[]] {
        let query = question.query(0);
        let error = query.compare(wrong, &lender.evaluator, &mut rng).err();
        assert_eq!(error, Some(Error::OtherThresholds));
    }
    let other = SealedThreshold::seal(&Threshold(5), &lender.key, &mut rng);
    let error = SealedThreshold::from_bytes(&other.to_bytes(), thresholds[0].digest(), PLATFORM);
    assert_eq!(error.unwrap_err().blame(), Culprit::Peer(PLATFORM));
    let long = vec![0; SEALED_THRESHOLD_BYTES + 1];
    let error = SealedThreshold::from_bytes(&long, other.digest(), LENDER);
    assert_eq!(error.unwrap_err().blame(), Culprit::Peer(LENDER));
    let one = || vec![Known::Answer(Answer::Yes)];
    let query = |role, known| Query::new(question.terms.clone(), role, known).err();
    assert_eq!(query(holder(0), one()), Some(Error::OtherAtoms));
    assert_eq!(query(holder(1), vec![Known::Value(None)]), Some(Error::OtherAtoms));
    assert_eq!(query(holder(1), vec![]), Some(Error::OtherAtoms));
    assert_eq!(query(holder(2), one()), Some(Error::NoHolder { found: holder(2) }));
    assert_eq!(query(holder(1), one()), None);
}

#[test]
fn terms_outside_the_limits_are_refused() {
    let many = |n: usize| (0..n).map(|_| plain(0)).collect::<Vec<_>>();
    let error = |holders: &[u8], atoms, formula: &Formula| terms_of(holders, atoms, formula).err();
    let atom = Formula::Atom(0);
    assert_eq!(error(&[], many(1), &atom), Some(Error::Holders { found: 0 }));
    let ids: Vec<u8> = (0..=u8::try_from(MAX_HOLDERS).unwrap()).collect();
    let found = MAX_HOLDERS + 1;
    assert_eq!(error(&ids, many(1), &atom), Some(Error::Holders { found }));
    let second = holder(1);
    assert_eq!(
        error(&[5, 5], vec![plain(0), plain(1)], &any(2)),
        Some(Error::SameHolder { second })
    );
    assert_eq!(error(&[5, 6], many(1), &atom), Some(Error::NothingAsked { of: holder(1) }));
    assert_eq!(error(&[5], vec![plain(0), plain(1)], &any(2)), Some(Error::NoPlace { atom: 1 }));
    assert_eq!(error(&[5], many(2), &atom), Some(Error::UnusedAtom { atom: 1 }));
    assert_eq!(error(&[5], many(1), &any(2)), Some(Error::NoAtom { atom: 1 }));
    let found = MAX_ATOMS + 1;
    assert_eq!(error(&[5], many(found), &any(found)), Some(Error::Atoms { found }));
    assert_eq!(error(&[5], many(MAX_ATOMS), &any(MAX_ATOMS)), None);
    let found = MAX_SEALED + 1;
    assert_eq!(error(&[5], vec![sealed(0); found], &any(found)), Some(Error::Sealed { found }));
    let least = |least, of| Formula::AtLeast(least, (0..of).map(Formula::Atom).collect());
    let found = MAX_FAN_IN + 1;
    assert_eq!(error(&[5], many(found), &least(2, found)), Some(Error::TooWide { found }));
    assert_eq!(error(&[5], many(16), &least(2, 16)), None);
    assert_eq!(error(&[5], many(2), &least(0, 2)), Some(Error::NoThreshold { least: 0, of: 2 }));
    assert_eq!(error(&[5], many(2), &least(3, 2)), Some(Error::NoThreshold { least: 3, of: 2 }));
    let nested = (0..70).fold(Formula::Atom(0), |inner, _| !inner);
    assert_eq!(error(&[5], many(1), &nested), Some(Error::TooDeep));
    // Alternating gates cannot be flattened: seventeen levels are one too many.
    let ladder = |levels| {
        (0..levels).fold(Formula::Atom(0), |inner, level| {
            Formula::AtLeast(1 + level % 2, vec![inner, Formula::Atom(level + 1)])
        })
    };
    assert_eq!(error(&[5], many(17), &ladder(16)), None);
    assert_eq!(error(&[5], many(18), &ladder(17)), Some(Error::TooDeep));
}
