//! A later version is smaller or equal in every dimension.

use crate::{Authorisation, Document, Error};

/// Checks that `new` is the next version of `old` and permits nothing that `old` does not.
///
/// Equal: number, subject, grantee, purpose, application. Smaller or equal: scope, models, term,
/// uses, separate consents; the interval may grow. The letter, the notice and the signer may
/// change. Widening is never an edit: it is a new authorisation.
///
/// # Errors
///
/// [`Error::OutOfOrder`] when it is no successor, [`Error::Widens`] with the first thing that grew.
pub fn narrows(old: &Authorisation, new: &Authorisation) -> Result<(), Error> {
    let document = Document::Authorisation;
    let follows = new.id() == old.id()
        && old.version().checked_add(1) == Some(new.version())
        && new.previous() == Some(old.record_hash());
    if !follows {
        let rule = "the next version has the next number and names the hash of this one";
        return Err(Error::OutOfOrder { document, rule });
    }
    if new.signed_at() < old.signed_at() {
        let rule = "the next version is signed later than this one";
        return Err(Error::OutOfOrder { document, rule });
    }
    let leans_less = new.separate_consents().iter().all(|s| s.within(old.separate_consents()));
    let dimensions = [
        ("the subject", new.subject() == old.subject()),
        ("the grantee", new.grantee() == old.grantee()),
        ("the purpose", new.purpose() == old.purpose()),
        ("the application", new.application_no() == old.application_no()),
        ("the scope", new.scope().within(old.scope())),
        ("the models", new.models().within(old.models())),
        ("the term", new.term().within(&old.term())),
        ("the limits", new.limits().within(&old.limits())),
        ("the separate consents", leans_less),
    ];
    match dimensions.into_iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((what, _)) => Err(Error::Widens(what)),
    }
}
