//! What is asked about a field.

use std::collections::BTreeSet;

use super::{Parsed, Parser};
use crate::day::{Day, MOST_STEPS, Unit};
use crate::token::Token;
use crate::{Atom, Bound, Declared, Error, Expected, Rule, Spanned, Test};

impl Parser<'_> {
    /// A field, and what is asked about it.
    pub(super) fn test(&mut self, start: usize) -> Parsed<Atom> {
        let field = self.field(&[Expected::Question])?;
        let test = self.question()?;
        Ok(Atom::Test { field, test, span: self.since(start) })
    }

    fn question(&mut self) -> Parsed<Test> {
        match self.token {
            Token::Compare(comparison) => {
                self.step()?;
                Ok(Test::Compare(comparison, self.bound()?))
            }
            Token::Equals => {
                self.step()?;
                let text = self.text(&[Expected::Text])?;
                Ok(Test::OneOf(BTreeSet::from([text.part.into()])))
            }
            Token::Word("in") => {
                self.step()?;
                self.categories()
            }
            Token::Word("between") => {
                self.step()?;
                self.between()
            }
            Token::Word("within") => {
                self.step()?;
                self.within()
            }
            Token::Word("before") => {
                self.step()?;
                Ok(Test::Before(self.day()?))
            }
            Token::Word("after") => {
                self.step()?;
                Ok(Test::After(self.day()?))
            }
            _ => Ok(Test::True),
        }
    }

    fn bound(&mut self) -> Parsed<Spanned<Bound>> {
        if let Token::Text(_) = self.token {
            let Spanned { part, span } = self.text(&[Expected::Text])?;
            return Ok(Spanned { part: Bound::Grade(part.into()), span });
        }
        let start = self.place.start;
        if let Some(place) = self.took_sealed()? {
            return Ok(Spanned { part: Bound::Sealed(place), span: self.since(start) });
        }
        let number = self.number(&[Expected::Number, Expected::Text, Expected::Sealed])?;
        Ok(Spanned { part: Bound::Number(number.part), span: number.span })
    }

    fn declared(&mut self) -> Parsed<Spanned<Declared>> {
        let start = self.place.start;
        if let Some(place) = self.took_sealed()? {
            return Ok(Spanned { part: Declared::Sealed(place), span: self.since(start) });
        }
        if let Some(place) = self.took_claimed()? {
            return Ok(Spanned { part: Declared::Claimed(place), span: self.since(start) });
        }
        let number = self.number(&[Expected::Number, Expected::Sealed])?;
        self.one_more_claim(number.span)?;
        Ok(Spanned { part: Declared::Number(number.part), span: number.span })
    }

    /// The place of a number that comes encrypted, where `sealed` stands for it.
    fn took_sealed(&mut self) -> Parsed<Option<u8>> {
        if !self.took_word("sealed")? {
            return Ok(None);
        }
        // There are no more than atoms.
        self.sealed += 1;
        Ok(Some(self.sealed - 1))
    }

    /// `{"A", "B"}`, after `in`.
    fn categories(&mut self) -> Parsed<Test> {
        self.sign('{', &[Expected::Brace])?;
        let mut categories = BTreeSet::new();
        loop {
            let text = self.text(&[Expected::Text])?;
            if !categories.insert(text.part.into_boxed_str()) {
                return Err(Error::rule(text.span.range(), Rule::Twice));
            }
            if !self.took_sign(',')? {
                break;
            }
        }
        self.sign('}', &[Expected::Comma, Expected::ClosingBrace])?;
        Ok(Test::OneOf(categories))
    }

    /// `A and B`, after `between`.
    fn between(&mut self) -> Parsed<Test> {
        let low = self.number(&[Expected::Number])?;
        self.word("and", Expected::And)?;
        let high = self.number(&[Expected::Number])?;
        if low.part > high.part {
            let both = low.span.to(high.span).range();
            return Err(Error::rule(both, Rule::EmptyInterval));
        }
        Ok(Test::Between(low, high))
    }

    /// `12 months` or `5 % of 480000`, after `within`.
    fn within(&mut self) -> Parsed<Test> {
        let count = self.count()?;
        let place = count.span.range();
        if self.took_sign('%')? {
            let percent = u8::try_from(count.part).ok().filter(|part| (1..=50).contains(part));
            let part = percent.ok_or(Error::rule(place, Rule::Tolerance))?;
            self.word("of", Expected::Of)?;
            let declared = self.declared()?;
            return Ok(Test::Near { percent: Spanned { part, span: count.span }, declared });
        }
        if !self.took_word("months")? && !self.took_word("month")? {
            return Err(self.expected(&[Expected::Months, Expected::Percent]));
        }
        steps(&count)?;
        Ok(Test::WithinMonths(count))
    }

    fn day(&mut self) -> Parsed<Spanned<Day>> {
        let start = self.place.start;
        if let Token::Date(date) = self.token {
            self.step()?;
            return Ok(Spanned { part: Day::On(date), span: self.since(start) });
        }
        self.word("today", Expected::Day)?;
        let sign = if self.took_sign('-')? {
            -1
        } else if self.took_sign('+')? {
            1
        } else {
            let part = Day::FromToday { count: 0, unit: Unit::Days };
            return Ok(Spanned { part, span: self.since(start) });
        };
        let count = sign * steps(&self.count()?)?;
        let unit = if self.took_word("days")? || self.took_word("day")? {
            Unit::Days
        } else if self.took_word("months")? || self.took_word("month")? {
            Unit::Months
        } else {
            return Err(self.expected(&[Expected::Unit]));
        };
        Ok(Spanned { part: Day::FromToday { count, unit }, span: self.since(start) })
    }
}

/// So many days or months, within the language's bound.
fn steps(count: &Spanned<u16>) -> Parsed<i16> {
    i16::try_from(count.part)
        .ok()
        .filter(|count| (1..=MOST_STEPS).contains(count))
        .ok_or(Error::rule(count.span.range(), Rule::TooFar))
}
