//! Trainings on the engines.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::{Chunk, Fate, Network, NetworkError, Role, Session, Turn};
use sharing::{Clear, Engine, Secret, Vector};
use training::transfer::{self, Sending};
use training::{
    Checkpoint, Column, Error, FEATURE, Findings, Finished, Fit, Inputs, Labels, Model, NotKept,
    Outcome, Passed, ROLES, Received, SharedLabels, Terms, Training, Uploads, Whose,
};

use crate::support::exact::Table;

/// What a training gave the lender.
pub(crate) struct Trained {
    pub(crate) weights: Vec<f64>,
    pub(crate) findings: Findings,
    pub(crate) passed: Passed,
}

/// A training in clear, of customers that all count the same.
pub(crate) fn in_clear(table: &Table, terms: &Terms) -> Result<Trained, Error> {
    now(async {
        let mut engine = Clear::new();
        let inputs = constants(&mut engine, table)?;
        train(&mut engine, terms.clone(), inputs).await
    })
}

/// The columns and labels as constants of an engine.
pub(crate) fn constants<E: Engine>(engine: &mut E, table: &Table) -> Result<Inputs, Error> {
    let columns = table.columns.iter().map(|x| shared(engine, x));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let bad: Vec<i64> = table.bad.iter().map(|&bad| i64::from(bad)).collect();
    let bads = bad.iter().sum::<i64>() as f64 + 0.5;
    let start = (bads / (bad.len() as f64 + 1.0 - bads)).ln();
    let labels = SharedLabels {
        bad: engine.constant(&bad),
        weighted: None,
        start: engine.constant(&[sharing::encode::<20>(start)?]),
    };
    Ok(Inputs::new(columns, labels))
}

fn shared<E: Engine>(engine: &mut E, numbers: &[f64]) -> Result<Vector<FEATURE>, Error> {
    let clip = |x: &f64| sharing::encode::<FEATURE>(x.clamp(-Column::CLIP, Column::CLIP));
    let values = numbers.iter().map(clip).collect::<Result<Vec<_>, _>>()?;
    Ok(engine.constant(&values))
}

/// A whole training on an engine.
pub(crate) async fn train<E: Engine>(
    engine: &mut E,
    terms: Terms,
    inputs: Inputs,
) -> Result<Trained, Error> {
    let mut fit = Fit::begin(engine, terms, inputs).await?;
    while !fit.is_trained() {
        fit.pass(engine).await?;
    }
    let passed = fit.passed();
    let (model, findings) = fit.finish(engine).await?;
    let weights = match model {
        Model::Opened(weights) => weights,
        Model::AtTheLender | Model::Shared(_) => Vec::new(),
    };
    // In clear there is one role, which learns what the lender does.
    let findings = findings.unwrap_or(Findings {
        converged: false,
        beyond_table: 0,
        variances: None,
        training: None,
        held_out: None,
    });
    Ok(Trained { weights, findings, passed })
}

pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("in clear nothing is awaited"),
    }
}

