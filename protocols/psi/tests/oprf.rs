//! The OPRF against the vectors of RFC 9497, and against the implementation of others.

#![expect(clippy::unwrap_used, reason = "a test may")]

#[path = "run/fixed.rs"]
mod fixed;

use chacha20::ChaCha20Rng;
use curve25519_dalek::Scalar;
use psi::oprf::{Blind, Element, Error, Oprf, Output, Proof, PublicKey, Row, SecretKey, Voprf};
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
    #[serde(rename = "pkSm")]
    public: Option<String>,
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
    proof: Option<Proven>,
    output: String,
}

#[derive(Deserialize)]
struct Proven {
    proof: String,
    r: String,
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
    let oprf = Oprf::new();
    let info = hex::decode(&mode.key_info).unwrap();
    let key = oprf.derive_key_pair(&array(&mode.seed), &info).unwrap();
    assert_eq!(key.public, public_of(&mode));
    assert_eq!(mode.vectors.len(), 2);
    for vector in &mode.vectors {
        let (inputs, blinds) = (vector.inputs(), vector.blinds());
        let inputs = || inputs.iter().map(|input| &input[..]);
        let blinded = oprf.blind(inputs().zip(&blinds)).unwrap();
        assert_eq!(elements(&blinded), vector.blinded_element);
        let evaluated = oprf.blind_evaluate(blinded.iter().map(|element| (&key.secret, element)));
        assert_eq!(elements(&evaluated), vector.evaluation_element);
        let rows = inputs().zip(&blinds).zip(&evaluated);
        let output = oprf.finalize(rows.map(|((i, blind), e)| (i, blind, e))).unwrap();
        assert_eq!(outputs(&output), vector.output);
        assert_eq!(oprf.evaluate(inputs().map(|input| (&key.secret, input))).unwrap(), output);
    }
}

#[test]
fn the_mode_voprf_is_that_of_the_rfc() {
    let mode = mode(1);
    assert_eq!(
        hex::decode(&mode.group_dst).unwrap(),
        b"HashToGroup-OPRFV1-\x01-ristretto255-SHA512"
    );
    let voprf = Voprf::new();
    let info = hex::decode(&mode.key_info).unwrap();
    let key = voprf.derive_key_pair(&array(&mode.seed), &info).unwrap();
    assert_eq!(key.public, public_of(&mode));
    assert_eq!(hex::encode(key.public.as_bytes()), *mode.public.as_ref().unwrap());
    assert_eq!(mode.vectors.len(), 3);
    for vector in &mode.vectors {
        let (inputs, blinds) = (vector.inputs(), vector.blinds());
        let inputs = || inputs.iter().map(|input| &input[..]);
        let blinded = voprf.blind(inputs().zip(&blinds)).unwrap();
        assert_eq!(elements(&blinded), vector.blinded_element);
        let expected = vector.proof.as_ref().unwrap();
        let (evaluated, proof) =
            voprf.blind_evaluate(&key, &blinded, &mut scalar(&expected.r)).unwrap();
        assert_eq!(elements(&evaluated), vector.evaluation_element);
        assert_eq!(hex::encode(proof.to_bytes()), expected.proof);
        let proof = Proof::decode(&array(&expected.proof)).unwrap();
        let rows: Vec<_> = inputs()
            .zip(&blinds)
            .zip(blinded.iter().zip(&evaluated))
            .map(|((input, blind), (blinded, evaluated))| Row { input, blind, blinded, evaluated })
            .collect();
        let output = voprf.finalize(&key.public, &rows, &proof).unwrap();
        assert_eq!(outputs(&output), vector.output);
        assert_eq!(voprf.evaluate(&key, inputs()).unwrap(), output);
    }
}

/// Three inputs evaluated in the mode VOPRF, as a client holds them.
struct Batch {
    inputs: [&'static [u8]; 3],
    blinds: Vec<Blind>,
    blinded: Vec<Element>,
    evaluated: Vec<Element>,
    proof: Proof,
    public: PublicKey,
}

impl Batch {
    fn new() -> Self {
        let (voprf, mut rng) = (Voprf::new(), ChaCha20Rng::seed_from_u64(1));
        let inputs = [&b"one"[..], b"two", b""];
        let blinds: Vec<_> = inputs.iter().map(|_| Blind::random(&mut rng)).collect();
        let key = SecretKey::random(&mut rng).into_pair();
        let blinded = voprf.blind(inputs.into_iter().zip(&blinds)).unwrap();
        let (evaluated, proof) = voprf.blind_evaluate(&key, &blinded, &mut rng).unwrap();
        Self { inputs, blinds, blinded, evaluated, proof, public: key.public }
    }

