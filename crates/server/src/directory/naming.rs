//! Names that people choose for themselves: what may be one, and which of them look the same.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

use crate::limits::{NAME_BYTES_MAX, NAME_CHARS_MAX};

/// Nonspacing marks in a row that are still writing (UTS #39, 5.4); more are stacked to run over other lines.
const MARKS_MAX: usize = 4;

/// Why a text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing that can be seen.
    #[error("The name has no visible character.")]
    Empty,
    /// Too many characters or bytes.
    #[error("The name is too long: {NAME_CHARS_MAX} characters and {NAME_BYTES_MAX} bytes are the most.")]
    TooLong,
    /// A character that is not seen, or that changes how others are seen.
    #[error("The name has a character that cannot be seen or turns text around (U+{0:04X}). Leave it out.")]
    Invisible(u32),
    /// A pile of combining marks.
    #[error("The name has more than {MARKS_MAX} marks on one letter. Leave some out.")]
    TooManyMarks,
}

/// The name as it is kept: NFC, without spaces at its ends and with single ones inside. Doing it again changes nothing.
pub fn check_name(given: &str) -> Result<String, NameFault> {
    // A bound for the work below; NFC makes a text shorter by no more than this.
    if given.len() > 4 * NAME_BYTES_MAX {
        return Err(NameFault::TooLong);
    }
    if let Some(bad) = given.chars().find(|character| is_invisible(*character)) {
        return Err(NameFault::Invisible(bad.into()));
    }
    let composed: String = given.nfc().collect();
    let name = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.len() > NAME_BYTES_MAX || name.graphemes(true).count() > NAME_CHARS_MAX {
        return Err(NameFault::TooLong);
    }
    if has_pile_of_marks(&name) {
        return Err(NameFault::TooManyMarks);
    }
    if skeleton(&name).chars().all(char::is_whitespace) {
        return Err(NameFault::Empty);
    }
    Ok(name)
}

/// The keys of a name, one or two: two names that look the same share one (UTS #39 skeletons). The first is that of the
/// name in small letters, so that nobody is called like another but for the size of letters; the second is that of the
/// name as it is written, because some letters look alike only when they are large (`I` and `l`).
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys = vec![login_key(name), skeleton(name)];
    keys.dedup();
    keys
}

/// The key by which somebody is found who types their name.
pub fn login_key(name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    skeleton(&name.to_lowercase())
}

fn skeleton(text: &str) -> String {
    let compatible: String = text.nfkc().filter(|character| !is_ignorable(*character)).collect();
    unicode_security::skeleton(&compatible).collect()
}

/// Controls, formats (bidi controls and zero-width characters among them), private and unknown characters, separators
/// of lines, and those letters and marks that have no shape.
fn is_invisible(character: char) -> bool {
    use GeneralCategory as Category;
    let is_unfit = matches!(
        character.general_category(),
        Category::Control
            | Category::Format
            | Category::PrivateUse
            | Category::Surrogate
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
    );
    is_unfit || (is_ignorable(character) && !is_emoji_selector(character)) || character == BRAILLE_BLANK
}

const BRAILLE_BLANK: char = '\u{2800}';

/// Chooses between text and emoji form; typed by every phone's keyboard.
const fn is_emoji_selector(character: char) -> bool {
    matches!(character, '\u{fe0e}' | '\u{fe0f}')
}

/// Default_Ignorable_Code_Point, as far as these are no formats: nothing is drawn for them.
const fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

fn has_pile_of_marks(name: &str) -> bool {
    let mut n_marks = 0;
    name.chars().any(|character| {
        let is_mark = matches!(
            character.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        );
        n_marks = if is_mark { n_marks + 1 } else { 0 };
        n_marks > MARKS_MAX
    })
}

#[cfg(test)]
#[path = "naming_tests.rs"]
mod tests;
