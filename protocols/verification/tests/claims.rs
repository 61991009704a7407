//! A claim reaches the holder that compares it and nobody else, and is what was committed to.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use common::rng;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, OpModeR, setup_receiver};
use rand_core::Rng;
use session::{Blame, Culprit};
use sha2::{Digest, Sha256};
use verification::{
    CLAIM_BOX_BYTES, Carried, ClaimBox, ClaimKey, ClaimPublicKey, Commitment, Encode, Error,
    MAX_CLAIM, Opening, PLATFORM, RunId,
};

const RUN: RunId = RunId([2; 16]);

/// A claim in its box, its key, and what all know of it.
fn boxed(claim: &[u8], seed: u8) -> (ClaimBox, ClaimKey, Carried) {
    let mut rng = rng(seed);
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    let key = ClaimKey::from_secret_bytes(&secret);
    let opening = Opening::new(claim, &mut rng).unwrap();
    let commitment = opening.commitment(RUN, 1);
    let carried = Carried { run: RUN, place: 1, parties: [3; 32], commitment };
    (opening.sealed(&key.public(), &carried, &mut rng).unwrap(), key, carried)
}

#[test]
fn a_claim_of_any_length_is_opened_as_it_was_sealed_from_a_box_of_one_length() {
    for length in [0, 1, 31, 32, 63, 64, 200, MAX_CLAIM] {
        let claim = vec![b'a'; length];
        let (sealed, key, carried) = boxed(&claim, 1);
        let sealed = ClaimBox::from_bytes(&sealed.to_bytes()).unwrap();
        assert_eq!(sealed.to_bytes().len(), CLAIM_BOX_BYTES);
        assert_eq!(sealed.open(&key, &carried).unwrap().reveal(), claim);
    }
    let refused = Opening::new(&[0; MAX_CLAIM + 1], &mut rng(1)).err();
    assert_eq!(refused, Some(Error::Claim { found: MAX_CLAIM + 1 }));
}

#[test]
fn a_box_opens_with_its_own_key_for_its_own_question_alone() {
    let (sealed, key, carried) = boxed("张三".as_bytes(), 1);
    let refused = |carried: &Carried| {
        let error = sealed.open(&key, carried).err().unwrap();
        assert_eq!(error.blame(), Culprit::Peer(PLATFORM));
        error
    };
    let other = Carried { run: RunId([9; 16]), ..carried };
    assert_eq!(refused(&other), Error::ClosedBox);
    assert_eq!(refused(&Carried { place: 2, ..carried }), Error::ClosedBox);
    assert_eq!(refused(&Carried { parties: [4; 32], ..carried }), Error::ClosedBox);
    let other = Carried { commitment: Commitment([0; 32]), ..carried };
    assert_eq!(refused(&other), Error::ClosedBox);
    let (_, stranger, _) = boxed(b"", 2);
    assert_eq!(sealed.open(&stranger, &carried).err(), Some(Error::ClosedBox));
}

#[test]
fn a_box_with_another_claim_than_the_terms_name_is_refused() {
    let mut rng = rng(3);
    let (_, key, named) = boxed(b"480000", 1);
    // Whoever relays can make boxes too; what it puts in is not what the lender committed to.
    let own = Opening::new(b"480000", &mut rng).unwrap();
    let sealed = own.sealed(&key.public(), &named, &mut rng).unwrap();
    let refused = sealed.open(&key, &named).err().unwrap();
    assert!(matches!(refused, Error::Unbound { what: "claim", culprit: Culprit::Peer(PLATFORM) }));
}

#[test]
fn every_flipped_bit_and_every_other_length_is_refused() {
    let (sealed, key, carried) = boxed(b"480000", 1);
    let bytes = sealed.to_bytes();
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        // Byte 31: the curve ignores this bit, but the shared secret is derived from the bytes as well.
        assert!(ClaimBox::from_bytes(&bytes).unwrap().open(&key, &carried).is_err(), "byte {at}");
    }
    for length in [0, 1, CLAIM_BOX_BYTES - 1, CLAIM_BOX_BYTES + 1, 1 << 20] {
        let refused = ClaimBox::from_bytes(&vec![0; length]).err().unwrap();
        assert!(matches!(refused, Error::Length { found, .. } if found == length));
    }
}

#[test]
fn a_holder_key_of_small_order_is_refused() {
    let (_, _, carried) = boxed(b"", 1);
    let opening = Opening::new(b"1", &mut rng(4)).unwrap();
    let mut weak = [0; 32];
    for first in [0, 1] {
        weak[0] = first;
        let refused = opening.sealed(&ClaimPublicKey(weak), &carried, &mut rng(5)).err();
        assert_eq!(refused, Some(Error::WeakClaimKey));
        let mut bytes = vec![0; CLAIM_BOX_BYTES];
        bytes[0] = first;
        let (_, key, _) = boxed(b"", 1);
        assert!(ClaimBox::from_bytes(&bytes).unwrap().open(&key, &carried).is_err());
    }
}

#[test]
fn the_same_claim_has_another_commitment_in_every_salt_run_and_place() {
    let opening = |seed| Opening::new(b"480000", &mut rng(seed)).unwrap();
    let all = [
        opening(1).commitment(RUN, 0),
        opening(1).commitment(RUN, 1),
        opening(1).commitment(RunId([7; 16]), 0),
        opening(2).commitment(RUN, 0),
        Opening::new(b"480000\0", &mut rng(1)).unwrap().commitment(RUN, 0),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
}

#[test]
fn the_same_seed_gives_the_same_box_and_commitment() {
    let (sealed, _, carried) = boxed("张三".as_bytes(), 42);
    let found = [hex::encode(carried.commitment.0), hex::encode(Sha256::digest(sealed.to_bytes()))];
    let expected = include_str!("vectors/v1/claim.txt");
    assert_eq!(found.join("\n"), expected.trim());
}

/// RFC 9180, A.2.1: the suite is the one that SPEC §2.7 names.
#[test]
fn the_suite_is_that_of_the_rfcs_vector() {
    let key = hex::decode("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
    let key = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&key.unwrap()).unwrap();
    let sent = hex::decode("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let sent = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&sent.unwrap()).unwrap();
    let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
    let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key,
        &sent,
        &info,
    )
    .unwrap();
    let sealed = hex::decode(
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    );
    let sealed = sealed.unwrap();
    let (content, tag) = sealed.split_at(sealed.len() - 16);
    let mut content = content.to_vec();
    let tag = hpke::aead::AeadTag::from_bytes(tag).unwrap();
    let content_of = hpke::inout::InOutBuf::from(&mut content[..]);
    context.open_inout_detached(content_of, b"Count-0", &tag).unwrap();
    assert_eq!(content, b"Beauty is truth, truth beauty");
}
