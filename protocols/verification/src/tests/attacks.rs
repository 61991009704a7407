//! Attacks that work without a step of the protocol, and do not with it.

use lattice::noise::seed;
use lattice::{Sample, words};
use rayon::prelude::*;
use session::Culprit;
use tfhe::core_crypto::prelude::LweSecretKey;

use crate::compare::{compared, refresh};
use crate::lwe::Lwe;
use crate::parameters::{OPENED, SPACE, VALUE, ZERO_NOISE};
use crate::secret::{Secret, Small};
use crate::tests::{Lender, rng};
use crate::{
    Answer, Atom, Comparison, Evaluation, EvaluationKey, Evaluator, Formula, HolderId, Known,
    LAST_SOAK, PublicKey, Query, QueryId, QuestionDigest, RING, RunId, SMALL, SealedThreshold,
    Terms, Threshold, evaluation_key, holder,
};

/// The platform, which relayed the table, replays every candidate and looks for the holder's bytes.
#[test]
fn a_replay_finds_a_value_only_when_the_picks_are_not_refreshed() {
    const VALUE_HELD: u64 = 1_003;
    let mut rng = rng(70);
    let Lender { key, evaluator } = Lender::new(&mut rng);
    let sealed = SealedThreshold::seal(&Threshold(500), &key, &mut rng);
    let at_least = Comparison::AtLeast;
    let replay = |sent: &Lwe| -> Vec<u64> {
        let found = |candidate: &u64| {
            compared(&evaluator, &sealed.pick(*candidate), at_least).words() == sent.words()
        };
        (1_000..1_008u64).into_par_iter().filter(found).collect()
    };
    // Without the fresh encryptions of zero: eight candidates, one match.
    let naked = compared(&evaluator, &sealed.pick(VALUE_HELD), at_least);
    assert_eq!(replay(&naked), [VALUE_HELD]);
    // With them, and before any sanitising: none.
    let mut picks = sealed.pick(VALUE_HELD);
    refresh(&mut picks, evaluator.public(), &mut rng);
    assert_eq!(replay(&compared(&evaluator, &picks, at_least)), []);
    // And what a holder sends.
    let value = Some(VALUE_HELD);
    assert_eq!(replay(&Query::sealed_atom(&evaluator, at_least, value, &sealed, &mut rng)), []);
}

/// A lender makes a bootstrapping key whose noise tells a second thing: whether the count in a gate
/// lies above another number than the one that was asked for.
///
/// Its small key is zero, so nothing turns by a secret. The first GGSW holds, beside that zero,
/// X^-1920 scaled far below a message. What it multiplies is the table as the count has turned it,
/// twice: as it is, and turned further by a mask word. So the output's noise tells the sign at 1920
/// positions from the count, where two has passed half a turn and one has not, in half of all runs;
/// in the others the two cancel. "Is no" adds as much that is known: three guesses in four are right.
struct Spy {
    secret: Secret,
    evaluator: Evaluator,
}

/// Which coefficient of the turned table leaks.
const LOOK: usize = 1920;

/// How much of it, for a digit of one: a difference of signs (a digit of 2^21) becomes 2^57.
const LEAK: u64 = 1 << 36;

/// Above it, the noise says that the count was two.
const EDGE: i64 = 1 << 56;

impl Spy {
    fn new() -> Self {
        let mut rng = rng(71);
        let bit = |i: usize| u8::from(i * 7 / 3 % 2 == 1);
        let byte = |first: usize| (0..8).fold(0, |packed, i| packed | bit(first + i) << i);
        let packed: Vec<u8> = (0..RING).step_by(8).map(byte).collect();
        let secret = Secret::from_packed(&packed).expect("a bit for each coefficient");
        let zero = Small(LweSecretKey::from_container(vec![0; SMALL]));
        let mut draw = || seed(&mut rng);
        let switch = secret.switch_to(&zero, draw(), draw());
        let mut bootstrap = secret.bootstrap_from(&zero, draw(), draw());
        let mut keys = words::from_bytes(&bootstrap[16..]);
        // The second polynomial of a GGSW multiplies the body; X^-1920 = -X^(2048 - 1920).
        let place = RING + RING - LOOK;
        keys[place] = keys[place].wrapping_sub(LEAK);
        bootstrap.splice(16.., words::to_bytes(&keys));
        let content = [switch, bootstrap].concat();
        let (mask, noise) = (draw(), draw());
        let body = secret.encrypt(mask, noise, &[0; RING]);
        let sample = Sample::new(SPACE, ZERO_NOISE, mask, body);
        let public = PublicKey::new(sample, evaluation_key::digest(&content));
        let key = EvaluationKey::from_parts(public, content, Culprit::Us).expect("just named");
        Self { secret, evaluator: key.expand() }
    }

