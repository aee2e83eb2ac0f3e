//! Names, pictures and slugs as they may be shown: cleaned once, where they enter.

use hereabouts_engine::Profile;
use hereabouts_protocol::UserId;

use super::picture::is_safe_picture;
use crate::limits::{NAME_BYTES_MAX, NAME_CHARS_MAX};

/// A profile from what somebody else wrote: the name is cleaned, a picture that is not safe to show is dropped, and
/// a missing slug is made from the name.
pub fn profile(user_id: UserId, username: &str, picture: Option<&str>, slug: Option<&str>) -> Profile {
    let username = clean_name(username).unwrap_or_else(|| user_id.short_name());
    let slug =
        slug.and_then(make_slug).or_else(|| make_slug(&username)).unwrap_or_else(|| user_id.short_name());
    Profile {
        user_id,
        username: username.into(),
        profile_image_url: picture.filter(|url| is_safe_picture(url)).map(Into::into),
        slug: slug.into(),
    }
}

/// The profile as another program wrote it, made fit to be shown: the same if it is.
pub fn presentable(mut profile: Profile) -> Profile {
    let is_bad = |name: &str| {
        name.is_empty()
            || name.len() > NAME_BYTES_MAX
            || name.chars().any(|character| character.is_control() || is_direction(character))
    };
    profile.profile_image_url = profile.profile_image_url.filter(|url| is_safe_picture(url));
    if is_bad(&profile.username) || is_bad(&profile.slug) {
        let Profile { user_id, username, slug, profile_image_url } = &profile;
        return self::profile(*user_id, username, profile_image_url.as_deref(), Some(slug));
    }
    profile
}

/// Whether this profile only has the name that people without a name get. Such a name never replaces a real one.
pub fn is_fallback(profile: &Profile) -> bool {
    *profile.username == *profile.user_id.short_name()
}

/// The name without control characters, and without those that turn the direction of text around or are invisible
/// at its ends; cut to 64 characters and 256 bytes; `None` when nothing is left.
fn clean_name(name: &str) -> Option<String> {
    let visible = name.chars().filter(|character| !character.is_control() && !is_direction(*character));
    let mut cleaned = String::new();
    for character in visible.take(NAME_BYTES_MAX) {
        if cleaned.is_empty() && is_blank(character) {
            continue;
        }
        if cleaned.len() + character.len_utf8() > NAME_BYTES_MAX || cleaned.chars().count() == NAME_CHARS_MAX
        {
            break;
        }
        cleaned.push(character);
    }
    cleaned.truncate(cleaned.trim_end_matches(is_blank).len());
    (!cleaned.is_empty()).then_some(cleaned)
}

const fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// Lower-case ASCII letters and digits with single hyphens; `None` when the name has none.
fn make_slug(name: &str) -> Option<String> {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(NAME_CHARS_MAX);
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> UserId {
        "7c9e6679-7425-40de-944b-e07fc1f90ae7".parse().unwrap()
    }

    #[test]
    fn names_are_cleaned_and_cut() {
        for (given, shown, slug) in [
            ("  Ada Lovelace \n", "Ada Lovelace", "ada-lovelace"),
            ("A\u{202e}d\u{0}a", "Ada", "ada"),
            ("\u{200b}\u{200b}", "7c9e6679", "7c9e6679"),
            ("", "7c9e6679", "7c9e6679"),
            ("Ольга", "Ольга", "7c9e6679"),
            ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", "7c9e6679"),
            ("<script>", "<script>", "script"),
        ] {
            let profile = profile(id(), given, None, None);
            assert_eq!((&*profile.username, &*profile.slug), (shown, slug), "{given:?}");
        }
        assert_eq!(profile(id(), &"x".repeat(900), None, None).username.len(), NAME_CHARS_MAX);
    }

    #[test]
    fn what_others_wrote_is_made_fit_and_the_rest_stays_as_it_is() {
        let given = |username: &str, picture: &str, slug: &str| Profile {
            user_id: id(),
            username: username.into(),
            profile_image_url: Some(picture.into()),
            slug: slug.into(),
        };
        let good = given("Ада", "https://a.example/x.png", "Any_Slug.1");
        assert_eq!(presentable(good.clone()), good);
        let bad = presentable(given("A\u{202e}da", "javascript:alert(1)", ""));
        assert_eq!((&*bad.username, bad.profile_image_url, &*bad.slug), ("Ada", None, "ada"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(name in "\\PC{0,100}|.{0,100}") {
            let once = profile(id(), &name, None, None);
            prop_assert_eq!(&profile(id(), &once.username, None, Some(&once.slug)), &once);
            prop_assert!(once.username.chars().count() <= NAME_CHARS_MAX && once.username.len() <= NAME_BYTES_MAX);
        }
    }
}
