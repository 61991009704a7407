//! Whole runs of both roles in memory, bucket by bucket, broken off and taken up again.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod attempts;
mod honest;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::rc::Rc;

use chacha20::ChaCha20Rng;
use psi::buckets::{Buckets, Receiver, Sender, Terms};
use psi::vole::{self, Machine, Parameters, Security};
use psi::{Items, Learned, Output, RECEIVER, SENDER};
use rand_core::SeedableRng;
use session::{Chunk, Fate, Network, NetworkError, Role};

/// What a side has kept: its matches by bucket.
type Kept = Rc<RefCell<BTreeMap<u32, Vec<String>>>>;

/// One side's set, and what it has kept of it.
struct Side {
    terms: Terms,
    items: Vec<String>,
    kept: Kept,
}

impl Side {
    fn bucket(&self, bucket: u32) -> Vec<&String> {
        let of = |item: &&String| self.terms.bucket_of(item.as_bytes()) == bucket;
        self.items.iter().filter(of).collect()
    }
}

impl Buckets for Side {
    type Error = Infallible;

    fn items(&mut self, bucket: u32) -> Result<Items, Infallible> {
        Ok(Items::new(self.bucket(bucket)).unwrap())
    }

    fn finished(&mut self, bucket: u32, learned: Learned) -> Result<(), Infallible> {
        let found = match learned {
            Learned::Items(places) => {
                let items = self.bucket(bucket);
                places.iter().map(|place| items[*place as usize].clone()).collect()
            }
            Learned::Nothing => Vec::new(),
            Learned::Count(_) => panic!("no run in buckets counts"),
        };
        let before = self.kept.borrow_mut().insert(bucket, found);
        assert!(before.is_none(), "bucket {bucket} was finished already");
        Ok(())
    }
}

/// A run that may take several attempts.
#[derive(Clone)]
struct Run {
    terms: Terms,
    receiver: Vec<String>,
    sender: Vec<String>,
    /// The receiver's, then the sender's.
    kept: [Kept; 2],
}

impl Run {
    /// A run over `uscc:0` … of the receiver and `uscc:skip` … of the sender, in so many buckets.
    fn new(kind: (Output, Security), [receiver, skip, sender]: [u64; 3], buckets: u32) -> Self {
        let set = |from, length| (from..from + length).map(|item| format!("uscc:{item}")).collect();
        let (output, security) = kind;
        let whole = vole::Terms {
            receiver_items: receiver,
            sender_items: sender,
            output,
            security,
            parameters: Parameters::V1,
            parts: 1,
            context: [7; 32],
        };
        Self {
            terms: Terms { whole, buckets, partition: [9; 32] },
            receiver: set(0, receiver),
            sender: set(skip, sender),
            kept: Default::default(),
        }
    }

    /// The buckets that are finished on both sides.
    fn finished(&self) -> Vec<u32> {
        let [ours, theirs] = [0, 1]
            .map(|side| -> BTreeSet<u32> { self.kept[side].borrow().keys().copied().collect() });
        ours.intersection(&theirs).copied().collect()
    }

    /// Tries with these seeds, over a network that tampers; what is finished on one side alone is let go of.
    fn attempt(
        &self,
        seeds: [u64; 2],
        mut tamper: impl FnMut(Role, &mut Chunk) -> Fate,
    ) -> Result<(), NetworkError> {
        let finished = self.finished();
        let side = |side: usize, items: &Vec<String>| {
            self.kept[side].borrow_mut().retain(|bucket, _| finished.contains(bucket));
            let (kept, terms) = (Rc::clone(&self.kept[side]), self.terms);
            Side { terms, items: items.clone(), kept }
        };
        let (ours, theirs) = (side(0, &self.receiver), side(1, &self.sender));
        let [one, other] = seeds.map(ChaCha20Rng::seed_from_u64);
        let (machine, terms) = (Machine::detect(), self.terms);
        let mut network = Network::new();
        network.join(RECEIVER, Receiver::new(terms, &finished, ours, machine, one).unwrap());
        network.join(SENDER, Sender::new(terms, &finished, theirs, machine, other).unwrap());
        network.run(|from, _, chunk| tamper(from, chunk))
    }

    /// What both sides found in all.
    fn found(&self) -> [BTreeSet<String>; 2] {
        [0, 1].map(|side| self.kept[side].borrow().values().flatten().cloned().collect())
    }

    /// What each side must find.
    fn ideal(&self) -> [BTreeSet<String>; 2] {
        let theirs: BTreeSet<_> = self.sender.iter().cloned().collect();
        let both: BTreeSet<_> =
            self.receiver.iter().filter(|item| theirs.contains(*item)).cloned().collect();
        match self.terms.whole.output {
            Output::TwoSided => [both.clone(), both],
            Output::OneSided | Output::Cardinality => [both, BTreeSet::new()],
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
