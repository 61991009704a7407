//! How many bits are set, by carry-save addition within the planes.

use crate::Error;
use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::words::{Words, summed};

/// Rows of a column, to which planes are folded before their bits become numbers: a word of each
/// half.
pub(crate) const LANES: usize = 128;

/// How many of so many columns are added to as many and as many more; of two, one to the other.
pub(crate) fn third(columns: usize) -> usize {
    match columns {
        0 | 1 => 0,
        2 => 1,
        _ => columns / 3,
    }
}

/// How many bits of each plane are set (SPEC §3.9).
///
/// Each plane is cut into columns of [`LANES`] rows. Three columns of one weight are added to one of
/// that weight and one of the next, with one conjunction, until a column of each weight is left.
/// Those become numbers, which are added up where they are.
pub(crate) async fn count<B: Backend + ?Sized>(
    backend: &mut B,
    bits: &Bits,
) -> Result<Words, Error> {
    let planes = bits.width;
    if planes == 0 || bits.rows == 0 {
        return Ok(backend.raw_constant(&vec![0; planes]));
    }
    // A pile for each weight: column i of plane p lies at i * planes + p.
    let mut piles = vec![bits.columns()];
    loop {
        let taken: Vec<Taken> = piles.iter().map(|pile| Taken::new(pile, planes)).collect();
        let pairs: Vec<(Plane<'_>, Plane<'_>)> =
            taken.iter().flat_map(|taken| taken.pairs()).collect();
        if pairs.is_empty() {
            break;
        }
        let products = backend.raw_and(LANES, &pairs).await?;
        let mut next: Vec<Vec<Bits>> = (0..=taken.len()).map(|_| Vec::new()).collect();
        let mut start = 0;
        for (weight, taken) in taken.into_iter().enumerate() {
            let end = start + taken.x.width;
            let carry = products.select(&(start..end).collect::<Vec<_>>());
            start = end;
            let carry = match taken.z.width {
                0 => carry,
                _ => carry.xor(&taken.z),
            };
            // x ^ y ^ z, of which x and y came as x ^ z and y ^ z.
            let sum = match taken.z.width {
                0 => taken.x.xor(&taken.y),
                _ => taken.x.xor(&taken.y).xor(&taken.z),
            };
            next[weight].extend([sum, taken.rest]);
            next[weight + 1].push(carry);
        }
        piles = next
            .iter()
            .map(|parts| Bits::concat(&parts.iter().collect::<Vec<_>>()))
            .filter(|pile| pile.width > 0)
            .collect();
    }
    let weights = piles.len();
    let ordered: Vec<Plane<'_>> =
        (0..planes).flat_map(|p| piles.iter().map(move |pile| (pile, p))).collect();
    let numbers =
        backend.raw_to_arithmetic(&Bits::gather(&ordered), &vec![weights; planes]).await?;
    let sums = numbers.iter().filter(|lanes| !lanes.is_empty());
    let sums = sums.map(|lanes| summed(lanes)).collect();
    backend.raw_reshare(sums, planes).await
}

/// What is added of one pile: x + y + z, or x + y where only two columns are left.
struct Taken {
    x: Bits,
    y: Bits,
    /// Empty where there is none.
    z: Bits,
    rest: Bits,
}

impl Taken {
    /// Takes a third of the columns thrice; what is not a multiple of three waits.
    fn new(pile: &Bits, planes: usize) -> Self {
        let columns = pile.width / planes;
        let (each, three) = (third(columns), columns > 2);
        let part =
            |from: usize, to: usize| pile.select(&(from * planes..to * planes).collect::<Vec<_>>());
        let (mut x, mut y) = (part(0, each), part(each, 2 * each));
        let (z, rest) = match three {
            true => (part(2 * each, 3 * each), part(3 * each, columns)),
            false => (part(0, 0), part(2 * each, columns)),
        };
        if three {
            (x, y) = (x.xor(&z), y.xor(&z));
        }
        Self { x, y, z, rest }
    }

    /// x + y + z = (x ^ y ^ z) + 2 (z ^ (x ^ z)(y ^ z)), and without z: (x ^ y) + 2 x y.
    fn pairs(&self) -> impl Iterator<Item = (Plane<'_>, Plane<'_>)> {
        (0..self.x.width).map(|k| ((&self.x, k), (&self.y, k)))
    }
}