    fn finalize(&self) -> Result<Vec<Output>, Error> {
        let elements = self.blinded.iter().zip(&self.evaluated);
        let rows = self.inputs.iter().zip(&self.blinds).zip(elements);
        let rows: Vec<_> = rows
            .map(|((input, blind), (blinded, evaluated))| Row { input, blind, blinded, evaluated })
            .collect();
        Voprf::new().finalize(&self.public, &rows, &self.proof)
    }
}

#[test]
fn a_proof_holds_for_its_key_its_elements_and_their_order_alone() {
    assert!(Batch::new().finalize().is_ok());
    let changes: [fn(&mut Batch); 5] = [
        |batch| batch.evaluated.swap(0, 1),
        |batch| batch.blinded.swap(1, 2),
        |batch| batch.evaluated[2] = batch.blinded[2],
        |batch| {
            let other = SecretKey::random(&mut ChaCha20Rng::seed_from_u64(2));
            let Batch { blinded, evaluated, .. } = batch;
            evaluated[0] = Oprf::new().blind_evaluate([(&other, &blinded[0])])[0];
        },
        |batch| {
            let other = SecretKey::random(&mut ChaCha20Rng::seed_from_u64(3));
            batch.public = other.into_pair().public;
        },
    ];
    for change in changes {
        let mut batch = Batch::new();
        change(&mut batch);
        assert_eq!(batch.finalize(), Err(Error::Verify));
    }
    for bit in 0..512 {
        let mut batch = Batch::new();
        let mut bytes = batch.proof.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // A scalar that is no longer canonical is not even a proof.
        let Ok(proof) = Proof::decode(&bytes) else { continue };
        batch.proof = proof;
        assert_eq!(batch.finalize(), Err(Error::Verify), "bit {bit}");
    }
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
    // The order of the group, as a scalar.
    let order: [u8; 32] = array("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut proof = Batch::new().proof.to_bytes();
    proof[32..].copy_from_slice(&order);
    assert_eq!(Proof::decode(&proof), Err(Error::Deserialize));
}

#[test]
fn inputs_and_batches_that_the_framing_does_not_reach_are_refused() {
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

    let (voprf, pair) = (Voprf::new(), key.into_pair());
    for found in [0, 65_536] {
        let many = vec![blinded[0]; found];
        let proven = voprf.blind_evaluate(&pair, &many, &mut rng);
        assert_eq!(proven.err(), Some(Error::BatchSize { found }));
    }
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

#[test]
fn the_voprf_crate_takes_our_proofs() {
    let (voprf, mut rng) = (Voprf::new(), ChaCha20Rng::seed_from_u64(5));
    let inputs: Vec<Vec<u8>> = (1..30).map(|seed| vec![seed; usize::from(seed)]).collect();
    let (clients, ours): (Vec<_>, Vec<_>) = (1..30)
        .zip(&inputs)
        .map(|(seed, input)| {
            let (mut random, blind) = their_scalar(seed);
            let blind =
                voprf::VoprfClient::<Ristretto255>::deterministic_blind_unchecked(input, blind);
            (blind.unwrap().state, Blind::random(&mut random))
        })
        .unzip();
    let key = voprf.derive_key_pair(&[9; 32], b"").unwrap();
    let blinded = voprf.blind(inputs.iter().map(|input| &input[..]).zip(&ours)).unwrap();
    let (evaluated, proof) = voprf.blind_evaluate(&key, &blinded, &mut rng).unwrap();

    let messages: Vec<_> = evaluated
        .iter()
        .map(|element| voprf::EvaluationElement::deserialize(element.as_bytes()).unwrap())
        .collect();
    let public = Theirs::deserialize_elem(key.public.as_bytes()).unwrap();
    let finalize = |proof: &Proof| {
        let proof = voprf::Proof::deserialize(&proof.to_bytes()).unwrap();
        voprf::VoprfClient::batch_finalize(&inputs, &clients, &messages, &proof, public)
            .map(|outputs| outputs.map(Result::unwrap).collect::<Vec<_>>())
    };
    let outputs = voprf.evaluate(&key, inputs.iter().map(|input| &input[..])).unwrap();
    let theirs = finalize(&proof).unwrap();
    assert_eq!(theirs.len(), outputs.len());
    for (theirs, ours) in theirs.iter().zip(&outputs) {
        assert_eq!(theirs[..], ours.as_bytes()[..]);
    }
    // They would see that a proof does not hold.
    let (_, other) = voprf.blind_evaluate(&key, &blinded[1..], &mut rng).unwrap();
    assert!(finalize(&other).is_err());
}
