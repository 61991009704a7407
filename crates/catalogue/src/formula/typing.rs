//! Each atom against the catalogue's entry of its field.

use std::collections::BTreeSet;

use domain::Field;
use formula::{
    Atom, Bound, Comparison, Day, Declared, FieldName, Formula, MAX_TEXT, Node, Quantity, Span,
    Spanned, Supplied, Test, Unit, category, matched,
};

use super::typed_atom::{Asked, Number, Text};
use super::{Gate, Mistake, Mistyped, TypedAtom};
use crate::{Catalogue, FieldEntry, FieldType, Question, grid};

/// The tolerances there are: a free one would be a second dial to search with.
const TOLERANCES: [u8; 3] = [5, 10, 20];

/// Collects a formula's atoms while its shape is read.
pub(crate) struct Typing<'a> {
    catalogue: &'a Catalogue,
    atoms: Vec<TypedAtom>,
}

impl Catalogue {
    /// The one field that a formula means by this name.
    pub(crate) fn resolved(&self, name: &FieldName) -> Result<Field, Mistake> {
        let mistake = |what| Mistake::new(name.span(), what);
        if let Some(field) = name.field() {
            return match self.lookup(&field) {
                Some(_) => Ok(field),
                None => Err(mistake(Mistyped::Unlisted)),
            };
        }
        let named: Vec<&Field> =
            self.fields().map(FieldEntry::field).filter(|one| one.name() == name.name()).collect();
        match named.as_slice() {
            [] => Err(mistake(Mistyped::Unlisted)),
            [only] => Ok((*only).clone()),
            several => {
                Err(mistake(Mistyped::Ambiguous(several.iter().map(|f| f.class()).collect())))
            }
        }
    }
}

impl<'a> Typing<'a> {
    pub(crate) const fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, atoms: Vec::new() }
    }

    pub(crate) fn into_atoms(self) -> Vec<TypedAtom> {
        self.atoms
    }

    /// The formula as gates, or the opposite of it, its atoms gathered.
    pub(crate) fn gate(&mut self, formula: &Formula, negated: bool) -> Result<Gate, Mistake> {
        let (k, of) = match formula.node() {
            Node::Not(of) => return self.gate(of, !negated),
            Node::Atom(atom) => {
                let index = self.index_of(atom)?;
                return Ok(Gate::Atom { index, negated });
            }
            Node::And(of) => (of.len(), of),
            Node::Or(of) => (1, of),
            Node::AtLeast { k, of } => (*k, of),
        };
        let k = if negated { of.len() - k + 1 } else { k };
        let of = of.iter().map(|one| self.gate(one, negated)).collect::<Result<_, _>>()?;
        Ok(Gate::AtLeast { k, of })
    }

    fn index_of(&mut self, atom: &Atom) -> Result<usize, Mistake> {
        let atom = match atom {
            Atom::Test { field, test, span } => self.test(field, test, *span)?,
            Atom::Match { parts, span } => self.tuple(parts, *span)?,
        };
        // Sealed numbers have a slot each, so no two of them are equal.
        if let Some(known) = self.atoms.iter().position(|known| *known == atom) {
            return Ok(known);
        }
        self.atoms.push(atom);
        Ok(self.atoms.len() - 1)
    }

    fn entry(&self, name: &FieldName) -> Result<&'a FieldEntry, Mistake> {
        let listed = name.field().and_then(|field| self.catalogue.lookup(&field));
        listed.map(|(_, entry)| entry).ok_or(Mistake::new(name.span(), Mistyped::Unlisted))
    }

    fn test(&self, name: &FieldName, test: &Test, span: Span) -> Result<TypedAtom, Mistake> {
        let entry = self.entry(name)?;
        let field_type = entry.field_type();
        if let Some(span) = sealed(test)
            && !field_type.is_numeric()
        {
            return Err(Mistake::new(span, Mistyped::Sealed(field_type)));
        }
        let question = question(test, field_type);
        permitted(entry, question, span)?;
        let asked = asked(entry, test)?;
        let fields = vec![entry.field().clone()];
        Ok(TypedAtom { fields, field_type, question, asked, span })
    }

    fn tuple(
        &self,
        parts: &[(FieldName, Spanned<Supplied>)],
        span: Span,
    ) -> Result<TypedAtom, Mistake> {
        let mut fields: Vec<Field> = Vec::new();
        let mut texts = Vec::new();
        let mut types = Vec::new();
        for (name, text) in parts {
            let entry = self.entry(name)?;
            permitted(entry, Question::Match, name.span().to(text.span))?;
            if fields.contains(entry.field()) {
                return Err(Mistake::new(name.span(), Mistyped::Twice(entry.field().clone())));
            }
            fields.push(entry.field().clone());
            types.push(entry.field_type());
            texts.push(compared(text)?);
        }
        let of_one_class = fields.iter().all(|field| field.class() == fields[0].class());
        // Fields matched one by one would be guessed one by one.
        if !of_one_class || (fields.len() < 2 && types != [FieldType::Record]) {
            return Err(Mistake::new(span, Mistyped::Tuple));
        }
        let (field_type, question, asked) = (types[0], Question::Match, Asked::Match(texts));
        Ok(TypedAtom { fields, field_type, question, asked, span })
    }
}

/// A text as it is compared.
fn compared(text: &Spanned<Supplied>) -> Result<Text, Mistake> {
    let written = match &text.part {
        Supplied::Text(written) => written,
        Supplied::Claimed(place) => return Ok(Text::Claimed(*place)),
    };
    let normalised = matched(written);
    match normalised.len() {
        0 => Err(Mistake::new(text.span, Mistyped::Nothing)),
        1..=MAX_TEXT => Ok(Text::Clear(normalised.into())),
        _ => Err(Mistake::new(text.span, Mistyped::Long)),
    }
}