    /// Runs both cases often, and gives the share in which `error` tells which it was.
    fn guesses_right(&self, runs: u8, error: impl Fn(Evaluation, u8) -> u64 + Sync) -> f64 {
        let right = (0..runs).into_par_iter().filter(|&run| {
            let two = run % 2 == 1;
            let second = if two { Answer::Yes } else { Answer::No };
            let leaked = error(evaluation(&self.evaluator, run, second), run).cast_signed();
            (leaked > EDGE) == two
        });
        f64::from(u32::try_from(right.count()).expect("few")) / f64::from(runs)
    }
}

/// "Any of two", where the second holder's atom is `second` and the first one's yes.
fn evaluation(evaluator: &Evaluator, run: u8, second: Answer) -> Evaluation {
    let terms = Terms::new(
        evaluator.public().fingerprint(),
        QuestionDigest([0; 32]),
        RunId([0; 16]),
        QueryId([run; 16]),
        vec![HolderId([0; 32]), HolderId([1; 32])],
        vec![Atom::Plain { holder: 0 }, Atom::Plain { holder: 1 }],
        &Formula::any([Formula::Atom(0), Formula::Atom(1)]),
    )
    .expect("a good question");
    let mut evaluation = Evaluation::new(terms.clone());
    let mut rng = rng(run);
    for (place, answer) in [Answer::Yes, second].into_iter().enumerate() {
        let query = Query::new(terms.clone(), holder(place), vec![Known::Answer(answer)]);
        let query = query.expect("one atom a holder");
        let atoms = query.answer(evaluator.public(), &mut rng).expect("its own key");
        evaluation.take(&atoms).expect("of this query");
    }
    evaluation
}

#[test]
fn a_crafted_key_reads_the_atoms_only_when_the_answer_is_not_washed() {
    let spy = Spy::new();
    // Unwashed, the noise beside "yes" tells how many said yes.
    let unwashed = spy.guesses_right(160, |evaluation, _| {
        let (value, _) = evaluation.value(&spy.evaluator).expect("complete");
        spy.secret.phase(&value).wrapping_sub(VALUE)
    });
    println!("{unwashed} of the guesses are right");
    assert!(unwashed > 0.65, "the attack must work where it can: {unwashed}");
    // Washed, it tells nothing: half of the guesses are right (with a deviation of 0.04).
    let sanitised = spy.guesses_right(160, |evaluation, run| {
        let combined = evaluation.combine(&spy.evaluator, &mut rng(run)).expect("complete");
        spy.secret.phase(combined.lwe()).wrapping_sub(OPENED)
    });
    println!("{sanitised} of the guesses are right");
    assert!((0.36..0.64).contains(&sanitised), "{sanitised}");
}

#[test]
fn an_answer_fills_its_third_of_the_torus_whatever_it_was_made_of() {
    let Lender { key, evaluator } = Lender::new(&mut rng(72));
    let errors: Vec<_> = (0..40u8)
        .into_par_iter()
        .map(|run| {
            let second = [Answer::Yes, Answer::No, Answer::Unknown][usize::from(run % 3)];
            let combined = evaluation(&evaluator, run, second).combine(&evaluator, &mut rng(run));
            let combined = combined.expect("complete");
            key.secret.phase(combined.lwe()).wrapping_sub(OPENED).cast_signed()
        })
        .collect();
    let half = LAST_SOAK.cast_signed();
    assert!(errors.iter().filter(|error| **error > half / 2).count() > 3);
    assert!(errors.iter().filter(|error| **error < -half / 2).count() > 3);
    assert!(errors.iter().all(|error| error.unsigned_abs() < u64::MAX / 6));
}
