//! A training, pass by pass, on any engine.

use sharing::{Additive, Bits, Engine, Matrix, Start, Vector, inverse};

use crate::agreement::{agreed, agrees, run};
use crate::classes::Enough;
use crate::curvature::{INVERSE, Scale, Summed};
use crate::draw::Draw;
use crate::evaluation::Counted;
use crate::gradient::{AHEAD, GRADIENT, Gradient};
use crate::inputs::{Data, Inputs, Rows};
use crate::model::{Findings, Model, SharedModel};
use crate::significance;
use crate::tables::Tables;
use crate::{Error, LENDER, Policy, Terms, WEIGHT};

/// Doublings that invert the bounding curvature, from the identity.
const FIRST_INVERSION: u32 = 16;
/// Where rows are weighted they begin at the identity divided by 2 to this power, and as many
/// more are taken: the scale does not cover what few rows spread (SPEC §3.3).
const WEIGHTED_INVERSION: u32 = 5;
/// Doublings that invert a curvature, from the inverse of the bounding one.
const NEXT_INVERSION: u32 = 8;
/// Below this norm a gradient counts as none: the training has converged.
const CONVERGED: f64 = 1.0 / 1024.0;
/// A gradient that has grown to less than this is noise of the table, and halves no step.
const NOISE: f64 = 1.0 / 4096.0;

/// A training between two passes, on an engine.
///
/// ```
/// # use training::*; use sharing::{Clear, Engine};
/// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn now<T>(f: impl Future<Output = T>) -> T {
/// #   match pin!(f).poll(&mut Context::from_waker(Waker::noop())) {
/// #     Poll::Ready(value) => value, Poll::Pending => panic!("in clear nothing is awaited") } }
/// # let mut engine = Clear::new();
/// # let bad: Vec<i64> = (0..500).map(|row| i64::from(row % 7 < 3)).collect();
/// # let x: Vec<i64> = (0..500).map(|row| (row * 37 % 101 - 50) * 80 + (row % 7) * 500).collect();
/// # let columns = vec![engine.constant(&x)];
/// # let labels = SharedLabels { bad: engine.constant(&bad), weighted: None, start: engine.constant(&[0]) };
/// # let inputs = Inputs::new(columns, labels);
/// let terms = Terms::new(500, vec![1], [0; 32]);
/// let mut fit = now(Fit::begin(&mut engine, terms, inputs))?;
/// while !fit.is_trained() {
///     now(fit.pass(&mut engine))?;
/// }
/// let (model, findings) = now(fit.finish(&mut engine))?;
/// assert!(matches!(model, Model::Opened(weights) if weights.len() == 2));
/// # Ok::<(), Error>(())
/// ```
pub struct Fit {
    pub(crate) terms: Terms,
    /// What tells these inputs from others.
    pub(crate) origin: [u8; 32],
    pub(crate) coin: [u8; 32],
    data: Data,
    draw: Draw,
    /// The rows that curvatures are taken of, and that the accelerated steps may be taken on.
    sample: Rows,
    tables: Tables,
    scale: Scale,
    pub(crate) state: State,
}

/// All that one pass leaves to the next.
pub(crate) struct State {
    pub(crate) passed: Passed,
    /// The inverse of the bounding curvature.
    pub(crate) bound: Matrix<INVERSE>,
    pub(crate) weights: Vector<WEIGHT>,
    /// Where the next gradient is taken: ahead of the weights while steps are accelerated.
    pub(crate) ahead: Vector<AHEAD>,
    /// The weights before the last step.
    pub(crate) before: Vector<WEIGHT>,
    /// The last gradient's norm in a Newton pass.
    pub(crate) norm: Option<Vector<56>>,
    /// How many of the lender's rows lie beyond the table.
    pub(crate) saturated: Option<Vector<0>>,
}

impl State {
    /// Before the first step.
    fn at<E: Engine>(engine: &E, weights: &Vector<WEIGHT>) -> Self {
        Self {
            passed: Passed::default(),
            bound: engine.identity(weights.len(), 0),
            weights: weights.duplicate(),
            ahead: weights.raised(),
            before: weights.duplicate(),
            norm: None,
            saturated: None,
        }
    }
}

