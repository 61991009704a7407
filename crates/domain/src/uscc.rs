//! The unified social credit code of an organisation.

use std::fmt;
use std::str;

use serde::{Deserialize, Serialize};

use crate::characters::{Characters, LENGTH, masked};
use crate::{Error, Parsed, SubjectKind};

/// A unified social credit code (统一社会信用代码), normalised and checked.
///
/// GB 32100-2015 with amendment 1: authority, kind of body, division (6 digits), organisation code
/// (GB 11714-1997, 8 characters and its own check) and a check character modulo 31.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc([u8; LENGTH]);

impl Uscc {
    /// Reads a code after normalising it: outer and inner spaces and hyphens go, full-width
    /// becomes half-width and lower case upper. Characters are never mapped to digits.
    ///
    /// What is wrong but accepted under `mode` is in the result's [`Flags`].
    ///
    /// # Errors
    ///
    /// Length and alphabet in every mode; the rest as [`CheckMode`] says. No error repeats the
    /// code.
    pub fn parse(text: &str, mode: CheckMode) -> Result<Parsed<Self>, Error> {
        let letters = Characters::read(SubjectKind::Uscc, text)?;
        let mut code = [0; LENGTH];
        let mut values = [0; LENGTH];
        let mut flags = Flags::default();
        for (index, (position, letter)) in letters.iter().enumerate() {
            let (byte, value) = in_alphabet(letter, position)?;
            (code[index], values[index]) = (byte, value);
            if DIVISION.contains(&index) && !byte.is_ascii_digit() {
                if mode != CheckMode::Report {
                    let kind = SubjectKind::Uscc;
                    let expected = "a digit of the administrative division";
                    return Err(Error::Character { kind, position, expected });
                }
                flags.division = true;
            }
        }
        if values[17] != check_value(&values) {
            if mode != CheckMode::Report {
                return Err(Error::CheckCharacter(SubjectKind::Uscc));
            }
            flags.check_character = true;
        }
        if code[16] != organisation_check(&code) {
            if mode == CheckMode::Strict {
                return Err(Error::OrganisationCode);
            }
            flags.organisation_code = true;
        }
        Ok(Parsed { value: Self(code), normalised: letters.normalised, flags })
    }

    /// The code's 18 characters. Only for the owner's own files and screens.
    #[must_use]
    pub fn reveal(&self) -> &str {
        str::from_utf8(&self.0).expect("a code is made of ASCII only")
    }

    /// Adds both check characters to a code's first 16 characters.
    ///
    /// The caller has made sure that they are in the alphabet.
    pub(crate) fn completed(first: [u8; 16]) -> Self {
        let mut code = [b'0'; LENGTH];
        code[..16].copy_from_slice(&first);
        code[16] = organisation_check(&code);
        let values = code.map(|byte| alphabet_value(byte).expect("the caller keeps the alphabet"));
        code[17] = ALPHABET[usize::from(check_value(&values))];
        Self(code)
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uscc({})", masked(self.reveal()))
    }
}

/// How much of a code must fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckMode {
    /// Division, check character and the organisation code's own check.
    #[default]
    Strict,
    /// Division and check character; a wrong organisation code is flagged.
    Standard,
    /// Nothing but length and alphabet; everything else is flagged. For legacy codes.
    Report,
}

impl str::FromStr for CheckMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "strict" => Ok(Self::Strict),
            "standard" => Ok(Self::Standard),
            "report" => Ok(Self::Report),
            _ => Err(Error::Word { what: "a check mode", expected: "strict, standard, report" }),
        }
    }
}

/// What is wrong with an identifier that was accepted all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Flags {
    /// The check character does not fit.
    pub check_character: bool,
    /// The organisation code fails its own check.
    pub organisation_code: bool,
    /// The administrative division is not all digits.
    pub division: bool,
}

impl Flags {
    /// Whether anything was flagged.
    #[must_use]
    pub fn any(self) -> bool {
        self.check_character || self.organisation_code || self.division
    }
}

/// The values 0 to 30 of GB 32100: digits and capitals without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Where the administrative division stands.
const DIVISION: std::ops::Range<usize> = 2..8;

/// 3^(i-1) mod 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// GB 11714-1997.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

