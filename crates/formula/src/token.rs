//! Words, numbers and signs of a formula's text.

use std::ops::Range;

use domain::{ClassId, Field};
use time::{Date, Month};

use crate::quantity::Quantity;
use crate::{Comparison, Error, MAX_TEXT, Problem, Rule};

/// One word, number or sign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// A keyword, or a field without its class.
    Word(&'a str),
    /// A field with its class.
    Field(ClassId, &'a str),
    /// A number without its sign; whole ones also as what counts.
    Number(Quantity, Option<u16>),
    Date(Date),
    Text(String),
    Compare(Comparison),
    Equals,
    Sign(char),
    End,
}

/// Reads tokens one by one, so that the first mistake is the one that is told.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and where it stands.
    pub(crate) fn next(&mut self) -> Result<(Token<'a>, Range<usize>), Error> {
        self.skip(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'));
        let start = self.at;
        let token = match self.peek() {
            None => Token::End,
            Some('a'..='z') => Token::Word(self.name()?),
            Some('0'..='9') => self.digits()?,
            Some('"') => Token::Text(self.quoted()?),
            Some('>') => self.comparison(Comparison::MoreThan, Comparison::AtLeast),
            Some('<') => self.comparison(Comparison::LessThan, Comparison::AtMost),
            Some('=') => {
                self.at += 1;
                Token::Equals
            }
            Some(sign @ ('(' | ')' | '{' | '}' | ',' | '%' | '-' | '+')) => {
                self.at += 1;
                Token::Sign(sign)
            }
            Some(other) => return Err(self.unknown(other)),
        };
        Ok((token, start..self.at))
    }

    fn comparison(&mut self, alone: Comparison, with_equals: Comparison) -> Token<'a> {
        self.at += 1;
        if self.peek() == Some('=') {
            self.at += 1;
            return Token::Compare(with_equals);
        }
        Token::Compare(alone)
    }

    /// `[a-z][a-z0-9_]{0,63}`, with the first letter next.
    fn name(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.skip(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let name = &self.text[start..self.at];
        if let Some(place) = name.find(|letter: char| letter.is_ascii_uppercase()) {
            let at = start + place;
            return Err(Error::rule(at..at + 1, Rule::UpperCase));
        }
        let known = ClassId::new(1).and_then(|class| Field::new(class, name));
        known.map(|_| name).map_err(|_| Error::rule(start..self.at, Rule::Name))
    }

    /// A number, a day or a field with its class, with a digit next.
    fn digits(&mut self) -> Result<Token<'a>, Error> {
        let start = self.at;
        if let Some(date) = self.date()? {
            return Ok(date);
        }
        self.skip(|letter| letter.is_ascii_digit());
        let mut rest = self.text[self.at..].chars();
        if rest.next() == Some('.')
            && rest.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        {
            let class = self.text[start..self.at].parse();
            let class = class.map_err(|_| Error::rule(start..self.at, Rule::Class))?;
            self.at += 1;
            return Ok(Token::Field(class, self.name()?));
        }
        self.at = start;
        self.number()
    }

    /// `2026-01-01`: nothing else has four digits, a hyphen, and two digits.
    fn date(&mut self) -> Result<Option<Token<'a>>, Error> {
        let Some(text) = self.text.get(self.at..self.at + 10) else { return Ok(None) };
        let bytes = text.as_bytes();
        let shaped = bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if !shaped {
            return Ok(None);
        }
        let at = self.at..self.at + 10;
        self.at = at.end;
        self.not_joined(at.start)?;
        let month = text[5..7].parse::<u8>().ok().and_then(|month| Month::try_from(month).ok());
        let day = text[..4].parse().ok().zip(month).zip(text[8..].parse().ok());
        let date =
            day.and_then(|((year, month), day)| Date::from_calendar_date(year, month, day).ok());
        date.map(|date| Some(Token::Date(date))).ok_or(Error::rule(at, Rule::NoSuchDay))
    }

    fn number(&mut self) -> Result<Token<'a>, Error> {
        let start = self.at;
        self.skip(|letter| letter.is_ascii_digit() || letter == '_');
        // A comma belongs to the number when exactly three digits follow at once; in a list a
        // question follows, and none begins like that.
        while self.text[self.at..].starts_with(',') && three_digits(&self.text[self.at + 1..]) {
            self.at += 4;
        }
        let whole = &self.text[start..self.at];
        let mut fraction = "";
        if let Some(after) = self.text[self.at..].strip_prefix('.') {
            let length = after.bytes().take_while(u8::is_ascii_digit).count();
            fraction = &after[..length];
            self.at += 1 + length;
            if fraction.is_empty() {
                return Err(Error::rule(start..self.at, Rule::Digits));
            }
        }
        self.not_joined(start)?;
        let number = ungrouped(whole).and_then(|whole| {
            let number = Quantity::of_digits(false, &whole, fraction)?;
            Some((number, if fraction.is_empty() { whole.parse().ok() } else { None }))
        });
        let (number, count) = number.ok_or(Error::rule(start..self.at, Rule::Digits))?;
        Ok(Token::Number(number, count))
    }

    /// A number or day ends where the next word does not begin.
    fn not_joined(&self, start: usize) -> Result<(), Error> {
        match self.peek() {
            Some(letter) if letter.is_alphabetic() || matches!(letter, '_' | '.') => {
                let end = self.at + letter.len_utf8();
                let (at, rule) = match letter {
                    '_' | '.' => (start..end, Rule::Digits),
                    _ => (self.at..end, Rule::Unit),
                };
                Err(Error::rule(at, rule))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A text in quotes, with the first of them next.
    fn quoted(&mut self) -> Result<String, Error> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let at = self.at;
            let Some(letter) = self.peek() else {
                return Err(Error::rule(start..start + 1, Rule::Unclosed));
            };
            self.at += letter.len_utf8();
            match letter {
                '"' => break,
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.at += 1;
                        text.push(escaped);
                    }
                    Some(_) | None => return Err(Error::rule(at..self.at, Rule::Escape)),
                },
                letter if letter.is_control() => {
                    return Err(Error::rule(at..self.at, Rule::Control));
                }
                letter => text.push(letter),
            }
        }
        if (1..=MAX_TEXT).contains(&text.len()) {
            return Ok(text);
        }
        Err(Error::rule(start..self.at, Rule::TextLength))
    }

    fn unknown(&self, found: char) -> Error {
        let at = self.at..self.at + found.len_utf8();
        let what = if found.is_ascii_uppercase() {
            Problem::Rule(Rule::UpperCase)
        } else {
            match ascii(found) {
                Some(instead) => Problem::Write { found, instead },
                None => Problem::Character(found),
            }
        };
        Error { at, what }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip(&mut self, which: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|letter| !which(letter)).unwrap_or(rest.len());
    }
}

