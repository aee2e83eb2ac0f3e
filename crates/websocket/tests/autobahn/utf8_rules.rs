//! What is UTF-8, read from table 3-7 of the Unicode Standard ("Well-Formed UTF-8 Byte Sequences").
//!
//! The decoder leans on the standard library; this is the independent word on it.

/// One row: the ranges its first, second, … byte must lie in.
type Row = &'static [(u8, u8)];

const TABLE_3_7: [Row; 9] = [
    &[(0x00, 0x7F)],
    &[(0xC2, 0xDF), (0x80, 0xBF)],
    &[(0xE0, 0xE0), (0xA0, 0xBF), (0x80, 0xBF)],
    &[(0xE1, 0xEC), (0x80, 0xBF), (0x80, 0xBF)],
    &[(0xED, 0xED), (0x80, 0x9F), (0x80, 0xBF)],
    &[(0xEE, 0xEF), (0x80, 0xBF), (0x80, 0xBF)],
    &[(0xF0, 0xF0), (0x90, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
    &[(0xF1, 0xF3), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
    &[(0xF4, 0xF4), (0x80, 0x8F), (0x80, 0xBF), (0x80, 0xBF)],
];

/// What some bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Whole characters.
    Valid,
    /// The start of something valid.
    Incomplete,
    /// Invalid whatever follows; the byte at this index proves it.
    InvalidAt(usize),
}

/// Judges `bytes`.
pub(crate) fn judge(bytes: &[u8]) -> Verdict {
    let mut start = 0;
    while start < bytes.len() {
        // The first byte decides the row.
        let in_range = |byte: u8, (low, high): (u8, u8)| (low..=high).contains(&byte);
        let Some(row) = TABLE_3_7.iter().find(|row| in_range(bytes[start], row[0])) else {
            return Verdict::InvalidAt(start);
        };
        for (offset, range) in row.iter().enumerate() {
            match bytes.get(start + offset) {
                None => return Verdict::Incomplete,
                Some(&byte) if !in_range(byte, *range) => return Verdict::InvalidAt(start + offset),
                Some(_) => {}
            }
        }
        start += row.len();
    }
    Verdict::Valid
}
