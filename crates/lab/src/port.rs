//! A port of this machine that stays a party's own, also while no process of it listens.

use std::io::{Error, ErrorKind, Result};
use std::net::TcpListener;
use std::ops::Range;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that systems give to outgoing connections and to whoever asks for any: none of these is
/// taken between a party's end and its next start, but by another lab.
const PORTS: Range<u16> = 10_000..32_000;

/// A port that is kept for one party.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    /// Shows that it is free, until the party's own process takes it.
    listener: Option<TcpListener>,
    /// Keeps other labs from it for as long as this lives: a name that one socket can have, and no file.
    _claim: Option<UnixListener>,
}

impl Port {
    /// Keeps a port that nobody listens on and that no other lab of this machine has kept.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn keep() -> Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Labs of several processes start at different places.
        let start = std::process::id().wrapping_mul(977);
        for _ in PORTS {
            let place = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed).into());
            let place = place % u32::from(PORTS.end - PORTS.start);
            let number = PORTS.start + u16::try_from(place).unwrap_or_default();
            // Another lab's, or of whoever listens there.
            let Ok(claim) = claim(number) else { continue };
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", number)) {
                return Ok(Self { number, listener: Some(listener), _claim: claim });
            }
        }
        Err(Error::new(ErrorKind::AddrInUse, "every port that a lab may have is taken"))
    }

    /// Where it listens, `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.number)
    }

    /// Lets the party's own process take it.
    pub(crate) fn release(&mut self) {
        self.listener = None;
    }
}

/// Takes a port's name among labs, which one socket of this machine can have.
#[cfg(target_os = "linux")]
fn claim(number: u16) -> Result<Option<UnixListener>> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    let name = SocketAddr::from_abstract_name(format!("tacit-lab-port-{number}"))?;
    UnixListener::bind_addr(&name).map(Some)
}

/// Where sockets have no names but files, only this process keeps its labs apart.
#[cfg(not(target_os = "linux"))]
fn claim(_number: u16) -> Result<Option<UnixListener>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    use super::{PORTS, Port};

    #[test]
    fn a_port_stays_its_keepers_whether_anybody_listens_or_not() {
        let mut kept: Vec<Port> = (0..50).map(|_| Port::keep().unwrap()).collect();
        kept.iter_mut().for_each(Port::release);
        kept.extend((0..50).map(|_| Port::keep().unwrap()));
        let numbers: BTreeSet<u16> = kept.iter().map(|port| port.number).collect();
        assert_eq!(numbers.len(), 100);
        assert!(numbers.iter().all(|number| PORTS.contains(number)));
        TcpListener::bind(kept[0].address()).unwrap();
    }
}
