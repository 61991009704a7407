//! What a lender says of a subject, for one holder to compare with its record.

use std::fmt;

use domain::bilingual;
use zeroize::Zeroizing;

use crate::quantity::{FRACTION_DIGITS, WHOLE_DIGITS};
use crate::{MAX_TEXT, Quantity, matched};

/// A text or number that a formula supplies, in the one form in which it is compared: a text
/// normalised by [`matched`], a number in its shortest digits.
///
/// It is often a person's name or number. It is wiped when it is dropped, and its `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim(Zeroizing<String>);

bilingual! {
    /// Why bytes are no claim.
    NoClaim;

    /// No UTF-8.
    Bytes "bytes" "it is no text" "不是文本";
    /// Empty, too long, or not as [`matched`] leaves it.
    Text "text" "it is no normalised text of 1 to 200 bytes" "不是 1 至 200 字节的规范化文本";
    /// Not the shortest digits of a number of a formula.
    Number "number" "it is no number in its shortest digits" "不是最简写法的数字";
}

impl Claim {
    /// The claim that a typed text makes.
    pub(crate) fn of_text(text: &str) -> Self {
        Self(Zeroizing::new(matched(text)))
    }

    /// The claim that a declared number makes.
    pub(crate) fn of_number(number: Quantity) -> Self {
        Self(Zeroizing::new(number.to_string()))
    }

    /// What is told to the one holder that compares it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads what a peer claims as a text.
    ///
    /// # Errors
    ///
    /// [`NoClaim`] when it is not in the form in which texts are compared.
    pub fn text(bytes: &[u8]) -> Result<Box<str>, NoClaim> {
        let text = written(bytes)?;
        let fits = (1..=MAX_TEXT).contains(&text.len()) && *matched(text) == *text;
        if fits { Ok(text.into()) } else { Err(NoClaim::Text) }
    }

    /// Reads what a peer claims as a number.
    ///
    /// # Errors
    ///
    /// [`NoClaim`] when it is not a number in its shortest digits.
    pub fn number(bytes: &[u8]) -> Result<Quantity, NoClaim> {
        let text = written(bytes)?;
        if text.len() > LONGEST_NUMBER {
            return Err(NoClaim::Number);
        }
        let number: Quantity = text.parse().map_err(|_| NoClaim::Number)?;
        if number.to_string() == text { Ok(number) } else { Err(NoClaim::Number) }
    }
}

/// A sign, all digits and a point.
const LONGEST_NUMBER: usize = WHOLE_DIGITS + FRACTION_DIGITS + 2;

fn written(bytes: &[u8]) -> Result<&str, NoClaim> {
    str::from_utf8(bytes).map_err(|_| NoClaim::Bytes)
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim(…)")
    }
}

impl fmt::Display for NoClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.en())
    }
}

impl std::error::Error for NoClaim {}

#[cfg(test)]
mod tests {
    use super::{Claim, NoClaim};
    use crate::Formula;
    use crate::{MAX_TEXT, Quantity};

    #[test]
    fn what_is_supplied_is_withheld_in_the_order_of_the_text() {
        let text = "a within 5 % of 480,000.50 and (match(27.b = \"张 三\", 27.c = \"A-1\") or d)";
        let formula: Formula = text.parse().unwrap();
        let (withheld, claims) = formula.withheld().unwrap();
        let claims: Vec<&str> = claims.iter().map(Claim::reveal).collect();
        assert_eq!(claims, ["480000.5", "张三", "a1"]);
        let printed = "a within 5 % of claimed and (match(27.b = claimed, 27.c = claimed) or d)";
        assert_eq!(withheld.to_string(), printed);
        assert_eq!(printed.parse::<Formula>().unwrap(), withheld);
        assert_eq!((formula.placeholders().len(), withheld.placeholders().len()), (0, 3));
        assert_eq!(withheld.withheld().unwrap().1, []);
    }

    #[test]
    fn a_claim_is_taken_in_its_one_form_alone() {
        for (bytes, taken) in [
            ("张三", Ok("张三")),
            ("12-3", Ok("12-3")),
            ("张 三", Err(NoClaim::Text)),
            ("A1", Err(NoClaim::Text)),
            ("", Err(NoClaim::Text)),
            ("\u{0}", Err(NoClaim::Text)),
        ] {
            assert_eq!(Claim::text(bytes.as_bytes()).as_deref(), taken.as_deref(), "{bytes}");
        }
        assert!(Claim::text("a".repeat(MAX_TEXT).as_bytes()).is_ok());
        assert_eq!(Claim::text("a".repeat(MAX_TEXT + 1).as_bytes()), Err(NoClaim::Text));
        assert_eq!(Claim::text(&[0xff, 0xfe]), Err(NoClaim::Bytes));
        let number = "-999999999999.9999";
        assert_eq!(Claim::number(number.as_bytes()).unwrap().to_string(), number);
        assert_eq!(Claim::number(b"0"), Ok(Quantity::whole(0)));
        for bytes in ["480,000", "1.50", "-0", "007", "", "sealed", "5 ", "1000000000000"] {
            assert_eq!(Claim::number(bytes.as_bytes()), Err(NoClaim::Number), "{bytes}");
        }
        assert_eq!(Claim::number(&[0xff]), Err(NoClaim::Bytes));
    }

    #[test]
    fn a_claim_is_not_printed() {
        assert!(!format!("{:?}", Claim::of_text("张三")).contains('张'));
    }
}
