//! The kinds of runs that this program hosts: a folder a kind, and the one table of them.

pub(crate) mod batch;
pub(crate) mod issue;
pub(crate) mod matching;
pub(crate) mod psi;
pub(crate) mod score;
#[cfg(test)]
mod toy;
pub(crate) mod train;
pub(crate) mod verify;

use crate::runs::kind::{AnyKind, Kinds};

/// Every kind of run.
pub(crate) const ALL: Kinds = Kinds(&[
    &psi::Psi,
    &issue::Key,
    &issue::table::Table,
    &issue::key_check::KeyCheck,
    &score::Score,
    &batch::Batch,
    &verify::Evaluation,
    &verify::Verify,
    &matching::Match,
    &train::Train,
]);

/// The code of a refusal that keeps its meaning when a peer says it.
pub(crate) fn refusal_code(said: &str) -> Option<&'static str> {
    code(said, |kind| kind.refusal_codes())
}

/// The code under which a peer breaks a run off, where it keeps its meaning.
pub(crate) fn abort_code(said: &str) -> Option<&'static str> {
    code(said, |kind| kind.abort_codes())
}

fn code(said: &str, codes: fn(&dyn AnyKind) -> &'static [&'static str]) -> Option<&'static str> {
    ALL.0.iter().flat_map(|kind| codes(*kind)).copied().find(|known| said == *known)
}

#[cfg(test)]
mod tests {
    use domain::RunKind;

    use super::ALL;

    #[test]
    fn every_kind_that_records_know_is_hosted_once() {
        let hosted: Vec<RunKind> = ALL.0.iter().map(|kind| kind.kind()).collect();
        assert_eq!(hosted, RunKind::ALL);
    }
}
