//! Logarithm and exponential from additions and multiplications alone.
//!
//! Both sides compute the shape of an encoding for themselves and must agree on it to the last
//! column; the library functions of two platforms may differ in the last bit, these do not.

use std::f64::consts::LN_2;

/// The natural logarithm of a positive, normal number.
pub(crate) fn ln(x: f64) -> f64 {
    // x = m 2^e with m between 3/4 and 3/2, and ln m = 2 artanh((m - 1) / (m + 1)).
    let bits = x.to_bits();
    let mut exponent = f64::from(i32::try_from(bits >> 52).expect("eleven bits")) - 1023.0;
    let mut mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    if mantissa > 1.5 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = (0..14).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    exponent * LN_2 + 2.0 * ratio * series
}

/// The exponential of a number between -700 and 700.
pub(crate) fn exp(x: f64) -> f64 {
    // e^x = (e^(x / 1024))^1024, whose series is short.
    let small = x / 1024.0;
    let series = (1..12).rev().fold(1.0, |sum, k| 1.0 + sum * small / f64::from(k));
    (0..10).fold(series, |power, _| power * power)
}

/// ln of n! (Stirling's series).
pub(crate) fn ln_factorial(n: f64) -> f64 {
    if n < 16.0 {
        // Small factorials are exact.
        let mut product = 1.0;
        let mut k = 2.0;
        while k <= n {
            product *= k;
            k += 1.0;
        }
        return ln(product);
    }
    let series = 1.0 / (12.0 * n) - 1.0 / (360.0 * n * n * n);
    (n + 0.5) * ln(n) - n + 0.918_938_533_204_672_7 + series
}

#[cfg(test)]
mod tests {
    use super::{exp, ln, ln_factorial};

    #[test]
    fn they_are_the_functions_that_they_are_called() {
        for x in [1e-9, 0.3, 0.75, 1.0, 1.5, 2.0, 3.0, 1e3, 34_116.0, 4e9, 1e300] {
            let expected = f64::ln(x);
            assert!((ln(x) - expected).abs() <= 1e-14 * expected.abs().max(1.0), "ln {x}");
        }
        for x in [-20.0, -1.0, 0.0, 0.5, 1.0, 7.7, 20.0] {
            assert!((exp(x) / f64::exp(x) - 1.0).abs() < 1e-12, "exp {x}");
        }
        let mut sum = 0.0;
        for n in 1..2_000 {
            sum += f64::from(n).ln();
            assert!((ln_factorial(f64::from(n)) - sum).abs() < 1e-9 * sum.max(1.0), "{n}!");
        }
    }
}
