//! Why a model or a file of one cannot be used.

/// Why a model or a file of one cannot be used, and what to do about it.
///
/// This crate does not know who wrote the text, so whether a peer or we are to blame is for the
/// caller to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name in it is none.
    #[error(transparent)]
    Noun(#[from] domain::Error),
    /// A model file is not TOML, or not of the expected shape.
    #[error("the model file cannot be read{}: {message}", at_line(*.line))]
    ModelSyntax {
        /// Counted from 1, where known.
        line: Option<usize>,
        /// What the TOML reader says.
        message: String,
    },
    /// A model as a whole breaks a rule.
    #[error("the model cannot be used: {0}")]
    Model(String),
    /// One feature of a model breaks a rule.
    #[error("the model cannot be used: feature `{column}` of `{holder}`: {problem}")]
    Feature {
        /// The slot that the feature belongs to.
        holder: String,
        /// The feature's column.
        column: String,
        /// The rule and what to do.
        problem: String,
    },
    /// A file of reference statistics is no such file, or of another model.
    #[error("the reference statistics cannot be used: {0}")]
    Reference(String),
    /// A table of text cannot be read.
    #[error("the CSV cannot be read: {0}")]
    CsvTable(String),
    /// What another program wrote is no model, or a model cannot be written for another program.
    #[error("the {format} file cannot be used: {problem}")]
    Foreign {
        /// The other program.
        format: &'static str,
        /// The rule and what to do.
        problem: String,
    },
    /// No bins can be found.
    #[error("no bins can be found: {0}")]
    Fitting(String),
    /// A score cannot be measured.
    #[error("the score cannot be measured: {0}")]
    Measure(String),
    /// A value falls into no bin of its feature.
    #[error(
        "feature `{column}` of `{holder}` has no bin for this value; give the feature `missing` \
         or `other` points, or leave the subject out"
    )]
    NoBin {
        /// The slot that the feature belongs to.
        holder: String,
        /// The feature's column.
        column: String,
    },
}

impl Error {
    /// A stable word for the kind of error, to count by and to translate from.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Noun(error) => error.code(),
            Self::ModelSyntax { .. } => "model-syntax",
            Self::Model(_) => "model",
            Self::Feature { .. } => "feature",
            Self::Reference(_) => "reference",
            Self::CsvTable(_) => "sheet",
            Self::Foreign { .. } => "foreign",
            Self::Fitting(_) => "fitting",
            Self::Measure(_) => "measure",
            Self::NoBin { .. } => "no-bin",
        }
    }
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" at line {line}"))
}
