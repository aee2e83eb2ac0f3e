//! What may be a custom status: one emoji, and a line of text that cannot pose as anything else.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

use crate::{OwnCustomStatus, SetCustomStatus, Timestamp};

/// Longest text, in what a reader takes for one character.
pub const CUSTOM_TEXT_GRAPHEMES_MAX: usize = 100;
/// Longest text in bytes: 100 letters of any script, or some forty of the longest emoji.
pub const CUSTOM_TEXT_BYTES_MAX: usize = 1_024;
/// Longest emoji in bytes: the longest that Unicode recommends, a couple with two skin tones, has 35.
pub const EMOJI_BYTES_MAX: usize = 64;
/// Nonspacing marks in a row that are still writing (UTS #39, 5.4).
const MARKS_MAX: usize = 4;

const JOINER: char = '\u{200d}';
const EMOJI_FORM: char = '\u{fe0f}';
const TEXT_FORM: char = '\u{fe0e}';
const KEYCAP: char = '\u{20e3}';

/// Why something cannot be a custom status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomFault {
    /// Neither emoji nor text.
    #[error("The custom status is empty: give an emoji or a text, or null to clear it.")]
    Empty,
    /// No emoji, or several.
    #[error("The emoji must be one emoji.")]
    Emoji,
    /// Too much text.
    #[error(
        "The text is too long: {CUSTOM_TEXT_GRAPHEMES_MAX} characters and {CUSTOM_TEXT_BYTES_MAX} bytes are the most."
    )]
    TooLong,
    /// A character that is not seen, or that changes how others are seen.
    #[error("The text has a character that cannot be seen or turns text around (U+{0:04X}). Leave it out.")]
    Invisible(u32),
    /// A pile of combining marks.
    #[error("The text has more than {MARKS_MAX} marks on one letter. Leave some out.")]
    TooManyMarks,
    /// An end that has passed.
    #[error("The end of the custom status must lie in the future.")]
    Ended,
}

impl SetCustomStatus {
    /// The custom status as it is kept: NFC, with single spaces. Doing it again changes nothing. `now` is the server's.
    pub fn check(&self, now: Timestamp) -> Result<OwnCustomStatus, CustomFault> {
        let emoji = self.emoji.as_deref().map(str::trim).filter(|emoji| !emoji.is_empty());
        let emoji = emoji.map(check_emoji).transpose()?;
        let text = self.text.as_deref().map(check_text).transpose()?.filter(|text| !text.is_empty());
        if emoji.is_none() && text.is_none() {
            return Err(CustomFault::Empty);
        }
        if self.until.is_some_and(|until| until <= now) {
            return Err(CustomFault::Ended);
        }
        Ok(OwnCustomStatus { emoji, text, until: self.until, show_offline: self.show_offline })
    }
}

fn check_emoji(given: &str) -> Result<String, CustomFault> {
    if given.len() > EMOJI_BYTES_MAX {
        return Err(CustomFault::Emoji);
    }
    let emoji: String = given.nfc().collect();
    let is_one = emoji.graphemes(true).count() == 1;
    if is_one && is_emoji(&emoji) { Ok(emoji) } else { Err(CustomFault::Emoji) }
}

fn check_text(given: &str) -> Result<String, CustomFault> {
    // A bound for the work below; NFC makes a text shorter by no more than this.
    if given.len() > 4 * CUSTOM_TEXT_BYTES_MAX {
        return Err(CustomFault::TooLong);
    }
    let composed: String = given.nfc().collect();
    let text = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    for grapheme in composed.graphemes(true).filter(|grapheme| !is_emoji(grapheme)) {
        if let Some(bad) = grapheme.chars().find(|character| is_invisible(*character)) {
            return Err(CustomFault::Invisible(bad.into()));
        }
    }
    if text.len() > CUSTOM_TEXT_BYTES_MAX || text.graphemes(true).count() > CUSTOM_TEXT_GRAPHEMES_MAX {
        return Err(CustomFault::TooLong);
    }
    if has_pile_of_marks(&text) {
        return Err(CustomFault::TooManyMarks);
    }
    if let Some(blank) = text.chars().next().filter(|_| text.chars().all(is_blank)) {
        return Err(CustomFault::Invisible(blank.into()));
    }
    Ok(text)
}

/// Whether a grapheme is drawn as an emoji. The joiner and tags count only inside one.
fn is_emoji(grapheme: &str) -> bool {
    let mut characters = grapheme.chars();
    let Some(first) = characters.next() else { return false };
    let is_flag_of_region = first == '\u{1f3f4}' && grapheme.ends_with('\u{e007f}');
    let is_part = |character: char| {
        matches!(character, JOINER | EMOJI_FORM | TEXT_FORM | KEYCAP)
            || character.is_emoji_char() && !character.is_ascii()
            || is_flag_of_region && is_tag(character)
    };
    if first.is_ascii() {
        return matches!(first, '0'..='9' | '#' | '*')
            && grapheme.ends_with(KEYCAP)
            && characters.all(is_part);
    }
    if is_regional_indicator(first) {
        return characters.all(is_regional_indicator) && grapheme.chars().count() == 2;
    }
    first.is_emoji_char() && characters.all(is_part) && !grapheme.ends_with(JOINER)
}

