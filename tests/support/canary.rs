//! Canaries: numbers and codes that stand nowhere else, and every form in which they are looked for in
//! what was captured.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What a captured stream is searched for.
pub(crate) struct Canaries {
    wanted: Vec<Wanted>,
    /// The places in `wanted` by the first bytes.
    by_start: HashMap<[u8; START], Vec<usize>>,
}

/// One form of one canary.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Whose it is, for the message of a test that fails.
    pub(crate) whose: String,
    pub(crate) form: String,
    pub(crate) bytes: Vec<u8>,
}

/// No form is shorter.
const START: usize = 4;

impl Wanted {
    /// Whether it is so short that chance cannot be left out: four bytes come up once in 2^32 places.
    pub(crate) fn is_short(&self) -> bool {
        self.bytes.len() < 7
    }
}

impl Canaries {
    pub(crate) fn new(wanted: Vec<Wanted>) -> Self {
        let mut by_start: HashMap<[u8; START], Vec<usize>> = HashMap::new();
        for (place, wanted) in wanted.iter().enumerate() {
            let start = wanted.bytes.first_chunk().expect("no form is shorter");
            by_start.entry(*start).or_default().push(place);
        }
        Self { wanted, by_start }
    }

    pub(crate) fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// The forms that `bytes` hold, each once.
    pub(crate) fn found(&self, bytes: &[u8]) -> Vec<&Wanted> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for (at, start) in bytes.array_windows().enumerate() {
            let places = self.by_start.get(start).into_iter().flatten().copied();
            found
                .extend(places.filter(|place| bytes[at..].starts_with(&self.wanted[*place].bytes)));
        }
        found.into_iter().map(|place| &self.wanted[place]).collect()
    }

    /// How many of the forms with so many bytes are expected in so many random bytes.
    pub(crate) fn by_chance(&self, bytes: usize, counts: impl Fn(&Wanted) -> bool) -> f64 {
        let counted = self.wanted.iter().filter(|wanted| counts(wanted));
        counted.map(|wanted| real(bytes) / 256_f64.powi(exponent(wanted.bytes.len()))).sum()
    }
}

/// The least number of hits that chance alone reaches with a probability below `limit`, when
/// `expected` are expected: of Poisson's law.
pub(crate) fn beyond_chance(expected: f64, limit: f64) -> usize {
    // Summed from far out inwards, where the terms are small.
    let term = |hits: i32| {
        let factorial: f64 = (1..=hits).map(f64::from).product();
        (-expected).exp() * expected.powi(hits) / factorial
    };
    let mut tail = 0.0;
    for hits in (0..100).rev() {
        tail += term(hits);
        if tail >= limit {
            return usize::try_from(hits).unwrap_or(0) + 1;
        }
    }
    0
}

/// Every form of a whole number below 2^44, of at least seven digits.
///
/// * 16 bits are left out: two bytes come up everywhere.
/// * 32 bits hold a number of this size cut or rounded. They are short forms, and so is a varint of
///   the number itself, which has six bytes.
/// * 128 bits hold the 64 bits at one end. Text with `.00` behind, or a hundred times the number as
///   text, holds the digits.
pub(crate) fn forms_of(number: u64) -> Vec<(String, Vec<u8>)> {
    let digits = number.to_string();
    let mut forms = vec![
        ("digits".to_owned(), digits.clone().into_bytes()),
        ("digits of a power".into(), format!("{}.{}", &digits[..1], &digits[1..]).into_bytes()),
        ("hexadecimal".into(), hex(&number.to_be_bytes())),
        ("hexadecimal, least first".into(), hex(&number.to_le_bytes())),
    ];
    for (mark, size) in [(",", 3), (" ", 3), ("_", 3), ("'", 3), (".", 3), (",", 4)] {
        let form = format!("digits in groups of {size} with {mark:?}");
        forms.push((form, grouped(&digits, mark, size).into_bytes()));
    }
    forms.extend(in_base64(digits.as_bytes()));
    for scale in [1, 100, 10_000, 1 << 16, 1 << 20] {
        let scaled = number.checked_mul(scale).expect("it is below 2^44");
        forms.extend([
            (format!("64 bits, most first, x{scale}"), scaled.to_be_bytes().to_vec()),
            (format!("64 bits, least first, x{scale}"), scaled.to_le_bytes().to_vec()),
            (format!("varint, x{scale}"), varint(scaled)),
            (format!("f64, most first, x{scale}"), double(scaled).to_be_bytes().to_vec()),
            (format!("f64, least first, x{scale}"), double(scaled).to_le_bytes().to_vec()),
        ]);
    }
    #[expect(clippy::cast_possible_truncation, reason = "one of the ways to leak a number")]
    let (cut, rounded) = (number as u32, double(number) as f32);
    forms.extend([
        ("32 bits, most first".to_owned(), cut.to_be_bytes().to_vec()),
        ("32 bits, least first".to_owned(), cut.to_le_bytes().to_vec()),
        ("f32, most first".to_owned(), rounded.to_be_bytes().to_vec()),
        ("f32, least first".to_owned(), rounded.to_le_bytes().to_vec()),
    ]);
    forms
}

/// Every form of a text.
pub(crate) fn forms_of_text(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut forms = vec![
        ("text".to_owned(), text.as_bytes().to_vec()),
        ("small letters".to_owned(), text.to_lowercase().into_bytes()),
        ("hexadecimal".to_owned(), hex(text.as_bytes())),
    ];
    forms.extend(in_base64(text.as_bytes()));
    forms
}

/// What is the same in base64 whatever stands before and behind, at each of the three places in a
/// group that the text can begin at.
fn in_base64(text: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..3).map(move |before| {
        let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], text].concat());
        let own = (8 * before).div_ceil(6)..8 * (before + text.len()) / 6;
        (format!("base64, {before} behind a group"), encoded.as_bytes()[own].to_vec())
    })
}

fn grouped(digits: &str, mark: &str, size: usize) -> String {
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(size) {
            grouped += mark;
        }
        grouped.push(digit);
    }
    grouped
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "as a leak would round it")]
fn double(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "numbers of bytes, for a probability")]
fn real(count: usize) -> f64 {
    count as f64
}

fn exponent(length: usize) -> i32 {
    i32::try_from(length).expect("forms are short")
}
