//! Why a training fails, and whose fault it is.

use session::{Blame, Culprit, Fault};

/// Why a training, or the preparation of an input for one, fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The terms cannot be those of any training.
    #[error("{0}")]
    Terms(#[from] TermsError),
    /// A column cannot be trained on.
    #[error("column {column}: {trouble}")]
    Column {
        /// Its place among the holder's own columns, from 0.
        column: usize,
        /// What is wrong with it.
        trouble: ColumnFault,
    },
    /// There are more or fewer numbers than the terms say.
    #[error("the terms say {expected} {what}, there are {found}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A row's weight is none: negative, not finite, or over 32 times the mean.
    #[error("a row's weight must be from 0 to {most} times the mean, and some must not be 0", most = crate::Labels::HEAVIEST)]
    Weight,
    /// Fewer of the rows are the lender's than the terms promise.
    #[error(
        "the terms promise that one row in {cover} is the lender's own, {members} of {rows} are"
    )]
    Cover {
        /// The share that the terms promise: one in this many.
        cover: u8,
        /// How many rows are the lender's.
        members: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// Too few outcomes are good, or too few are bad.
    #[error(
        "fewer than {least} of the rows are good, or fewer are bad: nothing was trained",
        least = crate::Terms::LEAST_OF_A_CLASS
    )]
    FewOfAClass,
    /// A holder's upload came twice, or not at all.
    #[error("the upload of {whose} {}", if *twice { "came twice" } else { "has not come" })]
    Upload {
        /// Whose: a holder by its place in the terms, or the lender's labels.
        whose: Whose,
        /// Whether it came twice.
        twice: bool,
    },
    /// An upload is not one that can be taken here.
    #[error("the upload of {whose} is one of other terms, or at another role")]
    OtherUpload {
        /// Whose: a holder by its place in the terms, or the lender's labels.
        whose: Whose,
    },
    /// What was kept of an upload cannot be read again.
    #[error(
        "what was kept of the upload is not whole, was altered, or is of other terms: let it be uploaded again"
    )]
    KeptUpload,
    /// The roles do not hold the same terms, keys or coin.
    #[error(
        "the three roles do not hold the same terms or coin: compare the terms before anything is uploaded, and begin anew"
    )]
    Disagreement,
    /// The roles' checkpoints are not of one run and one step.
    #[error(
        "the three checkpoints are not of one run and one step: resume all roles from the same"
    )]
    OtherRun,
    /// The host could not keep a checkpoint, or a part of an upload.
    #[error("what must be kept could not be kept: see what the store says")]
    NotKept,
    /// A checkpoint is not one of this version, of these terms, or of this role.
    #[error("the checkpoint is not one that these terms and this version can resume")]
    Checkpoint,
    /// What the roles released to a holder is no table of counts.
    #[error(
        "what the roles released is no table of counts: one of them, or the upload, was not what it should be"
    )]
    Counts,
    /// The shares of weights are not of the training that the terms name.
    #[error("the shared weights are of another training than the terms name")]
    OtherModel,
    /// The points of a card do not fit into the bits that the terms give a total.
    #[error(
        "some total leaves the bits that the terms give it: move the offset, or let fewer points double the odds"
    )]
    NoRoom,
    /// The computation on shares failed.
    #[error(transparent)]
    Sharing(sharing::Error),
}

/// Whose upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The columns of the holder in this place of the terms.
    Holder(usize),
    /// The lender's labels.
    Labels,
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Holder(holder) => write!(f, "holder {holder}"),
            Self::Labels => write!(f, "the labels"),
        }
    }
}

/// What is wrong with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnFault {
    /// Some numbers are NaN or infinite.
    #[error("{rows} rows are missing, NaN or infinite: fill them in first")]
    NotFinite {
        /// How many.
        rows: usize,
    },
    /// Some rows are in a bin that the feature does not have.
    #[error("{rows} rows are in a bin that is not there")]
    BeyondBins {
        /// How many.
        rows: usize,
    },
    /// All numbers are the same.
    #[error("all rows are the same: leave it out")]
    Constant,
    /// The numbers spread wider than those of a standardised column.
    #[error("its mean square is over {most}: standardise it first", most = crate::Column::MEAN_SQUARE)]
    NotStandardised,
}

