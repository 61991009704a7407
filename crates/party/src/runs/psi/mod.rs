//! Private set intersection: this party asks ([`receiver`]), or answers ([`sender`]), by either of the
//! two protocols of [`protocol`].

mod protocol;
mod receiver;
mod report;
mod sender;

use std::path::Path;

use ::psi::Items;
use domain::Subject;

use crate::Trouble;
use crate::runs::result_file;

pub(crate) use protocol::OTHER_PROTOCOL;
pub(crate) use receiver::{Ask, ask};
pub(crate) use sender::accept;

/// What the hash of an agreed intersection is bound to.
const CONTEXT: &str = "tacit/party/v1/psi-context";

fn items_of(subjects: &[Subject]) -> Result<Items, Trouble> {
    Items::new(subjects.iter().map(Subject::psi_item))
        .map_err(|error| Trouble::said("DATA", &error))
}

fn write_matches(
    path: &Path,
    column: &str,
    subjects: &[Subject],
    matches: &[u32],
) -> Result<(), Trouble> {
    let matched = matches.iter().filter_map(|&index| subjects.get(index as usize));
    result_file::write(path, |file| registers::write_subjects(file, column, matched))
}
