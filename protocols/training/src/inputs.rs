//! Everything that was uploaded, as one role holds it.

use sharing::{Engine, Matrix, Vector};

use crate::draw::Draw;
use crate::error::equal;
use crate::{Error, FEATURE, ROW_WEIGHT, Terms, WEIGHT};

/// Everything that was uploaded for a training, in shares.
pub struct Inputs {
    columns: Vec<Vector<FEATURE>>,
    labels: SharedLabels,
    /// A hash of what tells these uploads from any others.
    pub(crate) origin: [u8; 32],
}

/// What the lender uploaded as labels, in shares.
pub struct SharedLabels {
    /// 1 where the loan was not repaid.
    pub bad: Vector<0>,
    /// Where rows are weighted.
    pub weighted: Option<SharedWeights>,
    /// The logarithm of the odds of a bad loan.
    pub start: Vector<WEIGHT>,
}

/// What the lender uploaded where rows are weighted, in shares.
pub struct SharedWeights {
    /// 1 where the loan was repaid.
    pub good: Vector<0>,
    /// How much the row counts; 1 on the mean.
    pub weights: Vector<ROW_WEIGHT>,
}

/// The rows that are trained on, or those that are held out.
pub(crate) struct Rows {
    /// All columns and the intercept's.
    pub(crate) features: Matrix<FEATURE>,
    pub(crate) bad: Vector<0>,
    pub(crate) weighted: Option<SharedWeights>,
}

/// What is trained on, what is held out, and where training begins.
pub(crate) struct Data {
    pub(crate) training: Rows,
    pub(crate) held_out: Option<Rows>,
    pub(crate) start: Vector<WEIGHT>,
}

impl Inputs {
    /// The columns of all holders, in the order of the terms, and how the loans ended.
    pub fn new(columns: Vec<Vector<FEATURE>>, labels: SharedLabels) -> Self {
        Self { columns, labels, origin: [0; 32] }
    }

    /// Refuses inputs that are not those of the terms.
    pub(crate) fn check(&self, terms: &Terms) -> Result<(), Error> {
        let rows = terms.rows as usize;
        equal("columns", terms.total_columns(), self.columns.len())?;
        for column in &self.columns {
            equal("rows", rows, column.len())?;
        }
        equal("rows", rows, self.labels.bad.len())?;
        let weights = usize::from(terms.is_weighted());
        equal("weights a row", weights, usize::from(self.labels.weighted.is_some()))?;
        if let Some(weighted) = &self.labels.weighted {
            equal("rows", rows, weighted.good.len())?;
            equal("rows", rows, weighted.weights.len())?;
        }
        equal("starts", 1, self.labels.start.len())
    }

    /// Sets the held-out rows apart; a column is copied, and let go, one at a time.
    pub(crate) async fn split<E: Engine>(self, engine: &mut E, draw: &Draw) -> Result<Data, Error> {
        let Self { columns, labels: SharedLabels { bad, weighted, start }, origin: _ } = self;
        if draw.held_out.is_empty() {
            let training = Rows::gathered(engine, columns, bad, weighted).await?;
            return Ok(Data { training, held_out: None, start });
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for column in columns {
            ours.push(column.gather(&draw.training));
            theirs.push(column.gather(&draw.held_out));
        }
        let part = |rows: &[u32]| weighted.as_ref().map(|all| all.gather(rows));
        let [our_weights, their_weights] = [part(&draw.training), part(&draw.held_out)];
        let our_labels = bad.gather(&draw.training);
        let training = Rows::gathered(engine, ours, our_labels, our_weights).await?;
        let their_labels = bad.gather(&draw.held_out);
        let held_out = Rows::gathered(engine, theirs, their_labels, their_weights).await?;
        Ok(Data { training, held_out: Some(held_out), start })
    }
}

impl Rows {
    async fn gathered<E: Engine>(
        engine: &mut E,
        columns: Vec<Vector<FEATURE>>,
        bad: Vector<0>,
        weighted: Option<SharedWeights>,
    ) -> Result<Self, Error> {
        let mut features = Matrix::from_columns(columns);
        features.push(engine.constant(&vec![1 << FEATURE; bad.len()]));
        engine.prepare(&mut features).await?;
        Ok(Self { features, bad, weighted })
    }

    /// Copies the rows at these places.
    pub(crate) async fn at<E: Engine>(
        &self,
        engine: &mut E,
        places: &[u32],
    ) -> Result<Self, Error> {
        let mut features = self.features.gather(places);
        engine.prepare(&mut features).await?;
        let weighted = self.weighted.as_ref().map(|weighted| weighted.gather(places));
        Ok(Self { features, bad: self.bad.gather(places), weighted })
    }

    pub(crate) fn len(&self) -> usize {
        self.bad.len()
    }
}

impl SharedWeights {
    fn gather(&self, rows: &[u32]) -> Self {
        Self { good: self.good.gather(rows), weights: self.weights.gather(rows) }
    }
}
