//! Shares that a holder outside the computing roles sends them, once.

mod planes;

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;
use zeroize::Zeroizing;

use crate::keys::{SharedKey, expanded};
use crate::prg::{Prg, StreamPosition};
use crate::words::Words;
use crate::{DOMAIN_UPLOAD, Error, Vector};

/// Bytes of a seed.
const SEED: usize = 16;

/// Which engine an upload is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// [`Rep3`](crate::Rep3): each value leaves the holder twice, 16 bytes.
    Replicated,
    /// [`Dealer`](crate::Dealer): each value leaves the holder once, 8 bytes; the dealer gets
    /// nothing.
    Dealt,
}

/// A holder's columns on their way into shares, column by column (SPEC §3.2).
///
/// First each role's [`seeds`](Self::seeds) go out, then, for each column in turn, its
/// [`message`](Self::column) to each role. All but one share of a value come from seeds, and which
/// one is sent goes round by column.
///
/// ```
/// # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
/// # use session::Role;
/// # use sharing::{Layout, Receipt, Upload};
/// # let mut rng = ChaCha20Rng::seed_from_u64(7);
/// let (context, holder) = ([7; 32], Role(3)); // which job, and which holder of it
/// let mut upload = Upload::new(Layout::Replicated, &context, &mut rng);
/// let seeds = upload.seeds(Role(1));
/// let mut receipt = Receipt::new(Layout::Replicated, Role(1), holder, &context, &seeds)?;
/// let messages = upload.column(&[5, -7, 12]);
/// let shares = receipt.column::<0>(&messages[1], 3)?;
/// assert_eq!(shares.len(), 3);
/// # Ok::<(), sharing::Error>(())
/// ```
pub struct Upload {
    layout: Layout,
    seeds: [SharedKey; 3],
    /// What comes of the seeds, a key for each component.
    keys: [Prg; 3],
    next: u32,
}

impl Upload {
    /// An upload under fresh seeds, whose words are bound to `context`: the job and the holder.
    pub fn new(layout: Layout, context: &[u8; 32], rng: &mut impl CryptoRng) -> Self {
        let seeds = [0; 3].map(|_: u8| {
            let mut seed = [0; SEED];
            rng.fill_bytes(&mut seed);
            SharedKey(seed)
        });
        let keys = [0, 1, 2].map(|component| key(context, component, &seeds[component].0));
        Self { layout, seeds, keys, next: 0 }
    }

    /// The first message to a role: the seeds of the components that it holds.
    pub fn seeds(&self, role: Role) -> Bytes {
        let seeds = components(self.layout, role).iter().map(|&at| self.seeds[at].0.as_slice());
        seeds.collect::<Vec<_>>().concat().into()
    }

    /// The next column's message to each role; empty to a role that has all from seeds.
    pub fn column(&mut self, values: &[i64]) -> [Bytes; 3] {
        let words = values.iter().map(|value| value.cast_unsigned()).collect();
        self.masked(words, |word, random| *word = word.wrapping_sub(random))
    }

    /// The next message to each role: of words, what `hide` leaves of them by every other component.
    fn masked(&mut self, mut rest: Vec<u64>, hide: impl Fn(&mut u64, u64) + Sync) -> [Bytes; 3] {
        let place = StreamPosition { step: self.next, lane: 0 };
        let sent = sent(self.layout, self.next);
        self.next += 1;
        for (component, key) in self.keys.iter().enumerate().take(self.layout.components()) {
            if component != sent {
                key.apply(place, &mut rest, &hide);
            }
        }
        let mut bytes = vec![0; rest.len() * 8];
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(&rest) {
            *bytes = word.to_le_bytes();
        }
        let message = Bytes::from(bytes);
        [0, 1, 2].map(|role| match components(self.layout, Role(role)).contains(&sent) {
            true => message.clone(),
            false => Bytes::new(),
        })
    }
}

/// A role's side of an [`Upload`].
pub struct Receipt {
    layout: Layout,
    role: Role,
    from: Role,
    /// A key for each component that this role holds.
    keys: Vec<Prg>,
    next: u32,
}

impl Receipt {
    /// Takes a holder's first message, in the `context` that the holder uploads in.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it does not have [`seeds_bytes`](Self::seeds_bytes) bytes.
    pub fn new(
        layout: Layout,
        role: Role,
        from: Role,
        context: &[u8; 32],
        seeds: &[u8],
    ) -> Result<Self, Error> {
        let (keys, rest) = seeds.as_chunks::<SEED>();
        let expected = Self::seeds_bytes(layout, role);
        if seeds.len() != expected || !rest.is_empty() {
            return Err(Error::Upload { from, expected, found: seeds.len() });
        }
        let held = components(layout, role).iter().zip(keys);
        let keys = held.map(|(&component, seed)| key(context, component, seed)).collect();
        Ok(Self { layout, role, from, keys, next: 0 })
    }

    /// How many bytes the first message to a role has.
    pub fn seeds_bytes(layout: Layout, role: Role) -> usize {
        components(layout, role).len() * SEED
    }

    /// How many bytes the message of column `index` to a role has.
    pub fn column_bytes(layout: Layout, role: Role, index: u32, rows: usize) -> usize {
        match components(layout, role).contains(&sent(layout, index)) {
            true => rows * 8,
            false => 0,
        }
    }

    /// Takes the next column's message.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] when it does not have [`column_bytes`](Self::column_bytes) bytes.
    pub fn column<const F: u32>(
        &mut self,
        message: &[u8],
        rows: usize,
    ) -> Result<Vector<F>, Error> {
        let index = self.next;
        let expected = Self::column_bytes(self.layout, self.role, index, rows);
        if message.len() != expected {
            return Err(Error::Upload { from: self.from, expected, found: message.len() });
        }
        self.next += 1;
        let place = StreamPosition { step: index, lane: 0 };
        let held = components(self.layout, self.role);
        let mut shares = held.iter().zip(&self.keys).map(|(&component, key)| {
            match component == sent(self.layout, index) {
                true => {
                    message.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
                }
                false => key.words(place, rows),
            }
        });
        let (a, b) = (shares.next().unwrap_or_default(), shares.next().unwrap_or_default());
        Ok(Vector { words: Words { len: rows, a, b, tag: 0 } })
    }
}

impl Layout {
    /// How many components a value has.
    fn components(self) -> usize {
        match self {
            Self::Replicated => 3,
            Self::Dealt => 2,
        }
    }
}

/// > §3.2 HKDF(salt = context, ikm = seed, info = …/upload || component (1)): a seed that comes again
/// > in another job, or as another component, gives other words.
fn key(context: &[u8; 32], component: usize, seed: &[u8; SEED]) -> Prg {
    let component = u8::try_from(component).expect("there are at most three components");
    let key = Zeroizing::new(expanded(context, seed, &[DOMAIN_UPLOAD, &[component]].concat()));
    Prg::new(&key)
}

/// The components that a role holds.
pub(crate) fn components(layout: Layout, role: Role) -> &'static [usize] {
    match (layout, role.0) {
        (Layout::Replicated, 0) => &[0, 1],
        (Layout::Replicated, 1) => &[1, 2],
        (Layout::Replicated, 2) => &[2, 0],
        (Layout::Dealt, 0) => &[0],
        (Layout::Dealt, 1) => &[1],
        (Layout::Replicated | Layout::Dealt, _) => &[],
    }
}

/// The component of a column that is sent.
fn sent(layout: Layout, index: u32) -> usize {
    (index as usize + layout.components() - 1) % layout.components()
}
