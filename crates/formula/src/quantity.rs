//! Numbers of a formula: exact, in ten-thousandths.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::parser::Parser;

/// A number in ten-thousandths of its field's unit: what thresholds are written in and what values
/// are compared as.
///
/// A threshold is below 10^12 either way. A value of a register is rounded to the nearest
/// ten-thousandth, and one beyond 9.2 · 10^14 counts as that, which is beyond every threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

/// Ten-thousandths in one.
const SCALE: i64 = 10_000;

/// The most digits before the point, and after it.
pub(crate) const WHOLE_DIGITS: usize = 12;
pub(crate) const FRACTION_DIGITS: usize = 4;

impl Quantity {
    /// A whole number.
    #[must_use]
    pub const fn whole(number: u32) -> Self {
        Self(number as i64 * SCALE)
    }

    /// So many ten-thousandths.
    #[must_use]
    pub const fn from_ten_thousandths(count: i64) -> Self {
        Self(count)
    }

    /// How many ten-thousandths.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// The nearest to a register's number; `None` when it is no finite number.
    #[must_use]
    pub fn nearest(number: f64) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "the scale is exact, and the cast back saturates, which is what is wanted"
        )]
        let rounded = (number * SCALE as f64).round() as i64;
        number.is_finite().then_some(Self(rounded))
    }

    /// The same order among the whole numbers from 0: what is compared under encryption.
    #[must_use]
    pub const fn ordinal(self) -> u64 {
        self.0.cast_unsigned() ^ (1 << 63)
    }

    /// The number with these digits, where they are few enough and digits at all.
    pub(crate) fn of_digits(negative: bool, whole: &str, fraction: &str) -> Option<Self> {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = whole.len() <= WHOLE_DIGITS && fraction.len() <= FRACTION_DIGITS;
        if whole.is_empty() || !fits || !plain(whole) || !plain(fraction) {
            return None;
        }
        let count: i64 = format!("{whole}{fraction:0<4}").parse().ok()?;
        Some(Self(if negative { -count } else { count }))
    }
}

/// Reads a number as a formula writes it.
impl FromStr for Quantity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Parser::new(text)?.number_to_the_end()
    }
}

impl fmt::Display for Quantity {
    /// The shortest decimal digits, without groups.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, scale) = (self.0.unsigned_abs(), SCALE.unsigned_abs());
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", count / scale)?;
        let fraction = format!("{:04}", count % scale);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn digits_are_kept_exactly_and_printed_shortest() {
        for (whole, fraction, printed) in [
            ("500000", "", "500000"),
            ("007", "50", "7.5"),
            ("0", "0001", "0.0001"),
            ("999999999999", "9999", "999999999999.9999"),
        ] {
            let number = Quantity::of_digits(false, whole, fraction).unwrap();
            assert_eq!(number.to_string(), printed);
            let negative = Quantity::of_digits(true, whole, fraction).unwrap();
            assert_eq!(negative.to_string(), format!("-{printed}"));
            assert_eq!(printed.parse(), Ok(number));
            assert_eq!(format!("-{printed}").parse(), Ok(negative));
        }
        assert_eq!(Quantity::of_digits(true, "0", "").unwrap().to_string(), "0");
        for (whole, fraction) in [("", "5"), ("1000000000000", ""), ("1", "00001"), ("+1", "")] {
            assert_eq!(Quantity::of_digits(false, whole, fraction), None);
        }
    }

    #[test]
    fn a_number_is_read_alone_as_in_a_formula() {
        assert_eq!("1,500,000.50".parse::<Quantity>().unwrap().to_string(), "1500000.5");
        for bad in ["", "a", "1 2", "50万", "１", "\"1\"", "1e3"] {
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_value_is_compared_as_it_is_written() {
        // 0.1 + 0.2 is not 0.3 in binary; cents are cents here.
        assert_eq!(Quantity::nearest(0.1 + 0.2), Quantity::of_digits(false, "0", "3"));
        assert_eq!(Quantity::nearest(-817.5), Quantity::of_digits(true, "817", "5"));
        assert_eq!(Quantity::nearest(f64::MAX).unwrap().ten_thousandths(), i64::MAX);
        assert_eq!(Quantity::nearest(f64::NAN), None);
        assert_eq!(Quantity::nearest(f64::INFINITY), None);
    }

    #[test]
    fn ordinals_keep_the_order() {
        let counts = [i64::MIN, -1, 0, 1, i64::MAX];
        let ordinals = counts.map(|count| Quantity::from_ten_thousandths(count).ordinal());
        assert_eq!(ordinals[0], 0);
        assert!(ordinals.is_sorted() && ordinals[2] == 1 << 63);
        assert_eq!(ordinals[4], u64::MAX);
    }
}
