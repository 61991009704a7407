//! Why rows cannot be used, in both languages.

use domain::{Error, Text};
use registers::{BadRows, Reason};
use terminal::units::count;

use crate::data_check::kind_words;
use crate::html::{Cell, Column, Table};
use crate::phrases;

/// Why a row cannot be used. No word of it comes from a cell.
pub(super) fn words(reason: &Reason) -> Text {
    match reason {
        Reason::Identifier(error) => of_identifier(error),
        Reason::Fields { expected, found } => phrases::reason_fields(found, expected),
        Reason::Type(expected) => {
            let kind = kind_words(Some(*expected));
            let (en, zh) = (phrases::reason_type(kind.en), phrases::reason_type(kind.zh));
            Text::new(en.en, zh.zh)
        }
        Reason::Contradiction { first } => phrases::reason_contradiction(first),
    }
}

fn of_identifier(error: &Error) -> Text {
    match error {
        Error::Empty(_) => phrases::reason_empty(),
        Error::Length { expected, found, .. } => phrases::reason_length(expected, found),
        Error::FifteenDigits => phrases::reason_fifteen(),
        Error::Rounded(_) => phrases::reason_rounded(),
        Error::Excluded { letter, position } => phrases::reason_excluded(letter, position),
        Error::Character { position, .. } => phrases::reason_character(position),
        Error::CheckCharacter(_) => phrases::reason_check(),
        Error::OrganisationCode => phrases::reason_organisation(),
        Error::BirthDate => phrases::reason_birth(),
        other => phrases::reason_other(other.code()),
    }
}

/// How many rows there are of each kind of trouble.
pub(super) fn counted(bad: &BadRows) -> Table {
    let columns = vec![Column::words(phrases::head_code()), Column::number(phrases::head_rows())];
    let mut table = Table::new(phrases::reasons_caption(), columns);
    for (code, rows) in &bad.by_reason {
        table.row(vec![Cell::Name((*code).to_owned()), Cell::Plain(count(*rows))]);
    }
    table
}
