//! What roles agree on in secret, two by two.

use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use session::{Link, Role};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::exchange::{receive, send};
use crate::prg::Prg;
use crate::{DOMAIN_KEYS, DOMAIN_OWN, Error, Traffic};

/// Bytes of a public key.
pub(crate) const PUBLIC_KEY: usize = 32;

/// A role's secret of one run, from which its X25519 key and its own randomness come.
///
/// It must be fresh for each run: a resumed run takes its [`State`](crate::State) instead. Wiped
/// on drop, never printed, cloned or sent.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The X25519 public key (RFC 7748).
    pub(crate) fn public(&self) -> [u8; PUBLIC_KEY] {
        MontgomeryPoint::mul_base_clamped(*self.scalar()).to_bytes()
    }

    /// The key that this role shares with `peer`, the same on both sides (SPEC §2).
    pub(crate) fn shared(
        &self,
        own: Role,
        peer: Role,
        public: &[u8; PUBLIC_KEY],
        context: &[u8; 32],
    ) -> Result<SharedKey, Error> {
        let point = MontgomeryPoint(*public).mul_clamped(*self.scalar());
        let shared = Zeroizing::new(point.to_bytes());
        if shared.ct_eq(&[0; 32]).into() {
            return Err(Error::KeyAgreement { from: peer });
        }
        let mut ends = [(own, self.public()), (peer, *public)];
        ends.sort();
        let mut info = DOMAIN_KEYS.to_vec();
        for (role, public) in ends {
            info.push(role.0);
            info.extend(public);
        }
        Ok(SharedKey(expanded(context, shared.as_slice(), &info)))
    }

    /// A key that no other role has.
    pub(crate) fn alone(&self, context: &[u8; 32]) -> SharedKey {
        SharedKey(expanded(context, &self.0, DOMAIN_OWN))
    }

    fn scalar(&self) -> Zeroizing<[u8; 32]> {
        let mut hash = Sha256::new_with_prefix(DOMAIN_KEYS);
        hash.update(self.0);
        Zeroizing::new(hash.finalize().into())
    }
}

/// An AES-128 key that two roles share. Wiped on drop, never printed or sent.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct SharedKey(pub(crate) [u8; 16]);

/// How many roles compute.
pub(crate) const ROLES: u8 = 3;

/// Agrees on a key with each neighbour, in step 1 (SPEC §3.1): the one shared with the role before,
/// the one shared with the role after, and the role's own.
pub(crate) async fn agree(
    link: &mut Link,
    traffic: &mut Traffic,
    role: Role,
    secret: Secret,
    context: &[u8; 32],
) -> Result<[SharedKey; 3], Error> {
    let (previous, next) = neighbours(role.0);
    let public = secret.public();
    for peer in [previous, next] {
        send(link, traffic, peer, 1, &public).await?;
    }
    let theirs = receive::<PUBLIC_KEY>(link, previous, 1).await?;
    let a = secret.shared(role, previous, &theirs, context)?;
    let theirs = receive::<PUBLIC_KEY>(link, next, 1).await?;
    let b = secret.shared(role, next, &theirs, context)?;
    Ok([a, b, secret.alone(context)])
}

/// The keys of a role.
pub(crate) struct Keys {
    /// The key of the component that the role before holds too: K_i.
    pub(crate) a: Prg,
    /// The key of the component that the role after holds too: K_(i + 1).
    pub(crate) b: Prg,
    /// A key of its own.
    pub(crate) own: Prg,
    pub(crate) bytes: [SharedKey; 3],
}

impl Keys {
    pub(crate) fn new(bytes: &[SharedKey; 3]) -> Self {
        let [a, b, own] = bytes;
        let prg = |key: &SharedKey| Prg::new(&key.0);
        let bytes = [a, b, own].map(|key| SharedKey(key.0));
        Self { a: prg(a), b: prg(b), own: prg(own), bytes }
    }
}

/// The roles before and after.
pub(crate) fn neighbours(role: u8) -> (Role, Role) {
    (Role((role + ROLES - 1) % ROLES), Role((role + 1) % ROLES))
}

/// 16 bytes that HKDF-SHA256 makes of a secret in a context.
pub(crate) fn expanded(context: &[u8; 32], secret: &[u8], info: &[u8]) -> [u8; 16] {
    let mut key = [0; 16];
    let hkdf = Hkdf::<Sha256>::new(Some(context), secret);
    hkdf.expand(info, &mut key).expect("HKDF-SHA256 expands to 16 bytes");
    key
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;
    use session::Role;

    use super::Secret;
    use crate::Error;

    #[test]
    fn two_roles_agree_and_a_third_or_another_job_does_not() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let secrets = [0, 1, 2].map(|_| Secret::random(&mut rng));
        let key = |own: usize, peer: usize, context: u8| {
            let role = |index| Role(u8::try_from(index).unwrap());
            let public = secrets[peer].public();
            secrets[own].shared(role(own), role(peer), &public, &[context; 32]).unwrap().0
        };
        assert_eq!(key(0, 1, 7), key(1, 0, 7));
        assert_ne!(key(0, 1, 7), key(0, 2, 7));
        assert_ne!(key(0, 1, 7), key(0, 1, 8));
    }

    #[test]
    fn a_public_key_of_small_order_is_refused() {
        let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(2));
        let refused = secret.shared(Role(0), Role(1), &[0; 32], &[0; 32]).err();
        assert_eq!(refused, Some(Error::KeyAgreement { from: Role(1) }));
    }
}
