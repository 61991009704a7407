//! Whole runs of both roles in memory.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod fixed;
mod honest;
mod noise;
mod tampered;
mod vectors;
mod views;

use psi::{Items, Lanes, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
use session::{Chunk, Fate, Network, NetworkError, Role};

use crate::fixed::Fixed;

/// A run that is set up and not begun; the same every time it is begun.
#[derive(Clone)]
struct Run {
    terms: Terms,
    receiver: Vec<String>,
    sender: Vec<String>,
    seeds: [[u8; 32]; 2],
    /// The receiver's, then the sender's.
    lanes: [Lanes; 2],
}

/// How a run ended, and what each side learnt: the receiver, then the sender.
struct End {
    result: Result<(), NetworkError>,
    learned: [Option<Learned>; 2],
}

impl Run {
    /// A run over `uscc:0`, `uscc:1` ... of the receiver and `uscc:skip` ... of the sender.
    fn new(output: Output, receiver: u64, skip: u64, sender: u64) -> Self {
        let set = |from, length| (from..from + length).map(|item| format!("uscc:{item}")).collect();
        Self {
            terms: Terms {
                receiver_items: receiver,
                sender_items: sender,
                output,
                context: [7; 32],
            },
            receiver: set(0, receiver),
            sender: set(skip, sender),
            seeds: [[1; 32], [2; 32]],
            lanes: [Lanes::detect(); 2],
        }
    }

    /// The same, padded by so many points.
    fn padded(mut self, receiver: u64, sender: u64) -> Self {
        self.terms.receiver_items += receiver;
        self.terms.sender_items += sender;
        self
    }

    fn receiver(&self) -> Receiver {
        let items = Items::new(&self.receiver).unwrap();
        let [lanes, _] = self.lanes;
        Receiver::with_lanes(self.terms, items, lanes, &mut Fixed(self.seeds[0])).unwrap()
    }

    fn sender(&self) -> Sender {
        let items = Items::new(&self.sender).unwrap();
        let [_, lanes] = self.lanes;
        Sender::with_lanes(self.terms, items, lanes, &mut Fixed(self.seeds[1])).unwrap()
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

    /// What each side must learn: the ideal functionality of SPEC §1.
    fn ideal(&self) -> [Learned; 2] {
        let shared = |ours: &[String], theirs: &[String]| -> Vec<u32> {
            let theirs: std::collections::BTreeSet<_> = theirs.iter().collect();
            (0..).zip(ours).filter_map(|(i, item)| theirs.contains(item).then_some(i)).collect()
        };
        let receiver = shared(&self.receiver, &self.sender);
        match self.terms.output {
            Output::OneSided => [Learned::Items(receiver), Learned::Nothing],
            Output::TwoSided => {
                [Learned::Items(receiver), Learned::Items(shared(&self.sender, &self.receiver))]
            }
            Output::Cardinality => [Learned::Count(receiver.len() as u64), Learned::Nothing],
        }
    }
}

const OUTPUTS: [Output; 3] = [Output::OneSided, Output::TwoSided, Output::Cardinality];
