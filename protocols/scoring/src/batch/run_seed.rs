//! What a holder will answer in a whole run, fixed before the first block is sent.

use rand_core::CryptoRng;
use session::{Culprit, Role};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::batch::{Picks, Terms};
use crate::digest::Use;
use crate::error::expect_length;
use crate::terms::index_of;
use crate::{Error, Shape};

/// A holder's run seed for one run: the seed of all its randomness, and a tag over each block's bins.
///
/// With it every block of the run has one answer, byte for byte. The host stores it before the
/// first session, keeps it until the run is over, and never makes a second one for a run id: two
/// answers to one block have the same masks, and their difference would be the difference of two
/// naked ciphertexts.
///
/// Secret (the tags could be compared with guesses): wiped on drop, never printed, never sent.
///
/// ```compile_fail,E0277
/// # fn with(run_seed: scoring::batch::RunSeed) {
/// println!("{run_seed:?}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(run_seed: scoring::batch::RunSeed) {
/// send(&run_seed);
/// # }
/// ```
pub struct RunSeed {
    terms: Terms,
    holder: usize,
    seed: Zeroizing<[u8; 32]>,
    tags: Zeroizing<Vec<[u8; 32]>>,
}

impl RunSeed {
    /// Commits to the bins of every block of the run, as the holder with this role. Reads `blocks`
    /// once, keeping one at a time; takes 32 bytes from `rng`.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`]; [`Error::OtherShape`] when the blocks are not those of the terms.
    pub fn new(
        terms: Terms,
        me: Role,
        shape: &Shape,
        blocks: impl IntoIterator<Item = Picks>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let holder = index_of(me, terms.holders().len())?;
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        let mut run_seed = Self { terms, holder, seed, tags: Zeroizing::new(Vec::new()) };
        let mut blocks = blocks.into_iter();
        for block in 0..run_seed.terms.blocks() {
            let picks = blocks.next().ok_or(WRONG_BLOCKS)?;
            picks.expect(run_seed.terms.subjects_in(block), shape)?;
            let tag = run_seed.tag(block, &picks);
            run_seed.tags.push(tag);
        }
        match blocks.next() {
            None => Ok(run_seed),
            Some(_) => Err(WRONG_BLOCKS),
        }
    }

    /// The terms of the run.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The run seed as the host keeps it at rest, to be encrypted by the host: 32 bytes of seed, the
    /// digest of the terms, the holder's place, and 32 bytes a block.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let place = u8::try_from(self.holder).expect("terms have at most 7 holders");
        let head: [&[u8]; 3] = [&*self.seed, &self.terms.digest(), &[place]];
        Zeroizing::new([&head.concat(), self.tags.as_flattened()].concat())
    }

    /// Reads what [`to_secret_bytes`](Self::to_secret_bytes) wrote, for the run of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`], [`Error::Length`], or [`Error::OtherPledge`] when it was made for other
    /// terms or another role.
    pub fn from_secret_bytes(bytes: &[u8], terms: Terms, me: Role) -> Result<Self, Error> {
        let holder = index_of(me, terms.holders().len())?;
        let expected = 65 + 32 * terms.blocks() as usize;
        expect_length("stored run seed", expected, bytes.len(), Culprit::Us)?;
        let (head, tags) = bytes.split_at(65);
        if head[32..64] != terms.digest() || usize::from(head[64]) != holder {
            return Err(Error::OtherPledge);
        }
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(&head[..32]);
        let tags = Zeroizing::new(tags.as_chunks().0.to_vec());
        Ok(Self { terms, holder, seed, tags })
    }

    /// The holder's place in the terms.
    pub(crate) fn holder(&self) -> usize {
        self.holder
    }

    /// The seed of the answer to `block`, if these are the bins that were committed.
    pub(crate) fn seed_of(&self, block: u32, picks: &Picks) -> Result<Zeroizing<[u8; 32]>, Error> {
        let tag = Zeroizing::new(self.tag(block, picks));
        let committed = self.tags.get(block as usize).ok_or(WRONG_BLOCKS)?;
        if !bool::from(tag.ct_eq(committed)) {
            return Err(Error::OtherPicks { block });
        }
        // The tag is a hash under the seed of terms, place, block and bins.
        Ok(Zeroizing::new(Use::BatchNoise.hasher().with(&*self.seed).with(&*tag).finish()))
    }

    fn tag(&self, block: u32, picks: &Picks) -> [u8; 32] {
        let place = u8::try_from(self.holder).expect("terms have at most 7 holders");
        Use::BatchPicks
            .hasher()
            .with(&*self.seed)
            .with(&self.terms.digest())
            .with(&[place])
            .with(&block.to_le_bytes())
            .with(picks.bytes())
            .finish()
    }
}

/// More or fewer blocks of picks than the list makes.
const WRONG_BLOCKS: Error = Error::OtherShape { what: "number of blocks of picks" };
