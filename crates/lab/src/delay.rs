//! Lines that take time: relays that hold back every byte between two parties.

use std::io;
use std::net::{SocketAddr, TcpListener as Listener};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// What is read at a time.
const PIECE: usize = 64 << 10;

/// Pieces on their way in one direction: a line with delay holds much, and is not slower for it.
const ON_THE_WAY: usize = 1 << 13;

/// A relay in front of one party. Dropping it ends it, with every connection over it.
#[derive(Debug)]
pub struct Delayed {
    address: SocketAddr,
    relay: JoinHandle<()>,
}

impl Delayed {
    /// Stands in front of the party at an address: every byte arrives `each_way` after it was sent.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn before(party: String, each_way: Duration) -> io::Result<Self> {
        let listener = Listener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let relay = tokio::spawn(async move {
            let mut lines = JoinSet::new();
            // A party that is gone ends its line; the next one is dialled anew.
            while let Ok((asker, _)) = listener.accept().await {
                let party = party.clone();
                lines.spawn(async move {
                    if let Ok(answerer) = TcpStream::connect(party).await {
                        carry(asker, answerer, each_way).await;
                    }
                });
            }
        });
        Ok(Self { address, relay })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Delayed {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

async fn carry(asker: TcpStream, answerer: TcpStream, each_way: Duration) {
    // What is late already is not made later by waiting for more.
    if asker.set_nodelay(true).and_then(|()| answerer.set_nodelay(true)).is_err() {
        return;
    }
    let (from_asker, to_asker) = asker.into_split();
    let (from_answerer, to_answerer) = answerer.into_split();
    tokio::join!(
        one_way(from_asker, to_answerer, each_way),
        one_way(from_answerer, to_asker, each_way)
    );
}

/// Carries one direction to its end: what is read now is written when its time has come, and more
/// is read meanwhile.
async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let read = async move {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            let sent = sender.send((Instant::now() + delay, piece[..length].to_vec())).await;
            if sent.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        // The other side may have closed it first.
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::Delayed;

    /// A party that answers each 8 bytes with the same 8, and 64 MiB at the end.
    async fn echo(listener: TcpListener) {
        let (mut line, _) = listener.accept().await.unwrap();
        let mut word = [0; 8];
        while line.read_exact(&mut word).await.is_ok() {
            line.write_all(&word).await.unwrap();
        }
        line.write_all(&vec![7; 64 << 20]).await.unwrap();
    }

    #[tokio::test]
    async fn a_word_and_its_echo_take_the_delay_both_ways_and_much_takes_no_longer_than_little() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let party = listener.local_addr().unwrap().to_string();
        let echo = tokio::spawn(echo(listener));
        let each_way = Duration::from_millis(20);
        let relay = Delayed::before(party, each_way).unwrap();
        let mut line = TcpStream::connect(relay.address()).await.unwrap();
        let mut word = [0; 8];
        for text in [b"one word", b"the next"] {
            let began = Instant::now();
            line.write_all(text).await.unwrap();
            line.read_exact(&mut word).await.unwrap();
            assert_eq!(&word, text);
            assert!(began.elapsed() >= 2 * each_way, "{:?}", began.elapsed());
        }
        line.shutdown().await.unwrap();
        let began = Instant::now();
        let mut rest = Vec::new();
        line.read_to_end(&mut rest).await.unwrap();
        assert!(rest.len() == 64 << 20 && rest.iter().all(|byte| *byte == 7));
        // Piece after piece, one at a time, they would take 1,024 delays.
        assert!(began.elapsed() < 500 * each_way, "{:?}", began.elapsed());
        echo.await.unwrap();
    }

    #[tokio::test]
    async fn a_relay_that_is_dropped_takes_its_lines_with_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let party = listener.local_addr().unwrap().to_string();
        let accepted = tokio::spawn(async move { listener.accept().await.unwrap().0 });
        let relay = Delayed::before(party, Duration::ZERO).unwrap();
        let mut line = TcpStream::connect(relay.address()).await.unwrap();
        let _answerer = accepted.await.unwrap();
        drop(relay);
        assert_eq!(line.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
}
