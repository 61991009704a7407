//! Parquet values as the text that a CSV export of the same table would have.

use std::fmt::Write;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;
use time::{Date, OffsetDateTime};

/// How a Parquet column's values are written as text.
///
/// Each method appends a value and says whether it could: `false` means that the value is outside
/// what its type allows.
#[derive(Clone, Copy)]
pub(crate) enum Rendering {
    Boolean,
    Integer,
    Unsigned32,
    Unsigned64,
    /// NaN, which many tools write for a missing number, becomes an empty cell.
    Floating,
    /// Days since 1970.
    Day,
    /// So many a second since 1970; a whole day has no time of day.
    Moment {
        a_second: i64,
    },
    /// Unscaled integers with so many decimal places.
    Decimal {
        scale: usize,
    },
    Text,
}

impl Rendering {
    /// How a column is written; `None` if its type is not read.
    pub(crate) fn of(column: &ColumnDescriptor) -> Option<Self> {
        let logical = column.logical_type_ref();
        let converted = column.converted_type();
        if matches!(logical, Some(LogicalType::Decimal(_))) || converted == ConvertedType::DECIMAL {
            let scale = usize::try_from(column.type_scale()).ok().filter(|scale| *scale <= 38)?;
            let exact = !matches!(column.physical_type(), Type::FLOAT | Type::DOUBLE);
            return exact.then_some(Self::Decimal { scale });
        }
        match (column.physical_type(), logical, converted) {
            (Type::BOOLEAN, None, _) => Some(Self::Boolean),
            (Type::FLOAT | Type::DOUBLE, None, _) => Some(Self::Floating),
            (Type::INT32, Some(LogicalType::Date), _) | (Type::INT32, _, ConvertedType::DATE) => {
                Some(Self::Day)
            }
            (Type::INT64, Some(LogicalType::Timestamp(moment)), _) => Some(Self::Moment {
                a_second: match moment.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                },
            }),
            (Type::INT64, None, ConvertedType::TIMESTAMP_MILLIS) => {
                Some(Self::Moment { a_second: 1_000 })
            }
            (Type::INT64, None, ConvertedType::TIMESTAMP_MICROS) => {
                Some(Self::Moment { a_second: 1_000_000 })
            }
            (Type::INT32 | Type::INT64, _, ConvertedType::TIME_MILLIS)
            | (Type::INT32 | Type::INT64, _, ConvertedType::TIME_MICROS) => None,
            (Type::INT32, Some(LogicalType::Integer(integer)), _) if !integer.is_signed => {
                Some(Self::Unsigned32)
            }
            (Type::INT64, Some(LogicalType::Integer(integer)), _) if !integer.is_signed => {
                Some(Self::Unsigned64)
            }
            (
                Type::INT32,
                None,
                ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32,
            ) => Some(Self::Unsigned32),
            (Type::INT64, None, ConvertedType::UINT_64) => Some(Self::Unsigned64),
            (Type::INT32 | Type::INT64, None | Some(LogicalType::Integer(_)), _) => {
                Some(Self::Integer)
            }
            (Type::BYTE_ARRAY, None | Some(LogicalType::String | LogicalType::Enum), _) => {
                Some(Self::Text)
            }
            _ => None,
        }
    }

    /// Whether writing the value may have lost digits.
    pub(crate) fn is_inexact(self) -> bool {
        matches!(self, Self::Floating)
    }

    pub(crate) fn boolean(self, value: bool, text: &mut String) -> bool {
        text.push_str(if value { "true" } else { "false" });
        true
    }

    pub(crate) fn integer(self, value: i64, text: &mut String) -> bool {
        match self {
            Self::Integer => append(text, value),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "stored so"
            )]
            Self::Unsigned32 => append(text, value as u32),
            Self::Unsigned64 => append(text, value.cast_unsigned()),
            Self::Day => append_day(value, text),
            Self::Moment { a_second } => append_moment(value, a_second, text),
            Self::Decimal { scale } => append_decimal(value.into(), scale, text),
            Self::Boolean | Self::Floating | Self::Text => false,
        }
    }

    pub(crate) fn float(self, value: f32, text: &mut String) -> bool {
        value.is_nan() || append(text, value)
    }

    pub(crate) fn double(self, value: f64, text: &mut String) -> bool {
        value.is_nan() || append(text, value)
    }

    pub(crate) fn bytes(self, value: &[u8], text: &mut String) -> bool {
        match self {
            Self::Text => match std::str::from_utf8(value) {
                Ok(value) => {
                    text.push_str(value);
                    true
                }
                Err(_) => false,
            },
            Self::Decimal { scale } => match big_endian(value) {
                Some(unscaled) => append_decimal(unscaled, scale, text),
                None => false,
            },
            Self::Boolean
            | Self::Integer
            | Self::Unsigned32
            | Self::Unsigned64
            | Self::Floating
            | Self::Day
            | Self::Moment { .. } => false,
        }
    }
}

