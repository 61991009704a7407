//! Makes the parties of a lab: directories, ports, pins.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use party::{NewParty, Protection};
use wire::control;

use crate::failure::Failure;
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
                    listen,
                    valid_days: VALID_DAYS,
                    // Made for an hour, in a folder that goes with it.
                    protection: Protection::Plain,
                },
            )?;
            complete(&made.config, sketch)?;
            cards.push(made.peer_file);
            seats.push(Seat { dir, port: Some(port) });
        }
        for (at, seat) in seats.iter().enumerate() {
            for (_, card) in cards.iter().enumerate().filter(|(of, _)| *of != at) {
                party::add_peer(&seat.dir, card)?;
            }
        }
        Ok(Self { seats })
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
        for change in ["assess", "admit"] {
            let change = control::MemberChange {
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
