//! Whether all roles hold the same terms, coin or checkpoint (SPEC §3.2, §4.2).

use sha2::{Digest, Sha256};
use sharing::{Additive, Engine};

use crate::{DOMAIN_BEGIN, DOMAIN_RUN, Error, Terms};

/// > §3.2 (3) Whether all roles hold the same hash: it is shared anew and opened, and comes back
/// > only if all three have agreed on the same keys.
pub(crate) async fn agrees<E: Engine>(engine: &mut E, hash: &[u8; 32]) -> Result<bool, Error> {
    let words: Vec<i64> = hash.as_chunks().0.iter().map(|&word| i64::from_le_bytes(word)).collect();
    let [hash, ones] = [engine.constant::<0>(&words), engine.constant::<0>(&[1; 4])];
    let product: Additive<0> = engine.multiply(&hash, &ones).await?;
    let product = engine.reshare(product).await?;
    Ok(engine.open(&product).await?.0 == words)
}

/// > §3.2 (3) What all roles must hold alike: the terms, and the coin.
pub(crate) fn agreed(terms: &Terms, coin: &[u8; 32]) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(DOMAIN_BEGIN).chain_update(terms.binding());
    hash.chain_update(coin).finalize().into()
}

/// What tells a training from any other, under the same terms too.
pub(crate) fn run(terms: &Terms, coin: &[u8; 32]) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(DOMAIN_RUN).chain_update(terms.binding());
    hash.chain_update(coin).finalize().into()
}
