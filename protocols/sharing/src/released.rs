//! Numbers that leave the computation for somebody who takes no part in it.

use bytes::Bytes;
use session::Role;

use crate::upload::components;
use crate::{Error, Layout, Opened, Vector};

impl<const F: u32> Vector<F> {
    /// **Ends the secrecy of these numbers towards whoever gets all three roles' bytes**: this
    /// role's components. To one who gets those of one role they say nothing.
    ///
    /// Only of a vector that came of a resharing: its components say nothing but the numbers.
    pub fn release(&self) -> Bytes {
        let words = self.words.a.iter().chain(&self.words.b);
        words.flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>().into()
    }
}

impl<const F: u32> Opened<F> {
    /// How many bytes [`release`](Vector::release) gives at a role, of `len` numbers.
    pub fn released_bytes(layout: Layout, role: Role, len: usize) -> usize {
        components(layout, role).len() * len * 8
    }

    /// The numbers that the three roles have [released](Vector::release).
    ///
    /// # Errors
    ///
    /// [`Error::Released`] when bytes are missing or too many, and, where each component came
    /// from two roles, when these say different things.
    pub fn from_released(layout: Layout, messages: [&[u8]; 3], len: usize) -> Result<Self, Error> {
        let mut components = Vec::new();
        for (role, message) in (0..).map(Role).zip(messages) {
            let (words, rest) = message.as_chunks::<8>();
            if !rest.is_empty() || message.len() != Self::released_bytes(layout, role, len) {
                return Err(Error::Released);
            }
            components.extend(words.chunks(len.max(1)));
        }
        if layout == Layout::Replicated {
            // Role i has given components i and i + 1.
            let alike = (0..3)
                .all(|role| components.get(2 * role + 1) == components.get((2 * role + 2) % 6));
            if !alike {
                return Err(Error::Released);
            }
            components = components.into_iter().step_by(2).collect();
        }
        let mut sums = vec![0u64; len];
        for component in components {
            for (sum, word) in sums.iter_mut().zip(component) {
                *sum = sum.wrapping_add(u64::from_le_bytes(*word));
            }
        }
        Ok(Self(sums.into_iter().map(u64::cast_signed).collect()))
    }
}
