//! Codes that can be no real body's: the self-defined zone PDY00001 to PDY99999 of GB 11714.

use crate::{Error, Uscc};

/// What generators may put in front: enterprise, individual business, farmers' cooperative.
const PREFIXES: [[u8; 2]; 3] = [*b"91", *b"92", *b"93"];

/// The 13 cities of Jiangsu are 320100 to 321300.
const CITIES: u32 = 13;

/// Serial numbers in the zone, from 1.
const SERIALS: u32 = 99_999;

/// Prefixes times cities.
const BODIES_A_SERIAL: u32 = 3 * CITIES;

impl Uscc {
    /// How many codes [`Uscc::nth_pdy`] can make.
    pub const PDY_CODES: u32 = BODIES_A_SERIAL * SERIALS;

    /// A test code in the self-defined zone, with both check characters right.
    ///
    /// `prefix` is `91`, `92` or `93`, `division` six digits, `serial` 1 to 99,999.
    ///
    /// # Errors
    ///
    /// [`Error::Word`] when one of the three is out of its range.
    pub fn from_pdy(prefix: u8, division: u32, serial: u32) -> Result<Self, Error> {
        if !(91..=93).contains(&prefix) || division > 999_999 || !(1..=SERIALS).contains(&serial) {
            return Err(Error::Word {
                what: "a test code",
                expected: "prefix 91 to 93, a division of six digits, serial 1 to 99999",
            });
        }
        Ok(pdy(PREFIXES[usize::from(prefix - 91)], division, serial))
    }

    /// The `index`-th test code: distinct, valid in [`crate::CheckMode::Strict`], the same on
    /// every machine. Neighbours differ in prefix and city. `None` from [`Uscc::PDY_CODES`] on.
    #[must_use]
    pub fn nth_pdy(index: u32) -> Option<Self> {
        if index >= Self::PDY_CODES {
            return None;
        }
        let (body, serial) = (index % BODIES_A_SERIAL, index / BODIES_A_SERIAL + 1);
        let prefix = PREFIXES[usize::try_from(body % 3).expect("one of three")];
        Some(pdy(prefix, 320_000 + 100 * (body / 3 + 1), serial))
    }
}

/// The three are in range.
fn pdy(prefix: [u8; 2], division: u32, serial: u32) -> Uscc {
    let mut first = *b"00000000PDY00000";
    first[..2].copy_from_slice(&prefix);
    write_digits(&mut first[2..8], division);
    write_digits(&mut first[11..16], serial);
    Uscc::completed(first)
}

fn write_digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).expect("a digit");
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{CheckMode, Uscc};

    #[test]
    fn the_worked_examples_are_made_from_their_parts() {
        for (prefix, division, serial, code) in [
            (91, 320_100, 1, "91320100PDY00001XR"),
            (91, 320_500, 17, "91320500PDY0001750"),
            (92, 320_100, 54, "92320100PDY000546Y"),
            (93, 630_100, 28, "93630100PDY00028XE"),
            (91, 630_100, 88, "91630100PDY000888M"),
        ] {
            assert_eq!(Uscc::from_pdy(prefix, division, serial).unwrap().reveal(), code);
        }
    }

    #[test]
    fn parts_out_of_range_are_refused() {
        for (prefix, division, serial) in
            [(90, 320_100, 1), (94, 320_100, 1), (91, 1_000_000, 1), (91, 1, 0), (91, 1, 100_000)]
        {
            assert!(Uscc::from_pdy(prefix, division, serial).is_err());
        }
    }

    #[test]
    fn codes_by_index_are_distinct_and_strictly_valid_to_the_last() {
        assert_eq!(Uscc::PDY_CODES, 3_899_961);
        let indices = (0..4_000).chain(Uscc::PDY_CODES - 4_000..Uscc::PDY_CODES);
        let codes: BTreeSet<Uscc> = indices.map(|index| Uscc::nth_pdy(index).unwrap()).collect();
        assert_eq!(codes.len(), 8_000);
        for code in &codes {
            assert!(Uscc::parse(code.reveal(), CheckMode::Strict).is_ok());
        }
        assert_eq!(Uscc::nth_pdy(Uscc::PDY_CODES), None);
        assert_eq!(Uscc::nth_pdy(0).unwrap().reveal(), "91320100PDY00001XR");
    }
}
