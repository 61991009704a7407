//! Whole runs of both roles in memory, over VOLE.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod honest;
mod noise;
mod tampered;
mod vectors;
mod views;

use chacha20::ChaCha20Rng;
use psi::vole::{Machine, Parameters, Receiver, Security, Sender, Terms};
use psi::{Items, Learned, Output, RECEIVER, SENDER};
use rand_core::SeedableRng;
use session::{Chunk, Fate, Network, NetworkError, Role};

/// A run that is set up and not begun; the same every time it is begun.
#[derive(Clone)]
struct Run {
    terms: Terms,
    receiver: Vec<String>,
    sender: Vec<String>,
    /// The receiver's and the sender's.
    machines: [Machine; 2],
    seeds: [u64; 2],
}

/// How a run ended, and what each side learnt: the receiver, then the sender.
struct End {
    result: Result<(), NetworkError>,
    learned: [Option<Learned>; 2],
}

impl Run {
    /// A run over `uscc:0`, `uscc:1` ... of the receiver and `uscc:skip` ... of the sender.
    fn new(output: Output, security: Security, receiver: u64, skip: u64, sender: u64) -> Self {
        let set = |from, length| (from..from + length).map(|item| format!("uscc:{item}")).collect();
        Self {
            terms: Terms {
                receiver_items: receiver,
                sender_items: sender,
                output,
                security,
                parameters: Parameters::V1,
                context: [7; 32],
            },
            receiver: set(0, receiver),
            sender: set(skip, sender),
            machines: [Machine::detect(); 2],
            seeds: [1, 2],
        }
    }

    /// The same, padded by so many items.
    fn padded(mut self, receiver: u64, sender: u64) -> Self {
        self.terms.receiver_items += receiver;
        self.terms.sender_items += sender;
        self
    }

    fn receiver(&self) -> Receiver {
        let items = Items::new(&self.receiver).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(self.seeds[0]);
        Receiver::new(self.terms, items, self.machines[0], &mut rng).unwrap()
    }

    fn sender(&self) -> Sender {
        let items = Items::new(&self.sender).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(self.seeds[1]);
        Sender::new(self.terms, items, self.machines[1], &mut rng).unwrap()
    }

    /// Runs it over a network that tampers.
    fn tampered(&self, mut tamper: impl FnMut(Role, &mut Chunk) -> Fate) -> End {
        let mut network = Network::new();
        let receiver = network.join(RECEIVER, self.receiver());
        let sender = network.join(SENDER, self.sender());
        let result = network.run(|from, _, chunk| tamper(from, chunk));
        End { result, learned: [receiver.take(), sender.take()] }
    }

    /// Runs it, and gives what each side learnt and all that passed.
    fn honest(&self) -> ([Learned; 2], Vec<(Role, Chunk)>) {
        let mut passed = Vec::new();
        let end = self.tampered(|from, chunk| {
            passed.push((from, chunk.clone()));
            Fate::Deliver
        });
        end.result.unwrap();
        (end.learned.map(Option::unwrap), passed)
    }

    /// What each side must learn: the ideal functionality of SPEC §V1.
    fn ideal(&self) -> [Learned; 2] {
        let shared = |ours: &[String], theirs: &[String]| -> Vec<u32> {
            let theirs: std::collections::BTreeSet<_> = theirs.iter().collect();
            (0..).zip(ours).filter_map(|(i, item)| theirs.contains(item).then_some(i)).collect()
        };
        let receiver = Learned::Items(shared(&self.receiver, &self.sender));
        if self.terms.output == Output::TwoSided {
            [receiver, Learned::Items(shared(&self.sender, &self.receiver))]
        } else {
            [receiver, Learned::Nothing]
        }
    }
}

/// Every kind of run.
const KINDS: [(Output, Security); 4] = [
    (Output::OneSided, Security::SemiHonest),
    (Output::OneSided, Security::Checked),
    (Output::TwoSided, Security::SemiHonest),
    (Output::TwoSided, Security::Checked),
];
