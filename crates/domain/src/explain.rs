//! What every error of a crate that serves operators can say for itself.

use std::borrow::Cow;

use crate::Text;

/// An error explains itself to an operator: by a stable code, and in a sentence in both languages.
///
/// A sentence carries no identifier of a firm or a person, and no value.
pub trait Explain {
    /// The stable word for the kind of error, the same in every language.
    fn code(&self) -> Cow<'static, str>;

    /// What happened.
    fn what(&self) -> Text;

    /// What to do next, where more is known than [`what`](Self::what) says.
    fn next_step(&self) -> Option<Text> {
        None
    }
}
