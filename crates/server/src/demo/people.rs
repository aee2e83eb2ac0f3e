//! Who lives in the demo. The names stand in `apps/demo/people.json`, which the site reads too.

use hereabouts_engine::Profile;
use hereabouts_protocol::UserId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// The first two of the list are for visitors: the page offers "open as Ada" and "open as Linus".
pub(super) const FIRST_RESIDENT: usize = 2;
/// How many people live in this process.
pub(super) const N_RESIDENTS: usize = 6;
/// How many of them never leave, so that the page is never empty.
pub(super) const N_ALWAYS_THERE: usize = 3;

/// One of the demo's people, as the page gets them.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    id: UserId,
    username: String,
    slug: String,
    profile_image_url: Option<String>,
}

impl From<&Profile> for Person {
    fn from(profile: &Profile) -> Self {
        Self {
            id: profile.user_id,
            username: profile.username.to_string(),
            slug: profile.slug.to_string(),
            profile_image_url: profile.profile_image_url.as_deref().map(str::to_owned),
        }
    }
}

#[derive(Deserialize)]
struct Named {
    slug: String,
    username: String,
}

/// The twelve.
pub(super) fn all() -> Vec<Profile> {
    let named: Vec<Named> = serde_json::from_str(include_str!("../../../../apps/demo/people.json"))
        .expect("the test below reads the same file");
    named
        .into_iter()
        .map(|Named { slug, username }| Profile {
            user_id: id(&slug),
            username: username.into(),
            profile_image_url: Some(format!("/avatars/{slug}.svg").into()),
            slug: slug.into(),
        })
        .collect()
}

/// One guest of the crowd.
pub(super) fn guest(number: usize) -> Profile {
    let slug = format!("guest-{number}");
    Profile {
        user_id: id(&slug),
        username: format!("Guest {number}").into(),
        profile_image_url: None,
        slug: slug.into(),
    }
}

/// The same person has the same id in every data folder, so that tests and bookmarks work.
fn id(slug: &str) -> UserId {
    let hash = Sha256::digest(format!("hereabouts demo: {slug}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    UserId(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn twelve_people_with_names_ids_and_pictures_of_their_own() {
        let people = all();
        assert_eq!(people.len(), 12);
        assert!(people.len() >= FIRST_RESIDENT + N_RESIDENTS);
        assert_eq!((&*people[0].slug, &*people[1].slug), ("ada", "linus"));
        let ids: HashSet<_> = people.iter().map(|profile| profile.user_id).collect();
        assert_eq!(ids.len(), 12);
        assert_eq!(people[0].profile_image_url.as_deref(), Some("/avatars/ada.svg"));
    }
}
