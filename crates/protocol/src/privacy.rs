//! Who may see what of a person: the rules they set, and the one function that reads such a rule.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// Most people on one list of exceptions: eight lists fit into the largest body.
pub const EXCEPTIONS_MAX: usize = 200;

/// Who is meant, exceptions apart. Ordered from few to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Nobody but the exceptions.
    Nobody,
    /// Friends.
    Friends,
    /// Everybody who can sign in.
    Everyone,
}

/// Who may: a denial beats an allowance, and that beats the audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AudienceRule {
    /// Who, in general.
    pub audience: Audience,
    /// These too.
    #[serde(default)]
    pub allow: Vec<UserId>,
    /// But not these.
    #[serde(default)]
    pub deny: Vec<UserId>,
}

impl AudienceRule {
    /// A rule without exceptions.
    pub const fn plain(audience: Audience) -> Self {
        Self { audience, allow: Vec::new(), deny: Vec::new() }
    }

    /// Whether this viewer may.
    pub fn allows(&self, viewer: UserId, is_friend: bool) -> bool {
        if self.deny.contains(&viewer) {
            return false;
        }
        self.allow.contains(&viewer)
            || match self.audience {
                Audience::Nobody => false,
                Audience::Friends => is_friend,
                Audience::Everyone => true,
            }
    }

    /// Whether everybody whom this rule lets in, friend or not, is let in by `other` too.
    pub fn is_within(&self, other: &Self) -> bool {
        let named = [&self.allow, &self.deny, &other.allow, &other.deny].into_iter().flatten();
        self.audience <= other.audience
            && named.copied().all(|viewer| {
                [false, true]
                    .into_iter()
                    .all(|is_friend| !self.allows(viewer, is_friend) || other.allows(viewer, is_friend))
            })
    }

    /// The lists sorted and without doubles: two rules that mean the same are equal.
    fn normalize(&mut self) {
        for list in [&mut self.allow, &mut self.deny] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// How exact the time is at which others see that somebody was last here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second.
    Exact,
    /// To the minute.
    #[default]
    Minute,
    /// Recently, this week, this month, long ago.
    Bucket,
}

/// Everything a person decided about who sees what of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Privacy {
    /// Who sees that they are here; all others see them offline.
    pub online: AudienceRule,
    /// Who sees when they were last here. Nobody who does not see that they are here.
    pub last_seen: AudienceRule,
    /// Who is told when they come online, if they asked to be.
    pub alerts: AudienceRule,
    /// Who reads when they came and went.
    pub activity: AudienceRule,
    /// How exact `last_seen` is to others.
    #[serde(default)]
    pub precision: Precision,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            online: AudienceRule::plain(Audience::Everyone),
            last_seen: AudienceRule::plain(Audience::Everyone),
            alerts: AudienceRule::plain(Audience::Everyone),
            activity: AudienceRule::plain(Audience::Nobody),
            precision: Precision::default(),
        }
    }
}

/// Why rules cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivacyFault {
    /// Somebody could tell from the one what the other hides.
    #[error("last_seen must not be seen by anybody who may not see online. Narrow it, or widen online.")]
    LastSeenWiderThanOnline,
    /// More exceptions than are kept.
    #[error("A list of people has more than {EXCEPTIONS_MAX} ids.")]
    TooManyExceptions,
}

impl Privacy {
    /// The rules as they are kept. Doing it again changes nothing.
    pub fn check(mut self) -> Result<Self, PrivacyFault> {
        for rule in [&mut self.online, &mut self.last_seen, &mut self.alerts, &mut self.activity] {
            rule.normalize();
            if rule.allow.len() > EXCEPTIONS_MAX || rule.deny.len() > EXCEPTIONS_MAX {
                return Err(PrivacyFault::TooManyExceptions);
            }
        }
        if self.last_seen.is_within(&self.online) {
            Ok(self)
        } else {
            Err(PrivacyFault::LastSeenWiderThanOnline)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(n: u8) -> UserId {
        UserId(Uuid::from_u128(n.into()))
    }

    fn rule(audience: Audience, allow: &[u8], deny: &[u8]) -> AudienceRule {
        let ids = |list: &[u8]| list.iter().map(|n| id(*n)).collect();
        AudienceRule { audience, allow: ids(allow), deny: ids(deny) }
    }

    #[test]
    fn a_denial_beats_an_allowance_and_that_beats_the_audience() {
        let rule = rule(Audience::Friends, &[1, 2], &[2, 3]);
        assert!(rule.allows(id(1), false) && rule.allows(id(9), true));
        assert!(!rule.allows(id(2), true) && !rule.allows(id(3), true) && !rule.allows(id(9), false));
    }

    #[test]
    fn last_seen_is_within_online_or_refused() {
        let with = |online, last_seen| Privacy { online, last_seen, ..Privacy::default() }.check();
        assert!(Privacy::default().check().is_ok());
        let friends = || AudienceRule::plain(Audience::Friends);
        let everyone = || AudienceRule::plain(Audience::Everyone);
        assert!(with(everyone(), friends()).is_ok());
        for (online, last_seen) in [
            (friends(), everyone()),
            (rule(Audience::Everyone, &[], &[1]), everyone()),
            (friends(), rule(Audience::Friends, &[1], &[])),
            (rule(Audience::Nobody, &[1], &[]), friends()),
        ] {
            assert_eq!(with(online, last_seen), Err(PrivacyFault::LastSeenWiderThanOnline));
        }
        assert!(with(rule(Audience::Everyone, &[], &[1]), rule(Audience::Everyone, &[], &[1, 2])).is_ok());
        let many = AudienceRule { allow: (0..=200).map(id).collect(), ..everyone() };
        assert_eq!(with(many, friends()), Err(PrivacyFault::TooManyExceptions));
    }

    #[test]
    fn the_body_has_the_words_of_the_contract() {
        let body = serde_json::to_value(Privacy::default()).unwrap();
        assert_eq!(body["activity"], serde_json::json!({"audience": "nobody", "allow": [], "deny": []}));
        assert_eq!(body["precision"], "minute");
    }

    fn rules() -> impl Strategy<Value = AudienceRule> {
        let lists = || proptest::collection::vec(0..4_u8, 0..4);
        let audiences =
            prop_oneof![Just(Audience::Nobody), Just(Audience::Friends), Just(Audience::Everyone)];
        (audiences, lists(), lists()).prop_map(|(audience, allow, deny)| rule(audience, &allow, &deny))
    }

    proptest! {
        #[test]
        fn within_means_nobody_gets_in_who_would_not_there(inner in rules(), outer in rules()) {
            let leaks = (0..6).any(|n| [false, true].into_iter().any(|friend| {
                inner.allows(id(n), friend) && !outer.allows(id(n), friend)
            }));
            prop_assert_eq!(inner.is_within(&outer), !leaks);
        }
    }
}
