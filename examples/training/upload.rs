//! One upload, from whoever uploads to the three roles.

use std::error::Error;

use session::{Fate, Network};
use training::{ROLES, Terms, UPLOADER, Uploads, Whose, transfer};

/// One holder's session, or the lender's, and one at each role; then the uploader has left.
pub(crate) fn to_all(
    terms: &Terms,
    whose: Whose,
    session: transfer::Sending,
    uploads: &mut [Uploads],
) -> Result<(), Box<dyn Error>> {
    let mut network = Network::new();
    network.join(UPLOADER, session);
    let mut outcomes = Vec::new();
    for role in ROLES {
        let receiving = transfer::receive(terms, whose, role, |_kept: &[u8]| Ok(()))?;
        outcomes.push(network.join(role, receiving));
    }
    network.run(|_from, _to, _chunk| Fate::Deliver)?;
    for (uploads, outcome) in uploads.iter_mut().zip(outcomes) {
        uploads.take(outcome.take().ok_or("the role has received all")?)?;
    }
    Ok(())
}
