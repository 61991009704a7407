//! A smaller next version.

use consent::{Authorisation, Draft, Limits, Models, Scope, ScopeItem, Term};
use domain::start_of;
use time::{Date, Duration, OffsetDateTime};

use crate::Error;
use crate::grant::informed;
use crate::refused::refused;
use crate::{Prepared, SubjectKey, letter};

/// What becomes smaller; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Narrowing {
    /// The whole new scope.
    pub scope: Option<Vec<ScopeItem>>,
    /// The models that remain.
    pub models: Option<Models>,
    /// An earlier end.
    pub end: Option<End>,
    /// Fewer uses, those before among them.
    pub max_uses: Option<u32>,
    /// A longer interval, in seconds.
    pub interval_s: Option<u32>,
    /// The text that is signed; written here where the subject brings none.
    pub letter: Option<Vec<u8>>,
}

/// When a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// So many days after the term's beginning.
    Days(u16),
    /// With this day, in Asia/Shanghai.
    Last(Date),
}

/// Prepares the next version of an authorisation. Whether it is smaller is decided when it is
/// signed ([`Prepared::sign`]). `shown_at` is when its notice is shown.
///
/// # Errors
///
/// `ANOTHER_HOLDER` when the certificate is another subject's; `USAGE` for a scope, a term or a
/// limit that no record can have.
pub fn narrow(
    old: Authorisation,
    narrowing: Narrowing,
    subject_key: &SubjectKey,
    shown_at: OffsetDateTime,
) -> Result<Prepared, Error> {
    subject_key.must_be(old.subject())?;
    let mut draft = letter::draft(&old);
    draft.version = old.version().saturating_add(1);
    draft.previous = Some(old.record_hash());
    draft.signer = subject_key.certificate().signer.clone();
    draft.consent = informed(shown_at)?;
    let text = narrowing.letter.clone();
    edit(&mut draft, narrowing)?;
    let text = letter::write(&mut draft, text.as_deref())?;
    Ok(Prepared::next(old, draft, text))
}

fn edit(draft: &mut Draft, narrowing: Narrowing) -> Result<(), Error> {
    let Narrowing { scope, models, end, max_uses, interval_s, letter: _ } = narrowing;
    if let Some(scope) = scope {
        draft.scope = Scope::new(scope).map_err(refused)?;
    }
    if let Some(models) = models {
        draft.models = models;
    }
    if let Some(end) = end {
        let start = draft.term.not_before();
        let end = match end {
            End::Days(days) => start.saturating_add(Duration::days(days.into())),
            End::Last(day) => start_of(day).saturating_add(Duration::DAY),
        };
        draft.term = Term::new(start, end).map_err(refused)?;
    }
    let old_interval = draft.limits.min_interval().whole_seconds();
    let interval = interval_s.unwrap_or(u32::try_from(old_interval).unwrap_or(u32::MAX));
    let uses = max_uses.unwrap_or(draft.limits.max_uses());
    draft.limits = Limits::new(uses, interval).map_err(refused)?;
    Ok(())
}
