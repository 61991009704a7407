//! Private set intersection: this party asks ([`receiver`]), or answers ([`sender`]), by either of the
//! two protocols of [`protocol`].

mod offer;
mod protocol;
mod receiver;
mod report;
mod request;
mod rounds;
mod sender;

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use ::psi::Items;
use domain::{RunId, Subject};
use store::StoredRun;
use wire::PsiTerms;

use crate::Trouble;
use crate::node::Node;
use crate::runs::agreed::Answer;
use crate::runs::kind::{Kind, Later, Proposed};
use crate::runs::{Watcher, result_file};

pub(crate) use offer::{Offer, Output};
use protocol::OTHER_PROTOCOL;
pub(crate) use receiver::{Ask, Protocol, ask};

/// What the hash of an agreed intersection is bound to.
const CONTEXT: &str = "tacit/party/v1/psi-context";

/// Private set intersection.
pub(crate) struct Psi;

#[tonic::async_trait]
impl Kind for Psi {
    type Terms = PsiTerms;

    /// The asker takes another protocol then.
    fn refusal_codes(&self) -> &'static [&'static str] {
        &[OTHER_PROTOCOL]
    }

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, PsiTerms>,
    ) -> Result<Answer, Trouble> {
        sender::accept(node, proposed).await
    }

    /// Asks anew: same terms, new number, new keys.
    async fn again(
        &self,
        node: &Arc<Node>,
        run: StoredRun,
        watcher: Watcher,
    ) -> Result<StoredRun, Trouble> {
        let again = serde_json::from_str(&run.terms);
        ask(node, again.map_err(|error| Trouble::from_error("STORE", &error))?, watcher).await
    }

    async fn restarted(
        &self,
        node: &Arc<Node>,
        unfinished: &[StoredRun],
    ) -> Result<Option<Later>, Trouble> {
        sender::record_interrupted(node).await?;
        unfinished.iter().try_for_each(|run| forget_unrecorded(node, run.id))?;
        Ok(None)
    }
}

/// Removes what an intersection wrote that an earlier process did not live to record: nobody was told
/// of it, and half of a result is none.
fn forget_unrecorded(node: &Node, run: RunId) -> Result<(), Trouble> {
    for end in ["csv", "csv.part", "json", "json.part"] {
        let path = node.dir.join("results").join(format!("{run}.{end}"));
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Trouble::file(&path, &error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn items_of(subjects: &[Subject]) -> Result<Items, Trouble> {
    Items::new(subjects.iter().map(Subject::psi_item))
        .map_err(|error| Trouble::from_error("DATA", &error))
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