/// Where the number of a test stands that comes encrypted.
const fn sealed(test: &Test) -> Option<Span> {
    match test {
        Test::Compare(_, Spanned { part: Bound::Sealed(_), span })
        | Test::Near { declared: Spanned { part: Declared::Sealed(_), span }, .. } => Some(*span),
        Test::True
        | Test::Compare(_, Spanned { part: Bound::Number(_) | Bound::Grade(_), .. })
        | Test::Near {
            declared: Spanned { part: Declared::Number(_) | Declared::Claimed(_), .. },
            ..
        }
        | Test::Between(..)
        | Test::OneOf(_)
        | Test::Before(_)
        | Test::After(_)
        | Test::WithinMonths(_) => None,
    }
}

/// The question of the catalogue that a test asks. `<` is the opposite of `>=`, and `>` of `<=`.
fn question(test: &Test, field_type: FieldType) -> Question {
    match test {
        Test::True => Question::IsTrue,
        Test::Compare(_, Spanned { part: Bound::Grade(_), .. }) => Question::AtLeastGrade,
        Test::Compare(Comparison::AtLeast | Comparison::LessThan, _) => Question::AtLeast,
        Test::Compare(Comparison::AtMost | Comparison::MoreThan, _) => Question::AtMost,
        Test::Between(..) => Question::InBand,
        Test::Near { .. } => Question::Near,
        Test::OneOf(_) if field_type == FieldType::Band => Question::BandId,
        Test::OneOf(_) => Question::Equals,
        Test::Before(_) => Question::Before,
        Test::After(_) => Question::After,
        Test::WithinMonths(_) => Question::WithinMonths,
    }
}

fn permitted(entry: &FieldEntry, asked: Question, span: Span) -> Result<(), Mistake> {
    let field_type = entry.field_type();
    if field_type.questions().contains(&asked) {
        return Ok(());
    }
    Err(Mistake::new(span, Mistyped::Question { field_type, asked }))
}

/// What a permitted test asks, where its numbers, grades and days are those of the field.
fn asked(entry: &FieldEntry, test: &Test) -> Result<Asked, Mistake> {
    Ok(match test {
        Test::True => Asked::True,
        Test::Compare(comparison, bound) => match &bound.part {
            Bound::Number(number) => {
                let number = on_grid(entry, &Spanned { part: *number, span: bound.span })?;
                Asked::Compare(*comparison, Number::Clear(number))
            }
            Bound::Sealed(slot) => Asked::Compare(*comparison, Number::Sealed(*slot)),
            Bound::Grade(grade) => graded(entry, *comparison, grade, bound.span)?,
        },
        Test::Between(low, high) => Asked::Between(on_grid(entry, low)?, on_grid(entry, high)?),
        Test::Near { percent, declared } => {
            if !TOLERANCES.contains(&percent.part) {
                return Err(Mistake::new(percent.span, Mistyped::Tolerance));
            }
            let number = match declared.part {
                Declared::Number(number) => Number::Clear(number),
                Declared::Sealed(slot) => Number::Sealed(slot),
                Declared::Claimed(place) => Number::Claimed(place),
            };
            Asked::Near(percent.part, number)
        }
        Test::OneOf(categories) => {
            Asked::OneOf(categories.iter().map(|one| category(one).into()).collect())
        }
        Test::Before(day) => Asked::Before(on_day_grid(day, false)?),
        Test::After(day) => Asked::After(on_day_grid(day, true)?),
        Test::WithinMonths(count) => {
            let months = i16::try_from(count.part).unwrap_or(i16::MAX);
            if let Some((below, above)) = grid::step_neighbours(months, Unit::Months) {
                return Err(off_grid(count.span, below, above));
            }
            Asked::WithinMonths(count.part)
        }
    })
}

fn on_grid(entry: &FieldEntry, threshold: &Spanned<Quantity>) -> Result<Quantity, Mistake> {
    match grid::neighbours(entry.grid(), threshold.part) {
        None => Ok(threshold.part),
        Some((below, above)) => Err(off_grid(threshold.span, below, above)),
    }
}

fn on_day_grid(day: &Spanned<Day>, is_after: bool) -> Result<Day, Mistake> {
    match grid::day_neighbours(day.part, is_after) {
        None => Ok(day.part),
        Some((below, above)) => Err(off_grid(day.span, below, above)),
    }
}

fn off_grid<T: ToString>(span: Span, below: Option<T>, above: Option<T>) -> Mistake {
    let [below, above] = [below, above].map(|one| one.map(|one| one.to_string()));
    Mistake::new(span, Mistyped::OffGrid { below, above })
}

/// The better a grade, the greater it is: `>= "B"` is B and all that stand before it.
fn graded(
    entry: &FieldEntry,
    comparison: Comparison,
    grade: &str,
    span: Span,
) -> Result<Asked, Mistake> {
    let ranks = entry.ranks();
    if ranks.is_empty() {
        return Err(Mistake::new(span, Mistyped::Unranked));
    }
    let grade = category(grade);
    let Some(place) = ranks.iter().position(|rank| *rank == grade) else {
        return Err(Mistake::new(span, Mistyped::Grade(ranks.to_vec())));
    };
    let among = match comparison {
        Comparison::AtLeast => &ranks[..=place],
        Comparison::MoreThan => &ranks[..place],
        Comparison::AtMost => &ranks[place..],
        Comparison::LessThan => &ranks[place + 1..],
    };
    let [among, ranks] = [among, ranks]
        .map(|of| of.iter().map(|rank| rank.as_str().into()).collect::<BTreeSet<Box<str>>>());
    Ok(Asked::Graded { among, ranks })
}