fn append(text: &mut String, value: impl std::fmt::Display) -> bool {
    write!(text, "{value}").is_ok()
}

fn append_day(days: i64, text: &mut String) -> bool {
    const EPOCH: i64 = 2_440_588;
    let julian = i32::try_from(days.saturating_add(EPOCH)).ok();
    match julian.and_then(|julian| Date::from_julian_day(julian).ok()) {
        Some(date) => append(text, date),
        None => false,
    }
}

fn append_moment(value: i64, a_second: i64, text: &mut String) -> bool {
    let (seconds, rest) = (value.div_euclid(a_second), value.rem_euclid(a_second));
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(seconds) else { return false };
    if rest == 0 && moment.to_hms() == (0, 0, 0) {
        return append(text, moment.date());
    }
    let (hour, minute, second) = moment.to_hms();
    let places = a_second.to_string().len() - 1;
    write!(text, "{} {hour:02}:{minute:02}:{second:02}.{rest:0places$}", moment.date()).is_ok()
}

fn append_decimal(unscaled: i128, scale: usize, text: &mut String) -> bool {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, places) = digits.split_at(digits.len() - scale);
    let point = if scale > 0 { "." } else { "" };
    write!(text, "{sign}{whole}{point}{places}").is_ok()
}

/// A two's complement number of 1 to 16 bytes.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first().filter(|_| bytes.len() <= 16)?;
    let sign = if first >= 0x80 { -1 } else { 0 };
    Some(bytes.iter().fold(sign, |number, byte| (number << 8) | i128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::{append_day, append_decimal, append_moment, big_endian};

    fn text(append: impl FnOnce(&mut String) -> bool) -> Option<String> {
        let mut text = String::new();
        append(&mut text).then_some(text)
    }

    #[test]
    fn decimals_keep_their_places_and_their_sign() {
        let cases = [
            (12_345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (7, 0, "7"),
            (i128::MIN, 0, "-170141183460469231731687303715884105728"),
        ];
        for (unscaled, scale, expected) in cases {
            assert_eq!(text(|text| append_decimal(unscaled, scale, text)).unwrap(), expected);
        }
        assert_eq!(big_endian(&[0xFF, 0x85]), Some(-123));
        assert_eq!(big_endian(&[0x00, 0x85]), Some(133));
        assert_eq!(big_endian(&[0; 17]), None);
        assert_eq!(big_endian(&[]), None);
    }

    #[test]
    fn days_and_moments_are_counted_from_1970() {
        assert_eq!(text(|text| append_day(0, text)).unwrap(), "1970-01-01");
        assert_eq!(text(|text| append_day(-1, text)).unwrap(), "1969-12-31");
        assert_eq!(text(|text| append_day(i64::MAX, text)), None);
        let noon = 1_709_208_000_123;
        assert_eq!(
            text(|text| append_moment(noon, 1_000, text)).unwrap(),
            "2024-02-29 12:00:00.123"
        );
        assert_eq!(text(|text| append_moment(-86_400_000, 1_000, text)).unwrap(), "1969-12-31");
        assert_eq!(text(|text| append_moment(i64::MAX, 1_000, text)), None);
    }
}
