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
mod formula;
mod matching;
mod name;
mod parser;
mod print;
mod quantity;
mod span;
mod token;

pub use atom::{Atom, Bound, Comparison, Declared, Supplied, Test};
pub use caret::caret;
pub use claim::{Claim, NoClaim};
pub use day::{Day, Unit, months_from};
pub use error::{Error, Expected, Problem, Rule};
pub use formula::{Formula, MAX_ATOMS, MAX_CLAIMS, MAX_DEPTH, MAX_FORMULA, MAX_TEXT, Node};
pub use matching::{category, matched};
pub use name::FieldName;
pub use quantity::Quantity;
pub use span::{Span, Spanned};
