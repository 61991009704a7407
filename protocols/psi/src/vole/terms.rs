//! What both sides of this road agree on before round 1, and all that follows from it.

use session::Role;
use sha2::{Digest, Sha256};

use super::okvs::Shape;
use super::rounds;
use super::stream::per_chunk;
use crate::stream::chunks;
use crate::terms::short_length;
use crate::{CANARIES, Error, Output};

/// What both sides agree on before round 1; every hash of the run is bound to it (SPEC §V2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many items the receiver encodes: its set, or more to hide how large that is. [`CANARIES`] go
    /// with them.
    pub receiver_items: u64,
    /// How many values the sender sends: its set, or more to hide how large that is.
    pub sender_items: u64,
    /// Who learns what: [`Output::OneSided`] or [`Output::TwoSided`].
    pub output: Output,
    /// Against whom.
    pub security: Security,
    /// Which numbers the protocol runs with.
    pub parameters: Parameters,
    /// Of how many such runs this is one that err with probability 2^-40 together: 1 but for
    /// [`buckets`](crate::buckets).
    pub parts: u32,
    /// A hash of everything else the hosts agreed on: the run, the parties, the purpose.
    pub context: [u8; 32],
}

/// What the last hash of an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// A few bytes from AES: for a peer that follows the protocol.
    SemiHonest,
    /// Sixteen bytes of SHA-256 under a coin that neither side chose, so that a receiver that
    /// cheats learns of no more items than its message holds.
    Checked,
}

/// A set of numbers that the protocol runs with, all in SPEC §V2; new numbers are a new variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// Bins of 2^15, weight 3; VOLE version 1 (t = 256, ExConv 21 × 24 twice).
    V1,
}

impl Terms {
    /// The most items that a side may agree on: 2^31.
    pub const MAX_ITEMS: u64 = 1 << 31;

    /// Bytes of a value on the wire: 16 in a checked run, else `ceil((40 + log2 nx + log2 ny +
    /// log2 parts) / 8)`, sizes below 16 counted as 16.
    pub fn value_length(&self) -> usize {
        match self.security {
            Security::Checked => 16,
            Security::SemiHonest => {
                short_length(self.receiver_items, self.sender_items, self.parts)
            }
        }
    }

    /// Bytes of chunk bodies that `role` sends in the whole run (SPEC §V7); 0 for a third role.
    pub fn bytes_from(&self, role: Role) -> u64 {
        self.rounds_of(role).map(|(unit, units)| unit as u64 * units).sum::<u64>()
            + self.correlations().bytes_from(role)
    }

    /// Chunks that `role` sends in the whole run (SPEC §V4); 0 for a third role.
    pub fn chunks_from(&self, role: Role) -> u64 {
        self.rounds_of(role).map(|(unit, units)| chunks(units, per_chunk(unit))).sum::<u64>()
            + self.correlations().chunks_from(role)
    }

    /// Bytes of a unit and the number of units of `role`'s rounds, without those of the VOLE.
    fn rounds_of(&self, role: Role) -> impl Iterator<Item = (usize, u64)> + '_ {
        (1..=rounds::RECEIVER_TRANSCRIPT)
            .filter(move |round| rounds::speaker(*round) == role)
            .filter_map(|round| self.shape_of_round(round))
    }

    /// Bytes of a unit and the number of units of `round`, if this run has it.
    pub(crate) fn shape_of_round(&self, round: u32) -> Option<(usize, u64)> {
        let checked = self.security == Security::Checked;
        let two_sided = self.output == Output::TwoSided;
        match round {
            rounds::COMMITMENT | rounds::SENDER_TRANSCRIPT => Some((32, 1)),
            rounds::SALT => Some((if checked { 64 } else { 32 }, 1)),
            rounds::OPENING => Some((64, 1)),
            rounds::SEED => Some((if checked { 32 } else { 16 }, 1)),
            rounds::ENCODING => Some((16, self.shape().size())),
            rounds::COIN => checked.then_some((16, 1)),
            rounds::VALUES => Some((self.value_length(), self.sender_values())),
            rounds::MATCHES => two_sided.then_some((1, self.sender_values().div_ceil(8))),
            rounds::RECEIVER_TRANSCRIPT => two_sided.then_some((32, 1)),
            _ => None,
        }
    }

    /// The shape of the receiver's encoding.
    pub(crate) fn shape(&self) -> Shape {
        match self.parameters {
            Parameters::V1 => Shape::new(self.receiver_keys(), self.parts),
        }
    }

    /// How many keys the receiver encodes: of its items, of its padding and of the canaries.
    pub(crate) fn receiver_keys(&self) -> u64 {
        self.receiver_items + CANARIES
    }

    /// How many values the sender sends: of its items, of its padding and of the canaries.
    pub(crate) fn sender_values(&self) -> u64 {
        self.sender_items + CANARIES
    }

    /// The correlations that mask it.
    pub(crate) fn correlations(&self) -> vole::Terms {
        vole::Terms { outputs: self.shape().size(), context: self.binding() }
    }

    /// Refuses what no run can be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.output == Output::Cardinality {
            return Err(Error::NoCardinality);
        }
        let largest = self.receiver_items.max(self.sender_items);
        if largest > Self::MAX_ITEMS { Err(Error::TermsTooLarge { largest }) } else { Ok(()) }
    }

    /// One hash of all the terms.
    pub(crate) fn binding(&self) -> [u8; 32] {
        let output = match self.output {
            Output::OneSided => 0_u8,
            Output::TwoSided => 1,
            Output::Cardinality => 2,
        };
        let security = match self.security {
            Security::SemiHonest => 0_u8,
            Security::Checked => 1,
        };
        let parameters = match self.parameters {
            Parameters::V1 => 1_u8,
        };
        Sha256::new()
            .chain_update(super::DOMAIN)
            .chain_update(b"terms")
            .chain_update(self.receiver_items.to_be_bytes())
            .chain_update(self.sender_items.to_be_bytes())
            .chain_update([output, security, parameters])
            .chain_update(CANARIES.to_be_bytes())
            .chain_update(self.parts.to_be_bytes())
            .chain_update(self.context)
            .finalize()
            .into()
    }

    /// Whether the sender learns too.
    pub(crate) fn is_two_sided(&self) -> bool {
        match self.output {
            Output::OneSided | Output::Cardinality => false,
            Output::TwoSided => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Security, Terms};
    use crate::Output;

    #[test]
    fn small_sets_have_many_columns_an_item_as_the_spec_says() {
        let columns = |receiver_items| {
            let terms = Terms {
                receiver_items,
                sender_items: 1,
                output: Output::OneSided,
                security: Security::SemiHonest,
                parameters: Parameters::V1,
                parts: 1,
                context: [0; 32],
            };
            terms.shape().size()
        };
        assert_eq!([1, 100, 2_000, 1 << 20].map(columns), [62, 228, 2_757, 1_372_503]);
    }
}
