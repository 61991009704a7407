//! What a training leaves with each role.

use sharing::Vector;

use crate::{Histogram, WEIGHT};

/// The model, as a role has it when the training is over.
pub enum Model {
    /// The weights in clear, the intercept last: at the lender, under policy A.
    Opened(Vec<f64>),
    /// Nothing: at the other two, under policy A.
    AtTheLender,
    /// Shares of the weights: at every role, under policy B.
    Shared(SharedModel),
}

/// A model whose weights nobody knows: what [`points`](crate::points) are
/// computed from.
///
/// It has no encoding, no `Debug` and no `Clone`.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::SharedModel>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<training::SharedModel>();
/// ```
pub struct SharedModel {
    /// The hash of the terms that it was trained under.
    pub terms: [u8; 32],
    /// What tells this training from any other under the same terms: a hash of its coin. All three
    /// roles have the same.
    pub run: [u8; 32],
    /// The weights, the intercept last.
    pub weights: Vector<WEIGHT>,
}

impl Model {
    /// The weights as shares, where they stayed so.
    pub fn shared(self) -> Option<SharedModel> {
        match self {
            Self::Shared(model) => Some(model),
            Self::Opened(_) | Self::AtTheLender => None,
        }
    }
}

/// What the lender learns beside the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Whether the training has converged; every role knows it.
    pub converged: bool,
    /// How many of its rows that were trained on lie beyond the table: where it is more than a few
    /// of a hundred, the classes are nearly separable, and a larger ridge is called for.
    pub beyond_table: u64,
    /// Each weight's variance times the number of rows trained on, if the terms grant it.
    pub variances: Option<Vec<f64>>,
    /// How the scores of the rows that were trained on spread, if the terms grant it.
    pub training: Option<Histogram>,
    /// Likewise the rows that were held out.
    pub held_out: Option<Histogram>,
}

/// How certain one weight is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// Its standard error.
    pub error: f64,
    /// The weight in standard errors.
    pub z: f64,
    /// How probable a weight as far from 0 is, if it is 0 in truth.
    pub p: f64,
}

impl Findings {
    /// How certain each weight is, if `customers` rows of the lender's own were trained on.
    ///
    /// They are those of the unpenalised model: the ridge is taken out of the curvature, not out of
    /// the weights.
    pub fn significances(&self, weights: &[f64], customers: u64) -> Option<Vec<Significance>> {
        let each = |(weight, variance): (&f64, &f64)| {
            let error = (variance.max(0.0) / customers as f64).sqrt();
            let z = weight / error;
            Significance { error, z, p: libm::erfc(z.abs() / std::f64::consts::SQRT_2) }
        };
        self.variances.as_ref().map(|all| weights.iter().zip(all).map(each).collect())
    }
}
