//! Whole runs of both roles in memory.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod honest;
mod noise;
mod tampered;
mod vectors;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Chunk, Fate, Network, NetworkError, Role};
use vole::{Machine, RECEIVER, Receiver, ReceiverShares, SENDER, Sender, SenderShares, Terms};

/// A run that is set up and not begun; the same every time it is begun.
#[derive(Clone, Copy)]
struct Run {
    terms: Terms,
    /// The receiver's and the sender's.
    machines: [Machine; 2],
    seeds: [u64; 2],
}

/// How a run ended, and what each side got.
struct End {
    result: Result<(), NetworkError>,
    receiver: Option<ReceiverShares>,
    sender: Option<SenderShares>,
}

impl Run {
    fn new(outputs: u64) -> Self {
        let terms = Terms { outputs, context: [7; 32] };
        Self { terms, machines: [Machine::detect(); 2], seeds: [1, 2] }
    }

    fn receiver(&self) -> Receiver {
        let mut rng = ChaCha20Rng::seed_from_u64(self.seeds[0]);
        Receiver::new(self.terms, self.machines[0], &mut rng).unwrap()
    }

    fn sender(&self) -> Sender {
        let mut rng = ChaCha20Rng::seed_from_u64(self.seeds[1]);
        Sender::new(self.terms, self.machines[1], &mut rng).unwrap()
    }

    /// Runs it over a network that tampers.
    fn tampered(&self, mut tamper: impl FnMut(Role, &mut Chunk) -> Fate) -> End {
        let mut network = Network::new();
        let receiver = network.join(RECEIVER, self.receiver());
        let sender = network.join(SENDER, self.sender());
        let result = network.run(|from, _, chunk| tamper(from, chunk));
        End { result, receiver: receiver.take(), sender: sender.take() }
    }

    /// Runs it, and gives what each side got and all that passed.
    fn honest(&self) -> (ReceiverShares, SenderShares, Vec<(Role, Chunk)>) {
        let mut passed = Vec::new();
        let end = self.tampered(|from, chunk| {
            passed.push((from, chunk.clone()));
            Fate::Deliver
        });
        end.result.unwrap();
        (end.receiver.unwrap(), end.sender.unwrap(), passed)
    }
}
