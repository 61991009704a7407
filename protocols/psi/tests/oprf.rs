//! The OPRF against the vectors of RFC 9497, and against the implementation of others.

#![expect(clippy::unwrap_used, reason = "a test may")]

#[path = "run/fixed.rs"]
mod fixed;

use chacha20::ChaCha20Rng;
use curve25519_dalek::Scalar;
use psi::Lanes;
use psi::oprf::{Blind, Element, Error, Oprf, Output, PublicKey, SecretKey};
use rand_core::SeedableRng;
use serde::Deserialize;
use voprf::{CipherSuite, Group, Ristretto255};

use fixed::Fixed;

#[derive(Deserialize)]
struct Vectors {
    modes: Vec<Mode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mode {
    mode: u8,
    #[serde(rename = "groupDST")]
    group_dst: String,
    seed: String,
    key_info: String,
    #[serde(rename = "skSm")]
    secret: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vector {
    batch: usize,
    input: String,
    blind: String,
    blinded_element: String,
    evaluation_element: String,
    output: String,
}

fn mode(number: u8) -> Mode {
    let text = include_str!("vectors/rfc9497/ristretto255-SHA512.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    vectors.modes.into_iter().find(|mode| mode.mode == number).unwrap()
}

impl Vector {
    fn inputs(&self) -> Vec<Vec<u8>> {
        let inputs: Vec<_> = self.input.split(',').map(|text| hex::decode(text).unwrap()).collect();
        assert_eq!(inputs.len(), self.batch);
        inputs
    }

    fn blinds(&self) -> Vec<Blind> {
        self.blind.split(',').map(|blind| Blind::random(&mut scalar(blind))).collect()
    }
}

/// Randomness whose first scalar is this one: 64 bytes, reduced.
fn scalar(text: &str) -> Fixed<64> {
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(&hex::decode(text).unwrap());
    Fixed(wide)
}

fn joined<T>(parts: &[T], encoding: impl Fn(&T) -> Vec<u8>) -> String {
    parts.iter().map(|part| hex::encode(encoding(part))).collect::<Vec<_>>().join(",")
}

fn elements(elements: &[Element]) -> String {
    joined(elements, |element| element.as_bytes().to_vec())
}

fn outputs(outputs: &[Output]) -> String {
    joined(outputs, |output| output.as_bytes().to_vec())
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// The public key that the vectors' secret key has.
fn public_of(mode: &Mode) -> PublicKey {
    let secret = Scalar::from_canonical_bytes(array(&mode.secret)).unwrap();
    let public = curve25519_dalek::RistrettoPoint::mul_base(&secret).compress();
    PublicKey::decode(public.to_bytes()).unwrap()
}

#[test]
fn the_mode_oprf_is_that_of_the_rfc() {
    let mode = mode(0);
    assert_eq!(
        hex::decode(&mode.group_dst).unwrap(),
        b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512"
    );
    let info = hex::decode(&mode.key_info).unwrap();
    let key = Oprf::new().derive_key_pair(&array(&mode.seed), &info).unwrap();
    assert_eq!(key.public, public_of(&mode));
    assert_eq!(mode.vectors.len(), 2);
    for lanes in Lanes::available() {
        for vector in &mode.vectors {
            check(&Oprf::with_lanes(lanes), &key.secret, vector);
        }
    }
}

fn check(oprf: &Oprf, key: &SecretKey, vector: &Vector) {
    let (inputs, blinds) = (vector.inputs(), vector.blinds());
    let inputs = || inputs.iter().map(|input| &input[..]);
    let blinded = oprf.blind(inputs().zip(&blinds)).unwrap();
    assert_eq!(elements(&blinded), vector.blinded_element);
    let evaluated = oprf.blind_evaluate(blinded.iter().map(|element| (key, element)));
    assert_eq!(elements(&evaluated), vector.evaluation_element);
    let rows = inputs().zip(&blinds).zip(&evaluated);
    let output = oprf.finalize(rows.map(|((i, blind), e)| (i, blind, e))).unwrap();
    assert_eq!(outputs(&output), vector.output);
    assert_eq!(oprf.evaluate(inputs().map(|input| (key, input))).unwrap(), output);
}

#[test]
fn bytes_that_encode_nothing_are_refused() {
    let identity = [0; 32];
    let mut not_canonical = [0xff; 32];
    (not_canonical[0], not_canonical[31]) = (0xef, 0x7f);
    for bytes in [identity, not_canonical, [0xff; 32]] {
        assert_eq!(Element::decode(bytes), Err(Error::Deserialize));
        assert_eq!(PublicKey::decode(bytes), Err(Error::Deserialize));
    }
}

#[test]
fn inputs_that_the_framing_does_not_reach_are_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let (oprf, blind, key) = (Oprf::new(), Blind::random(&mut rng), SecretKey::random(&mut rng));
    let longest = vec![7; 65_535];
    let blinded = oprf.blind([(&longest[..], &blind)]).unwrap();
    let evaluated = oprf.blind_evaluate([(&key, &blinded[0])]);
    let output = oprf.finalize([(&longest[..], &blind, &evaluated[0])]).unwrap();
    assert_eq!(oprf.evaluate([(&key, &longest[..])]).unwrap(), output);

    let long = vec![7; 65_536];
    assert_eq!(oprf.blind([(&long[..], &blind)]), Err(Error::InvalidInput));
    assert_eq!(oprf.evaluate([(&key, &long[..])]), Err(Error::InvalidInput));
    let finalized = oprf.finalize([(&long[..], &blind, &evaluated[0])]);
    assert_eq!(finalized, Err(Error::InvalidInput));
    assert!(matches!(oprf.derive_key_pair(&[0; 32], &long), Err(Error::DeriveKeyPair)));
}

type Theirs = <Ristretto255 as CipherSuite>::Group;

/// Their scalar of the same number, drawn as ours are.
fn their_scalar(seed: u8) -> (Fixed<64>, <Theirs as Group>::Scalar) {
    let mut wide = [0; 64];
    wide[..31].fill(seed);
    (Fixed(wide), Theirs::deserialize_scalar(&wide[..32]).unwrap())
}

#[test]
fn the_voprf_crate_takes_our_elements_keys_and_outputs() {
    for seed in 1..20 {
        let input = vec![seed; usize::from(seed) * 7];
        let (mut random, blind) = their_scalar(seed);
        let client =
            voprf::OprfClient::<Ristretto255>::deterministic_blind_unchecked(&input, blind);
        let client = client.unwrap();
        let server = voprf::OprfServer::<Ristretto255>::new_from_seed(&[seed; 32], &input).unwrap();

        let oprf = Oprf::new();
        let blind = Blind::random(&mut random);
        let blinded = oprf.blind([(&input[..], &blind)]).unwrap();
        assert_eq!(blinded[0].as_bytes()[..], client.message.serialize()[..]);
        let key = oprf.derive_key_pair(&[seed; 32], &input).unwrap();
        let evaluated = oprf.blind_evaluate([(&key.secret, &blinded[0])]);
        let theirs = server.blind_evaluate(&client.message);
        assert_eq!(evaluated[0].as_bytes()[..], theirs.serialize()[..]);
        let output = oprf.finalize([(&input[..], &blind, &evaluated[0])]).unwrap();
        assert_eq!(output[0].as_bytes()[..], client.state.finalize(&input, &theirs).unwrap()[..]);
        assert_eq!(output[0].as_bytes()[..], server.evaluate(&input).unwrap()[..]);
    }
}
