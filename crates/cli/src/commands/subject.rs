//! `tacit subject key`, `tacit subject certify`: no party need run.

use std::path::Path;

use domain::{CheckMode, SubjectKind};
use party::documents::{self, Capacity, Certification};

use crate::arguments::{CapacityWord, CertifyArguments, SubjectCommand};
use crate::commands::{parsed, subject_of, with_end};
use crate::failure::Failure;
use crate::phrases;
use crate::say::{self, Voice};
use crate::units::now;

pub(super) fn subject(command: &SubjectCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        SubjectCommand::Key { out } => key(out, voice),
        SubjectCommand::Certify(certify) => certified(certify, voice),
    }
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
