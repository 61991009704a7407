//! What an encryption of zero is made of, and what it costs in either ring: `cargo bench -p lattice`.
//!
//! Times are of the processor and of one thread.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first error")]

mod timing;

use chacha20::ChaCha20Rng;
use lattice::{KeyNoise, Noise, Ring, Sample, SecretKey, flood, noise};
use rand_core::SeedableRng;
use timing::{on_one_thread, time};

const TIMES: usize = 400;

fn main() {
    println!("the fastest of {TIMES} runs, one thread");
    on_one_thread(|| {
        let binomial = (KeyNoise::Gaussian { deviation: 3.2 }, Noise::Binomial { bits: 21 });
        let tuniform = (KeyNoise::TUniform { bits: 17 }, Noise::TUniform { bits: 17 });
        ring(Ring::Degree2048, tuniform);
        ring(Ring::Degree4096, binomial);
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        println!("4096 floods");
        time("sum of three uniform numbers", TIMES, || {
            (0..4096).map(|_| flood::sum_of_uniforms(3, 50, &mut rng)).fold(0, u64::wrapping_add)
        });
        time("one uniform number", TIMES, || {
            (0..4096).map(|_| flood::uniform(448 << 52, &mut rng)).fold(0, u64::wrapping_add)
        });
    });
}

fn ring(ring: Ring, (key_noise, small): (KeyNoise, Noise)) {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let degree = ring.degree();
    println!("N = {degree}, {small:?}");
    let secret = SecretKey::generate(ring, noise::seed(&mut rng));
    let (mask, seed) = (noise::seed(&mut rng), noise::seed(&mut rng));
    let body = secret.encrypt(mask, seed, key_noise, &vec![0; degree]);
    let public = Sample::new(ring, small, mask, body);
    let (u, _) = time("u, uniform binary", TIMES, || noise::binary(degree, &mut rng));
    time("small noise of a polynomial", TIMES, || {
        let mut polynomial = vec![0; degree];
        small.add_to(&mut polynomial, &mut rng);
        polynomial
    });
    time("product with a binary polynomial", TIMES, || ring.product(public.body(), &u));
    time("constant of such a product", TIMES, || lattice::constant_of_product(public.body(), &u));
    time("encryption of zero", TIMES, || public.zero(&mut rng));
    let (lwe, _) = time("encryption of zero, constant alone", TIMES, || {
        public.zero_at_constant(&mut rng, |rng| small.draw(rng))
    });
    time("phase of a ciphertext of one number", TIMES, || secret.phase(&lwe));
    time("mask of a public key, from its seed", TIMES, || ring.expanded(mask));
}
