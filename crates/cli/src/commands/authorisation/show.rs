//! `tacit authorisation show`: what a document says, and what of it was not verified.

use std::path::Path;

use documents::{
    Authorisation, Capacity, Change, ChangeKind, Check, Content, Fields, Models, Outcome,
    ScopeItem, Signer, SubjectCertificate, What,
};
use domain::{Explain, Output, Text};
use serde_json::json;
use terminal::units::{moment_of, now};
use terminal::{Failure, Voice, say, table};

use crate::commands::{json_line, print};
use crate::phrases;

/// A line of a list.
type Entry = (Text, String);

pub(super) fn show(dir: &Path, file: &Path, json: bool, voice: Voice) -> Result<(), Failure> {
    let issuers = party::issuers(dir)?;
    let shown = documents::show(file, &issuers, now())?;
    if json {
        let checks: Vec<_> = shown.checks.iter().map(check_record).collect();
        json_line(&json!({ "payload": shown.payload, "checks": checks }));
    } else {
        let entries = match &shown.content {
            Content::Authorisation(record) => authorisation(record, voice),
            Content::Change(record) => change(record, voice),
            Content::Certificate(record) => certificate(record, voice),
        };
        print(&table::list(voice.language(), &entries));
        for check in &shown.checks {
            let text = sentence(check);
            let mark = voice.words(&mark(&check.outcome)).to_owned();
            say::line(&format!("{mark}  {}", voice.words(&text)));
        }
    }
    if shown.checks.iter().any(|check| matches!(check.outcome, Outcome::Fails(_))) {
        return Err(Failure::new("NOT_VERIFIED", phrases::document_fails(file.display())));
    }
    Ok(())
}

fn authorisation(record: &Authorisation, voice: Voice) -> Vec<Entry> {
    let grantee = record.grantee();
    let mut entries = vec![
        (phrases::head_authorisation(), record.id().to_string()),
        (phrases::head_version(), record.version().to_string()),
        (phrases::head_subject(), record.subject().reveal().to_owned()),
    ];
    if let Some(name) = record.subject_name() {
        entries.push((phrases::head_name(), name.reveal().to_owned()));
    }
    entries.push((phrases::head_signer(), signer(record.signer(), voice)));
    entries.push((phrases::head_lender(), grantee.institution.to_string()));
    entries.push((phrases::head_platform(), grantee.platform.to_string()));
    if let Some(node) = &grantee.node {
        entries.push((phrases::head_node(), node.to_string()));
    }
    let lines = record.scope().items().iter();
    entries.extend(lines.map(|item| (phrases::head_scope(), scope(item, voice))));
    let purpose = record.purpose();
    let purpose = Text { en: purpose.name_en().into(), zh: purpose.name_zh().into() };
    entries.extend([
        (phrases::head_models(), models(record.models(), voice)),
        (phrases::head_purpose(), voice.words(&purpose).to_owned()),
    ]);
    if let Some(application) = record.application_no() {
        entries.push((phrases::head_application(), application.to_string()));
    }
    let limits = record.limits();
    let apart = limits.min_interval().whole_seconds();
    entries.extend([
        (phrases::head_from(), moment_of(record.term().not_before())),
        (phrases::head_before(), moment_of(record.term().not_after())),
        (phrases::head_uses(), voice.words(&phrases::uses(limits.max_uses(), apart)).to_owned()),
    ]);
    entries.extend(record.separate_consents().iter().map(|consent| {
        let classes: Vec<_> = consent.classes().iter().map(ToString::to_string).collect();
        let words = format!("{} ({})", consent.authorisation(), classes.join(", "));
        (phrases::head_person(), words)
    }));
    let letter = record.letter();
    entries.extend([
        (phrases::head_letter(), format!("{}, {}", letter.template_id, letter.hash)),
        (phrases::head_signed(), moment_of(record.signed_at())),
        (phrases::head_record_hash(), record.record_hash().to_string()),
        (phrases::head_registry(), record.registry().to_string()),
    ]);
    entries
}

fn change(change: &Change, voice: Voice) -> Vec<Entry> {
    let act = match change.kind {
        ChangeKind::Revoke => phrases::act_revoked(),
        ChangeKind::Suspend => phrases::act_suspended(),
        ChangeKind::Resume => phrases::act_resumed(),
    };
    vec![
        (phrases::head_authorisation(), change.authorisation.to_string()),
        (phrases::head_version(), change.version.to_string()),
        (phrases::head_act(), voice.words(&act).to_owned()),
        (phrases::head_record_hash(), change.record_hash.to_string()),
    ]
}

fn certificate(certificate: &SubjectCertificate, voice: Voice) -> Vec<Entry> {
    vec![
        (phrases::head_subject(), certificate.subject.reveal().to_owned()),
        (phrases::head_signer(), signer(&certificate.signer, voice)),
        (phrases::head_key(), certificate.key.to_string()),
        (phrases::head_issuer(), certificate.issuer.to_string()),
        (phrases::head_from(), moment_of(certificate.validity.not_before())),
        (phrases::head_before(), moment_of(certificate.validity.not_after())),
    ]
}

fn signer(signer: &Signer, voice: Voice) -> String {
    let capacity = match signer.capacity() {
        Capacity::LegalRep => phrases::legal_rep(),
        Capacity::Agent { .. } => phrases::agent(),
        Capacity::Person => phrases::person(),
    };
    let capacity = voice.words(&capacity);
    voice.words(&phrases::checked_by(capacity, signer.method(), signer.level())).to_owned()
}

fn scope(item: &ScopeItem, voice: Voice) -> String {
    let outputs: Vec<_> = item.outputs().iter().map(|output| Output::code(*output)).collect();
    let fields = match item.fields() {
        Fields::All => voice.words(&phrases::every_field(item.class())).to_owned(),
        Fields::Only(fields) => {
            fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{fields}: {}", outputs.join(", "))
}

fn models(models: &Models, voice: Voice) -> String {
    match models {
        Models::None => voice.words(&phrases::none()).to_owned(),
        Models::Any => voice.words(&phrases::any_model()).to_owned(),
        Models::Only(models) => {
            models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    }
}

fn mark(outcome: &Outcome) -> Text {
    match outcome {
        Outcome::Holds => phrases::verified(),
        Outcome::Fails(_) => phrases::check_failed(),
        Outcome::Open => phrases::not_verified(),
    }
}

fn sentence(check: &Check) -> Text {
    match (check.what, &check.outcome) {
        (_, Outcome::Fails(trouble)) => trouble.what(),
        (What::Signature, Outcome::Holds) => phrases::signature_holds(),
        (What::Signature, Outcome::Open) => phrases::signature_open(),
        (What::Issuer, Outcome::Holds) => phrases::issuer_holds(),
        (What::Issuer, Outcome::Open) => phrases::issuer_open(),
        (What::Letter, Outcome::Holds) => phrases::letter_holds(),
        (What::Letter, Outcome::Open) => phrases::letter_open(),
        (What::State, Outcome::Holds | Outcome::Open) => phrases::state_open(),
    }
}

fn check_record(check: &Check) -> serde_json::Value {
    let name = match check.what {
        What::Signature => "signature",
        What::Issuer => "issuer",
        What::Letter => "letter",
        What::State => "state",
    };
    let verified = match check.outcome {
        Outcome::Holds => Some(true),
        Outcome::Fails(_) => Some(false),
        Outcome::Open => None,
    };
    let text = sentence(check);
    json!({ "check": name, "verified": verified, "en": text.en, "zh": text.zh })
}
