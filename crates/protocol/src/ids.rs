//! Identifiers: UUIDs in their hyphenated, lower-case form, each kind a type of its own.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Length of the textual form in bytes: the same for every id.
            pub const TEXT_LEN: usize = 36;

            /// Appends the hyphenated, lower-case form.
            pub fn write(self, out: &mut Vec<u8>) {
                let mut text = [0; Self::TEXT_LEN];
                self.0.hyphenated().encode_lower(&mut text);
                out.extend_from_slice(&text);
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_newtype! {
    /// Who is present. Comes from the token (`user_id`, or `sub` where that is missing).
    UserId
}

uuid_newtype! {
    /// One connection of a user, as the server calls it to them. Tells nothing, and is not used again.
    SessionId
}

uuid_newtype! {
    /// One friend request. Random: it tells nothing of how many there are.
    RequestId
}

uuid_newtype! {
    /// One activity row. Random: it tells nothing of when, or of how many there are.
    ActivityId
}

impl UserId {
    /// Nobody: sorts before everybody.
    pub const NIL: Self = Self(Uuid::nil());

    /// The name of a person whose token carries none: the first eight characters of the id.
    pub fn short_name(self) -> String {
        self.0.hyphenated().to_string()[..8].to_owned()
    }
}