fn three_digits(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 3
}

/// The digits without their groups: `_` between digits, or `,` before every three; not both.
fn ungrouped(whole: &str) -> Option<String> {
    let groups: Vec<&str> = whole.split(',').collect();
    match groups.as_slice() {
        [only] => {
            let fits = !only.ends_with('_') && !only.contains("__");
            fits.then(|| only.replace('_', ""))
        }
        // The others have three digits, or they would not have been taken.
        [first, ..] => {
            ((1..=3).contains(&first.len()) && !first.contains('_')).then(|| groups.concat())
        }
        [] => None,
    }
}

/// Every ASCII sign, letter and digit: full-width ones lie 0xFEE0 above.
const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
                     abcdefghijklmnopqrstuvwxyz{|}~";

/// What to write instead of a sign of Chinese or typographic text.
fn ascii(sign: char) -> Option<&'static str> {
    Some(match sign {
        '\u{ff01}'..='\u{ff5e}' => {
            let place = usize::try_from(u32::from(sign) - 0xff01).ok()?;
            ASCII.get(place..=place)?
        }
        '\u{2018}'..='\u{201f}' | '\u{300c}'..='\u{300f}' | '\'' => "\"",
        '、' => ",",
        '。' => ".",
        '≥' => ">=",
        '≤' => "<=",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{3000}' | '\u{a0}' => "a space",
        '且' | '与' => "and",
        '或' => "or",
        '非' => "not",
        _ => return None,
    })
}