/// What every role knows of a training that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// How many steps have been taken.
    pub steps: u8,
    /// How many of them were halved: each cost one more pass over the data.
    pub halved: u8,
    /// Whether the accelerated steps are taken on the sample alone: not where it is all rows, nor where it
    /// has too few of a class.
    pub sampled: bool,
    /// Whether the gradient before the last step was as good as none; not known before.
    pub converged: bool,
}

impl Fit {
    /// Draws the rows, counts the classes, and inverts the bounding curvature.
    ///
    /// # Errors
    ///
    /// [`Error::FewOfAClass`], [`Error::Terms`], [`Error::Shape`], and whatever the engine refuses.
    pub async fn begin<E: Engine>(
        engine: &mut E,
        terms: Terms,
        inputs: Inputs,
    ) -> Result<Self, Error> {
        terms.check()?;
        inputs.check(&terms)?;
        let coin = engine.coin().await?;
        if !agrees(engine, &agreed(&terms, &coin)).await? {
            return Err(Error::Disagreement);
        }
        let width = terms.width();
        let empty = State::at(engine, &engine.constant(&vec![0; width]));
        let mut fit = Self::with(engine, terms, inputs, coin, empty).await?;
        let is_part = fit.terms.sampled_rows() < fit.terms.training_rows();
        let sample = is_part.then_some(&fit.sample);
        let enough = Enough::of(engine, &fit.data.training, sample, &fit.terms).await?;
        if !enough.rows {
            return Err(Error::FewOfAClass);
        }
        let curvature = Summed::bound(engine, &fit.sample, &fit.terms).await?;
        let ridge = fit.terms.ridge.value();
        let curvature = curvature.normalised(engine, ridge, fit.scale, width).await?;
        let slopes = engine.constant(&vec![0; width - 1]);
        fit.state = State::at(engine, &Vector::concat(&[&slopes, &fit.data.start]));
        fit.state.passed.sampled = enough.sample;
        let smaller = if fit.terms.is_weighted() { WEIGHTED_INVERSION } else { 0 };
        let (start, doublings) = (Start::Identity(smaller), FIRST_INVERSION + smaller);
        fit.state.bound = inverse(engine, &curvature, start, doublings).await?;
        Ok(fit)
    }

    /// A training that goes on from a state.
    pub(crate) async fn with<E: Engine>(
        engine: &mut E,
        terms: Terms,
        inputs: Inputs,
        coin: [u8; 32],
        state: State,
    ) -> Result<Self, Error> {
        let origin = inputs.origin;
        let draw = Draw::from_coin(coin, &terms);
        let data = inputs.split(engine, &draw).await?;
        let sample = data.training.at(engine, &draw.sample).await?;
        let tables = Tables::on(terms.grid())?;
        let scale = Scale::of(&terms);
        Ok(Self { terms, origin, coin, data, draw, sample, tables, scale, state })
    }

    /// What every role knows of this training.
    pub fn passed(&self) -> Passed {
        self.state.passed
    }

    /// Whether all steps have been taken.
    pub fn is_trained(&self) -> bool {
        self.state.passed.steps >= self.terms.passes()
    }

    /// Takes the next step.
    ///
    /// # Errors
    ///
    /// Whatever the engine refuses.
    ///
    /// # Panics
    ///
    /// When all steps have been taken.
    pub async fn pass<E: Engine>(&mut self, engine: &mut E) -> Result<(), Error> {
        assert!(!self.is_trained(), "all steps have been taken");
        match self.state.passed.steps < Terms::ACCELERATED_STEPS {
            true => self.accelerated(engine).await?,
            false => self.newton(engine).await?,
        }
        self.state.passed.steps += 1;
        Ok(())
    }

