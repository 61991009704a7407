//! What a subject signs: grant, narrow, revoke, suspend, resume. No party need run.

use std::fs;
use std::path::{Path, PathBuf};

use documents::{ChangeKind, End, Grant, Narrowing, Prepared, ScopeItem, Signed, SubjectKey};
use domain::CheckMode;
use serde_json::json;
use terminal::units::{Day, moment_of, now};
use terminal::{Failure, Voice, say, table};
use time::{Duration, OffsetDateTime};

use crate::arguments::{
    ChangeArguments, GrantArguments, NarrowArguments, OutcomeArguments, SubjectKeyArguments,
};
use crate::commands::{json_line, parsed, print, subject_of, with_end};
use crate::phrases;

pub(super) fn grant(grant: &GrantArguments, voice: Voice) -> Result<(), Failure> {
    let subject_key = subject_key(&grant.subject_key)?;
    let shown_at = now();
    let wish = Grant {
        id: match &grant.id {
            Some(id) => id.clone(),
            None => documents::new_id(shown_at)?,
        },
        // The identity issuer has looked at the check digits; here it must only be the same subject.
        subject: subject_of(&grant.kind, &grant.code, CheckMode::Report)?,
        lender: grant.lender.clone(),
        platform: grant.platform.clone(),
        node: grant.node.clone(),
        scope: grant.scope.clone(),
        models: documents::models(grant.any_model, &grant.models)?,
        purpose: parsed(&grant.purpose)?,
        application: grant.application.clone(),
        from: grant.from.unwrap_or_else(|| Day::of(shown_at)).0,
        days: grant.days,
        max_uses: grant.max_uses,
        interval_s: grant.interval_s,
        persons: grant.persons.clone(),
        letter: letter(grant.outcome.letter.as_deref())?,
    };
    let prepared = documents::grant(wish, &subject_key, shown_at)?;
    let signed = sign(prepared, &subject_key, shown_at, voice)?;
    keep(&signed, &grant.outcome, voice)
}

pub(super) fn narrow(narrow: &NarrowArguments, voice: Voice) -> Result<(), Failure> {
    let subject_key = subject_key(&narrow.subject_key)?;
    let old = documents::read_authorisation(&narrow.file)?;
    let days = narrow.days.map(End::Days);
    let narrowing = Narrowing {
        scope: given(&narrow.scope),
        models: match &narrow.models[..] {
            [] => None,
            models => Some(documents::models(false, models)?),
        },
        end: days.or(narrow.until.map(|day| End::Last(day.0))),
        max_uses: narrow.max_uses,
        interval_s: narrow.interval_s,
        letter: letter(narrow.outcome.letter.as_deref())?,
    };
    let shown_at = now();
    let prepared = documents::narrow(old, narrowing, &subject_key, shown_at)?;
    let signed = sign(prepared, &subject_key, shown_at, voice)?;
    keep(&signed, &narrow.outcome, voice)
}

pub(super) fn change(
    change: &ChangeArguments,
    kind: ChangeKind,
    voice: Voice,
) -> Result<(), Failure> {
    let record = documents::read_authorisation(&change.file)?;
    let json = documents::change(&record, kind, &subject_key(&change.subject_key)?, now())?;
    documents::write_new(&change.out, &with_end(json))?;
    let (id, out) = (record.id(), change.out.display());
    voice.tell(&match kind {
        ChangeKind::Revoke => phrases::revocation_signed(id, out),
        ChangeKind::Suspend => phrases::suspension_signed(id, out),
        ChangeKind::Resume => phrases::resumption_signed(id, out),
    });
    voice.note(&phrases::submit_next(record.registry(), change.out.display()));
    Ok(())
}

fn subject_key(subject_key: &SubjectKeyArguments) -> Result<SubjectKey, Failure> {
    Ok(SubjectKey::open(&subject_key.key, &subject_key.certificate)?)
}

fn letter(file: Option<&Path>) -> Result<Option<Vec<u8>>, Failure> {
    Ok(file.map(documents::read_letter).transpose()?)
}

fn given(scope: &[ScopeItem]) -> Option<Vec<ScopeItem>> {
    if scope.is_empty() { None } else { Some(scope.to_vec()) }
}

/// Shows every term before the signature is given: nobody signs unread.
fn sign(
    prepared: Prepared,
    subject_key: &SubjectKey,
    shown_at: OffsetDateTime,
    voice: Voice,
) -> Result<Signed, Failure> {
    voice.note(&phrases::signing());
    for line in prepared.notice().lines() {
        say::aside(line);
    }
    // The clock may stand still, or be set back, between the two.
    let at = now().max(shown_at + Duration::MILLISECOND);
    Ok(prepared.sign(subject_key, at)?)
}

/// Writes the authorisation, and its letter beside it, and says what comes next.
fn keep(signed: &Signed, outcome: &OutcomeArguments, voice: Voice) -> Result<(), Failure> {
    let OutcomeArguments { out, json, .. } = outcome;
    let letter = match &signed.letter {
        None => None,
        Some(text) => {
            let path = out.with_extension("letter.txt");
            documents::write_new(&path, text.as_bytes())?;
            Some(path)
        }
    };
    documents::write_new(out, &with_end(signed.json.clone())).inspect_err(|_| {
        // A letter of nothing: it was made a moment ago.
        let _ = letter.as_ref().map(fs::remove_file);
    })?;
    describe(signed, out, letter.as_ref(), *json, voice);
    voice.note(&phrases::submit_next(signed.record.registry(), out.display()));
    Ok(())
}

fn describe(signed: &Signed, out: &Path, letter: Option<&PathBuf>, json: bool, voice: Voice) {
    let record = &signed.record;
    let (start, end) = (record.term().not_before(), record.term().not_after());
    let letter = letter.map(|path| path.display().to_string());
    if json {
        json_line(&json!({
            "authorisation": record.id().as_str(),
            "version": record.version(),
            "record_hash": record.record_hash(),
            "registry": record.registry(),
            "not_before": record_time(start),
            "not_after": record_time(end),
            "file": out.display().to_string(),
            "letter": letter,
        }));
        return;
    }
    let mut entries = vec![
        (phrases::head_authorisation(), record.id().to_string()),
        (phrases::head_version(), record.version().to_string()),
        (phrases::head_from(), moment_of(start)),
        (phrases::head_before(), moment_of(end)),
        (phrases::head_record_hash(), record.record_hash().to_string()),
        (phrases::head_file(), out.display().to_string()),
    ];
    entries.extend(letter.map(|letter| (phrases::head_letter(), letter)));
    print(&table::list(voice.language(), &entries));
}

/// A term's end as records keep points in time.
fn record_time(at: OffsetDateTime) -> Option<String> {
    terminal::units::record(at.unix_timestamp().saturating_mul(1000))
}
