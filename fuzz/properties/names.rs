//! For any name, picture, slug and custom status: what is kept may be shown to strangers, and keeping it again changes
//! nothing. Five lines: name, picture, slug, emoji, text.

use hereabouts::directory::{Profile, profile};
use hereabouts_protocol::{OwnCustomStatus, SetCustomStatus, Timestamp, UserId};
use url::Url;
use uuid::Uuid;

const CHARS_MAX: usize = 64;
const BYTES_MAX: usize = 256;
const PICTURE_BYTES_MAX: usize = 2 * 1024;
const EMOJI_BYTES_MAX: usize = 64;
const TEXT_BYTES_MAX: usize = 1_024;

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let name = lines.next().unwrap_or_default();
    let kept = profile(UserId(Uuid::from_u128(7)), name, lines.next(), lines.next());
    check_name(&kept.username);
    assert!(!kept.slug.is_empty() && kept.slug.len() <= BYTES_MAX, "{kept:?}");
    assert!(kept.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    kept.profile_image_url.as_deref().into_iter().for_each(check_picture);
    let again: Profile =
        profile(kept.user_id, &kept.username, kept.profile_image_url.as_deref(), Some(&kept.slug));
    assert_eq!((again.username, again.slug), (kept.username, kept.slug));
    assert_eq!(again.profile_image_url, kept.profile_image_url);
    check_custom_status(lines.next().map(str::to_owned), lines.next().map(str::to_owned));
}

fn check_custom_status(emoji: Option<String>, text: Option<String>) {
    let given = SetCustomStatus { emoji, text, until: None, show_offline: false };
    let now = Timestamp::from_secs(1_800_000_000);
    let Ok(kept) = given.check(now) else { return };
    let OwnCustomStatus { emoji, text, .. } = &kept;
    assert!(emoji.is_some() || text.is_some(), "{kept:?}");
    if let Some(emoji) = emoji {
        assert!(emoji.len() <= EMOJI_BYTES_MAX && !emoji.is_empty() && emoji.trim() == emoji, "{emoji:?}");
        assert!(!emoji.chars().any(|c| c.is_control() || turns(c) || c.is_ascii_alphabetic()), "{emoji:?}");
    }
    if let Some(text) = text {
        assert!(text.len() <= TEXT_BYTES_MAX && !text.is_empty() && text.trim() == text, "{text:?}");
        assert!(!text.contains("  ") && !text.chars().any(|c| c.is_control() || turns(c)), "{text:?}");
    }
    let again =
        SetCustomStatus { emoji: emoji.clone(), text: text.clone(), until: None, show_offline: false };
    assert_eq!(again.check(now).as_ref(), Ok(&kept));
}

/// Whether a character turns the direction of what follows.
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn check_name(name: &str) {
    assert!(!name.trim().is_empty() && name.trim() == name, "{name:?}");
    assert!(name.chars().count() <= CHARS_MAX && name.len() <= BYTES_MAX, "{name:?}");
    assert!(!name.chars().any(|character| character.is_control() || turns(character)), "{name:?}");
}

/// The browser's reading of the address must be the one that was judged.
fn check_picture(picture: &str) {
    assert!(picture.len() <= PICTURE_BYTES_MAX);
    let page = Url::parse("https://own.example/page").expect("an address");
    // What no browser can read shows nothing.
    let Ok(read) = page.join(picture) else { return };
    assert_eq!(read.scheme(), "https", "{picture:?}");
    assert!(read.username().is_empty() && read.password().is_none(), "{picture:?}");
    if picture.starts_with('/') {
        assert_eq!(read.host_str(), Some("own.example"), "{picture:?}");
        return;
    }
    let authority = picture["https://".len()..].split(['/', '?', '#']).next().unwrap_or_default();
    let host = read.host_str().unwrap_or_default();
    assert!(!host.is_empty(), "{picture:?}");
    if authority.is_ascii() && authority.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.') {
        assert_eq!(authority, host, "{picture:?}");
    }
}
