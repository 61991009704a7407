//! What a register says about a subject.

use std::fmt;

/// One raw value of a register: it stays at home.
///
/// It has no serde, no `Display` and a redacted `Debug`. What leaves a holder is a bin's ciphertext
/// or an answer, never this.
///
/// ```compile_fail
/// fn encoded<T: serde::Serialize>(_: T) {}
/// encoded(domain::Value::Number(1.0)); // `Value` does not implement `Serialize`
/// ```
///
/// ```compile_fail
/// println!("{}", domain::Value::Number(1.0)); // nor `Display`
/// ```
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A number; NaN counts as missing.
    Number(f64),
    /// A category; empty text counts as missing.
    Text(Box<str>),
}

impl Value {
    /// A category.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Value::Number(817.5)), "Value(redacted)");
        assert_eq!(format!("{:?}", Some(Value::text("B"))), "Some(Value(redacted))");
    }
}
