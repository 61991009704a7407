//! Makes the parties of a lab: directories, ports, pins.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use control::messages;
use control::messages::member_change::Change;
use party::{NewParty, Protection};

use crate::failure::Failure;
use crate::lab::delay::Delayed;
use crate::lab::{PartyProcess, Sketch};
use crate::language::Text;
use crate::phrases;

/// How long the certificates of a lab are valid.
const VALID_DAYS: u32 = 30;

/// To when the parties of a lab have assessed one another.
pub(crate) const ASSESSED_UNTIL: &str = "2199-12-31";

/// The parties of one root folder, everybody pinned with everybody.
#[derive(Debug)]
pub(crate) struct Lab {
    seats: Vec<Seat>,
}

/// One party's place, until its process sits there.
#[derive(Debug)]
struct Seat {
    dir: PathBuf,
    /// Where it listens, `host:port`.
    address: String,
    /// Keeps the port until the party's own process takes it.
    port: Option<TcpListener>,
}

impl Lab {
    /// Makes `root/NAME` for every sketch and pins everybody with everybody.
    ///
    /// Relative register files are looked for in `root/NAME`; they need not be there yet.
    ///
    /// # Errors
    ///
    /// When there is no free port, or a party is already in one of the folders.
    pub(crate) fn build(root: &Path, sketches: &[Sketch]) -> Result<Self, Failure> {
        let mut seats = Vec::with_capacity(sketches.len());
        let mut cards = Vec::with_capacity(sketches.len());
        for sketch in sketches {
            let dir = root.join(sketch.name.as_str());
            let (port, listen) = free_port()?;
            let made = party::init(
                &dir,
                &NewParty {
                    name: sketch.name.clone(),
                    duties: sketch.duties.clone(),
                    advertise: listen.clone(),
                    listen: listen.clone(),
                    valid_days: VALID_DAYS,
                    // Made for an hour, in a folder that goes with it.
                    protection: Protection::Plain,
                },
            )?;
            complete(&made.config, sketch)?;
            cards.push(made.peer_file);
            seats.push(Seat { dir, address: listen, port: Some(port) });
        }
        for (at, seat) in seats.iter().enumerate() {
            for (_, card) in cards.iter().enumerate().filter(|(of, _)| *of != at) {
                party::add_peer(&seat.dir, card)?;
            }
        }
        Ok(Self { seats })
    }

    /// Puts a relay in front of every party, before any starts: whoever dials it is heard, and
    /// answered, so much later. The delay lasts until the relays are dropped.
    ///
    /// # Errors
    ///
    /// When there is no free port, or a pinned file cannot be rewritten.
    pub(crate) fn delayed(&self, each_way: Duration) -> Result<Vec<Delayed>, Failure> {
        let mut relays = Vec::with_capacity(self.seats.len());
        for party in &self.seats {
            let relay = Delayed::before(party.address.clone(), each_way)
                .map_err(|error| Failure::new("PORT", phrases::no_port(error)))?;
            for other in self.seats.iter().filter(|other| other.dir != party.dir) {
                redirect(&other.dir, party, &relay.address().to_string())?;
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
    pub(crate) async fn start(&mut self) -> Result<Vec<PartyProcess>, Failure> {
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
    pub(crate) async fn start_strangers(&mut self) -> Result<Vec<PartyProcess>, Failure> {
        let mut parties = Vec::with_capacity(self.seats.len());
        for seat in &mut self.seats {
            seat.port = None;
            parties.push(PartyProcess::start(&seat.dir).await?);
        }
        Ok(parties)
    }
}

/// Assesses and admits every member that nothing was decided about, and says how many those were.
pub(crate) async fn admit_all(party: &PartyProcess) -> Result<usize, Failure> {
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

/// Makes the party of a directory dial another address for one that it has pinned.
fn redirect(dialler: &Path, party: &Seat, address: &str) -> Result<(), Failure> {
    let mut name = party.dir.file_name().unwrap_or_default().to_owned();
    name.push(".party");
    let pinned = dialler.join("peers").join(name);
    let failed = |error| Failure::file(&pinned, &error);
    let text = fs::read_to_string(&pinned).map_err(failed)?;
    fs::write(&pinned, text.replace(&party.address, address)).map_err(failed)
}

/// A free port of the loopback address, held until the listener is dropped.
fn free_port() -> Result<(TcpListener, String), Failure> {
    let no_port = |error| Failure::new("PORT", phrases::no_port(error));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(no_port)?;
    let address = listener.local_addr().map_err(no_port)?;
    Ok((listener, address.to_string()))
}

fn complete(config: &Path, sketch: &Sketch) -> Result<(), Failure> {
    let written = fs::read_to_string(config).map_err(|error| Failure::file(config, &error))?;
    let mut table = written
        .parse()
        .map_err(|error: toml::de::Error| Failure::new("CONFIG", Text::same(error.to_string())))?;
    sketch.complete(&mut table);
    fs::write(config, table.to_string()).map_err(|error| Failure::file(config, &error))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use domain::Duty;

    use super::Lab;
    use crate::lab::Sketch;

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
