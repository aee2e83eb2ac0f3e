//! The name of a sign-in: one register or login, and all tokens that came of it by refreshing.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::gateway::SignInTag;

/// The claim `sid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(pub Uuid);

impl Sid {
    /// One that nobody has had.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for Sid {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl From<Option<Sid>> for SignInTag {
    /// 32 of the id's bits: enough to tell the sign-ins of one person apart, and small enough for each socket to have.
    fn from(sid: Option<Sid>) -> Self {
        sid.map_or(Self::NONE, |sid| Self::new((sid.0.as_u128() >> 96) as u32))
    }
}
