//! What a holder tells the lender of its binned columns, under a job whose model is a scorecard.

use prost::Message;

use crate::Error;
use crate::field::short;
use crate::peer;

/// The most columns of one holder, and the most bins of a column, that of missing values apart.
const MAX_COLUMNS: usize = 64;
const MAX_BINS: usize = 63;

/// A binned column of a holder's: its bins, and how many good and bad rows each has.
#[derive(Clone, Debug, PartialEq)]
pub struct BinnedColumn {
    /// What the column is called in the holder's register.
    pub column: String,
    /// The first value of every bin but the first, finite and ascending.
    pub breaks: Vec<f64>,
    /// The rows of each bin: one more than there are breaks.
    pub bins: Vec<RowCounts>,
    /// Rows without a value.
    pub missing: MissingRows,
    /// The mean over all rows of the weights of evidence, which became 0 in the training.
    pub mean: f64,
    /// Their deviation, which became 1; above 0.
    pub deviation: f64,
}

/// How many rows are good, and how many bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows whose loan was repaid.
    pub good: u32,
    /// Rows whose loan was not.
    pub bad: u32,
}

/// Rows without a value, as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingRows {
    /// There is none.
    None,
    /// They are few, and were counted with the first bin.
    WithFirst,
    /// By themselves.
    Apart(RowCounts),
}

impl MissingRows {
    /// Their count, where they were counted by themselves.
    #[must_use]
    pub const fn apart(self) -> Option<RowCounts> {
        match self {
            Self::Apart(counts) => Some(counts),
            Self::None | Self::WithFirst => None,
        }
    }
}

impl BinnedColumn {
    /// Reads the columns of a holder.
    ///
    /// # Errors
    ///
    /// When there are too many of them, a number is not finite, breaks do not ascend, or there is not
    /// one bin more than breaks.
    pub(super) fn all(columns: Vec<peer::BinnedColumn>) -> Result<Vec<Self>, Error> {
        if !(1..=MAX_COLUMNS).contains(&columns.len()) {
            return Err(Error::Field { field: "columns", expected: "1 to 64 columns" });
        }
        columns.into_iter().map(Self::try_from).collect()
    }

    /// The bytes of a holder's columns, for whoever keeps them.
    pub fn encode_all(columns: &[Self]) -> Vec<u8> {
        let columns = columns.iter().cloned().map(peer::BinnedColumn::from).collect();
        peer::DiscloseStep { place: 0, columns }.encode_to_vec()
    }

    /// A holder's columns from their bytes.
    ///
    /// # Errors
    ///
    /// When the bytes are none of theirs.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let read = peer::DiscloseStep::decode(bytes);
        let field = Error::Field { field: "columns", expected: "what was kept of columns" };
        Self::all(read.map_err(|_| field)?.columns)
    }
}

impl TryFrom<peer::BinnedColumn> for BinnedColumn {
    type Error = Error;

    fn try_from(message: peer::BinnedColumn) -> Result<Self, Error> {
        use peer::binned_column::Missing;
        let peer::BinnedColumn { column, breaks, bins, missing, mean, deviation } = message;
        let ascend = breaks.is_sorted_by(|lower, upper| lower < upper);
        if !ascend || !breaks.iter().all(|at| at.is_finite()) {
            return Err(Error::Field { field: "breaks", expected: "finite and ascending" });
        }
        if !(1..=MAX_BINS).contains(&bins.len()) || bins.len() != breaks.len() + 1 {
            return Err(Error::Field { field: "bins", expected: "one more than there are breaks" });
        }
        if !mean.is_finite() || !deviation.is_finite() || deviation <= 0.0 {
            return Err(Error::Field { field: "deviation", expected: "a finite number above 0" });
        }
        let missing = match missing.ok_or(Error::Missing("missing"))? {
            Missing::None(peer::NoRows {}) => MissingRows::None,
            Missing::WithFirst(peer::NoRows {}) => MissingRows::WithFirst,
            Missing::Apart(counts) => MissingRows::Apart(counts.into()),
        };
        let bins = bins.into_iter().map(RowCounts::from).collect();
        Ok(Self { column: short(column, "column")?, breaks, bins, missing, mean, deviation })
    }
}

impl From<BinnedColumn> for peer::BinnedColumn {
    fn from(column: BinnedColumn) -> Self {
        use peer::binned_column::Missing;
        let BinnedColumn { column, breaks, bins, missing, mean, deviation } = column;
        let missing = match missing {
            MissingRows::None => Missing::None(peer::NoRows {}),
            MissingRows::WithFirst => Missing::WithFirst(peer::NoRows {}),
            MissingRows::Apart(counts) => Missing::Apart(counts.into()),
        };
        let bins = bins.into_iter().map(peer::RowCounts::from).collect();
        Self { column, breaks, bins, missing: Some(missing), mean, deviation }
    }
}

impl From<peer::RowCounts> for RowCounts {
    fn from(peer::RowCounts { good, bad }: peer::RowCounts) -> Self {
        Self { good, bad }
    }
}

impl From<RowCounts> for peer::RowCounts {
    fn from(RowCounts { good, bad }: RowCounts) -> Self {
        Self { good, bad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column() -> BinnedColumn {
        let of = |good, bad| RowCounts { good, bad };
        BinnedColumn {
            column: "vat".into(),
            breaks: vec![-0.5, 12.0],
            bins: vec![of(90, 10), of(80, 20), of(70, 30)],
            missing: MissingRows::Apart(of(50, 50)),
            mean: 0.1,
            deviation: 0.7,
        }
    }

    #[test]
    fn a_binned_column_survives_the_wire() {
        for missing in [MissingRows::None, MissingRows::WithFirst, column().missing] {
            let sent = BinnedColumn { missing, ..column() };
            let read = BinnedColumn::all(vec![sent.clone().into()]);
            assert_eq!(read, Ok(vec![sent.clone()]));
            let kept = BinnedColumn::encode_all(std::slice::from_ref(&sent));
            assert_eq!(BinnedColumn::decode_all(&kept), Ok(vec![sent]));
        }
    }

    #[test]
    fn what_is_no_binned_column_is_refused() {
        let refused = |change: fn(&mut peer::BinnedColumn)| {
            let mut message = peer::BinnedColumn::from(column());
            change(&mut message);
            assert!(BinnedColumn::try_from(message.clone()).is_err(), "{message:?}");
        };
        refused(|message| message.breaks = vec![12.0, -0.5]);
        refused(|message| message.breaks = vec![1.0, 1.0]);
        refused(|message| message.breaks = vec![f64::NAN, 1.0]);
        refused(|message| message.breaks = vec![1.0, f64::INFINITY]);
        refused(|message| message.bins.truncate(2));
        refused(|message| message.missing = None);
        refused(|message| message.deviation = 0.0);
        refused(|message| message.deviation = f64::NAN);
        refused(|message| message.mean = f64::INFINITY);
        refused(|message| message.column = "\u{7}".into());
        refused(|message| {
            message.breaks = (0..63).map(f64::from).collect();
            message.bins = vec![peer::RowCounts::default(); 64];
        });
        let many = vec![peer::BinnedColumn::from(column()); 65];
        assert!(BinnedColumn::all(many).is_err() && BinnedColumn::all(Vec::new()).is_err());
    }
}
