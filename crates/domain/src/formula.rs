//! The formula language of verification: what a lender asks about a firm.
//!
//! ```text
//! 1.vat_paid_12m_cny >= 500000 and not 2.in_arrears_now
//!     and at least 2 of (10.insured_count >= 10, 16.evaluation_grade in {"A", "B"},
//!                        1.last_normal_tax_date within 12 months)
//! ```
//!
//! # Grammar
//!
//! ```text
//! formula  = both { "or" both }
//! both     = one { "and" one }
//! one      = "not" one | "(" formula ")" | "at" "least" COUNT "of" "(" formula { "," formula } ")"
//!          | "match" "(" field "=" supplied { "," field "=" supplied } ")" | field [ test ]
//! test     = ( ">=" | ">" | "<=" | "<" ) ( NUMBER | TEXT | "sealed" )
//!          | "=" TEXT | "in" "{" TEXT { "," TEXT } "}"
//!          | "between" NUMBER "and" NUMBER
//!          | "within" COUNT "%" "of" ( NUMBER | "sealed" | "claimed" )
//!          | "within" COUNT "months" | ( "before" | "after" ) day
//! supplied = TEXT | "claimed"
//! day      = YYYY-MM-DD | "today" [ ( "-" | "+" ) COUNT ( "days" | "months" ) ]
//! field    = CLASS "." NAME | NAME
//! ```
//!
//! `not` binds closest, then `and`, then `or`. A field without a test is a yes-or-no field. A number
//! may be grouped as `1_000` or `1,000`; it is in its field's own unit, and there is no 万: fields
//! that count in 10,000 yuan would make it ambiguous. `sealed` stands for a number that its asker
//! sends encrypted; the formula has a numbered slot and no value. A number is never asked with `=`:
//! that is what a declared value and a tolerance are for.
//!
//! `claimed` stands for a text or number that the asker supplies and tells to one holder alone: what
//! parties send and hash has it in the place of every such text and number ([`Formula::withheld`]).
//! People write the text or the number itself.
//!
//! # Invariants
//!
//! * A [`Formula`] exists only by parsing. It and its canonical form (its `Display`)
//!   have at most [`MAX_FORMULA`] bytes, [`MAX_ATOMS`] atoms, [`MAX_CLAIMS`] claims and nesting of
//!   [`MAX_DEPTH`].
//! * The canonical form parses to an equal formula; it is what parties send and hash.
//! * Whether a field exists and may be asked like this is for a catalogue to say.

mod atom;
mod caret;
mod claim;
mod day;
mod error;
mod matching;
mod name;
mod parser;
mod print;
mod quantity;
mod span;
mod token;

use std::str::FromStr;

pub use atom::{Atom, Bound, Comparison, Declared, Supplied, Test};
pub use caret::caret;
pub use claim::{Claim, NoClaim};
pub use day::{Day, Unit, months_from};
pub use error::{Error, Expected, Rule, Trouble};
pub use matching::{category, matched};
pub use name::FieldName;
pub use quantity::Quantity;
pub use span::{Span, Spanned};

use crate::{Answer, Field};
use parser::Parser;

/// The most bytes of a formula, as written and in its canonical form.
pub const MAX_FORMULA: usize = 4096;

/// The most atoms of a formula.
pub const MAX_ATOMS: usize = 32;

/// The most texts and numbers that a formula supplies.
pub const MAX_CLAIMS: usize = 64;

/// The deepest nesting of `not`, parentheses and `at least`.
pub const MAX_DEPTH: usize = 16;

/// The longest text in quotes, in bytes.
pub const MAX_TEXT: usize = 200;

/// A question about one subject, answered yes, no or unknown.
///
/// Two formulas are equal when they say the same in the same order, however they are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    node: Node,
    span: Span,
}

/// What a formula is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// All of two or more.
    And(Vec<Formula>),
    /// Any of two or more.
    Or(Vec<Formula>),
    /// The opposite.
    Not(Box<Formula>),
    /// So many of two or more.
    AtLeast {
        /// From 1 to their number.
        k: usize,
        /// The formulas.
        of: Vec<Formula>,
    },
    /// One question to one record.
    Atom(Atom),
}

impl Formula {
    pub(crate) fn new(node: Node, span: Span) -> Self {
        Self { node, span }
    }

    /// What it is made of.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Where it stands in the text that was parsed, parentheses around it left out.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The atoms, in the order of the text.
    #[must_use]
    pub fn atoms(&self) -> Vec<&Atom> {
        let mut atoms = Vec::new();
        self.gather(&mut atoms);
        atoms
    }

