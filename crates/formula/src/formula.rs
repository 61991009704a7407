//! A formula, and what is done with one as a whole.

use std::str::FromStr;

use domain::{Answer, Field};

use crate::parser::Parser;
use crate::{Atom, Claim, Error, FieldName, Rule, Span};

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
