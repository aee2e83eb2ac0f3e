//! The opaque cursor of `pong`: where a connection stands in the ticks, sealed so that it tells a client nothing.
//!
//! One AES block of (tick, salt, boot mark) under a key made at start: constant length, different on each pong even
//! when nothing happened, and refused by any other process or after a restart.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hereabouts_engine::TickSeq;
use hereabouts_protocol::SessionId;
use uuid::Builder;

use super::connection::ConnectionId;
use crate::random::random;

/// Length of a cursor in bytes: hexadecimal of one block.
pub(crate) const CURSOR_LEN: usize = 32;

/// Seals and opens cursors; shared by all shards and the hub.
pub(crate) struct CursorSeal {
    cipher: Aes128,
    boot_mark: [u8; 4],
}

impl std::fmt::Debug for CursorSeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CursorSeal").finish_non_exhaustive()
    }
}

impl CursorSeal {
    /// A new key: cursors of earlier lives are not understood, and their holders get a snapshot.
    pub(crate) fn new() -> Self {
        Self { cipher: Aes128::new(&Array::from(random::<16>())), boot_mark: random() }
    }

    /// The cursor of `seq`; `salt` should differ from call to call.
    pub(crate) fn seal(&self, seq: TickSeq, salt: u32) -> [u8; CURSOR_LEN] {
        let mut block = Array::from([0; 16]);
        block[..8].copy_from_slice(&seq.0.to_le_bytes());
        block[8..12].copy_from_slice(&salt.to_le_bytes());
        block[12..].copy_from_slice(&self.boot_mark);
        self.cipher.encrypt_block(&mut block);
        let mut text = [0; CURSOR_LEN];
        for (pair, byte) in text.chunks_exact_mut(2).zip(block) {
            pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
        }
        text
    }

    /// What a connection is called to its person: the same each time, and without a pattern to anybody. The last bytes
    /// keep it apart from cursors.
    pub(super) fn session_id(&self, connection: ConnectionId) -> SessionId {
        let mut block = Array::from([0; 16]);
        block[..8].copy_from_slice(&connection.session().0.to_le_bytes());
        block[12..].copy_from_slice(&self.boot_mark.map(|byte| !byte));
        self.cipher.encrypt_block(&mut block);
        SessionId(Builder::from_random_bytes(block.into()).into_uuid())
    }

    /// The tick a cursor stands for; `None` for one that this process did not seal.
    pub(crate) fn open(&self, cursor: &str) -> Option<TickSeq> {
        let text: &[u8; CURSOR_LEN] = cursor.as_bytes().try_into().ok()?;
        let mut block = Array::from([0; 16]);
        for (byte, pair) in block.iter_mut().zip(text.chunks_exact(2)) {
            *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
        }
        self.cipher.decrypt_block(&mut block);
        let (seq, rest) = block.split_at(8);
        (rest[4..] == self.boot_mark)
            .then(|| TickSeq(u64::from_le_bytes(seq.try_into().expect("8 bytes were split off"))))
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let seal = CursorSeal::new();
        let cursor = seal.seal(TickSeq(42), 7);
        let text = std::str::from_utf8(&cursor).unwrap();
        assert_eq!(seal.open(text), Some(TickSeq(42)));
        assert_eq!(CursorSeal::new().open(text), None, "a cursor of another life");
        assert_eq!(seal.open(""), None);
        assert_eq!(seal.open(&text.to_uppercase().replace(|c: char| c.is_ascii_digit(), "F")), None);
        assert_eq!(seal.open(&"é".repeat(16)), None);
    }

    #[test]
    fn two_pongs_of_the_same_tick_cannot_be_told_from_two_of_different_ticks() {
        let seal = CursorSeal::new();
        assert_ne!(seal.seal(TickSeq(42), 7), seal.seal(TickSeq(42), 8));
    }
}
