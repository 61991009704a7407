//! Members: how far each pinned party is admitted.

use domain::{PartyId, Standing};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use time::Date;
use time::macros::format_description;

use crate::{Error, Store};

/// A member as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMember {
    /// The party.
    pub name: PartyId,
    /// How far it is admitted.
    pub standing: Standing,
    /// When that was last decided.
    pub changed_ms: i64,
    /// Why, in the operator's words.
    pub reason: String,
}

const DAY: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]");

impl Store {
    /// Every member that something was decided about, by name.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn members(&self) -> Result<Vec<StoredMember>, Error> {
        let rows = sqlx::query("SELECT * FROM members ORDER BY name").fetch_all(&self.pool).await?;
        rows.iter().map(stored).collect()
    }
}

/// Writes what was decided about a member, inside a commit.
pub(crate) async fn keep(
    connection: &mut sqlx::SqliteConnection,
    member: &StoredMember,
) -> Result<(), Error> {
    let until = member.standing.assessed_until().map(|day| day.format(DAY)).transpose();
    sqlx::query(
        "INSERT OR REPLACE INTO members (name, state, assessed_until, changed_ms, reason)
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(member.name.as_str())
    .bind(member.standing.state().code())
    .bind(until.map_err(|_| Error::Garbled("members.assessed_until"))?)
    .bind(member.changed_ms)
    .bind(&member.reason)
    .execute(connection)
    .await?;
    Ok(())
}

fn stored(row: &SqliteRow) -> Result<StoredMember, Error> {
    let garbled = Error::Garbled;
    let until: Option<String> = row.try_get("assessed_until")?;
    let until = until.map(|day| Date::parse(&day, DAY)).transpose();
    let until = until.map_err(|_| garbled("members.assessed_until"))?;
    let state: String = row.try_get("state")?;
    let state = state.parse().map_err(|_| garbled("members.state"))?;
    let name: String = row.try_get("name")?;
    Ok(StoredMember {
        name: name.parse().map_err(|_| garbled("members.name"))?,
        standing: Standing::restored(state, until).ok_or(garbled("members.state"))?,
        changed_ms: row.try_get("changed_ms")?,
        reason: row.try_get("reason")?,
    })
}
