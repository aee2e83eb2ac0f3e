//! What a person chose to be shown as, and how they ask for it. Nothing here goes to anybody else: others get a
//! [`Status`], which has no word for somebody who hides.

use serde::{Deserialize, Serialize};

use crate::{CustomStatus, Presence, Status, Timestamp, time};

/// A choice. It never makes anybody present: without a connection everybody is offline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Shown as they are: online while active, away while idle.
    #[default]
    Auto,
    /// Away, whatever they do.
    Away,
    /// Not to be disturbed.
    Dnd,
    /// Shown as offline, exactly as if they had signed out.
    Invisible,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Away, Self::Dnd, Self::Invisible];

    /// The word, as it is sent and kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Invisible => "invisible",
        }
    }

    /// How long the mode holds when its setter names no end: `None` is until it is changed.
    pub const fn default_duration(self) -> Option<std::time::Duration> {
        const DAY_S: u64 = 86_400;
        match self {
            Self::Auto | Self::Invisible => None,
            Self::Away => Some(std::time::Duration::from_secs(7 * DAY_S)),
            Self::Dnd => Some(std::time::Duration::from_secs(DAY_S)),
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

/// A line somebody wrote about themselves, as they see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OwnCustomStatus {
    /// One emoji.
    pub emoji: Option<String>,
    /// Up to 100 graphemes.
    pub text: Option<String>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// Others see it also while they see its writer offline.
    pub show_offline: bool,
}

impl OwnCustomStatus {
    /// What others get of it.
    pub fn public(&self) -> CustomStatus {
        CustomStatus { emoji: self.emoji.clone(), text: self.text.clone(), until: self.until }
    }
}

/// The body of `PUT /api/me/status/` and of `status.set`. What is not there stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetStatus {
    /// The mode from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mode: Option<Mode>,
    /// When the mode ends and the one before it holds again. Missing: after 24 h for `dnd`, after 7 days for `away`,
    /// never for the others. `null`: never.
    #[serde(default, deserialize_with = "time::some_lenient", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Timestamp | null"))]
    pub until: Option<Option<Timestamp>>,
    /// The custom status; `null` clears it.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "SetCustomStatus | null"))]
    pub custom: Option<Option<SetCustomStatus>>,
}

/// A custom status as it is asked for, before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetCustomStatus {
    /// One emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub emoji: Option<String>,
    /// Up to 100 graphemes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
    /// When it ends by itself; never, if it is missing.
    #[serde(default, deserialize_with = "time::lenient", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub until: Option<Timestamp>,
    /// Whether others see it also while they see its writer offline.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub show_offline: bool,
}

/// `GET /api/me/status/`: what I chose, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MyStatus {
    /// The choice that holds now.
    pub mode: Mode,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// The custom status, live.
    pub custom: Option<OwnCustomStatus>,
    /// What is true: offline without a connection, else by the mode, else by activity. Somebody who hides sees here what
    /// they would be without hiding.
    pub status: Status,
    /// What people get whom none of my rules keeps out.
    pub as_others_see: Presence,
}

#[expect(clippy::option_option, reason = "a field that is missing differs from one that is null")]
fn some<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_differs_from_null() {
        let parse = |text: &str| serde_json::from_str::<SetStatus>(text).unwrap();
        assert_eq!(parse("{}"), SetStatus::default());
        let set = parse(r#"{"mode":"dnd","until":null,"custom":null}"#);
        assert_eq!(set, SetStatus { mode: Some(Mode::Dnd), until: Some(None), custom: Some(None) });
        let set = parse(r#"{"until":"2026-11-24T01:02:03.5Z","custom":{"text":"at tea"}}"#);
        assert_eq!(set.until.unwrap().unwrap().to_string(), "2026-11-24T01:02:03.500000Z");
        assert_eq!(set.custom.unwrap().unwrap().text.as_deref(), Some("at tea"));
    }

    #[test]
    fn every_mode_has_its_word() {
        for mode in Mode::ALL {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
    }
}
