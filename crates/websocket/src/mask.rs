//! The mask of RFC 6455, 5.3: each payload byte is combined with one of four, in turn, by exclusive or.

/// Masks or unmasks `payload` in place (the operation is its own inverse). `mask` is aligned to the first byte.
///
/// Works on eight bytes at a time, which the compiler widens further; the tail goes byte by byte.
pub(crate) fn apply_mask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let mask_word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ mask_word).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= key;
    }
}

/// The mask as it applies after `n_bytes` more bytes of the same payload.
pub(crate) fn advance_mask(mask: &mut [u8; 4], n_bytes: usize) {
    mask.rotate_left(n_bytes % 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_and_offset_equals_the_plain_loop() {
        let mask = [0x37, 0xFA, 0x21, 0x3D];
        for len in 0..40 {
            for start in 0..len {
                let plain: Vec<u8> = (0..len).map(|i| i as u8 ^ mask[i % 4]).collect();
                let mut ours: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let mut moving = mask;
                apply_mask(&mut ours[..start], moving);
                advance_mask(&mut moving, start);
                apply_mask(&mut ours[start..], moving);
                assert_eq!(ours, plain, "length {len}, cut at {start}");
            }
        }
    }
}
