//! Pseudorandom words, found by their position and never by what was drawn before.

use aes::Aes128;
use aes::Block;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Words that are made at once: 4 KiB, which stay in the first cache.
const BATCH: usize = 512;
/// Words of a task for a core.
const TASK: usize = 1 << 14;

/// A key that two roles share, or one role has alone: AES-128 in counter mode, where the counter is
/// the position (SPEC §2). Wiped on drop.
pub(crate) struct Prg {
    cipher: Aes128,
    /// Where words were taken, and how many.
    #[cfg(test)]
    taken: std::sync::Mutex<Vec<(u32, u32, usize)>>,
}

/// Where in the stream of a key: a step of the run, and a lane for each use within it.
#[derive(Clone, Copy)]
pub(crate) struct StreamPosition {
    pub(crate) step: u32,
    pub(crate) lane: u32,
}

impl Prg {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self {
            cipher: Aes128::new(key.into()),
            #[cfg(test)]
            taken: std::sync::Mutex::default(),
        }
    }

    /// The first `len` words at a place.
    pub(crate) fn words(&self, place: StreamPosition, len: usize) -> Vec<u64> {
        let mut words = vec![0; len];
        self.apply(place, &mut words, |word, random| *word = random);
        words
    }

    /// Changes each word by the random word at its index, over all cores.
    pub(crate) fn apply(
        &self,
        place: StreamPosition,
        words: &mut [u64],
        change: impl Fn(&mut u64, u64) + Sync,
    ) {
        #[cfg(test)]
        self.taken.lock().unwrap().push((place.step, place.lane, words.len()));
        if words.len() <= TASK {
            return self.apply_from(place, 0, words, change);
        }
        words.par_chunks_mut(TASK).enumerate().for_each(|(task, words)| {
            self.apply_from(place, task * TASK, words, &change);
        });
    }

    /// Changes each word by the random word at its index, which `first`, even, is the first of.
    pub(crate) fn apply_from(
        &self,
        place: StreamPosition,
        first: usize,
        words: &mut [u64],
        change: impl Fn(&mut u64, u64),
    ) {
        debug_assert!(first.is_multiple_of(2), "a block is two words");
        let mut blocks = Zeroizing::new([[0u8; 16]; BATCH / 2]);
        let high = u128::from(place.step) << 96 | u128::from(place.lane) << 64;
        let mut block = (first / 2) as u128;
        for batch in words.chunks_mut(BATCH) {
            let blocks = &mut blocks[..batch.len().div_ceil(2)];
            for bytes in blocks.iter_mut() {
                *bytes = (high | block).to_le_bytes();
                block += 1;
            }
            self.cipher.encrypt_blocks(Block::cast_slice_from_core_mut(blocks));
            for (pair, bytes) in batch.chunks_mut(2).zip(blocks) {
                let random = u128::from_le_bytes(*bytes);
                #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
                change(&mut pair[0], random as u64);
                if let Some(word) = pair.get_mut(1) {
                    change(word, (random >> 64) as u64);
                }
            }
        }
    }
}

#[cfg(test)]
impl Prg {
    /// How many places there are from which words were taken; nothing if from one of them twice.
    pub(crate) fn places_taken_once(&self) -> Option<usize> {
        let mut taken: Vec<_> =
            self.taken.lock().unwrap().iter().filter(|(_, _, len)| *len > 0).copied().collect();
        taken.sort_unstable();
        let twice = taken.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
        (!twice).then_some(taken.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Prg, StreamPosition};

    const AT: StreamPosition = StreamPosition { step: 3, lane: 9 };

    #[test]
    fn a_word_depends_on_its_position_alone() {
        let prg = Prg::new(&[5; 16]);
        let all = prg.words(AT, 100_003);
        let mut part = vec![0; 1_001];
        prg.apply_from(AT, 70_000, &mut part, |word, random| *word = random);
        assert_eq!(part, all[70_000..71_001]);
        assert_eq!(prg.words(AT, 7), all[..7]);
    }

    #[test]
    fn steps_lanes_and_keys_have_streams_of_their_own() {
        let streams = [
            Prg::new(&[5; 16]).words(AT, 4),
            Prg::new(&[6; 16]).words(AT, 4),
            Prg::new(&[5; 16]).words(StreamPosition { step: 9, lane: 3 }, 4),
            Prg::new(&[5; 16]).words(StreamPosition { lane: 10, ..AT }, 4),
        ];
        for (i, one) in streams.iter().enumerate() {
            assert!(streams[..i].iter().all(|other| other != one));
        }
    }

    #[test]
    fn a_place_that_is_used_twice_is_found() {
        let prg = Prg::new(&[5; 16]);
        prg.words(AT, 4);
        prg.words(StreamPosition { lane: 10, ..AT }, 4);
        assert_eq!(prg.places_taken_once(), Some(2));
        prg.words(AT, 2);
        assert_eq!(prg.places_taken_once(), None);
    }

    #[test]
    fn the_first_block_is_the_encrypted_position() {
        // AES-128 of step 0, lane 0, block 0 under the zero key (FIPS 197 implementations agree).
        let words = Prg::new(&[0; 16]).words(StreamPosition { step: 0, lane: 0 }, 2);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(hex::encode(bytes), "66e94bd4ef8a2c3b884cfa59ca342b2e");
    }
}