fn in_alphabet(letter: char, position: usize) -> Result<(u8, u8), Error> {
    if matches!(letter, 'I' | 'O' | 'S' | 'V' | 'Z') {
        return Err(Error::Excluded { letter, position });
    }
    u8::try_from(letter)
        .ok()
        .and_then(|byte| alphabet_value(byte).map(|value| (byte, value)))
        .ok_or(Error::Character {
            kind: SubjectKind::Uscc,
            position,
            expected: "a digit or a capital letter",
        })
}

fn alphabet_value(byte: u8) -> Option<u8> {
    ALPHABET.iter().zip(0..).find_map(|(letter, value)| (*letter == byte).then_some(value))
}

/// C18 = (31 − S mod 31) mod 31, S = Σ C_i·W_i over the first 17. Without the second mod, codes
/// that end in 0 would be refused.
fn check_value(values: &[u8; LENGTH]) -> u8 {
    let sum: u32 =
        values.iter().zip(WEIGHTS).map(|(value, weight)| u32::from(*value) * weight).sum();
    u8::try_from((31 - sum % 31) % 31).expect("a remainder modulo 31")
}

/// C9 = 11 − S mod 11 over the organisation code's 8 characters (0–9, A = 10 … Z = 35, no gaps);
/// 10 is written X, 11 is written 0.
fn organisation_check(code: &[u8; LENGTH]) -> u8 {
    let sum: u32 = code[8..16]
        .iter()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(byte, weight)| {
            char::from(*byte).to_digit(36).expect("the alphabet is within base 36") * weight
        })
        .sum();
    b"0X987654321"[usize::try_from(sum % 11).expect("a remainder modulo 11")]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

    use super::{ALPHABET, CheckMode, Uscc};
    use crate::{Error, SubjectKind};

    /// Invented ones, on organisation codes that GB 11714 keeps for internal use, and the
    /// standard's own worked example (the last), whose organisation code is as the standard prints
    /// it.
    const GOOD: [&str; 6] = [
        "91320100PDY00001XR",
        "91320500PDY0001750",
        "92320100PDY000546Y",
        "93630100PDY00028XE",
        "91630100PDY000888M",
        "91350100M000100Y43",
    ];

    fn strict(text: &str) -> Result<Uscc, Error> {
        Uscc::parse(text, CheckMode::Strict).map(|parsed| parsed.value)
    }

    #[test]
    fn the_worked_examples_pass_every_check_and_read_back_as_they_are() {
        for code in GOOD {
            let parsed = Uscc::parse(code, CheckMode::Strict).unwrap();
            assert_eq!(parsed.value.reveal(), code);
            assert!(!parsed.normalised && !parsed.flags.any(), "{code}");
        }
    }

    #[test]
    fn the_codes_that_must_be_refused_are_refused_for_the_right_reason() {
        let uscc = SubjectKind::Uscc;
        let cases = [
            ("91320100PDY00001XX", Error::CheckCharacter(uscc)),
            ("91320100PDY00001X", Error::Length { kind: uscc, expected: 18, found: 17 }),
            ("9132O100PDY00001XR", Error::Excluded { letter: 'O', position: 5 }),
            ("91320100PDI00001XR", Error::Excluded { letter: 'I', position: 11 }),
            ("91320010PDY00001XR", Error::CheckCharacter(uscc)),
            ("", Error::Empty(uscc)),
            (" - ", Error::Empty(uscc)),
            ("9.1320100123456E+17", Error::Rounded(uscc)),
        ];
        for (code, error) in cases {
            assert_eq!(strict(code), Err(error), "{code}");
        }
    }

    #[test]
    fn normalisation_drops_fillers_and_folds_width_and_case_and_says_so() {
        for text in [
            " 91320100PDY00001XR\t",
            "91320100pdy00001xr",
            "９１３２０１００ＰＤＹ００００１ＸＲ",
            "９１３２０１００ｐｄｙ００００１ｘｒ\u{3000}",
            "913201-00PDY00001X-R",
            "91 3201 00PD Y000 01XR",
            "\u{FEFF}91320100PDY00001XR",
        ] {
            let parsed = Uscc::parse(text, CheckMode::Strict).unwrap();
            assert_eq!(parsed.value.reveal(), GOOD[0]);
            assert!(parsed.normalised, "{text}");
        }
    }

    #[test]
    fn positions_count_in_the_text_as_it_was_given() {
        let error = Error::Excluded { letter: 'O', position: 7 };
        assert_eq!(strict("  9132o100PDY00001XR"), Err(error));
    }

    #[test]
    fn no_letter_is_taken_for_a_digit() {
        for text in ["9I320100PDY00001XR", "9132O1OOPDYOOOO1XR", "9132010\u{FF2F}PDY00001XR"] {
            assert!(matches!(strict(text), Err(Error::Excluded { .. })), "{text}");
        }
    }

    #[test]
    fn standard_flags_a_wrong_organisation_code_and_report_flags_everything() {
        // An identity number that passes modulo 31.
        let foreign = "320100188501010010";
        assert_eq!(strict(foreign), Err(Error::OrganisationCode));
        let standard = Uscc::parse(foreign, CheckMode::Standard).unwrap();
        assert!(standard.flags.organisation_code && !standard.flags.check_character);

        let wrong = "91320100PDY00001XX";
        assert!(Uscc::parse(wrong, CheckMode::Standard).is_err());
        let reported = Uscc::parse(wrong, CheckMode::Report).unwrap();
        assert!(reported.flags.check_character && !reported.flags.organisation_code);

        let lettered = "91A20100PDY00001XR";
        assert!(matches!(
            Uscc::parse(lettered, CheckMode::Standard),
            Err(Error::Character { position: 3, .. })
        ));
        assert!(Uscc::parse(lettered, CheckMode::Report).unwrap().flags.division);
        assert!(Uscc::parse("9132O100PDY00001XR", CheckMode::Report).is_err());
    }

    #[test]
    fn debug_shows_two_characters_at_each_end() {
        assert_eq!(format!("{:?}", strict(GOOD[0]).unwrap()), "Uscc(91…XR)");
    }

    #[test]
    fn every_substitution_and_every_swap_of_the_examples_is_caught() {
        for code in GOOD {
            for place in 0..18 {
                for letter in ALPHABET {
                    let mut bytes = code.as_bytes().to_vec();
                    if bytes[place] != *letter {
                        bytes[place] = *letter;
                        assert_refused(&bytes);
                    }
                }
                let mut bytes = code.as_bytes().to_vec();
                if place < 17 && bytes[place] != bytes[place + 1] {
                    bytes.swap(place, place + 1);
                    assert_refused(&bytes);
                }
            }
        }
    }

    fn assert_refused(bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(Uscc::parse(text, CheckMode::Standard).is_err(), "{text}");
    }

    fn codes() -> impl Strategy<Value = Uscc> {
        (0..Uscc::PDY_CODES).prop_map(|index| Uscc::nth_pdy(index).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_revealed_parses_to_the_same_code(code in codes()) {
            let parsed = Uscc::parse(code.reveal(), CheckMode::Strict).unwrap();
            prop_assert_eq!(parsed.value, code);
            prop_assert!(!parsed.normalised);
        }

        #[test]
        fn one_wrong_character_is_always_caught(code in codes(), place in 0..18_usize, letter in 0..31_usize) {
            let mut bytes = code.reveal().as_bytes().to_vec();
            if bytes[place] != ALPHABET[letter] {
                bytes[place] = ALPHABET[letter];
                assert_refused(&bytes);
            }
        }

        #[test]
        fn two_neighbours_swapped_are_always_caught(code in codes(), place in 0..17_usize) {
            let mut bytes = code.reveal().as_bytes().to_vec();
            if bytes[place] != bytes[place + 1] {
                bytes.swap(place, place + 1);
                assert_refused(&bytes);
            }
        }

        #[test]
        fn any_text_is_answered_and_no_error_repeats_it(text in "\\PC{0,40}") {
            for mode in [CheckMode::Strict, CheckMode::Standard, CheckMode::Report] {
                if let Err(error) = Uscc::parse(&text, mode) {
                    let long = text.chars().count() > 6;
                    prop_assert!(!long || !error.to_string().contains(&text));
                }
            }
        }
    }
}
