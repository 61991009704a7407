//! What a lender's questions about one subject could tell, and where that ends.

use ::catalogue::{Disclosed, TypedAtom};
use consent::Request;
use domain::Digest;
use store::StoredDisclosure;
use time::Date;

use crate::Trouble;
use crate::clock::now_ms;
use crate::governance::authorise::period;
use crate::node::Node;

/// What they could tell once these atoms are answered too.
///
/// `slots` has the digest of what came encrypted, by slot.
///
/// # Errors
///
/// `QUERY_BUDGET` when that would be too much.
pub(crate) async fn after(
    node: &Node,
    request: &Request,
    atoms: &[TypedAtom],
    slots: &[Digest],
    today: Date,
) -> Result<StoredDisclosure, Trouble> {
    let subject = node.pseudonym(&request.subject).to_bytes();
    let stored = node.store.disclosure(&request.lender, &subject).await?;
    let current = stored.filter(|stored| stored.began_ms >= period(node));
    let (began_ms, before) = match current {
        Some(StoredDisclosure { began_ms, asked }) => {
            let before =
                serde_json::from_str(&asked).map_err(|e| Trouble::from_error("STORE", &e))?;
            (began_ms, before)
        }
        None => (now_ms(), Disclosed::default()),
    };
    let after = before.asked(atoms, slots, today).map_err(|overasked| {
        let (refusal, limit) = (overasked.refusal(), overasked.limit);
        let field = overasked.field.map(|field| format!(" ({field})")).unwrap_or_default();
        // The questions are the lender's own, so it may be told which limit it is.
        Trouble::us(
            refusal.code(),
            format!("{}{field}: {}", refusal.en(), limit.en()),
            format!("{}{field}：{}", refusal.zh(), limit.zh()),
        )
    })?;
    let asked = serde_json::to_string(&after).map_err(|e| Trouble::from_error("OURS", &e))?;
    Ok(StoredDisclosure { began_ms, asked })
}
