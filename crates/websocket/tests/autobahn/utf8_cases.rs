//! The sequences of groups 6.5 to 6.23, after Markus Kuhn's UTF-8 decoder stress test.

/// "κόσμε" with the three-byte omicron (U+1F79) of the suite, eleven bytes in all.
pub(crate) const COSMOS: &str = "\u{3ba}\u{1f79}\u{3c3}\u{3bc}\u{3b5}";

/// One case: its number, its bytes, and whether Autobahn says they are valid.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) number: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_valid: bool,
}

/// All 132 cases.
pub(crate) fn all() -> Vec<Case> {
    [
        group(5, true, some_valid_sequences()),
        cosmos_prefixes(),
        group(7, true, hex(&["00", "c280", "e0a080", "f0908080"])),
        group(8, false, hex(&["f888808080", "fc8480808080"])),
        group(9, true, hex(&["7f", "dfbf", "efbfbf", "f48fbfbf"])),
        group(10, false, hex(&["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"])),
        boundary_conditions(),
        group(12, false, unexpected_continuations()),
        group(13, false, lonely_starts()),
        group(14, false, hex(&LAST_BYTE_MISSING)),
        group(15, false, vec![hex(&LAST_BYTE_MISSING).concat()]),
        group(16, false, hex(&["fe", "ff", "fefeffff"])),
        group(17, false, hex(&["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"])),
        group(18, false, hex(&["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"])),
        group(19, false, hex(&["c080", "e08080", "f0808080", "f880808080", "fc8080808080"])),
        group(20, false, hex(&["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"])),
        group(21, false, paired_surrogates()),
        group(22, true, non_characters()),
        group(23, true, specials()),
    ]
    .concat()
}

const LAST_BYTE_MISSING: [&str; 10] =
    ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"];

fn group(number: u32, is_valid: bool, sequences: Vec<Vec<u8>>) -> Vec<Case> {
    let case = |(index, bytes)| Case { number: format!("6.{number}.{}", index + 1), bytes, is_valid };
    sequences.into_iter().enumerate().map(case).collect()
}

fn hex(sequences: &[&str]) -> Vec<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    sequences.iter().map(|sequence| sequence.as_bytes().chunks(2).map(byte).collect()).collect()
}

fn utf8(characters: impl IntoIterator<Item = u32>) -> Vec<Vec<u8>> {
    let encode = |code_point| char::from_u32(code_point).unwrap().to_string().into_bytes();
    characters.into_iter().map(encode).collect()
}

fn some_valid_sequences() -> Vec<Vec<u8>> {
    ["hello$world", "hello¢world", "hello€world", "hello𤭢world", COSMOS].map(Vec::from).into()
}

/// 6.6: every prefix, valid where it ends with a character.
fn cosmos_prefixes() -> Vec<Case> {
    let case = |end: usize| Case {
        number: format!("6.6.{end}"),
        bytes: COSMOS.as_bytes()[..end].to_vec(),
        is_valid: COSMOS.is_char_boundary(end),
    };
    (1..=COSMOS.len()).map(case).collect()
}

/// 6.11: around the surrogates and at the end of Unicode.
fn boundary_conditions() -> Vec<Case> {
    let mut cases = group(11, true, hex(&["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"]));
    cases[4].is_valid = false;
    cases
}

fn unexpected_continuations() -> Vec<Vec<u8>> {
    let mut sequences = hex(&["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"]);
    sequences.push((0x80..=0xBF).collect());
    sequences
}

/// 6.13: all first bytes of two-, three-, … byte characters, each before a space.
fn lonely_starts() -> Vec<Vec<u8>> {
    let starts = [0xC0..=0xDF, 0xE0..=0xEF, 0xF0..=0xF7, 0xF8..=0xFB, 0xFC..=0xFD];
    starts.map(|range| range.flat_map(|start| [start, b' ']).collect()).into()
}

fn paired_surrogates() -> Vec<Vec<u8>> {
    let pair = |high: &str| ["edb080", "edbfbf"].map(|low| format!("{high}{low}"));
    let pairs: Vec<String> = ["eda080", "edadbf", "edae80", "edafbf"].into_iter().flat_map(pair).collect();
    hex(&pairs.iter().map(String::as_str).collect::<Vec<_>>())
}

/// 6.22: the last two code points of each of the 17 planes. They are valid to transmit.
fn non_characters() -> Vec<Vec<u8>> {
    utf8((0..=0x10).flat_map(|plane| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF]))
}

/// 6.23: the specials of the first plane.
fn specials() -> Vec<Vec<u8>> {
    utf8(0xFFF9..=0xFFFF)
}
