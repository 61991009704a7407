//! Why rows are not fit for a training.

/// Why rows are not fit for a training, and what to do about it.
///
/// Columns and counts only: no message repeats a cell or an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The list of rows names a subject more than once. Whoever made the list is to blame.
    #[error("{count} rows of the list repeat an earlier one; each subject must be there once")]
    ListRepeats {
        /// How many rows.
        count: usize,
    },
    /// The table has more than one row about a subject.
    #[error(
        "{count} rows of the register repeat the subject of an earlier one; a training needs one \
         row a subject"
    )]
    TableRepeats {
        /// How many rows.
        count: u64,
    },
    /// The table does not have all subjects, and none may be missing.
    #[error(
        "the register lacks {count} subjects of the list; agree on a job where the mean stands \
         for what is missing, or on another list"
    )]
    Absent {
        /// How many subjects.
        count: usize,
    },
    /// The table has hardly any of the subjects.
    #[error("the register has {count} subjects of the list; 2 or more are needed")]
    FewPresent {
        /// How many it has.
        count: usize,
    },
    /// The table was read without this column.
    #[error("there is no column `{column}` in the register")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// Cells hold text or days.
    #[error("the column `{column}` has {count} cells that are no numbers; correct them")]
    NotNumbers {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
    },
    /// Cells hold NaN or infinity.
    #[error("the column `{column}` has {count} cells that are NaN or infinite; correct them")]
    NotFinite {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
    },
    /// Cells are empty, and none may be.
    #[error(
        "the column `{column}` has {count} empty cells; fill them, or agree on a job where the \
         mean stands for what is missing"
    )]
    Empty {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
    },
    /// A column says nothing.
    #[error("the column `{column}` has the same number in every row, or none; leave it out")]
    Constant {
        /// The column.
        column: String,
    },
    /// The column that says whom the table does not have says nothing.
    #[error(
        "the register has every subject of the list, so a column of absences says nothing; agree \
         on a job without it"
    )]
    NoneAbsent,
    /// Labels are neither 0 nor 1.
    #[error("the label `{column}` is neither 0 nor 1 in {count} rows")]
    OtherLabels {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
    },
    /// Labels are missing.
    #[error(
        "the label `{column}` is missing in {count} rows; leave these subjects out of the list"
    )]
    NoLabels {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
    },
    /// Rows are no customers, where all must be.
    #[error(
        "the register lacks {count} subjects of the list, and all must be customers; state a \
         `cover` in the job where some are not"
    )]
    Strangers {
        /// How many rows.
        count: usize,
    },
    /// All customers have the same label.
    #[error("the label `{column}` is the same for all customers; there is nothing to learn")]
    OneClass {
        /// The column.
        column: String,
    },
    /// There are too few customers of a class.
    #[error(
        "the label `{column}` is 1 for {bad} customers and 0 for {good}; {least} or more of each \
         are needed"
    )]
    FewOfAClass {
        /// The column.
        column: String,
        /// How many did not repay.
        bad: usize,
        /// How many did.
        good: usize,
        /// How many there must be of each.
        least: usize,
    },
    /// Weights of customers are missing, negative, not finite or no numbers.
    #[error("the weight `{column}` is missing, negative, or no finite number in {count} rows")]
    Weights {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
    },
}

impl Unfit {
    /// A stable word for the reason, to count by and to translate from.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ListRepeats { .. } => "list-repeats",
            Self::TableRepeats { .. } => "table-repeats",
            Self::Absent { .. } => "absent",
            Self::FewPresent { .. } => "few-present",
            Self::NoColumn { .. } => "no-column",
            Self::NotNumbers { .. } => "not-numbers",
            Self::NotFinite { .. } => "not-finite",
            Self::Empty { .. } => "empty",
            Self::Constant { .. } => "constant",
            Self::NoneAbsent => "none-absent",
            Self::OtherLabels { .. } => "other-labels",
            Self::NoLabels { .. } => "no-labels",
            Self::Strangers { .. } => "strangers",
            Self::OneClass { .. } => "one-class",
            Self::FewOfAClass { .. } => "few-of-a-class",
            Self::Weights { .. } => "weights",
        }
    }
}