/// What is wrong with terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TermsError {
    /// Too few rows, or too many.
    #[error("a training has {least} to {most} rows", least = crate::Terms::LEAST_ROWS, most = crate::Terms::MOST_ROWS)]
    Rows,
    /// No column, a holder without one, or too many.
    #[error("a training has 1 to {most} columns, and every holder at least one", most = crate::Terms::MOST_COLUMNS)]
    Columns,
    /// The ridge is smaller or larger than arithmetic allows.
    #[error("the ridge is from 0.0001 to 1")]
    Ridge,
    /// Too few Newton steps, or too many.
    #[error("a training takes 3 to 12 Newton steps")]
    NewtonSteps,
    /// More rows are held out than half.
    #[error("at most half of the rows are held out")]
    HeldOut,
    /// The cover is none.
    #[error("a cover is from 1 to 16 times the lender's rows")]
    Cover,
    /// Too few rows to be counted, or too many.
    #[error("a counting has as many rows as one cell must have, and at most {most}", most = crate::woe::Terms::MOST_ROWS)]
    CountedRows,
    /// No feature, a holder without one, or too many.
    #[error("a counting has 1 to {most} features, and every holder at least one", most = crate::woe::Terms::MOST_FEATURES)]
    Features,
    /// A feature has no ordered bin, or too many.
    #[error("a feature has 1 to {most} ordered bins", most = crate::woe::Terms::MOST_BINS)]
    Bins,
    /// Points of no feature, of a holder without one, or of too many.
    #[error("points are of 1 to {most} features, and every holder has at least one", most = crate::Terms::MOST_COLUMNS)]
    PointFeatures,
    /// A feature of points has one bin, or too many.
    #[error(
        "a feature of points has {least} to {most} bins",
        least = crate::points::Terms::LEAST_BINS,
        most = crate::points::Terms::MOST_BINS
    )]
    PointBins,
    /// A total has too few bits, or too many.
    #[error(
        "a total of points has {least} to {most} bits",
        least = crate::points::Terms::LEAST_BITS,
        most = crate::points::Terms::MOST_BITS
    )]
    PointBits,
    /// The scale of points is none that arithmetic has room for.
    #[error(
        "1 to 100 points double the odds; base odds are from a millionth to a million, base score and offset at most 100000 from 0"
    )]
    Scale,
    /// The lender is none of the holders, or the only one.
    #[error("the holder that is the lender itself is one of several")]
    LenderAmongHolders,
    /// The floors are lower than any job may set them, or higher than any table reaches.
    #[error(
        "a cell is opened from {rows} rows and {class} of each class on, or from more",
        rows = crate::woe::Floors::USUAL.rows(),
        class = crate::woe::Floors::USUAL.class()
    )]
    Floors,
    /// Standard errors are asked of weights that stay shared.
    #[error("standard errors are opened with the weights, or not at all")]
    StandardErrors,
}

/// Refuses another number of something than there must be.
pub(crate) fn equal(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    match expected == found {
        true => Ok(()),
        false => Err(Error::Shape { what, expected, found }),
    }
}

/// Finds what is of the holder in this place.
pub(crate) fn of_holder<T>(all: &[T], holder: usize) -> Result<&T, Error> {
    let (expected, found) = (all.len(), holder + 1);
    all.get(holder).ok_or(Error::Shape { what: "holders at least", expected, found })
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::Sharing(error) => error.blame(),
            Self::Terms(_)
            | Self::Column { .. }
            | Self::Shape { .. }
            | Self::Weight
            | Self::Cover { .. }
            | Self::FewOfAClass
            | Self::Upload { .. }
            | Self::OtherUpload { .. }
            | Self::KeptUpload
            | Self::Disagreement
            | Self::OtherRun
            | Self::NotKept
            | Self::Checkpoint
            | Self::Counts
            | Self::OtherModel
            | Self::NoRoom => Culprit::Us,
        }
    }
}

impl From<sharing::Error> for Error {
    fn from(error: sharing::Error) -> Self {
        Self::Sharing(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Sharing(fault.into())
    }
}
