//! `tacit subject`: keys, certificates and lists of revoked keys. No party need run but to take a
//! list in.

use std::path::Path;

use control::{Address, Client};
use documents::{Capacity, Certification, Revocation};
use domain::{CheckMode, SubjectKind};
use terminal::units::now;
use terminal::{Document, Failure, Table, Voice, say};

use crate::arguments::{CapacityWord, CertifyArguments, RevokeArguments, SubjectCommand};
use crate::commands::{parsed, print, subject_of, wait, with_end};
use crate::phrases;

pub(super) fn subject(
    party: &Address,
    command: &SubjectCommand,
    voice: Voice,
) -> Result<(), Failure> {
    match command {
        SubjectCommand::Key { out } => key(out, voice),
        SubjectCommand::Certify(certify) => certified(certify, voice),
        SubjectCommand::Revoke(revoke) => revoked(revoke, voice),
        SubjectCommand::Revocations { file, json } => {
            wait(revocations(party, file.as_deref(), json.json, voice))
        }
    }
}

fn revoked(revoke: &RevokeArguments, voice: Voice) -> Result<(), Failure> {
    let revocation = Revocation {
        issuer: revoke.issuer.clone(),
        previous: revoke.previous.clone(),
        certificates: revoke.certificates.clone(),
        keys: revoke.keys.clone(),
    };
    let issuer = documents::read_key(&revoke.issuer_key)?;
    let signed = documents::revoke(&revocation, &issuer, now())?;
    documents::write_new(&revoke.out, &with_end(signed.json))?;
    voice.tell(&phrases::revoked(revoke.out.display(), signed.number, signed.keys));
    voice.note(&phrases::revoked_next());
    Ok(())
}

/// Takes a list in, or shows those that count.
async fn revocations(
    party: &Address,
    file: Option<&Path>,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = match file {
        Some(file) => {
            let envelope = documents::read_revocations(file)?;
            Document::of(&Client::open(party).await?.take_key_revocations(envelope).await?)
        }
        None => Document::of(&Client::open(party).await?.key_revocations().await?),
    };
    if json {
        say::line(answer.json());
        return Ok(());
    }
    let heads = [
        phrases::head_issuer(),
        phrases::head_number(),
        phrases::head_revoked_keys(),
        phrases::head_issued(),
        phrases::head_taken(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for list in answer.view().list("lists") {
        table.row(vec![
            list.word("issuer"),
            list.count("number"),
            list.count("keys"),
            list.time("issued"),
            list.time("taken"),
        ]);
    }
    print(&table.lines());
    if let Some(void) = answer.view().number("void").filter(|void| *void > 0) {
        voice.tell(&phrases::revoked_void(void));
    }
    Ok(())
}

/// The public half alone goes to stdout, for whoever takes it into a variable.
fn key(out: &Path, voice: Voice) -> Result<(), Failure> {
    let key = documents::make_key(out)?;
    say::line(&key.to_string());
    voice.note(&phrases::key_made(out.display()));
    Ok(())
}

fn certified(certify: &CertifyArguments, voice: Voice) -> Result<(), Failure> {
    let check: CheckMode = parsed(&certify.check)?;
    let subject = subject_of(&certify.kind, &certify.code, check)?;
    let certification = Certification {
        capacity: capacity(certify, subject.kind())?,
        subject,
        key: certify.key,
        issuer: certify.issuer.clone(),
        method: certify.method.clone(),
        level: certify.level,
        days: certify.days,
    };
    let issuer = documents::read_key(&certify.issuer_key)?;
    let certificate = documents::certify(&certification, &issuer, now())?;
    documents::write_new(&certify.out, &with_end(certificate))?;
    voice.tell(&phrases::certified(certify.out.display(), certify.days));
    voice.note(&phrases::certified_next(&certify.issuer, issuer.public()));
    Ok(())
}

fn capacity(certify: &CertifyArguments, kind: SubjectKind) -> Result<Capacity, Failure> {
    Ok(match (certify.capacity, kind, &certify.mandate) {
        (Some(CapacityWord::Agent), _, Some(mandate)) => {
            Capacity::Agent { mandate: documents::hash_of(mandate)? }
        }
        (Some(CapacityWord::Agent), _, None) => {
            return Err(Failure::usage(phrases::agent_without_mandate()));
        }
        (Some(CapacityWord::LegalRep) | None, SubjectKind::Uscc | SubjectKind::Opaque, _)
        | (Some(CapacityWord::LegalRep), SubjectKind::CnId, _) => Capacity::LegalRep,
        (Some(CapacityWord::Person), _, _) | (None, SubjectKind::CnId, _) => Capacity::Person,
    })
}
