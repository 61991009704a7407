//! Runs that die and go on.

use session::{Fate, NetworkError};
use training::{Checkpoint, Error, ROLES, Terms};

use crate::support::made::Made;
use crate::support::run::{Ends, Job, Trained, secrets};

fn job() -> Job {
    let table = Made::from(31).table(700, &[0.8, -0.5], 0.3);
    let terms = Terms {
        evaluation: true,
        held_out_percent: 20,
        standard_errors: true,
        ..Terms::new(700, vec![1, 1], [9; 32])
    };
    Job::of(&table, terms)
}

fn weights(ends: Ends) -> Trained {
    ends.result.unwrap();
    let [_, _, lender] = ends.finished;
    Trained::of(lender.unwrap())
}

#[test]
fn a_run_that_died_after_any_pass_goes_on_to_the_same_model_bit_for_bit() {
    let job = job();
    let whole = job.run(5, |_, _, _| Fate::Deliver).unwrap();
    let kept: Vec<[Checkpoint; 3]> = {
        let [one, two, three] = &whole.kept;
        let copy = |checkpoint: &Checkpoint| Checkpoint::parse(checkpoint.expose());
        let zipped = one.iter().zip(two).zip(three);
        zipped.map(|((one, two), three)| [copy(one), copy(two), copy(three)]).collect()
    };
    let whole = weights(whole);
    assert_eq!(kept.len(), 9, "one for each pass");
    for (pass, from) in kept.iter().enumerate() {
        assert!(from.iter().all(|checkpoint| checkpoint.steps() == Some(pass as u8 + 1)));
        let resumed = weights(job.resume(5, from.each_ref()).unwrap());
        assert_eq!(resumed.weights, whole.weights, "pass {pass}");
        assert_eq!(resumed.findings, whole.findings, "pass {pass}");
    }
}

#[test]
fn a_run_that_dies_in_any_pass_has_kept_the_passes_before() {
    let job = job();
    let mut chunks = 0;
    let whole = job
        .run(5, |_, _, _| {
            chunks += 1;
            Fate::Deliver
        })
        .unwrap();
    let weights_of_whole = weights(whole).weights;
    for part in 1..10 {
        let (mut passed, last) = (0, chunks * part / 10);
        let dead = job.run(5, |_, _, _| {
            passed += 1;
            if passed > last { Fate::Drop } else { Fate::Deliver }
        });
        let dead = dead.unwrap();
        assert!(matches!(dead.result, Err(NetworkError::Stalled)));
        let steps = dead.kept.iter().map(Vec::len).min().unwrap();
        assert!(dead.kept.iter().all(|kept| kept.len() <= steps + 1), "one pass ahead at most");
        if steps > 0 {
            let from = dead.kept.each_ref().map(|kept| &kept[steps - 1]);
            assert_eq!(weights(job.resume(5, from).unwrap()).weights, weights_of_whole);
        }
    }
}

#[test]
fn a_checkpoint_of_another_role_job_or_upload_is_refused() {
    let mut job = job();
    let kept = job.run(5, |_, _, _| Fate::Deliver).unwrap().kept;
    let at = |role: usize| &kept[role][3];
    let refused = |job: &Job, seed, from| job.resume(seed, from).err() == Some(Error::Checkpoint);
    assert!(!refused(&job, 5, [at(0), at(1), at(2)]));
    assert!(refused(&job, 5, [at(1), at(0), at(2)]), "of another role");
    assert!(refused(&job, 6, [at(0), at(1), at(2)]), "of another upload");
    let column = job.holders[0][0].clone();
    job.holders[0][0].swap(3, 4);
    // A role that has this column from seeds alone received the same; the two others did not.
    assert!(refused(&job, 5, [at(0), at(1), at(2)]), "of another column under the same seeds");
    job.holders[0][0] = column;
    job.terms.context = [1; 32];
    assert!(refused(&job, 5, [at(0), at(1), at(2)]), "of another job");
}

/// They are refused before anything is sent under the keys of the checkpoints.
fn refused(job: &Job, from: [&Checkpoint; 3]) {
    let mut rounds = Vec::new();
    let ends = job.resume_seen(5, from, |_, _, chunk| {
        rounds.push(chunk.round);
        Fate::Deliver
    });
    let ends = ends.unwrap();
    let failure = ends.result.unwrap_err().to_string();
    assert!(failure.contains("not of one run and one step"), "{failure}");
    assert!(rounds.iter().all(|round| *round <= 3), "keys, a product and its opening: {rounds:?}");
    assert!(ends.finished.iter().all(Option::is_none));
    assert!(ends.kept.iter().all(Vec::is_empty));
}

#[test]
fn checkpoints_of_different_passes_are_refused_before_their_keys_are_used() {
    let job = job();
    let kept = job.run(5, |_, _, _| Fate::Deliver).unwrap().kept;
    refused(&job, [&kept[0][3], &kept[1][4], &kept[2][3]]);
}

#[test]
fn checkpoints_of_two_runs_of_the_same_terms_and_uploads_are_refused_before_their_keys_are_used() {
    let job = job();
    let one = job.run_with(secrets(5), 5, |_, _, _| Fate::Deliver).unwrap().kept;
    let other = job.run_with(secrets(6), 5, |_, _, _| Fate::Deliver).unwrap().kept;
    for odd in 0..3 {
        let from = [0, 1, 2].map(|role| if role == odd { &other[role][3] } else { &one[role][3] });
        refused(&job, from);
    }
}

#[test]
fn bytes_that_are_no_checkpoint_never_panic() {
    let job = job();
    let kept = job.run(5, |_, _, _| Fate::Deliver).unwrap().kept;
    let bytes = kept[0][4].expose();
    let read = |bytes: &[u8]| {
        let [inputs, _, _] = job.inputs(5).unwrap();
        let checkpoint = Checkpoint::parse(bytes);
        let [secret, _, _] = secrets(6);
        let terms = job.terms.clone();
        training::resume(terms, ROLES[0], secret, &checkpoint, inputs, |_| Ok(())).is_ok()
    };
    assert!(read(bytes));
    for length in (0..bytes.len()).step_by(7) {
        assert!(!read(&bytes[..length]));
    }
    assert!(!read(&[bytes, &[0]].concat()));
    for place in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[place] ^= 0x80;
        assert!(!read(&changed), "byte {place}");
    }
}

#[test]
fn a_checkpoint_that_cannot_be_kept_stops_the_run() {
    let job = job();
    let mut network = session::Network::new();
    let inputs = ROLES.iter().zip(job.inputs(1).unwrap());
    for ((&role, inputs), secret) in inputs.zip(secrets(1)) {
        let keep = move |_| if role == ROLES[1] { Err(training::NotKept) } else { Ok(()) };
        network.join(role, training::begin(job.terms.clone(), role, secret, inputs, keep).unwrap());
    }
    let failure = network.run(|_, _, _| Fate::Deliver).unwrap_err().to_string();
    assert!(failure.contains("could not be kept"), "{failure}");
}
