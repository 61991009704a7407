//! A square of 128 by 128 bits, mirrored.

/// Mirrors the square: bit k of row i changes places with bit i of row k.
pub(crate) fn transpose(rows: &mut [u128; 128]) {
    let mut width = 64;
    let mut mask = u128::MAX >> 64;
    while width > 0 {
        for row in (0..128).filter(|row| row & width == 0) {
            let swapped = (rows[row] >> width ^ rows[row + width]) & mask;
            rows[row] ^= swapped << width;
            rows[row + width] ^= swapped;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::transpose;

    #[test]
    fn every_bit_changes_places_with_its_mirror() {
        let mut square: [u128; 128] = std::array::from_fn(|i| {
            (i as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        });
        let before = square;
        transpose(&mut square);
        for (i, row) in square.iter().enumerate() {
            for (k, mirror) in before.iter().enumerate() {
                assert_eq!(row >> k & 1, mirror >> i & 1);
            }
        }
        transpose(&mut square);
        assert_eq!(square, before);
    }
}
