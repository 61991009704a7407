//! `tacit peer add`, `tacit peer list`.

use std::path::Path;

use party::PinnedPeer;
use serde_json::json;
use terminal::units::{moment, record};
use terminal::{Failure, Table, Voice};

use crate::arguments::PeerCommand;
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) fn peer(dir: &Path, command: &PeerCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        PeerCommand::Add { file } => add(dir, file, voice),
        PeerCommand::List(json) => list(dir, json.json, voice),
    }
}

fn add(dir: &Path, file: &Path, voice: Voice) -> Result<(), Failure> {
    let peer = party::add_peer(dir, file)?;
    voice.tell(&phrases::peer_added(&peer.name, &peer.address));
    voice.tell(&phrases::party_fingerprint(&peer.fingerprint));
    voice.note(&phrases::peer_compare());
    if peer.succeeds {
        voice.note(&phrases::peer_succeeds(&peer.name));
    } else if control::is_running(dir) {
        voice.note(&phrases::peer_restart());
    }
    Ok(())
}

fn list(dir: &Path, json: bool, voice: Voice) -> Result<(), Failure> {
    let peers = party::peers(dir)?;
    if json {
        for peer in &peers {
            json_line(&json!({
                "name": peer.name,
                "duties": peer.duties,
                "address": peer.address,
                "fingerprint": peer.fingerprint,
                "valid_until": until(peer).and_then(record),
            }));
        }
        return Ok(());
    }
    if peers.is_empty() {
        voice.note(&phrases::no_peers());
        return Ok(());
    }
    let heads = [
        phrases::head_name(),
        phrases::head_duties(),
        phrases::head_address(),
        phrases::head_until(),
        phrases::head_fingerprint(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for peer in peers {
        let until = until(&peer).map_or_else(|| "-".into(), moment);
        let duties: Vec<&str> = peer.duties.iter().map(|duty| duty.code()).collect();
        let duties = duties.join(", ");
        table.row(vec![peer.name.to_string(), duties, peer.address, until, peer.fingerprint]);
    }
    print(&table.lines());
    Ok(())
}

/// The end of the certificate, in milliseconds.
fn until(peer: &PinnedPeer) -> Option<i64> {
    peer.valid_until.and_then(|seconds| seconds.checked_mul(1000))
}
