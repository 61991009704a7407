//! What is asked, and the two answers.

use std::fmt;

use domain::{ClassId, Field, Output, Purpose, Refusal};
use time::Date;

use crate::{Citation, Need, Publicity};

/// A request, as far as a catalogue and a profile can judge it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What is to come of the fields.
    pub request: Request,
    /// The fields that it draws on: all of them, or the ruling is about less than is done.
    pub fields: &'a [Field],
    /// What for; without one nothing that is not public is given.
    pub purpose: Option<Purpose>,
    /// Who asks.
    pub caller: Caller,
    /// Today in Asia/Shanghai.
    pub today: Date,
    /// What the records in question say of their own publicity, by class. Empty before any record
    /// is looked at, and for a subject that has none: then nothing is public by date.
    pub publicity: &'a [(ClassId, Publicity)],
}

/// What is to come of the fields. There is no word for a value that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// An output about one subject, or a row of a training.
    Output(Output),
    /// Public information in the standard report.
    PublicReport,
    /// Public information about many subjects, by region or industry.
    BatchPush,
    /// A desensitised figure over a cohort.
    Aggregate {
        /// How many subjects it is over.
        cohort: u32,
    },
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A member in good standing, by the registry of members.
    Admitted,
    /// Anybody else.
    Unknown,
}

/// The answer to an [`Ask`]: either way it says what it rests on.
pub type Ruling = Result<Allowed, Refused>;

/// It may be asked, once its need is met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what may be asked still needs what `need` says"]
pub struct Allowed {
    /// What every field's need comes to together.
    pub need: Need,
    /// What the strictest of the needs rests on.
    pub citation: Citation,
    /// The need of each field, in the order of the request.
    pub fields: Vec<AllowedField>,
}

/// One field of what may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedField {
    /// The field.
    pub field: Field,
    /// Its own need.
    pub need: Need,
    /// What that rests on: the profile's article and the catalogue's row.
    pub citation: Citation,
}

/// It may not be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub refusal: Refusal,
    /// The first field that stands in the way, where it is a field.
    pub field: Option<Field>,
    /// What it rests on.
    pub citation: Citation,
}

impl Refused {
    pub(crate) fn new(refusal: Refusal, field: Option<&Field>, citation: Citation) -> Self {
        Self { refusal, field: field.cloned(), citation }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refusal, field, citation } = self;
        write!(f, "{}: {refusal}", refusal.code())?;
        if let Some(field) = field {
            write!(f, " (field {field})")?;
        }
        write!(f, " [{}: {}]", citation.article, citation.en)
    }
}

impl std::error::Error for Refused {}
