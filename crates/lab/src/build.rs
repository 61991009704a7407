//! Makes the parties of a lab: folders, ports, pins.

use std::path::Path;
use std::time::Duration;

use control::messages;
use control::messages::member_change::Change;
use party::{NewParty, Protection};

use crate::{Delayed, Error, Party, PartyProcess, Program, Sketch};

/// How long the certificates of a lab are valid.
const VALID_DAYS: u32 = 30;

/// To when the parties of a lab have assessed one another.
pub const ASSESSED_UNTIL: &str = "2199-12-31";

/// The parties of one root folder, everybody pinned with everybody.
#[derive(Debug)]
pub struct Lab {
    parties: Vec<Party>,
}

impl Lab {
    /// Makes `root/NAME` for every sketch and pins everybody with everybody.
    ///
    /// Relative register files are looked for in `root/NAME`; they need not be there yet.
    ///
    /// # Errors
    ///
    /// When there is no free port, or a party is already in one of the folders.
    pub fn build(root: &Path, sketches: &[Sketch]) -> Result<Self, Error> {
        let program = Program::this()?;
        let mut parties = Vec::with_capacity(sketches.len());
        let mut cards = Vec::with_capacity(sketches.len());
        for sketch in sketches {
            let party = Party::reserve(&program, root, sketch.name.as_str())?;
            let made = party::init(
                &party.dir,
                &NewParty {
                    name: sketch.name.clone(),
                    duties: sketch.duties.clone(),
                    advertise: party.address.clone(),
                    listen: party.address.clone(),
                    valid_days: VALID_DAYS,
                    // Made for an hour, in a folder that goes with it.
                    protection: Protection::Plain,
                },
            )?;
            party.complete(sketch.settings())?;
            cards.push(made.peer_file);
            parties.push(party);
        }
        for (at, party) in parties.iter().enumerate() {
            for (_, card) in cards.iter().enumerate().filter(|(of, _)| *of != at) {
                party::add_peer(&party.dir, card)?;
            }
        }
        Ok(Self { parties })
    }

    /// Puts a relay in front of every party, before any starts: whoever dials it is heard, and
    /// answered, so much later. The delay lasts until the relays are dropped.
    ///
    /// # Errors
    ///
    /// When there is no free port, or a pinned file cannot be rewritten.
    pub fn delayed(&self, each_way: Duration) -> Result<Vec<Delayed>, Error> {
        let mut relays = Vec::with_capacity(self.parties.len());
        for party in &self.parties {
            let relay = Delayed::before(party.address.clone(), each_way).map_err(Error::NoPort)?;
            for other in self.parties.iter().filter(|other| other.dir != party.dir) {
                other.redirect(party, &relay.address().to_string())?;
            }
            relays.push(relay);
        }
        Ok(relays)
    }

    /// Starts every party, in the order of the sketches, and has each admit all the others.
    ///
    /// # Errors
    ///
    /// When one does not come up; those that did are ended.
    pub async fn start(&mut self) -> Result<Vec<PartyProcess>, Error> {
        let parties = self.start_strangers().await?;
        for party in &parties {
            admit_all(party).await?;
        }
        Ok(parties)
    }

    /// Starts every party, in the order of the sketches; nobody has admitted anybody yet.
    ///
    /// # Errors
    ///
    /// When one does not come up; those that did are ended.
    pub async fn start_strangers(&mut self) -> Result<Vec<PartyProcess>, Error> {
        let mut running = Vec::with_capacity(self.parties.len());
        for party in &mut self.parties {
            running.push(PartyProcess::start(party).await?);
        }
        Ok(running)
    }
}

/// Assesses and admits every member that nothing was decided about, and says how many those were.
///
/// # Errors
///
/// When a call is not carried out.
pub async fn admit_all(party: &PartyProcess) -> Result<usize, Error> {
    let mut admitted = 0;
    for member in party.control().members().await? {
        if member.admitted {
            continue;
        }
        admitted += 1;
        for change in [Change::Assess, Change::Admit] {
            let change = messages::MemberChange {
                name: member.name.clone(),
                change: change.into(),
                assessed_until: ASSESSED_UNTIL.into(),
                reason: "lab".into(),
            };
            party.control().change_member(change).await?;
        }
    }
    Ok(admitted)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use domain::Duty;

    use super::Lab;
    use crate::Sketch;

    #[tokio::test]
    async fn every_party_dials_every_other_through_the_relay_in_front_of_it() {
        let root = tempfile::tempdir().unwrap();
        let sketch = |name, duty| Sketch::new(name, &[duty]).unwrap();
        let sketches = [
            sketch("bank", Duty::Lender),
            sketch("platform", Duty::Platform),
            sketch("tax", Duty::Holder),
        ];
        let lab = Lab::build(root.path(), &sketches).unwrap();
        let relays = lab.delayed(Duration::from_millis(10)).unwrap();
        assert_eq!(relays.len(), 3);
        for (party, relay) in sketches.iter().zip(&relays) {
            for other in sketches.iter().filter(|other| other.name != party.name) {
                let pinned = root.path().join(other.name.as_str());
                let pinned = pinned.join(format!("peers/{}.party", party.name));
                let text = fs::read_to_string(pinned).unwrap();
                assert!(text.contains(&relay.address().to_string()), "{text}");
            }
        }
    }
}
