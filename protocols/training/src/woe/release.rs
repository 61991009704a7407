//! The end of a counting, holder by holder, as a session: the roles release what it learns to it,
//! and it tells the lender the information values (SPEC §W.7).

use bytes::Bytes;
use session::{Chunk, Coroutine, Expected, MAX_CHUNK, Role};
use sharing::{Layout, Opened};

use super::count::Release;
use super::table::Thousandths;
use super::{COUNT, Counted, Table, Terms};
use crate::{Error, LENDER, ROLES, UPLOADER};

/// Rounds of a release: the roles' components, then the information values.
const COMPONENTS: u32 = 1;
const VALUES: u32 = 2;
/// An information value that is withheld.
const WITHHELD: u32 = u32::MAX;

/// A role's side. Its output is, at the lender, the information value of each of the holder's
/// features, none of those that are withheld; nothing elsewhere.
pub type Releasing = Coroutine<Option<Vec<Option<Thousandths>>>, Error>;

/// The holder's side.
pub type Collecting = Coroutine<Vec<Table>, Error>;

/// Releases to the holder in this place of the terms what it learns.
///
/// # Errors
///
/// [`Error::Shape`] if the terms have no such holder.
pub fn release(terms: &Terms, counted: &Counted, holder: usize) -> Result<Releasing, Error> {
    let Release(message) = counted.own(holder)?;
    let (role, features) = (counted.role, terms.of_holder(holder)?.len());
    Ok(Coroutine::new(&[UPLOADER], MAX_CHUNK, async move |mut link| {
        for (start, part) in (0..).step_by(MAX_CHUNK).zip(message.chunks(MAX_CHUNK)) {
            let (last, body) = (start + part.len() == message.len(), message.slice_ref(part));
            link.send(UPLOADER, Chunk { round: COMPONENTS, last, body }).await?;
        }
        if role != LENDER {
            return Ok(None);
        }
        let due = Expected { round: VALUES, last: true, bytes: 4 * features };
        let body = link.receive(UPLOADER, due).await?;
        let values = body.as_chunks().0.iter().map(|&value| match u32::from_be_bytes(value) {
            WITHHELD => None,
            value => Some(Thousandths(value)),
        });
        Ok(Some(values.collect()))
    }))
}

/// Collects what the holder in this place of the terms learns, and tells the lender the information
/// values. A holder that is itself the role `own` brings what it [has for itself](Counted::own); if
/// it is the lender, [`Table::thousandths`] has the values.
///
/// The session fails with [`Error::Counts`] or [`Error::Sharing`] when what comes is no table.
///
/// # Errors
///
/// [`Error::Shape`] if the terms have no such holder, and [`Error::Terms`].
///
/// # Panics
///
/// When `own` is not one of [`ROLES`].
pub fn collect(
    terms: &Terms,
    holder: usize,
    own: Option<(Role, Release)>,
) -> Result<Collecting, Error> {
    terms.check()?;
    let numbers = terms.of_holder(holder)?.iter().map(|&bins| Table::numbers(bins)).sum();
    let terms = terms.clone();
    let of_self = own.as_ref().map(|(role, _)| *role);
    assert!(of_self.is_none_or(|role| ROLES.contains(&role)), "components come from roles");
    let peers: Vec<Role> = ROLES.into_iter().filter(|role| of_self != Some(*role)).collect();
    let from = peers.clone();
    Ok(Coroutine::new(&peers, bytes(LENDER, numbers) + MAX_CHUNK, async move |mut link| {
        let mut messages: [Vec<u8>; 3] = Default::default();
        if let Some((role, Release(message))) = own {
            messages[usize::from(role.0)] = message.to_vec();
        }
        for &role in &from {
            let expected = bytes(role, numbers);
            let message = &mut messages[usize::from(role.0)];
            while message.len() < expected {
                let bytes = (expected - message.len()).min(MAX_CHUNK);
                let last = message.len() + bytes == expected;
                let due = Expected { round: COMPONENTS, last, bytes };
                message.extend_from_slice(&link.receive(role, due).await?);
            }
        }
        let messages = messages.each_ref().map(Vec::as_slice);
        let opened = Opened::from_released(Layout::Replicated, messages, numbers)?;
        let tables = Table::read(&terms, holder, &opened)?;
        if from.contains(&LENDER) {
            let values = tables.iter().map(Table::thousandths);
            let values = values.map(|value| value.map_or(WITHHELD, |Thousandths(value)| value));
            let body: Bytes = values.flat_map(u32::to_be_bytes).collect();
            link.send(LENDER, Chunk { round: VALUES, last: true, body }).await?;
        }
        Ok(tables)
    }))
}

fn bytes(role: Role, numbers: usize) -> usize {
    Opened::<COUNT>::released_bytes(Layout::Replicated, role, numbers)
}