/// The largest difference of two models' weights.
pub(crate) fn farthest(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Uploads, a session for each role, and everything that crossed the network.
pub(crate) struct Job {
    pub(crate) terms: Terms,
    /// Each holder's columns, in clear.
    pub(crate) holders: Vec<Vec<Vec<f64>>>,
    pub(crate) labels: Labelled,
}

/// How the lender labels rows.
#[derive(Clone)]
pub(crate) enum Labelled {
    Customers(Vec<bool>),
    Rows(Vec<Outcome>),
}

/// The three roles' ends of a job.
pub(crate) struct Ends {
    pub(crate) result: Result<(), NetworkError>,
    pub(crate) finished: [Option<Finished>; 3],
    pub(crate) kept: [Vec<Checkpoint>; 3],
}

impl Job {
    /// Customers that all count the same, their columns dealt to holders in turn by the terms.
    pub(crate) fn of(table: &Table, terms: Terms) -> Self {
        let mut columns = table.columns.iter().cloned();
        let holders = terms.columns.iter();
        let holders = holders.map(|&count| columns.by_ref().take(count.into()).collect());
        Self { holders: holders.collect(), labels: Labelled::Customers(table.bad.clone()), terms }
    }

    /// The messages of every upload to each role: the holders' first, the labels last.
    pub(crate) fn messages(&self, seed: u64) -> Result<[Vec<Vec<Bytes>>; 3], Error> {
        let mut all = [const { Vec::new() }; 3];
        for (role, all) in ROLES.into_iter().zip(&mut all) {
            // Each time from the same seed, so that the three are of one upload.
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            for holder in 0..self.holders.len() {
                let columns = self.columns(holder)?;
                let own = Some(role);
                let session =
                    transfer::send_columns(&self.terms, holder, columns, &[], own, &mut rng)?;
                all.push(alone(session)?);
            }
            let labels = self.labels()?;
            let session = transfer::send_labels(&self.terms, labels, &[], Some(role), &mut rng)?;
            all.push(alone(session)?);
        }
        Ok(all)
    }

    /// A holder's columns, prepared.
    pub(crate) fn columns(&self, holder: usize) -> Result<Vec<Column>, Error> {
        self.holders[holder].iter().map(|column| Column::new(column)).collect()
    }

    pub(crate) fn labels(&self) -> Result<Labels, Error> {
        match &self.labels {
            Labelled::Customers(bad) => Ok(Labels::of_customers(bad)),
            Labelled::Rows(rows) => Labels::of_rows(rows),
        }
    }

    /// Whose uploads there are, in the order of [`messages`](Self::messages).
    pub(crate) fn uploaders(&self) -> Vec<Whose> {
        (0..self.holders.len()).map(Whose::Holder).chain([Whose::Labels]).collect()
    }

    /// What each role holds after the uploads.
    pub(crate) fn inputs(&self, seed: u64) -> Result<[Inputs; 3], Error> {
        let received = self.messages(seed)?;
        let inputs = ROLES.iter().zip(received).map(|(&role, messages)| {
            let mut uploads = Uploads::new(&self.terms, role)?;
            for (whose, messages) in self.uploaders().into_iter().zip(messages) {
                uploads.take(Received::of_own(&self.terms, whose, role, messages, |_| Ok(()))?)?;
            }
            uploads.complete()
        });
        let inputs: Vec<Inputs> = inputs.collect::<Result<_, _>>()?;
        Ok(inputs.try_into().unwrap_or_else(|_| unreachable!("three roles")))
    }

    /// Runs it to its end, or to the end that `tamper` makes.
    pub(crate) fn run(
        &self,
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Ends, Error> {
        self.run_with(secrets(seed), seed, tamper)
    }

    /// The same, with these secrets over the uploads of a seed.
    pub(crate) fn run_with(
        &self,
        secrets: [Secret; 3],
        seed: u64,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Ends, Error> {
        let mut sessions = ROLES.iter().zip(self.inputs(seed)?).zip(secrets);
        self.drive(tamper, |keep| {
            let ((&role, inputs), secret) = sessions.next().unwrap();
            training::begin(self.terms.clone(), role, secret, inputs, keep)
        })
    }

    /// Goes on from checkpoints over the same uploads.
    pub(crate) fn resume(&self, seed: u64, from: [&Checkpoint; 3]) -> Result<Ends, Error> {
        self.resume_seen(seed, from, |_, _, _| Fate::Deliver)
    }

    /// The same, every chunk seen on its way.
    pub(crate) fn resume_seen(
        &self,
        seed: u64,
        from: [&Checkpoint; 3],
        seen: impl FnMut(Role, Role, &mut Chunk) -> Fate,
    ) -> Result<Ends, Error> {
        let fresh = secrets(seed ^ 0xf2e5);
        let mut sessions = ROLES.iter().zip(self.inputs(seed)?).zip(from).zip(fresh);
        self.drive(seen, |keep| {
            let (((&role, inputs), checkpoint), secret) = sessions.next().unwrap();
            training::resume(self.terms.clone(), role, secret, checkpoint, inputs, keep)
        })
    }

    fn drive(
        &self,
        tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
        mut start: impl FnMut(Keep) -> Result<Training, Error>,
    ) -> Result<Ends, Error> {
        let kept = [(); 3].map(|()| Arc::new(Mutex::new(Vec::new())));
        let mut network = Network::new();
        let mut outcomes = Vec::new();
        for (role, kept) in ROLES.iter().zip(&kept) {
            let kept = Arc::clone(kept);
            let keep = Box::new(move |checkpoint| {
                kept.lock().unwrap().push(checkpoint);
                Ok(())
            });
            outcomes.push(network.join(*role, start(keep)?));
        }
        let result = network.run(tamper);
        let mut finished = outcomes.iter().map(session::Outcome::take);
        let finished = [(); 3].map(|()| finished.next().unwrap());
        let kept = kept.map(|kept| std::mem::take(&mut *kept.lock().unwrap()));
        Ok(Ends { result, finished, kept })
    }

    /// Runs it undisturbed.
    pub(crate) fn honest(&self, seed: u64) -> Result<Trained, Error> {
        let ends = self.run(seed, |_, _, _| Fate::Deliver)?;
        ends.result.unwrap_or_else(|failure| panic!("{failure}"));
        let [_, _, Some(lender)] = ends.finished else { panic!("the lender has finished") };
        Ok(Trained::of(lender))
    }
}

/// An upload to nobody but a role that the uploader plays itself.
fn alone(mut session: Sending) -> Result<Vec<Bytes>, Error> {
    match session.advance()? {
        Turn::Done(messages) => Ok(messages),
        turn @ (Turn::Send(..) | Turn::Await) => panic!("it has no peer: {turn:?}"),
    }
}

type Keep = Box<dyn FnMut(Checkpoint) -> Result<(), NotKept> + Send>;

impl Trained {
    pub(crate) fn of(finished: Finished) -> Self {
        let Finished { passed, model, findings, .. } = finished;
        let Model::Opened(weights) = model else { panic!("the lender learns the weights") };
        let findings = findings.expect("the lender learns the findings");
        Self { weights, findings, passed }
    }
}

/// Each role's secret, from a seed.
pub(crate) fn secrets(seed: u64) -> [Secret; 3] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed ^ 0x5eed);
    [(); 3].map(|()| Secret::random(&mut rng))
}
