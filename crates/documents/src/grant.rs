//! A first version.

use consent::{
    AuthorisationId, Consent, Draft, Grantee, Language, Letter, Limits, Models, Scope, ScopeItem,
    SeparateConsent, Term, Word,
};
use domain::{Digest, PartyId, Purpose, SHANGHAI, Subject, start_of};
use rand::Rng;
use time::{Date, Duration, OffsetDateTime};

use crate::Error;
use crate::random::chacha;
use crate::refused::refused;
use crate::{Prepared, SubjectKey, letter};

/// What a subject grants.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The authorisation's number.
    pub id: AuthorisationId,
    /// Whose data it is about.
    pub subject: Subject,
    /// Who receives results.
    pub lender: PartyId,
    /// Who brings them about.
    pub platform: PartyId,
    /// The node above the platform, which then keeps the registry.
    pub node: Option<PartyId>,
    /// What may come of which fields.
    pub scope: Vec<ScopeItem>,
    /// Through which models.
    pub models: Models,
    /// For what.
    pub purpose: Purpose,
    /// For which application.
    pub application: Option<Word>,
    /// The first day.
    pub from: Date,
    /// How many days, the first among them.
    pub days: u16,
    /// How many uses.
    pub max_uses: u32,
    /// The least time between two uses, in seconds.
    pub interval_s: u32,
    /// The natural persons' own authorisations that it leans on.
    pub persons: Vec<SeparateConsent>,
    /// The text that is signed; written here where the subject brings none.
    pub letter: Option<Vec<u8>>,
}

/// Prepares an authorisation: everything but the signature. `shown_at` is when its notice is shown
/// to the subject, which must be before the signature.
///
/// # Errors
///
/// `ANOTHER_HOLDER` when the certificate is another subject's; `USAGE` for a scope, a term or a
/// limit that no record can have.
pub fn grant(
    grant: Grant,
    subject_key: &SubjectKey,
    shown_at: OffsetDateTime,
) -> Result<Prepared, Error> {
    subject_key.must_be(&grant.subject)?;
    let start = start_of(grant.from);
    let end = start.saturating_add(Duration::days(grant.days.into()));
    let mut draft = Draft {
        id: grant.id,
        version: 1,
        previous: None,
        subject: grant.subject,
        subject_name: None,
        signer: subject_key.certificate().signer.clone(),
        consent: informed(shown_at)?,
        grantee: Grantee { institution: grant.lender, platform: grant.platform, node: grant.node },
        scope: Scope::new(grant.scope).map_err(refused)?,
        models: grant.models,
        purpose: grant.purpose,
        application_no: grant.application,
        term: Term::new(start, end).map_err(refused)?,
        limits: Limits::new(grant.max_uses, grant.interval_s).map_err(refused)?,
        separate_consents: grant.persons,
        letter: unwritten()?,
    };
    let text = letter::write(&mut draft, grant.letter.as_deref())?;
    Ok(Prepared::first(draft, text))
}

/// A number that no other authorisation has: the day and 64 random bits. Nothing of the subject is
/// in it, since logs carry it.
///
/// # Errors
///
/// `RANDOM`.
pub fn new_id(at: OffsetDateTime) -> Result<AuthorisationId, Error> {
    let mut random = [0; 8];
    chacha()?.fill_bytes(&mut random);
    let day = at.to_offset(SHANGHAI).date();
    let (year, month) = (day.year(), u8::from(day.month()));
    let id = format!("AU-{year}{month:02}{:02}-{}", day.day(), hex::encode(random));
    id.parse().map_err(refused)
}

/// That the subject was shown the notice of this version, and signs.
pub(crate) fn informed(shown_at: OffsetDateTime) -> Result<Consent, Error> {
    let word = |text: &str| text.parse::<Word>().map_err(refused);
    Consent::new(word(letter::NOTICE)?, shown_at, word("signed")?).map_err(refused)
}

/// What stands in a draft for the letter that is written from it.
fn unwritten() -> Result<Letter, Error> {
    let template_id = letter::TEMPLATE.parse().map_err(refused)?;
    Ok(Letter { template_id, hash: Digest::from_bytes([0; 32]), language: Language::Zh })
}
