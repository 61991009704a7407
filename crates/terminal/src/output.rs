//! What an intersection gives, as it is typed.

use clap::ValueEnum;
use control::messages;

/// Who learns what in a private set intersection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// We learn which subjects both have
    OneSided,
    /// Both learn it
    TwoSided,
    /// We learn how many, and not which
    Cardinality,
}

impl Output {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneSided => "one-sided",
            Self::TwoSided => "two-sided",
            Self::Cardinality => "cardinality",
        }
    }
}

impl From<Output> for messages::PsiOutput {
    fn from(output: Output) -> Self {
        match output {
            Output::OneSided => Self::OneSided,
            Output::TwoSided => Self::TwoSided,
            Output::Cardinality => Self::Cardinality,
        }
    }
}