    /// > §3.5 A step of Nesterov's, with the bounding curvature: it cannot diverge.
    async fn accelerated<E: Engine>(&mut self, engine: &mut E) -> Result<(), Error> {
        let taken = self.state.passed.steps;
        let rows = match self.state.passed.sampled {
            true => &self.sample,
            false => &self.data.training,
        };
        let (tables, ridge, scale) = (&self.tables, self.terms.ridge.value(), self.scale);
        let from = &self.state.ahead;
        let gradient = match taken {
            0 => Gradient::at_start(engine, rows, tables, from, ridge, scale).await?,
            _ => Gradient::at(engine, rows, tables, from, ridge, scale, false).await?.vector,
        };
        let next = stepped(engine, from, &self.state.bound, &gradient).await?;
        self.state.ahead = match taken + 1 < Terms::ACCELERATED_STEPS {
            true => {
                let beta = sharing::encode::<10>(momentum(taken))?;
                let moved = next.minus(&self.state.weights).scaled(beta);
                next.raised().plus(&moved)
            }
            false => next.raised(),
        };
        self.state.before = std::mem::replace(&mut self.state.weights, next);
        Ok(())
    }

    /// > §3.6 A step of Newton's, with the curvature of the sample at the weights.
    async fn newton<E: Engine>(&mut self, engine: &mut E) -> Result<(), Error> {
        let is_last = self.state.passed.steps + 1 == self.terms.passes();
        let with_slopes = self.terms.looks_up_both();
        let mut gradient = self.gradient(engine, with_slopes).await?;
        let mut norm = gradient.norm(engine).await?;
        let last = self.state.norm.take();
        let mut signs = self.signs(engine, last.as_ref(), &norm, is_last).await?;
        // > §3.6 (1) If the last step made the gradient longer, half of it is taken back, once.
        if signs.grown {
            let sum = self.state.weights.plus(&self.state.before);
            self.state.weights = engine.truncate(sum.scaled::<21>(1).to_sum()).await?;
            self.state.passed.halved += 1;
            gradient = self.gradient(engine, with_slopes).await?;
            norm = gradient.norm(engine).await?;
            signs = self.signs(engine, None, &norm, is_last).await?;
        }
        self.state.passed.converged = signs.converged;
        // > §3.6 (2) w <- w - A^-1 g.
        let curvature = match gradient.slopes.take() {
            Some(slopes) => {
                let slopes = slopes.gather(&self.draw.sample);
                Summed::with_slopes(engine, &self.sample, slopes).await?
            }
            None => Summed::at(engine, &self.sample, &self.tables, &self.state.weights).await?,
        };
        let (ridge, width) = (self.terms.ridge.value(), self.terms.width());
        let curvature = curvature.normalised(engine, ridge, self.scale, width).await?;
        let start = Start::Inverse(&self.state.bound);
        let inverse = inverse(engine, &curvature, start, NEXT_INVERSION).await?;
        let from = self.state.weights.raised();
        let next = stepped(engine, &from, &inverse, &gradient.vector).await?;
        self.state.before = std::mem::replace(&mut self.state.weights, next);
        // > §3.7 How many rows lie beyond the table.
        if is_last {
            self.state.saturated = Some(self.saturated(engine, &gradient.saturated).await?);
        }
        self.state.norm = Some(norm);
        Ok(())
    }

    /// The gradient over all rows, at the weights.
    async fn gradient<E: Engine>(
        &self,
        engine: &mut E,
        with_slopes: bool,
    ) -> Result<Gradient, Error> {
        let (rows, ridge) = (&self.data.training, self.terms.ridge.value());
        let (tables, scale, weights) = (&self.tables, self.scale, self.state.weights.raised());
        Gradient::at(engine, rows, tables, &weights, ridge, scale, with_slopes).await
    }

    /// > §3.6 (1) One bit is opened: whether the squared norm exceeds the last by more than noise
    /// > makes. §3.7 In the last pass one more: whether the gradient is as good as none.
    async fn signs<E: Engine>(
        &self,
        engine: &mut E,
        last: Option<&Vector<56>>,
        norm: &Vector<56>,
        is_last: bool,
    ) -> Result<Signs, Error> {
        let noise = engine.constant(&[self.squared(NOISE)?]);
        let limit = engine.constant(&[self.squared(CONVERGED)?]);
        let (grown, converged) =
            (last.map(|last| last.plus(&noise).minus(norm)), is_last.then(|| norm.minus(&limit)));
        let numbers: Vec<&Vector<56>> = grown.iter().chain(&converged).collect();
        if numbers.is_empty() {
            return Ok(Signs::default());
        }
        let sign = engine.negative(&Vector::concat(&numbers)).await?;
        let mut opened = engine.open_bits(&sign).await?.concat().into_iter();
        let mut next = |asked: bool| asked && opened.next().is_some_and(|bit| bit);
        Ok(Signs { grown: next(grown.is_some()), converged: next(converged.is_some()) })
    }

