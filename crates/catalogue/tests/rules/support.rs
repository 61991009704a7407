//! What several tests stand on: the document of Jiangsu, edits of it, and asks.

use catalogue::{Ask, Caller, Catalogue, Profile, Publicity, PublicityWindow, Request};
use domain::{ClassId, Field, Purpose};
use time::Date;
use time::macros::date;

pub(crate) const DOCUMENT: &str = include_str!("../../data/jiangsu-2022.toml");
pub(crate) const TODAY: Date = date!(2026 - 03 - 02);

/// The document without its own counts, for edits that change them.
pub(crate) fn uncounted() -> String {
    let from = DOCUMENT.find("[counts]").unwrap();
    let to = DOCUMENT.find("[department]").unwrap();
    format!("{}{}", &DOCUMENT[..from], &DOCUMENT[to..])
}

/// The uncounted document with one edit, which must be about something that is there.
pub(crate) fn edited(from: &str, to: &str) -> String {
    let text = uncounted();
    assert!(text.contains(from), "{from} is not in the document");
    text.replacen(from, to, 1)
}

/// An overlay on Jiangsu with this body.
pub(crate) fn overlay(body: &str) -> String {
    format!(
        "schema = 1\noverlay = \"city-2026\"\nbase = \"jiangsu-2022\"\n\
         document = \"市清单\"\nissued = 2026-01-05\n{body}"
    )
}

/// Jiangsu with tax grades and court hearing dates declared public by their departments.
pub(crate) fn with_public_fields() -> Catalogue {
    let declared = overlay(
        "[[change]]\nfield = \"4.tax_credit_grade\"\nopenness = \"public\"\n\
         declared_by = \"tax_service\"\n\
         [[change]]\nfield = \"7.hearing_date\"\nopenness = \"public\"\ndeclared_by = \"high_court\"\n",
    );
    Catalogue::jiangsu().overlaid(&declared).unwrap()
}

pub(crate) fn field(text: &str) -> Field {
    text.parse().unwrap()
}

pub(crate) fn class(number: u16) -> ClassId {
    ClassId::new(number).unwrap()
}

/// An admitted lender deciding on an application.
pub(crate) fn ask<'a>(request: Request, fields: &'a [Field]) -> Ask<'a> {
    Ask {
        request,
        fields,
        purpose: Some(Purpose::PreLoan),
        caller: Caller::Admitted,
        today: TODAY,
        publicity: &[],
    }
}

pub(crate) fn profiles() -> impl Iterator<Item = &'static Profile> {
    Profile::BUILT_IN.iter().map(|name| Profile::built_in(name).unwrap())
}

pub(crate) fn window(from: Option<Date>, until: Option<Date>) -> Publicity {
    Publicity::Window(PublicityWindow { from, until })
}
