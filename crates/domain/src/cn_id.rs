//! The citizen identity number of a natural person.

use std::fmt;
use std::str;

use time::{Date, Month};

use crate::characters::{Characters, LENGTH, masked};
use crate::{Error, Flags, Parsed, SubjectKind};

/// A citizen identity number (公民身份号码), normalised and checked.
///
/// GB 11643-1999: division (6 digits), birth date, sequence and a check character of ISO 7064
/// MOD 11-2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CnId([u8; LENGTH]);

impl CnId {
    /// Reads a number after the same normalisation as [`crate::Uscc::parse`]; a lower-case x is
    /// stored as X. There are no modes: a number always passes its check, and nothing is flagged.
    ///
    /// # Errors
    ///
    /// Length (15 digits have an error of their own), characters, a birth date that does not
    /// exist, the check character. No error repeats the number.
    pub fn parse(text: &str) -> Result<Parsed<Self>, Error> {
        let letters = Characters::read(SubjectKind::CnId, text)?;
        let mut number = [0; LENGTH];
        for (index, (position, letter)) in letters.iter().enumerate() {
            let last = index == LENGTH - 1;
            number[index] = u8::try_from(letter)
                .ok()
                .filter(|byte| byte.is_ascii_digit() || (last && *byte == b'X'))
                .ok_or(Error::Character {
                    kind: SubjectKind::CnId,
                    position,
                    expected: if last { "a digit or X" } else { "a digit" },
                })?;
        }
        if number[17] != check_character(&number) {
            return Err(Error::CheckCharacter(SubjectKind::CnId));
        }
        birth_date(&number).ok_or(Error::BirthDate)?;
        let flags = Flags::default();
        Ok(Parsed { value: Self(number), normalised: letters.normalised, flags })
    }

    /// The number's 18 characters. Only for the owner's own files and screens.
    #[must_use]
    pub fn reveal(&self) -> &str {
        str::from_utf8(&self.0).expect("a number is made of ASCII only")
    }
}

impl fmt::Debug for CnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CnId({})", masked(self.reveal()))
    }
}

/// 2^(17-i) mod 11, i counted from 0.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn check_character(number: &[u8; LENGTH]) -> u8 {
    let sum: u32 =
        number.iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    b"10X98765432"[usize::try_from(sum % 11).expect("a remainder modulo 11")]
}

fn birth_date(number: &[u8; LENGTH]) -> Option<Date> {
    let digits = |range: std::ops::Range<usize>| str::from_utf8(&number[range]).ok();
    let year: i32 = digits(6..10)?.parse().ok().filter(|year| *year > 0)?;
    let month: u8 = digits(10..12)?.parse().ok()?;
    let day: u8 = digits(12..14)?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{CnId, check_character};
    use crate::{Error, SubjectKind};

    /// Invented ones (births before 1900, no living holder), then GB 11643's own examples.
    const GOOD: [&str; 7] = [
        "320100188501010010",
        "32010018850101007X",
        "320100188501010061",
        "63010018881231003X",
        "32050018960229002X",
        "11010519491231002X",
        "440524188001010014",
    ];

    fn parse(text: &str) -> Result<CnId, Error> {
        CnId::parse(text).map(|parsed| parsed.value)
    }

    #[test]
    fn the_worked_examples_are_accepted_and_read_back_as_they_are() {
        for number in GOOD {
            assert_eq!(parse(number).unwrap().reveal(), number);
        }
    }

    #[test]
    fn a_lower_case_or_full_width_x_is_stored_as_capital_x() {
        for text in ["32010018850101007x", "32010018850101007ｘ", "320100 18850101 007x"] {
            let parsed = CnId::parse(text).unwrap();
            assert_eq!(parsed.value.reveal(), GOOD[1]);
            assert!(parsed.normalised);
        }
    }

    #[test]
    fn what_must_be_refused_is_refused_for_the_right_reason() {
        let kind = SubjectKind::CnId;
        let cases = [
            ("320500189002290026", Error::BirthDate),
            ("320100850101001", Error::FifteenDigits),
            ("320100188501010011", Error::CheckCharacter(kind)),
            ("32010018850101001", Error::Length { kind, expected: 18, found: 17 }),
            ("3201001885010X0010", Error::Character { kind, position: 14, expected: "a digit" }),
            (
                "32010018850101001A",
                Error::Character { kind, position: 18, expected: "a digit or X" },
            ),
            ("3.20100188501010E+17", Error::Rounded(kind)),
            ("", Error::Empty(kind)),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn months_and_days_that_do_not_exist_are_refused_though_the_check_fits() {
        for date in ["18850001", "18851301", "18850100", "18850132", "19000229", "00000101"] {
            let mut number = [b'0'; 18];
            number[..6].copy_from_slice(b"320100");
            number[6..14].copy_from_slice(date.as_bytes());
            number[17] = check_character(&number);
            let text = std::str::from_utf8(&number).unwrap();
            assert_eq!(parse(text), Err(Error::BirthDate), "{date}");
        }
    }

    #[test]
    fn debug_shows_two_characters_at_each_end() {
        assert_eq!(format!("{:?}", parse(GOOD[1]).unwrap()), "CnId(32…7X)");
    }

    proptest! {
        #[test]
        fn one_wrong_digit_or_a_swap_is_always_caught(
            sequence in 0..1000_u32, place in 0..17_usize, digit in 0..10_u8,
        ) {
            let mut number = [b'0'; 18];
            number[..17].copy_from_slice(format!("32010018850101{sequence:03}").as_bytes());
            number[17] = check_character(&number);
            let text = String::from_utf8(number.to_vec()).unwrap();
            let parsed = parse(&text).unwrap();
            prop_assert_eq!(parsed.reveal(), text);

            let mut substituted = number;
            substituted[place] = b'0' + digit;
            let mut swapped = number;
            swapped.swap(place, place + 1);
            for wrong in [substituted, swapped] {
                if wrong != number {
                    assert!(parse(std::str::from_utf8(&wrong).unwrap()).is_err());
                }
            }
        }
    }
}