    /// The formula's answer, when the atoms have these, asked for in the order of the text.
    pub fn answer(&self, atom: &mut impl FnMut(&Atom) -> Answer) -> Answer {
        match &self.node {
            Node::And(of) => of.iter().fold(Answer::Yes, |all, one| all.and(one.answer(atom))),
            Node::Or(of) => of.iter().fold(Answer::No, |all, one| all.or(one.answer(atom))),
            Node::Not(of) => !of.answer(atom),
            Node::AtLeast { k, of } => {
                Answer::at_least(*k, of.iter().map(|one| one.answer(atom)).collect::<Vec<_>>())
            }
            Node::Atom(this) => atom(this),
        }
    }

    /// The same formula with every field named in full.
    ///
    /// # Errors
    ///
    /// What `resolve` says about a name; [`Rule::TooLong`] when the full names make it too long.
    pub fn named<E: From<Error>>(
        &self,
        resolve: &mut impl FnMut(&FieldName) -> Result<Field, E>,
    ) -> Result<Self, E> {
        let named = self.renamed(resolve)?;
        named.bounded(self.span)?;
        Ok(named)
    }

    /// Where it says `claimed`, in the order of the text.
    #[must_use]
    pub fn placeholders(&self) -> Vec<Span> {
        self.atoms().into_iter().flat_map(Atom::placeholders).collect()
    }

    /// The same formula with `claimed` in the place of every text and declared number that it
    /// supplies, and these, in the order of the text.
    ///
    /// # Errors
    ///
    /// [`Rule::TooLong`] when the placeholders make it too long.
    pub fn withheld(&self) -> Result<(Self, Vec<Claim>), Error> {
        let mut claims = Vec::new();
        let withheld = self.without_claims(&mut claims);
        withheld.bounded(self.span)?;
        Ok((withheld, claims))
    }

    fn without_claims(&self, claims: &mut Vec<Claim>) -> Self {
        let mut all = |of: &[Self]| of.iter().map(|one| one.without_claims(claims)).collect();
        let node = match &self.node {
            Node::And(of) => Node::And(all(of)),
            Node::Or(of) => Node::Or(all(of)),
            Node::AtLeast { k, of } => Node::AtLeast { k: *k, of: all(of) },
            Node::Not(of) => Node::Not(Box::new(of.without_claims(claims))),
            Node::Atom(atom) => Node::Atom(atom.withheld(claims)),
        };
        Self { node, span: self.span }
    }

    fn renamed<E>(
        &self,
        resolve: &mut impl FnMut(&FieldName) -> Result<Field, E>,
    ) -> Result<Self, E> {
        let mut all =
            |of: &[Self]| of.iter().map(|one| one.renamed(resolve)).collect::<Result<Vec<_>, E>>();
        let node = match &self.node {
            Node::And(of) => Node::And(all(of)?),
            Node::Or(of) => Node::Or(all(of)?),
            Node::AtLeast { k, of } => Node::AtLeast { k: *k, of: all(of)? },
            Node::Not(of) => Node::Not(Box::new(of.renamed(resolve)?)),
            Node::Atom(atom) => Node::Atom(atom.renamed(resolve)?),
        };
        Ok(Self { node, span: self.span })
    }

    /// Whatever is sent must be read again: the canonical form keeps to the bound as well.
    fn bounded(&self, span: Span) -> Result<(), Error> {
        if self.to_string().len() > MAX_FORMULA {
            return Err(Error::rule(span.range(), Rule::TooLong));
        }
        Ok(())
    }

    fn gather<'a>(&'a self, atoms: &mut Vec<&'a Atom>) {
        match &self.node {
            Node::And(of) | Node::Or(of) | Node::AtLeast { of, .. } => {
                of.iter().for_each(|one| one.gather(atoms));
            }
            Node::Not(of) => of.gather(atoms),
            Node::Atom(atom) => atoms.push(atom),
        }
    }
}

impl FromStr for Formula {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_FORMULA {
            let at = (0..=MAX_FORMULA).rev().find(|at| text.is_char_boundary(*at));
            let at = at.unwrap_or(0);
            return Err(Error::rule(at..at, Rule::TooLong));
        }
        let formula = Parser::new(text)?.formula_to_the_end()?;
        formula.bounded(Span::new(0..text.len()))?;
        Ok(formula)
    }
}
