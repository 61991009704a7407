//! The canonical form: one spelling of what a formula says.

use std::fmt::{self, Display as _};

use crate::{Atom, Bound, Declared, Formula, Node, Supplied, Test};

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node() {
            Node::And(of) => joined(f, of, " and ", Formula::binds_looser_than_not),
            // `or` binds loosest: only another `or`, or it would be one with this.
            Node::Or(of) => joined(f, of, " or ", |one| matches!(one.node(), Node::Or(_))),
            Node::Not(of) => {
                f.write_str("not ")?;
                enclosed(f, of, of.binds_looser_than_not())
            }
            Node::AtLeast { k, of } => {
                write!(f, "at least {k} of (")?;
                joined(f, of, ", ", |_| false)?;
                f.write_str(")")
            }
            Node::Atom(atom) => atom.fmt(f),
        }
    }
}

impl Formula {
    fn binds_looser_than_not(&self) -> bool {
        match self.node() {
            Node::And(_) | Node::Or(_) => true,
            Node::Not(_) | Node::AtLeast { .. } | Node::Atom(_) => false,
        }
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    of: &[Formula],
    by: &str,
    is_enclosed: impl Fn(&Formula) -> bool,
) -> fmt::Result {
    for (place, one) in of.iter().enumerate() {
        if place > 0 {
            f.write_str(by)?;
        }
        enclosed(f, one, is_enclosed(one))?;
    }
    Ok(())
}

fn enclosed(f: &mut fmt::Formatter<'_>, one: &Formula, is_enclosed: bool) -> fmt::Result {
    if is_enclosed { write!(f, "({one})") } else { one.fmt(f) }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test { field, test: Test::True, .. } => field.fmt(f),
            Self::Test { field, test, .. } => write!(f, "{field} {test}"),
            Self::Match { parts, .. } => {
                f.write_str("match(")?;
                for (place, (field, text)) in parts.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{field} = {}", text.part)?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::True => Ok(()),
            Self::Compare(comparison, bound) => {
                write!(f, "{} {}", comparison.sign(), bound.part)
            }
            Self::Between(low, high) => write!(f, "between {} and {}", low.part, high.part),
            Self::Near { percent, declared } => {
                write!(f, "within {} % of {}", percent.part, declared.part)
            }
            Self::OneOf(categories) => match Vec::from_iter(categories).as_slice() {
                [only] => write!(f, "= {}", Quoted(only)),
                several => {
                    f.write_str("in {")?;
                    for (place, category) in several.iter().enumerate() {
                        let comma = if place > 0 { ", " } else { "" };
                        write!(f, "{comma}{}", Quoted(category))?;
                    }
                    f.write_str("}")
                }
            },
            Self::Before(day) => write!(f, "before {}", day.part),
            Self::After(day) => write!(f, "after {}", day.part),
            Self::WithinMonths(count) => write!(f, "within {} months", count.part),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Grade(grade) => Quoted(grade).fmt(f),
            Self::Sealed(_) => f.write_str("sealed"),
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Sealed(_) => f.write_str("sealed"),
            Self::Claimed(_) => f.write_str("claimed"),
        }
    }
}

impl fmt::Display for Supplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Claimed(_) => f.write_str("claimed"),
        }
    }
}

/// A text in quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            if matches!(letter, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{letter}")?;
        }
        f.write_str("\"")
    }
}
