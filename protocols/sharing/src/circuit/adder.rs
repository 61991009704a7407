//! Addition of shared bits by a prefix network (Sklansky), of which only the needed part is built.

use crate::Error;
use crate::backend::Backend;
use crate::bits::{Bits, Plane};

/// The sum of two numbers modulo 2^width, of which the bits from `from` on are wanted.
///
/// `1 + ceil(log2 width)` rounds at most; [`conjunctions`] says how many conjunctions.
pub(crate) async fn add<B: Backend + ?Sized>(
    backend: &mut B,
    x: &Bits,
    y: &Bits,
    from: usize,
) -> Result<Bits, Error> {
    let (rows, width) = (x.rows, x.width);
    let half = x.xor(y);
    let network = Network::new(width - 1, from);
    let pairs: Vec<_> = network.inputs().map(|k| ((x, k), (y, k))).collect();
    let mut generate = planes(width);
    if !pairs.is_empty() {
        let both = backend.raw_and(rows, &pairs).await?;
        for (at, k) in network.inputs().enumerate() {
            generate[k] = Some(both.plane(at));
        }
    }
    let mut propagate: Vec<_> = (0..width).map(|k| Some(half.plane(k))).collect();
    network.run(backend, rows, &mut generate, &mut propagate).await?;

    let mut sum = half.select(&(from..width).collect::<Vec<_>>());
    let carries: Vec<_> = (from..width).filter(|&k| k > 0).collect();
    if let Some(first) = carries.first() {
        let into: Vec<Plane<'_>> =
            carries.iter().filter_map(|&k| Some((generate[k - 1].as_ref()?, 0))).collect();
        let carry = Bits::gather(&into);
        let skipped = first - from;
        sum = match skipped {
            0 => sum.xor(&carry),
            _ => {
                let rest = sum.select(&(skipped..sum.width).collect::<Vec<_>>());
                Bits::concat(&[&sum.plane(0), &rest.xor(&carry)])
            }
        };
    }
    Ok(sum)
}

/// The carry out of a chain of (generate, propagate), lowest first.
pub(crate) async fn carry_out<B: Backend + ?Sized>(
    backend: &mut B,
    mut chain: Vec<(Bits, Bits)>,
) -> Result<Bits, Error> {
    while chain.len() > 1 {
        let rows = chain[0].0.rows;
        let mut pairs: Vec<(Plane<'_>, Plane<'_>)> = Vec::new();
        for (at, pair) in chain.chunks_exact(2).enumerate() {
            let [(low, low_propagate), (_, propagate)] = pair else { continue };
            pairs.push(((propagate, 0), (low, 0)));
            // The lowest group's propagate is never asked for: nothing carries into it.
            if at > 0 {
                pairs.push(((propagate, 0), (low_propagate, 0)));
            }
        }
        let products = backend.raw_and(rows, &pairs).await?;
        let mut next = Vec::with_capacity(chain.len().div_ceil(2));
        let mut product = 0;
        let mut left = chain.into_iter();
        while let Some(low) = left.next() {
            let Some((mut generate, mut propagate)) = left.next() else {
                next.push(low);
                break;
            };
            generate.xor_each((&products, product));
            product += 1;
            if !next.is_empty() {
                propagate = products.plane(product);
                product += 1;
            }
            next.push((generate, propagate));
        }
        chain = next;
    }
    let (generate, _) = chain.pop().expect("a number has at least one bit");
    Ok(generate)
}

/// How many conjunctions [`add`] does for numbers of `width` bits of which those from `from` on
/// are wanted.
#[cfg(test)]
pub(crate) fn conjunctions(width: usize, from: usize) -> usize {
    let network = Network::new(width - 1, from);
    let levels = network.levels.iter().flatten();
    network.inputs().count() + levels.map(|node| 1 + usize::from(node.propagate)).sum::<usize>()
}

/// Which carries are joined in which round.
struct Network {
    levels: Vec<Vec<Node>>,
    /// Places whose generate is wanted at the very beginning.
    inputs: Vec<bool>,
}

/// Joins the carry of the group that ends at `low` into the one that ends at `high`.
struct Node {
    high: usize,
    low: usize,
    /// Whether the joined group's propagate is wanted too.
    propagate: bool,
}

impl Network {
    /// The network over `places` that yields the carries out of `from - 1` and all above.
    fn new(places: usize, from: usize) -> Self {
        let mut generate: Vec<bool> = (0..places).map(|k| k + 1 >= from).collect();
        let mut propagate = vec![false; places];
        let depth = usize::BITS - places.saturating_sub(1).leading_zeros();
        let mut levels = Vec::new();
        // From the last round to the first, since what a round wants decides what came before it.
        for level in (0..if places == 0 { 0 } else { depth as usize }).rev() {
            let mut nodes = Vec::new();
            for high in (0..places).rev().filter(|high| high >> level & 1 == 1) {
                let low = ((high >> level) << level) - 1;
                let wanted = (generate[high], propagate[high]);
                if wanted.0 {
                    generate[low] = true;
                }
                if wanted.1 {
                    propagate[low] = true;
                }
                if wanted.0 || wanted.1 {
                    propagate[high] = true;
                    nodes.push(Node { high, low, propagate: wanted.1 });
                }
            }
            nodes.reverse();
            levels.push(nodes);
        }
        levels.reverse();
        Self { levels, inputs: generate }
    }

    fn inputs(&self) -> impl Iterator<Item = usize> {
        let wanted = self.inputs.iter().enumerate();
        wanted.filter_map(|(place, &wanted)| wanted.then_some(place))
    }

    async fn run<B: Backend + ?Sized>(
        &self,
        backend: &mut B,
        rows: usize,
        generate: &mut [Option<Bits>],
        propagate: &mut [Option<Bits>],
    ) -> Result<(), Error> {
        for nodes in self.levels.iter().filter(|nodes| !nodes.is_empty()) {
            let mut pairs: Vec<(Plane<'_>, Plane<'_>)> = Vec::new();
            for Node { high, low, propagate: both } in nodes {
                let present = (&propagate[*high], &generate[*low], &propagate[*low]);
                let (Some(through), Some(carry), Some(below)) = present else { continue };
                pairs.push(((through, 0), (carry, 0)));
                if *both {
                    pairs.push(((through, 0), (below, 0)));
                }
            }
            let products = backend.raw_and(rows, &pairs).await?;
            let mut product = 0;
            for node in nodes {
                if let Some(generate) = &mut generate[node.high] {
                    generate.xor_each((&products, product));
                }
                product += 1;
                if node.propagate {
                    propagate[node.high] = Some(products.plane(product));
                    product += 1;
                }
            }
        }
        Ok(())
    }
}

fn planes(width: usize) -> Vec<Option<Bits>> {
    (0..width).map(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::conjunctions;

    #[test]
    fn the_look_up_window_takes_as_many_conjunctions_as_the_spec_says() {
        assert_eq!(conjunctions(17, 4), 64);
        assert_eq!(conjunctions(17, 3), 65);
    }
}
