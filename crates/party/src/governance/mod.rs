//! What may be asked of this party, by whom, on whose word, and what is written down of it.
//!
//! | module | what it does |
//! |---|---|
//! | `revocations` | keys of subjects that their issuers have revoked |
//! | `rules` | the catalogue and the policy profile in force, and whom this party trusts |
//! | `members` | who may take part today; who may not is cut off |
//! | `registry` | as a registry: authorisations, their changes, signed statements |
//! | `jobs` | training jobs: laid before their parties, countersigned, withdrawn |
//! | `models` | registered models: countersigned by holders, published, retired |
//! | `countersigning` | what the two have in common: who has said what, and what it comes to |
//! | `statements` | the registry's word: fetched, kept, or taken in from a bundle |
//! | `alignment` | intersections: how many subjects a peer may bring |
//! | `submission` | authorisations on their way to their registry |
//! | `authorise` | the one decision, at a question and again before its release |
//! | `disclosures` | what a lender's questions about one subject could tell, and where that ends |
//! | `journal` | records of the audit log |
//! | `refusals` | what was refused: a record each, up to so many a peer and minute |
//! | `release` | an answer, its receipt and its record, all or nothing |
//! | `questions` | what a lender signs when it asks, and what a holder verifies of it |
//! | `proofs` | what proves a release, for its receiver |
//! | `training_proofs` | what proves a party's part in a joint training, for its lender |
//! | `deposits` | checkpoints, and the supervisor that keeps them |
//! | `reports` | questions to the log |
//! | `usage` | how this party's data was used |

pub(crate) mod alignment;
pub(crate) mod authorise;
pub(crate) mod checks;
mod countersigning;
pub(crate) mod deposits;
pub(crate) mod disclosures;
pub(crate) mod jobs;
pub(crate) mod journal;
#[cfg(test)]
pub(crate) mod made;
pub(crate) mod members;
pub(crate) mod models;
pub(crate) mod proofs;
pub(crate) mod questions;
pub(crate) mod refusals;
pub(crate) mod registry;
pub(crate) mod release;
pub(crate) mod reports;
pub(crate) mod revocations;
pub(crate) mod rules;
pub(crate) mod statements;
pub(crate) mod submission;
pub(crate) mod training_proofs;
pub(crate) mod usage;

pub(crate) use members::Members;
pub(crate) use rules::Rules;