const fn is_regional_indicator(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Spells the region of a flag.
const fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007f}')
}

/// Controls, formats (bidi controls and zero-width characters among them), private and unknown characters, separators
/// of lines, and letters and marks that have no shape.
fn is_invisible(character: char) -> bool {
    let category = character.general_category();
    let is_unfit = character.general_category_group() == GeneralCategoryGroup::Other
        || matches!(category, GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator);
    is_unfit
        || matches!(
            character,
            '\u{34f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0d}'
                | '\u{ffa0}'
                | '\u{e0100}'..='\u{e01ef}'
        )
}

/// Draws nothing of its own.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, EMOJI_FORM | TEXT_FORM)
}

fn has_pile_of_marks(text: &str) -> bool {
    let mut n_marks = 0;
    text.chars().any(|character| {
        let is_mark = matches!(
            character.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        );
        n_marks = if is_mark { n_marks + 1 } else { 0 };
        n_marks > MARKS_MAX
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Timestamp = Timestamp::from_secs(1_795_478_400);

    fn custom(emoji: Option<&str>, text: Option<&str>) -> SetCustomStatus {
        SetCustomStatus {
            emoji: emoji.map(Into::into),
            text: text.map(Into::into),
            ..SetCustomStatus::default()
        }
    }

    fn text(given: &str) -> Result<Option<String>, CustomFault> {
        custom(None, Some(given)).check(NOON).map(|custom| custom.text)
    }

    #[test]
    fn a44_texts_are_cleaned_or_refused() {
        for (given, kept) in [
            ("  at   tea ", "at tea"),
            ("e\u{301}te\u{301}", "\u{e9}t\u{e9}"),
            (
                "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} home",
                "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} home",
            ),
            ("مشغول", "مشغول"),
            ("<b>no</b>", "<b>no</b>"),
            ("\u{2764}\u{fe0f}", "\u{2764}\u{fe0f}"),
        ] {
            assert_eq!(text(given), Ok(Some(kept.to_owned())), "{given:?}");
        }
        for (given, fault) in [
            ("a\u{202e}b", CustomFault::Invisible(0x202e)),
            ("a\u{2066}b", CustomFault::Invisible(0x2066)),
            ("a\u{200b}b", CustomFault::Invisible(0x200b)),
            ("a\u{200d}b", CustomFault::Invisible(0x200d)),
            ("a\u{e0041}b", CustomFault::Invisible(0xe0041)),
            ("a\0b", CustomFault::Invisible(0)),
            ("\u{feff}", CustomFault::Invisible(0xfeff)),
            ("\u{e000}", CustomFault::Invisible(0xe000)),
            ("\u{3164}", CustomFault::Invisible(0x3164)),
            ("Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}", CustomFault::TooManyMarks),
            ("", CustomFault::Empty),
            ("   ", CustomFault::Empty),
        ] {
            assert_eq!(text(given), Err(fault), "{given:?}");
        }
        assert!(text(&"é".repeat(100)).is_ok());
        assert_eq!(text(&"é".repeat(101)), Err(CustomFault::TooLong));
        assert_eq!(text(&"x".repeat(100_000)), Err(CustomFault::TooLong));
    }

    #[test]
    fn a44_an_emoji_is_one_emoji() {
        for emoji in [
            "\u{1f600}",
            "\u{2764}\u{fe0f}",
            "\u{2615}",
            "\u{1f1ea}\u{1f1f8}",
            "1\u{fe0f}\u{20e3}",
            "\u{1f469}\u{1f3fd}\u{200d}\u{1f4bb}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert_eq!(custom(Some(emoji), None).check(NOON).unwrap().emoji.as_deref(), Some(emoji));
        }
        for bad in [
            "a",
            "1",
            "#",
            "\u{1f600}\u{1f600}",
            "\u{1f600}a",
            "\u{1f1ea}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{1f600}\u{200d}",
            "\u{1f600}\u{301}",
            "\u{1f600}\u{e0041}",
            "<img src=x>",
            "\u{202e}",
        ] {
            assert_eq!(custom(Some(bad), None).check(NOON), Err(CustomFault::Emoji), "{bad:?}");
        }
    }

    #[test]
    fn it_needs_something_to_show_and_an_end_that_comes() {
        assert_eq!(custom(None, None).check(NOON), Err(CustomFault::Empty));
        assert_eq!(custom(Some(""), Some("")).check(NOON), Err(CustomFault::Empty));
        let ended = SetCustomStatus { until: Some(NOON), ..custom(None, Some("x")) };
        assert_eq!(ended.check(NOON), Err(CustomFault::Ended));
    }

    proptest! {
        #[test]
        fn a44_what_was_kept_is_kept_again(given in "\\PC{0,60}|.{0,60}|[a-zé\u{200d}\u{1f469}\u{fe0f} ]{0,40}") {
            if let Ok(Some(kept)) = text(&given) {
                prop_assert_eq!(text(&kept), Ok(Some(kept.clone())));
                prop_assert!(kept.graphemes(true).count() <= CUSTOM_TEXT_GRAPHEMES_MAX);
            }
        }
    }
}
