//! What every catalogue must hold to, whether read whole or overlaid.

use std::collections::BTreeSet;

use crate::catalogue::Contents;
use crate::error::Fault;
use crate::{Class, ClassMode, Error, FieldEntry, FieldType, Openness, OpennessRule, SharingMode};

/// The most classes, departments, documents, fields a class, departments a class, parts a field.
const MAX_CLASSES: usize = 400;
const MAX_DEPARTMENTS: usize = 200;
const MAX_DOCUMENTS: usize = 16;
const MAX_FIELDS: usize = 100;
const MAX_RESPONSIBLE: usize = 20;
const MAX_PARTS: usize = 10;

/// The class whose split must not be lost, and the fields of it that are verified only.
const SOCIAL_INSURANCE: &str = "social_insurance_contribution";
const VERIFIED: [&str; 4] = [
    "total_wages_cny",
    "employer_contribution_base_cny",
    "month_payable_total_cny",
    "month_paid_total_cny",
];

pub(crate) fn check(contents: &Contents) -> Result<(), Error> {
    size("classes", contents.classes.len(), MAX_CLASSES).map_err(Error::Document)?;
    size("departments", contents.departments.len(), MAX_DEPARTMENTS).map_err(Error::Document)?;
    size("documents", contents.documents.len(), MAX_DOCUMENTS).map_err(Error::Document)?;
    let mut slugs = BTreeSet::new();
    for class in contents.classes.values() {
        let fault = |fault: Fault| Error::class(class.id, fault);
        if !slugs.insert(&class.slug) {
            return Err(fault(Fault::Other("another class has the same `slug`".into())));
        }
        let unknown = class.responsible.iter().any(|key| !contents.departments.contains_key(key));
        if unknown {
            let problem = "`responsible` names a department that is not listed";
            return Err(fault(Fault::Other(problem.into())));
        }
        check_class(class)?;
    }
    Ok(())
}

fn check_class(class: &Class) -> Result<(), Error> {
    let fault = |problem: String| Error::class(class.id, Fault::Other(problem));
    size("fields", class.fields.len(), MAX_FIELDS).map_err(fault)?;
    size("responsible departments", class.responsible.len(), MAX_RESPONSIBLE).map_err(fault)?;
    let mut names = BTreeSet::new();
    for entry in &class.fields {
        if !names.insert(entry.field.name()) {
            return Err(Error::field(
                &entry.field,
                Fault::Other("the field is listed twice".into()),
            ));
        }
        check_field(class, entry).map_err(|fault| Error::field(&entry.field, fault))?;
    }
    let identifies = class
        .field(&class.key)
        .is_some_and(|entry| matches!(entry.field_type, FieldType::Uscc | FieldType::IdNumber));
    if !identifies {
        return Err(fault(
            "`x_subject_key` names a field of type uscc or idno of the class".into(),
        ));
    }
    check_split(class)
}

fn check_field(class: &Class, entry: &FieldEntry) -> Result<(), Fault> {
    if entry.grade.is_some_and(|grade| !(1..=5).contains(&grade)) {
        return Err(Fault::Other("`grade` is 1 to 5".into()));
    }
    if entry.parts.is_empty() == (entry.field_type == FieldType::Record)
        || entry.parts.len() > MAX_PARTS
    {
        let problem = format!("a record, and nothing else, has 1 to {MAX_PARTS} `parts`");
        return Err(Fault::Other(problem));
    }
    match &entry.openness {
        Openness::ByRule | Openness::NonPublic => Ok(()),
        Openness::Public { .. } if class.rule != OpennessRule::ProviderDeclares => {
            Err(Fault::NotDeclarable("each record of the class says itself when it is public"))
        }
        Openness::Public { declared_by } if !class.responsible.contains(declared_by) => {
            Err(Fault::NotDeclarable("`declared_by` is a department that answers for the class"))
        }
        Openness::Public { .. } => match class.barred_from_publicity(entry) {
            Some(reason) => Err(Fault::NotDeclarable(reason)),
            None => Ok(()),
        },
    }
}

/// Wages and paid amounts are verified only, whichever class a document puts them in,
/// and the class that the annex splits by field stays split.
fn check_split(class: &Class) -> Result<(), Error> {
    let verified = |entry: &FieldEntry| entry.mode == SharingMode::VerificationWithAuthorisation;
    for name in VERIFIED {
        match class.field(name) {
            Some(entry) if !verified(entry) => {
                let fault = Fault::FlattenedSplit("this field must be verified with authorisation");
                return Err(Error::field(&entry.field, fault));
            }
            None if is_social_insurance(class) => {
                let fault = Fault::FlattenedSplit("one of the four verified fields is missing");
                return Err(Error::class(class.id, fault));
            }
            Some(_) | None => {}
        }
    }
    if is_social_insurance(class) && class.mode() != ClassMode::Split {
        let fault = Fault::FlattenedSplit("here they are all shared alike");
        return Err(Error::class(class.id, fault));
    }
    Ok(())
}

pub(crate) fn is_social_insurance(class: &Class) -> bool {
    class.slug == SOCIAL_INSURANCE
}

fn size(what: &str, found: usize, most: usize) -> Result<(), String> {
    if (1..=most).contains(&found) {
        return Ok(());
    }
    Err(format!("1 to {most} {what} expected, {found} found"))
}
