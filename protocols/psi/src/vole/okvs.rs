//! An oblivious key-value store: a vector that decodes to a wanted value at each of its keys, and to
//! random ones elsewhere; in bins, of weight 3, with a few dense columns (Raghuraman, Rindal 2022).

mod encode;
mod layout;
mod number;
mod shape;

pub(crate) use encode::encode;
pub(crate) use layout::{Layout, decode, hash_all};
pub(crate) use shape::{Shape, most_of};

/// The sparse columns of a row, distinct; encoder and decoder share this function.
///
/// > §V2.3 Three columns out of m without repetition, from three words of the row's hash.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "words are cut from a hash, and scaled below 2^16"
)]
fn columns(hash: u128, sparse: usize) -> [u16; 3] {
    let scale = |word: u128, below: u64| ((u64::from(word as u32) * below) >> 32) as u16;
    let m = sparse as u64;
    let one = scale(hash, m);
    let mut two = scale(hash >> 32, m - 1);
    two += u16::from(two >= one);
    let (low, high) = if one < two { (one, two) } else { (two, one) };
    let mut three = scale(hash >> 64, m - 2);
    three += u16::from(three >= low);
    three += u16::from(three >= high);
    [one, two, three]
}

#[cfg(test)]
mod tests;
