//! Normalising what people type into 18 characters, without guessing.

use crate::{Error, SubjectKind};

/// Both kinds of code have 18 characters.
pub(crate) const LENGTH: usize = 18;

/// The 18 characters of a code after normalisation, each with its position in the text as given.
pub(crate) struct Characters {
    letters: [(usize, char); LENGTH],
    /// Whether the text as given differs from what was kept.
    pub(crate) normalised: bool,
}

impl Characters {
    /// Drops spaces, hyphens and invisible characters, makes full-width characters half-width and
    /// lower case upper. Never maps one letter or digit to another.
    pub(crate) fn read(kind: SubjectKind, text: &str) -> Result<Self, Error> {
        let mut letters = [(0, '\0'); LENGTH];
        let mut found = 0;
        let mut normalised = false;
        for (index, given) in text.chars().enumerate() {
            if is_filler(given) {
                normalised = true;
                continue;
            }
            let kept = half_width(given).to_ascii_uppercase();
            normalised |= kept != given;
            if let Some(place) = letters.get_mut(found) {
                *place = (index + 1, kept);
            }
            found += 1;
        }
        if found == 0 {
            return Err(Error::Empty(kind));
        }
        if text.contains("E+") || text.contains("e+") {
            return Err(Error::Rounded(kind));
        }
        if found == 15
            && kind == SubjectKind::CnId
            && letters.iter().take(found).all(|(_, letter)| letter.is_ascii_digit())
        {
            return Err(Error::FifteenDigits);
        }
        if found != LENGTH {
            return Err(Error::Length { kind, expected: LENGTH, found });
        }
        Ok(Self { letters, normalised })
    }

    /// Each character with its position in the text as given, counted from 1.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, char)> {
        self.letters.iter().copied()
    }
}

/// Characters that stand between others and mean nothing: spaces of any width, hyphens and
/// dashes of any length, and the invisible ones that spreadsheets and web pages leave behind.
fn is_filler(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '\u{00AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}'
                | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
        )
}

/// Full-width ASCII (U+FF01 to U+FF5E) lies 0xFEE0 above ASCII.
fn half_width(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(letter) - 0xFEE0).expect("the range maps onto ASCII")
        }
        other => other,
    }
}

/// An identifier for `Debug`: its two ends, or nothing when it is too short to hide in.
pub(crate) fn masked(text: &str) -> String {
    let ends = text.get(..2).zip(text.get(text.len().saturating_sub(2)..));
    match ends {
        Some((first, last)) if text.len() >= 12 => format!("{first}…{last}"),
        Some(_) | None => "…".into(),
    }
}