    /// The squared norm of a gradient, as it is kept.
    fn squared(&self, length: f64) -> Result<i64, Error> {
        Ok(sharing::encode::<56>((length / self.scale.divisor()).powi(2))?)
    }

    async fn saturated<E: Engine>(
        &self,
        engine: &mut E,
        beyond: &Bits,
    ) -> Result<Vector<0>, Error> {
        let rows = &self.data.training;
        let count = match &rows.weighted {
            None => engine.tally(beyond).await?,
            Some(weighted) => {
                let member = engine.parity(&rows.bad.plus(&weighted.good));
                let both = engine.and(beyond, &member).await?;
                engine.tally(&both).await?
            }
        };
        Ok(engine.reshare(count).await?)
    }

    /// Opens what the terms let the lender learn, and gives each role its model.
    ///
    /// # Errors
    ///
    /// Whatever the engine refuses.
    ///
    /// # Panics
    ///
    /// When steps are left to be taken.
    pub async fn finish<E: Engine>(
        self,
        engine: &mut E,
    ) -> Result<(Model, Option<Findings>), Error> {
        assert!(self.is_trained(), "steps are left to be taken");
        let Self { terms, coin, data, draw, tables, scale, state, .. } = self;
        let State { passed, bound, weights, saturated, .. } = state;
        let saturated = saturated.expect("the last pass counts them");
        let saturated = engine.open_to(LENDER, &saturated).await?;
        let significance = match terms.standard_errors {
            true => {
                let sample = data.training.at(engine, &draw.for_errors).await?;
                let curvature = Summed::at(engine, &sample, &tables, &weights).await?;
                significance::variances(engine, curvature, &bound, scale).await?
            }
            false => None,
        };
        let mut histograms = [None, None];
        if terms.evaluation {
            let parts = [Some(&data.training), data.held_out.as_ref()];
            for (histogram, rows) in histograms.iter_mut().zip(parts) {
                if let Some(rows) = rows {
                    *histogram = Counted::of(engine, rows, &weights).await?.open(engine).await?;
                }
            }
        }
        let model = match terms.policy {
            Policy::LenderLearns => match engine.open_to(LENDER, &weights).await? {
                Some(opened) => Model::Opened(opened.to_f64()),
                None => Model::AtTheLender,
            },
            Policy::StaysShared => Model::Shared(SharedModel {
                terms: terms.binding(),
                run: run(&terms, &coin),
                weights,
            }),
        };
        let [training, held_out] = histograms;
        let findings = saturated.map(|beyond| Findings {
            converged: passed.converged,
            beyond_table: beyond.0.first().map_or(0, |count| count.cast_unsigned()),
            variances: significance,
            training,
            held_out,
        });
        Ok((model, findings))
    }
}

/// What is opened of a gradient.
#[derive(Default)]
struct Signs {
    grown: bool,
    converged: bool,
}

/// > §3.5 (5) w - P g, where P is the inverse of the curvature and g the gradient over the same
/// > scale.
async fn stepped<E: Engine>(
    engine: &mut E,
    from: &Vector<AHEAD>,
    inverse: &Matrix<INVERSE>,
    gradient: &Vector<GRADIENT>,
) -> Result<Vector<WEIGHT>, Error> {
    let step: Additive<50> = engine.matvec(inverse, 0..inverse.rows(), gradient).await?;
    Ok(engine.truncate(step.minus_vector(&from.raised()).times(-1)).await?)
}

/// > §3.5 (6) beta_t = (theta_t - 1) / theta_(t+1), theta_0 = 1,
/// > theta_(t+1) = (1 + sqrt(1 + 4 theta_t^2)) / 2.
fn momentum(taken: u8) -> f64 {
    let following = |theta: f64| f64::midpoint(1.0, (1.0 + 4.0 * theta * theta).sqrt());
    let theta = (0..taken).fold(1.0, |theta, _| following(theta));
    (theta - 1.0) / following(theta)
}
