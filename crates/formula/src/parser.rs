//! Reading a formula, by recursive descent.

mod question;

use std::ops::Range;

use crate::token::{Lexer, Token};
use crate::{
    Atom, Error, Expected, FieldName, Formula, MAX_ATOMS, MAX_CLAIMS, MAX_DEPTH, Node, Problem,
    Quantity, Rule, Span, Spanned, Supplied, Test,
};

/// The words that name no field when they stand alone.
const KEYWORDS: [&str; 19] = [
    "after", "and", "at", "before", "between", "claimed", "day", "days", "in", "least", "match",
    "month", "months", "not", "of", "or", "sealed", "today", "within",
];

/// Holds one token ahead.
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token<'a>,
    place: Range<usize>,
    /// Where the token before ended.
    end: usize,
    atoms: usize,
    sealed: u8,
    /// Texts and numbers that are supplied, here or apart from the text.
    claims: u8,
    /// Those that are not here.
    claimed: u8,
    depth: usize,
}

type Parsed<T> = Result<T, Error>;

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let (token, place) = lexer.next()?;
        Ok(Self {
            lexer,
            token,
            place,
            end: 0,
            atoms: 0,
            sealed: 0,
            claims: 0,
            claimed: 0,
            depth: 0,
        })
    }

    pub(crate) fn formula_to_the_end(mut self) -> Parsed<Formula> {
        let formula = self.formula()?;
        match (&self.token, formula.node()) {
            (Token::End, _) => Ok(formula),
            (_, Node::Atom(Atom::Test { test: Test::True, .. })) => {
                Err(self.expected(&[Expected::Continuation]))
            }
            (_, _) => Err(self.expected(&[Expected::Joint])),
        }
    }

    pub(crate) fn number_to_the_end(mut self) -> Parsed<Quantity> {
        let number = self.number(&[Expected::Number])?;
        if self.token == Token::End {
            Ok(number.part)
        } else {
            Err(self.expected(&[Expected::End]))
        }
    }

    fn formula(&mut self) -> Parsed<Formula> {
        self.chain("or", Self::both, Node::Or)
    }

    fn both(&mut self) -> Parsed<Formula> {
        self.chain("and", Self::one, Node::And)
    }

    /// One, or several joined by a word.
    fn chain(
        &mut self,
        word: &str,
        next: fn(&mut Self) -> Parsed<Formula>,
        node: fn(Vec<Formula>) -> Node,
    ) -> Parsed<Formula> {
        let first = next(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let start = first.span();
        let mut of = vec![first];
        while self.took_word(word)? {
            of.push(next(self)?);
        }
        let last = of.last().map_or(start, Formula::span);
        Ok(Formula::new(node(of), start.to(last)))
    }

    fn one(&mut self) -> Parsed<Formula> {
        let start = self.place.start;
        if self.took_word("not")? {
            let of = self.nested(start, Self::one)?;
            return Ok(Formula::new(Node::Not(Box::new(of)), self.since(start)));
        }
        if self.took_sign('(')? {
            let inner = self.nested(start, Self::formula)?;
            self.sign(')', &[Expected::Joint, Expected::Closing])?;
            return Ok(inner);
        }
        if self.took_word("at")? {
            return self.nested(start, |parser| parser.at_least(start));
        }
        self.atoms += 1;
        if self.atoms > MAX_ATOMS {
            return Err(Error::rule(self.place.clone(), Rule::TooMany));
        }
        let atom = if self.took_word("match")? { self.matching(start)? } else { self.test(start)? };
        let span = atom.span();
        Ok(Formula::new(Node::Atom(atom), span))
    }

    fn nested<T>(&mut self, start: usize, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::rule(start..self.end, Rule::TooDeep));
        }
        let read = inner(self)?;
        self.depth -= 1;
        Ok(read)
    }

    /// `least K of (a, b, …)`, after `at`.
    fn at_least(&mut self, start: usize) -> Parsed<Formula> {
        self.word("least", Expected::Least)?;
        let k = self.count()?;
        self.word("of", Expected::Of)?;
        self.sign('(', &[Expected::Opening])?;
        let mut of = vec![self.formula()?];
        while self.took_sign(',')? {
            of.push(self.formula()?);
        }
        if of.len() == 1 {
            self.sign(',', &[Expected::Joint, Expected::Comma])?;
        }
        self.sign(')', &[Expected::Joint, Expected::Comma, Expected::Closing])?;
        let asked = usize::from(k.part);
        if !(1..=of.len()).contains(&asked) {
            return Err(Error::rule(k.span.range(), Rule::CountOutOfRange));
        }
        Ok(Formula::new(Node::AtLeast { k: asked, of }, self.since(start)))
    }

    /// `(field = "…", …)`, after `match`.
    fn matching(&mut self, start: usize) -> Parsed<Atom> {
        self.sign('(', &[Expected::Opening])?;
        let mut parts: Vec<(FieldName, Spanned<Supplied>)> = Vec::new();
        loop {
            let field = self.field(&[Expected::Field])?;
            if parts.iter().any(|(listed, _)| *listed == field) {
                return Err(Error::rule(field.span().range(), Rule::Twice));
            }
            if self.token != Token::Equals {
                return Err(self.expected(&[Expected::Equals]));
            }
            self.step()?;
            parts.push((field, self.supplied()?));
            if !self.took_sign(',')? {
                break;
            }
        }
        self.sign(')', &[Expected::Comma, Expected::Closing])?;
        Ok(Atom::Match { parts, span: self.since(start) })
    }

    fn supplied(&mut self) -> Parsed<Spanned<Supplied>> {
        let start = self.place.start;
        if let Some(place) = self.took_claimed()? {
            return Ok(Spanned { part: Supplied::Claimed(place), span: self.since(start) });
        }
        let text = self.text(&[Expected::Text])?;
        self.one_more_claim(text.span)?;
        Ok(Spanned { part: Supplied::Text(text.part.into()), span: text.span })
    }

    /// The place of a claim that is not here, where `claimed` stands for it.
    fn took_claimed(&mut self) -> Parsed<Option<u8>> {
        let span = Span::new(self.place.clone());
        if !self.took_word("claimed")? {
            return Ok(None);
        }
        self.one_more_claim(span)?;
        self.claimed += 1;
        Ok(Some(self.claimed - 1))
    }

    fn one_more_claim(&mut self, span: Span) -> Parsed<()> {
        if usize::from(self.claims) == MAX_CLAIMS {
            return Err(Error::rule(span.range(), Rule::TooManyClaims));
        }
        self.claims += 1;
        Ok(())
    }

    fn field(&mut self, expected: &'static [Expected]) -> Parsed<FieldName> {
        let span = Span::new(self.place.clone());
        let name = match self.token {
            Token::Field(class, name) => FieldName::new(Some(class), name, span),
            Token::Word(name) if KEYWORDS.binary_search(&name).is_err() => {
                FieldName::new(None, name, span)
            }
            _ => return Err(self.expected(expected)),
        };
        self.step()?;
        Ok(name)
    }

    fn number(&mut self, expected: &'static [Expected]) -> Parsed<Spanned<Quantity>> {
        let start = self.place.start;
        let negative = self.took_sign('-')?;
        let Token::Number(number, _) = self.token else { return Err(self.expected(expected)) };
        self.step()?;
        let count = number.ten_thousandths();
        let part = Quantity::from_ten_thousandths(if negative { -count } else { count });
        Ok(Spanned { part, span: self.since(start) })
    }

    fn count(&mut self) -> Parsed<Spanned<u16>> {
        let Token::Number(_, Some(part)) = self.token else {
            return Err(self.expected(&[Expected::Count]));
        };
        let span = Span::new(self.place.clone());
        self.step()?;
        Ok(Spanned { part, span })
    }

    fn text(&mut self, expected: &'static [Expected]) -> Parsed<Spanned<String>> {
        let Token::Text(text) = &mut self.token else { return Err(self.expected(expected)) };
        let part = std::mem::take(text);
        let span = Span::new(self.place.clone());
        self.step()?;
        Ok(Spanned { part, span })
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Word(found) if found == word)
    }

    fn took_word(&mut self, word: &str) -> Parsed<bool> {
        let is_next = self.is_word(word);
        if is_next {
            self.step()?;
        }
        Ok(is_next)
    }

    fn word(&mut self, word: &str, expected: Expected) -> Parsed<()> {
        if self.took_word(word)? { Ok(()) } else { Err(self.expected_one(expected)) }
    }

    fn took_sign(&mut self, sign: char) -> Parsed<bool> {
        let is_next = self.token == Token::Sign(sign);
        if is_next {
            self.step()?;
        }
        Ok(is_next)
    }

    fn sign(&mut self, sign: char, expected: &'static [Expected]) -> Parsed<()> {
        if self.took_sign(sign)? { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn step(&mut self) -> Parsed<()> {
        self.end = self.place.end;
        (self.token, self.place) = self.lexer.next()?;
        Ok(())
    }

    fn since(&self, start: usize) -> Span {
        Span::new(start..self.end)
    }

    fn expected(&self, expected: &'static [Expected]) -> Error {
        Error { at: self.place.clone(), what: Problem::Expected(expected) }
    }

    fn expected_one(&self, expected: Expected) -> Error {
        let place = Expected::ALL.iter().position(|one| *one == expected);
        let place = place.expect("every one is among all");
        self.expected(&Expected::ALL[place..=place])
    }
}

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn no_keyword_is_taken_for_a_field() {
        assert!(KEYWORDS.is_sorted());
        for word in KEYWORDS {
            assert!(word.parse::<crate::Formula>().is_err(), "{word}");
            assert!(format!("1.{word}").parse::<crate::Formula>().is_ok(), "{word}");
        }
    }
}
